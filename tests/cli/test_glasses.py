import re

import pytest

from robust_core.cli import main
from robust_core.input_filters.table import INPUT_FILTERS
from tests.cli.tables import read_rows

COMMAND = ("glasses", "--model")
pytestmark = pytest.mark.usefixtures("empty_cache")


def test_mini_needs_nothing(capsys, tmp_path):
    out = tmp_path / "numbers.csv"
    arguments = ["mini_resnext", "--n", "32", "--strengths", "4", "1", "--out", str(out)]
    assert main([*COMMAND, *arguments]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^mini_resnext +restricted_argmax +(no filter|σ \d px)", printed, re.MULTILINE) == [
        "no filter",
        "σ 1 px",
        "σ 4 px",
    ]
    assert "1 px is 1.6% of its side" in printed
    assert "Geirhos et al. 2018" in printed
    rows = read_rows(out)
    coverage = [row for row in rows if row["metric"] == "coverage"]
    assert [(row["filter"], float(row["strength"]), row["n"]) for row in coverage] == [
        ("none", 0.0, "32"),
        ("blur", 1.0, "32"),
        ("blur", 4.0, "32"),
    ]
    for row in coverage:
        said = f"{float(row['value_percent']):.1f} [{float(row['low_percent']):.1f}, {float(row['high_percent']):.1f}]"
        assert said in printed


def test_accuracy_on_corrupted_images(capsys, tmp_path):
    out = tmp_path / "numbers.csv"
    arguments = ["--filter", "grey", "--corruption", "fog", "--severity", "1", "5", "--n", "8", "--out", str(out)]
    assert main([*COMMAND, "mini_resnext", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "8 of " in printed
    rows = read_rows(out)
    assert [(row["corruption"], row["severity"]) for row in rows[::5]] == [("none", "0"), ("fog", "1"), ("fog", "5")]
    assert len(rows) == 3 * (1 + len(INPUT_FILTERS["grey"].strengths))
    assert "100% of colour removed" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mini_resnext", "--strengths", "30"], "must be a number from 0 to 20; got 30.0"),
        (["resnet50"], "Name the folder of the published stimuli with --images"),
        (["resnet50", "--corruption", "fog"], "Name the folder of the labelled images that are corrupted"),
        (["resnet50", "mini_resnext"], "the models of one world"),
        (["mini_resnext", "--corruption", "fgo"], "no corruption called 'fgo'"),
        (["mini_resnext", "--corruption", "fog", "--severity", "6"], "severity must be a whole number from 1 to 5"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, capsys):
    assert main([*COMMAND, *arguments]) == 1
    assert sentence in capsys.readouterr().err
