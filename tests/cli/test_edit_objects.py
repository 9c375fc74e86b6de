"""`edit-objects`: the numbers of `rc.edit_objects`, as lines and as CSV."""

import re

import pytest

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
COMMAND = ("edit-objects", "--model", "mini_resnext", "--n", "8")


def test_it_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main([*COMMAND, "--edit", "size", "--seed", "2", "--out", str(file)]) == 0
    found = rc.edit_objects("mini_resnext", rc.draw_images("mini", 8, seed=2), "size", progress=False).frame
    rows = read_rows(file)
    assert [row["edit"] for row in rows] == found["edit"].tolist()
    assert [float(row["accuracy_percent"]) for row in rows] == pytest.approx(found["accuracy_percent"].tolist())
    printed = capsys.readouterr().out
    assert re.search(r"^mini_resnext +size × 0\.4 +8 ", printed, re.MULTILINE)
    assert "95% Wilson intervals" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--edit", "sizes"), "size"), (("--model", "efficientnet_lite0"), "no box for")],
)
def test_what_does_not_fit_is_said(arguments, sentence, capsys):
    assert main([*COMMAND, *arguments]) != 0
    assert sentence in capsys.readouterr().err
