"""`calibration` and `ood`: the numbers of `rc.calibration` and `rc.ood`, as lines and as CSV."""

import re

import numpy as np
import pytest
from PIL import Image

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
CALIBRATION, OOD = ("calibration", "--model", "mini_resnext"), ("ood", "--model", "mini_resnext")


def test_calibration_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main([*CALIBRATION, "--n", "24", "--seed", "3", "--out", str(file)]) == 0
    found = rc.calibration("mini_resnext", rc.load_images("mini", 24, seed=3), seed=3, progress=False)
    rows = read_rows(file)
    assert [(row["images"], int(row["n"]), row["seed"]) for row in rows] == [
        ("all", 24, "3"),
        ("held-out half", 12, "3"),
        ("held-out half", 12, "3"),
    ]
    expected = found.frame["ece_percent"].to_list()
    assert [float(row["ece_percent"]) for row in rows] == pytest.approx(expected)
    printed = capsys.readouterr().out
    assert [float(one) for one in re.findall(r"^mini_resnext.*?\] +([\d.]+) \[", printed, re.MULTILINE)] == (
        pytest.approx(expected, abs=0.05)
    )
    assert "With 24 images, chance alone adds to the ECE" in printed


def test_ood_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main([*OOD, "--unknown", "blobs", "--n", "20", "--out", str(file)]) == 0
    found = rc.ood("mini_resnext", rc.load_images("mini", 20), "blobs", progress=False)
    rows = read_rows(file)
    assert [row["score"] for row in rows] == ["max_softmax", "max_logit", "energy"]
    assert [float(row["auroc_percent"]) for row in rows] == pytest.approx(found.frame["auroc_percent"].to_list())
    printed = capsys.readouterr().out
    assert "Unknown: Blobs (blurred coin flips, black below 0.75), seed 0." in printed
    assert "Synthetic images are nothing like photos" in printed
    assert re.search(rf"^mini_resnext +energy +20 +20 +{float(rows[2]['auroc_percent']):.1f} ", printed, re.MULTILINE)


def test_a_folder_of_unknown_images_needs_no_labels(capsys, tmp_path):
    (tmp_path / "things").mkdir()
    for number in range(3):
        Image.fromarray(np.full((70, 80, 3), 80 * number, np.uint8)).save(tmp_path / "things" / f"{number}.png")
    assert main([*OOD, "--unknown", str(tmp_path / "things"), "--n", "4"]) == 0
    printed = capsys.readouterr().out
    assert "Unknown: things." in printed
    assert re.search(r"^mini_resnext +max_softmax +4 +3 ", printed, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*CALIBRATION, "--n", "0"), "--n must be a whole number from 1 on; got 0."),
        ((*CALIBRATION, "--n", "3"), "calibration needs at least 4, half of them for the temperature."),
        ((*CALIBRATION, "--images", "nowhere"), "There is no folder nowhere"),
        ((*OOD, "--unknown", "plaid"), "no set of unknown images called 'plaid'"),
        ((*OOD, "--n", "5000"), "5000"),
        (("ood", "--model", "mini_resnexd"), "no model called 'mini_resnexd'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, capsys):
    assert main([*arguments]) == 1
    assert sentence in capsys.readouterr().err
