"""What the cases share: commands in this process, and a network with the key names and the head of a published one."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torchvision.models import squeezenet1_0

from robust_core.cli import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(own_cache, capsys, monkeypatch) -> Call:
    """Runs one command with an empty cache on the CPU; its exit code, what it printed and what it complained about."""
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")

    def call(line: str, *more: object) -> tuple[int, str, str]:
        code = main([*line.split(), *map(str, more)])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def squeezenet() -> dict[str, Tensor]:
    """A state dict of SqueezeNet 1.0 with random weights: 1,000 classes, head `classifier.1`."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return dict(squeezenet1_0(weights=None).state_dict())


@pytest.fixture
def import_squeezenet(call, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Saves a checkpoint as FILE and imports it as SqueezeNet 1.0 under the key `mine`."""

    def import_squeezenet(checkpoint: object, file: str = "mine.pth") -> tuple[int, str, str]:
        torch.save(checkpoint, tmp_path / file)
        return call("models import --architecture squeezenet1_0 --key mine --title Mine", tmp_path / file)

    return import_squeezenet
