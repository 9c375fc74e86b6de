import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robust_core import data
from robust_core.cli import main
from robust_core.models import imports
from tests.cli.tables import read_rows

COMMAND = ("attack", "--model")
DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
pytestmark = pytest.mark.usefixtures("empty_cache")


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
        (
            ["resnet50", "--n", "2", "--eps", "4"],
            "eps must be at least 0 and at most 1, in pixel units; got 4. Was 4/255 meant?",
        ),
        (["resnet50", "--eps", "nan"], "A length is a number in pixel units"),
        (["resnet50", "--eps", "300/255"], "at most 1, in pixel units; got 300/255.\n"),
        (["resnet50", "--eps", "4/0"], "such as \"4/255\"; got '4/0'."),
        (["resnet50", "--eps", "four"], "such as \"4/255\"; got 'four'."),
        (["mini_resnext"], "mini_resnext does not have ImageNet's classes"),
        (["resnet50", "--step-fraction", "-1"], "--step-fraction must be above 0 and finite; got -1."),
        (["resnet50", "--seed", "-1"], "--seed must be a whole number from 0 on; got -1."),
        (["resnet50", "--steps", "1000000000"], "from 1 to 10,000; got 1000000000"),
        (["resnet50", "--n", "2", "--steps", "0"], "steps must be a whole number"),
        (
            ["efficientnet_lite0", "--n", "2", "--attack-precision", "bfloat16_float32_stem"],
            "EfficientNet-Lite0 is attacked in float32 alone",
        ),
        (
            ["efficientnet_lite0", "--attack", "fgsm", "--eps", "1/255", "--attack-precision", "bfloat16_float32_stem"],
            "bfloat16_float32_stem is for PGD step by step alone",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, tmp_path, capsys):
    assert main([*COMMAND, *arguments, "--images", str(_folder(tmp_path))]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")
def test_real_weights_fall_as_eps_and_steps_grow(capsys, tmp_path):
    (weights,) = Path(DATA, "weights").glob("squeezenet1_0*.pth")
    imports.import_file(weights, "squeezenet1_0", "real_squeezenet", "SqueezeNet")
    folder = Path(DATA, "images", "imagenet_samples")
    command = [
        *COMMAND,
        "real_squeezenet",
        "--images",
        str(folder),
        "--n",
        "8",
        "--eps",
        "0.1/255",
        "1/255",
        "--steps",
        "10",
    ]
    assert main([*command, "--scoring", "any_step_so_far", "--out", str(tmp_path / "curve.csv")]) == 0
    printed = capsys.readouterr().out
    rows = re.findall(r"^real_squeezenet +[\d.]+ ([\d ]+)$", printed, re.MULTILINE)
    weak, strong = ([int(cell) for cell in row.split()] for row in rows)
    assert len(weak) == len(strong) == 11
    assert weak[0] == strong[0] >= 50
    assert weak == sorted(weak, reverse=True)
    assert strong == sorted(strong, reverse=True)
    assert strong[-1] < weak[-1]
    assert strong[-1] == 0
    assert "8 of 160 images, drawn by seed 0" in printed
    assert "upper bound" in printed
    rows = read_rows(tmp_path / "curve.csv")
    assert [round(float(row["top1_percent"])) for row in rows] == [*weak, *strong]
    assert {float(row["eps"]) for row in rows} == {0.1 / 255, 1 / 255}
    assert {row["n"] for row in rows} == {"8"}


@pytest.fixture
def efficientnet(tmp_path, monkeypatch):
    """A small network that is installed with the project; three images of its classes."""
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    return [*COMMAND, "efficientnet_lite0", "--images", str(_folder(tmp_path)), "--steps", "1", "--eps", "0"]


def test_fewer_images_than_requested_are_all_taken_and_said(efficientnet, capsys):
    assert main([*efficientnet, "--n", "32"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["images: 3 images of 1 class.", "3 of 3 images (32 were requested), drawn by seed 0."]
    assert "n = 3 " in printed[3]


def test_an_attack_of_no_size_leaves_every_prediction_as_it_is(efficientnet, capsys):
    assert main([*efficientnet, "--n", "2"]) == 0
    (row,) = re.findall(r"^efficientnet_lite0 +0 +(\d+) +(\d+)$", capsys.readouterr().out, re.MULTILINE)
    assert row[0] == row[1]


def test_checks_are_printed_with_their_sources_and_written_beside_the_steps(efficientnet, tmp_path, capsys):
    assert main([*efficientnet, "--check", "--out", str(tmp_path / "rows.csv")]) == 0
    printed = capsys.readouterr().out
    assert "[Carlini et al. 2019, section 4.12]" in printed, "the caveats' own"
    assert re.search(r"^efficientnet_lite0 +0 +\d of \d +FGSM$", printed, re.MULTILINE)
    assert re.search(r"accuracy over the attack and all checks: \d of 3 \[.*\], still an upper bound", printed)
    rows = read_rows(tmp_path / "rows.csv")
    assert [row["step"] for row in rows] == ["0", "1", "", "", "", "", ""]
    assert [row["check"] for row in rows][2:] == ["fgsm", "noise", "other_loss", "unbounded", "again"]


def test_a_seed_chooses_the_images_that_it_chooses_on_a_page(efficientnet, tmp_path):
    found = data.labelled_images(tmp_path / "images")
    for seed in range(5):
        on_a_page = data.draw("own-images", 2, seed)
        assert [image.digest for image in found.draw(2, seed)] == [data.read(sample.id).digest for sample in on_a_page]


def test_the_network_as_it_is_is_asked_for_and_named(efficientnet, tmp_path, capsys):
    assert main([*efficientnet, "--attack-precision", "float32", "--out", str(tmp_path / "rows.csv")]) == 0
    assert "Precision: batch norm not folded." in capsys.readouterr().out
    assert {row["precision"] for row in read_rows(tmp_path / "rows.csv")} == {"float32"}
