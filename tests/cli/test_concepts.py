"""`concepts`: the numbers of the front door, as lines and as CSV."""

import re

import pytest

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
COMMAND = ("concepts", "--model", "mini_resnext", "--concepts", "2", "--n", "4", "--seed", "1")


def test_it_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main([*COMMAND, "--class", "elephant", "--out", str(file)]) == 0
    images = rc.draw_images("mini", 4, seed=1, label=11)
    found = rc.concepts("mini_resnext", images, "elephant", concepts=2, seed=1, progress=False)
    assert [float(row["value"] or "nan") for row in read_rows(file)] == pytest.approx(
        found.frame["value"].to_list(), nan_ok=True
    )
    printed = capsys.readouterr().out
    assert "all of the category elephant" in printed
    assert all(sentence in printed for sentence in found.sentences())
    first = found.by_model[0].importance.mean(0)[0]
    assert re.search(rf"^mini_resnext +1 +Importance +{first:.2f}", printed, re.MULTILINE)


def test_a_class_that_there_is_not_is_a_sentence(capsys):
    assert main([*COMMAND, "--class", "unicorn"]) == 1
    assert "There is no class called 'unicorn'" in capsys.readouterr().err
