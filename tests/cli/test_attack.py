import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robust_core.attacks.__main__ import _choose_images, main
from robust_core.models import imports
from robust_core.samples import labelled_images

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")


def _folder(root: Path) -> Path:
    wnid = root / "images" / "n01440764"
    wnid.mkdir(parents=True)
    for number in range(3):
        Image.fromarray(np.full((32, 32, 3), 40 * number, np.uint8)).save(wnid / f"{number}.png")
    return root / "images"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no_such_model"], "no model called 'no_such_model'"),
        (["resnet50", "--n", "-4"], "--n must be a whole number from 1 on; got -4"),
        (["resnet50", "--n", "0"], "got 0"),
        (["resnet50", "--n", "2", "--eps", "300"], "--eps must be at least 0 and at most 255, in 255ths; got 300."),
        (["resnet50", "--eps", "nan"], "in 255ths; got nan"),
        (["resnet50", "--step-fraction", "-1"], "--step-fraction must be above 0 and finite; got -1."),
        (["resnet50", "--seed", "-1"], "--seed must be a whole number from 0 on; got -1."),
        (["resnet50", "--steps", "1000000000"], "from 1 to 10,000; got 1000000000"),
        (["resnet50", "--n", "2", "--steps", "0"], "steps must be a whole number"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, tmp_path, capsys):
    assert main([*arguments, "--images", str(_folder(tmp_path))]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")
def test_real_weights_fall_as_eps_and_steps_grow(capsys):
    (weights,) = Path(DATA, "weights").glob("squeezenet1_0*.pth")
    imports.import_file(weights, "squeezenet1_0", "real_squeezenet", "SqueezeNet")
    folder = Path(DATA, "images", "imagenet_samples")
    command = ["real_squeezenet", "--images", str(folder), "--n", "8", "--eps", "0.1", "1", "--steps", "10"]
    assert main([*command, "--reading", "worst_so_far"]) == 0
    printed = capsys.readouterr().out
    rows = re.findall(r"^real_squeezenet +[\d.]+ ([\d ]+)$", printed, re.MULTILINE)
    weak, strong = ([int(cell) for cell in row.split()] for row in rows)
    assert len(weak) == len(strong) == 11
    assert weak[0] == strong[0] >= 50
    assert weak == sorted(weak, reverse=True)
    assert strong == sorted(strong, reverse=True)
    assert strong[-1] < weak[-1]
    assert strong[-1] == 0
    assert "8 of 160 pictures" in printed
    assert "upper bound" in printed


def test_fewer_images_than_asked_for_are_all_taken_and_said(tmp_path, capsys):
    found = labelled_images(_folder(tmp_path))
    assert len(_choose_images(found, 32, seed=0)) == 3
    assert capsys.readouterr().out.splitlines() == [
        "images: 3 images of 1 class.",
        "3 of 3 pictures (32 were asked for), drawn without replacement with seed 0; the folder's name is the label.",
    ]
    assert len(_choose_images(found, 2, seed=0)) == 2
