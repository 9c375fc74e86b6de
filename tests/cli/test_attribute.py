import pytest

import robust_core as rc
from robust_core import data
from robust_core.attributions.methods import METHODS
from robust_core.cli import main
from robust_core.data.synthetic import NAMES, synthetic_id
from tests.cli.tables import read_rows

COMMAND = ("attribute", "--model")


def test_every_method_of_a_mini_model_has_a_row(capsys, tmp_path):
    assert main([*COMMAND, "mini_resnext", "--n", "1", "--out", str(tmp_path / "costs.csv")]) == 0
    out = capsys.readouterr().out
    assert "Mini ResNeXt on cpu, medians over 1 image" in out
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line and line.split()[0] in METHODS}
    assert list(rows) == list(METHODS)
    assert all(float(row[1]) >= 0 for row in rows.values())
    assert {key for key, row in rows.items() if row[3] != "-"} == {key for key, row in METHODS.items() if row.complete}
    written = {row["method"]: row for row in read_rows(tmp_path / "costs.csv")}
    assert list(written) == list(METHODS)
    assert {key: f"{float(row['seconds']):.2f}" for key, row in written.items()} == {
        key: row[1] for key, row in rows.items()
    }
    assert {key for key, row in written.items() if row["gap_percent"]} == {
        key for key, row in METHODS.items() if row.complete
    }


def test_metrics_come_with_the_option(capsys, tmp_path):
    asked = ("--n", "2", "--method", "saliency", "grad_cam", "--metrics", "--out", str(tmp_path / "metrics.csv"))
    assert main([*COMMAND, "mini_resnext", *asked]) == 0
    assert " of 2" in capsys.readouterr().out
    rows = read_rows(tmp_path / "metrics.csv")
    assert [(row["method"], row["n"]) for row in rows] == [("saliency", "2"), ("grad_cam", "2")]
    images = [data.read(synthetic_id("clean", name, name, place)) for place, name in enumerate(NAMES[:2])]
    found = [rc.attribute("mini_resnext", image, ["saliency", "grad_cam"], metrics=True).frame for image in images]
    beaten = sum((one["p_value_random_maps"] <= 0.05).astype(int) for one in found)
    assert [int(row["beats_random"]) for row in rows] == beaten.to_list()


@pytest.mark.parametrize(
    ("arguments", "words"), [(["mini_resnex"], "mini_resnext"), (["mini_resnext", "--method", "salience"], "saliency")]
)
def test_unknown_names_end_in_a_sentence(capsys, arguments, words):
    assert main([*COMMAND, *arguments]) == 1
    assert words in capsys.readouterr().err
