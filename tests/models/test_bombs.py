"""Files made to unpack to more than this machine has are refused at once, and before they do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.bombs import BOMBS

SECONDS = 3  # alone on two cores all take less than one
BYTES = 300e6
WORDS = {
    "pickle.pth": "its pickle has 524 MB or more",
    "version.pth": "its pickle has 524 MB or more",
    "tensor.pth": "its 2.3 MB unpack to 524 MB",
    "entries.pth": "its directory has 10 MB",
    "steps.pth": "its pickle has more than 500,000 steps",
    "legacy_steps.pth": "its pickle has more than 500,000 steps",
    "legacy_long.pth": "its pickle has 34 MB or more",
    "copies.pth": "its pickle copies a text of 8,388,608 bytes again and again",
    "header.safetensors": "its header has 87 MB",
    "hole.safetensors": "its header has 1,074 MB",
    "tensors.safetensors": "it lists 70,000 tensors",
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory) -> dict[str, dict]:
    command = [sys.executable, "-m", "tests.models.bombs", str(tmp_path_factory.mktemp("bombs"))]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return json.loads(run.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each file has a child process of its own")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once_and_in_little_memory(costs, name):
    cost = costs[name]
    words = (
        f"{name} was refused: {WORDS[name]}, which no weight file needs"
        if name in WORDS
        else f"{name} cannot be read as weights (SafetensorError)"
    )
    assert cost["said"].startswith(words)
    assert cost["seconds"] < SECONDS
    assert cost["bytes"] < BYTES
