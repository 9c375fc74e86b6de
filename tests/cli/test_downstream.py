"""`linear-probe`, `feature-similarity` and `fine-tune`: the numbers of the front door, as lines and as CSV."""

import re

import pytest

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows
from tests.made_images import make_image

pytestmark = pytest.mark.usefixtures("empty_cache")


@pytest.fixture
def folder(tmp_path):
    """Two classes with six images each, a subfolder for each."""
    from PIL import Image

    for place, name in enumerate(("left", "right")):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(10 * place, 10 * place + 6):
            Image.fromarray(make_image(number, 3, (64, 64)).rgb).save(tmp_path / "own" / name / f"{number}.png")
    return tmp_path / "own"


def test_the_probe_prints_what_the_front_door_measures(folder, capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    command = ("linear-probe", "--model", "mini_resnext", "--images", str(folder), "--folds", "3", "--repeats", "1")
    assert main([*command, "--out", str(file)]) == 0
    found = rc.linear_probe("mini_resnext", folder, folds=3, repeats=1, progress=False).frame
    rows = read_rows(file)
    assert [float(row["accuracy_percent"]) for row in rows] == pytest.approx(found["accuracy_percent"].tolist())
    assert {row["classes"] for row in rows} == {"2"}
    printed = capsys.readouterr().out
    assert re.search(r"^mini_resnext +all but one of 3 folds +12 ", printed, re.MULTILINE)
    assert re.search(r"^mini_resnext +1 of each +10 ", printed, re.MULTILINE)
    assert "Chance: 50.0%" in printed


def test_similarity_prints_a_row_for_each_pair(capsys):
    models = ("mini_resnext", "mini_resnext_at0")
    assert main(["feature-similarity", "--model", *models, "--task", "new_surfaces"]) == 0
    assert re.search(r"^mini_resnext +mini_resnext_at0 +400   0\.\d\d \[", capsys.readouterr().out, re.MULTILINE)


def test_fine_tuning_prints_probe_and_steps(folder, capsys):
    assert main(["fine-tune", "--model", "mini_resnext", "--images", str(folder), "--steps", "2"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^mini_resnext +fixed-feature +6 ", printed, re.MULTILINE)
    assert re.search(r"^mini_resnext +full-network +2 +6 ", printed, re.MULTILINE)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("linear-probe", "--model", "mini_resnext", "--folds", "1"), "folds must be a whole number from 2 to 10"),
        (("feature-similarity", "--model", "mini_resnext"), "at least two models"),
        (("fine-tune", "--model", "mini_resnext", "--images", "nowhere"), "nowhere"),
    ],
)
def test_what_does_not_fit_is_said(command, sentence, capsys):
    assert main([*command]) != 0
    assert sentence in capsys.readouterr().err
