import re

import pytest

from robust_core.cli import main
from tests.cli.tables import read_rows

COMMAND = ("attack", "--images", "mini", "--n", "4")
MODEL = ("--model", "mini_resnext")


def test_several_attacks_of_mini_are_printed_row_by_row_and_written(tmp_path, capsys):
    balls = ("--eps", "2/255", "8/255", "--steps", "3")
    assert main([*COMMAND, *MODEL, "--attack", "P-G-D", *balls, "--out", str(tmp_path / "rows.csv")]) == 0
    printed = capsys.readouterr().out
    assert "4 of 2,048 images, drawn by seed 0." in printed
    found = re.findall(r"^mini_resnext +PGD-3 +L∞ (\d)/255 +([\d.]+) \[[\d., ]+\] +4 ", printed, re.MULTILINE)
    assert [eps for eps, _ in found] == ["2", "8"]
    rows = read_rows(tmp_path / "rows.csv")
    assert [float(row["accuracy_percent"]) for row in rows] == [float(left) for _, left in found]
    assert {(row["n"], row["knowledge"], row["seed"]) for row in rows} == {("4", "gradients", "0")}
    assert "upper bound" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--attack", "autoatack"], "no attack called 'autoatack'"),
        (["--attack", "pgd"], "--attack needs --eps, such as 8/255."),
        (["--attack", "pgd", "--eps", "8/255", "--norm", "l0"], "PGD searches in L∞, L2; got 'l0'."),
        (["--attack", "pgd", "--eps", "8"], "at most 1, in pixel units"),
        (["--attack", "pgd", "--eps", "8/255", "--check"], "--check is of PGD's steps"),
        (["--attack", "pgd", "--eps", "8/255", "--start", "random"], "--start is of PGD's steps"),
        (["--attack", "pgd", "--eps", "8/255", "--steps", "0"], "steps must be a whole number"),
        (["--attack", "fgsm", "--eps", "8/255", "--images", "nowhere"], "There is no folder nowhere."),
        (["--norm", "l2"], "name --attack pgd for --norm l2"),
        (["--attack", "pgd", "--eps", "8/255", "--model", "resnet50"], "resnet50 does not have Mini's classes"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, capsys):
    assert main([*COMMAND, *MODEL, *arguments]) == 1
    assert sentence in capsys.readouterr().err


def test_mini_has_steps_of_pgd_too(capsys):
    assert main([*COMMAND, *MODEL, "--steps", "1", "--eps", "0"]) == 0
    (row,) = re.findall(r"^mini_resnext +0 +(\d+) +(\d+)$", capsys.readouterr().out, re.MULTILINE)
    assert row[0] == row[1]
