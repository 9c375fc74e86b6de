import os
import re
from pathlib import Path

import pytest

from robust_core.cli import main
from robust_core.models import imports
from robust_core.models.catalogue import list_models
from robust_core.resampling import OVER_EXEMPLARS
from tests.cli.tables import read_rows

COMMAND = ("shape-bias", "--model")
DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
pytestmark = pytest.mark.usefixtures("empty_cache")


def rows(printed: str, key: str) -> list[list[int]]:
    """Shape, texture and n in each line of a model."""
    return [
        [int(number) for number in match]
        for match in re.findall(rf"^{key} +(\d+) +(\d+) +(\d+) ", printed, re.MULTILINE)
    ]


def test_mini_needs_nothing(capsys, tmp_path):
    assert (
        main([*COMMAND, "mini_resnext", "mini_resnext_stylised", "--n", "64", "--out", str(tmp_path / "numbers.csv")])
        == 0
    )
    printed = capsys.readouterr().out
    ((shape, texture, n),) = rows(printed, "mini_resnext_stylised")
    assert n == 64
    assert 0 < shape + texture <= n
    assert f"{100 * (shape + texture) / n:.1f} [" in printed, "the coverage stands beside the shape bias"
    assert "A model's class is its category" in printed
    assert "Intervals: 95%, Wilson.\n" in printed
    assert "mini_resnext and mini_resnext_stylised disagree on" in printed
    assert "Style transfer" not in printed, "these stimuli are drawn"
    row = read_rows(tmp_path / "numbers.csv")[1]
    assert (row["model"], int(row["shape"]), int(row["texture"]), int(row["n"])) == (
        "mini_resnext_stylised",
        shape,
        texture,
        n,
    )
    assert float(row["shape_bias_percent"]) == pytest.approx(100 * shape / (shape + texture))
    assert float(row["coverage_percent"]) == pytest.approx(100 * (shape + texture) / n)
    assert (row["shape_bias_interval"], row["coverage_interval"]) == ("Wilson", "Wilson")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no_such_model"], "no model called 'no_such_model'"),
        (["resnet50"], "Name the folder of the published stimuli with --images"),
        (["resnet50", "mini_resnext"], "the models of one world"),
        (["mini_resnext", "--as-orhan"], "leave --images and --as-orhan out"),
        (["mini_resnext", "--n", "0"], "--n must be a whole number from 1 on; got 0."),
        (["mini_resnext", "--n", "2000"], "n must be a whole number from 1 to 1,024; got 2000."),
        (["resnet50", "--images", "."], "no cue-conflict stimuli"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence, capsys):
    assert main([*COMMAND, *arguments]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")
def test_real_networks_under_both_rules(capsys):
    for architecture, pattern in (
        ("squeezenet1_0", "squeezenet1_0*.pth"),
        ("mobilenet_v2", "mobilenet_v2*.safetensors"),
    ):
        (weights,) = Path(DATA, "weights").glob(pattern)
        imports.import_file(weights, architecture, f"cue_{architecture}", architecture)
    assert {"cue_squeezenet1_0", "cue_mobilenet_v2"} <= {spec.key for spec in list_models()}
    assert (
        main(
            [
                *COMMAND,
                "cue_squeezenet1_0",
                "cue_mobilenet_v2",
                "--images",
                str(Path(DATA, "cue_conflict")),
                "--n",
                "48",
            ]
        )
        == 0
    )
    printed = capsys.readouterr().out
    for key in ("cue_squeezenet1_0", "cue_mobilenet_v2"):
        by_class, by_mean = rows(printed, key)
        assert by_class[2] == by_mean[2] == 48
        assert by_class[1] > by_class[0], "texture wins"
    assert printed.count(f"Intervals: 95%, {OVER_EXEMPLARS}.") == 2, "under both rules"
    assert printed.count("(McNemar, exact, as if stimuli were independent)") == 2
    assert "Style transfer favours the network whose features it used: VGG-19" in printed
    assert "best of the 207 mapped classes (Orhan 2019" in printed
    assert "mean probability per category (Geirhos et al. 2021" in printed
