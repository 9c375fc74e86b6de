import pandas as pd
import pytest

from robust_core.results import published
from robust_core.ui.benchmarks.known_models import who
from robust_core.ui.benchmarks.row_table import as_table, in_words, shown_columns
from tests.benchmark.finished_runs import number


def test_a_row_has_everything_that_a_number_must_not_travel_without():
    row = published("orhan2019_pgd")[0]
    (line,) = as_table([row], who([row])).to_dict("records")
    assert line["Model"] == "ResNeXt-101 32x8d"
    assert (line["Value"], line["Unit"], line["n"], line["Badge"]) == (row.value, "%", 25_000, "PUBLISHED")
    assert line["Low"] < row.value < line["High"]
    assert (line["Protocol"], line["Source"], line["Condition"]) == (row.protocol, row.source, "ε 0.01, 10 steps")


def test_what_is_not_known_is_empty_and_not_nought():
    row = number(n=0, unit="% as reported")
    table = as_table([row], who([row]))
    assert table[["Low", "High", "n"]].isna().all(axis=None)
    assert as_table([number(kind="cached")], who([row]))["Badge"].tolist() == ["CACHED"]


def test_the_csv_says_the_same_as_the_table(tmp_path):
    rows = published("orhan2019_benchmarks")
    table = as_table(rows, who(rows))
    table.to_csv(tmp_path / "table.csv", index=False)
    again = pd.read_csv(tmp_path / "table.csv", keep_default_na=False)
    assert list(again) == list(table)
    assert again["Value"].tolist() == pytest.approx(table["Value"].tolist())
    assert again["Source"].tolist() == table["Source"].tolist()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("", ""),
        ("corruption=zoom_blur severity=3", "zoom blur, severity 3"),
        ("perturbation=tilt", "tilt"),
        ("eps=0.0156862745 steps=20", "ε 0.01569, 20 steps"),
        ("resolution_px=448", "448 px"),
        ("pictures=1200", "1200 images"),
        ("attack=apgd_ce steps=100", "APGD-CE, 100 steps"),
        ("attack=fgsm steps=1", "FGSM, 1 step"),
        ("source=mini_resnext_at8 steps=20", "found on Mini ResNeXt, adversarially trained, 20 steps"),
        ("source=somebody", "found on somebody"),
        ("sigma=0.50 radius=0.25", "σ 0.5, radius 0.25"),
    ],
)
def test_conditions_in_words(condition, words):
    assert in_words(condition) == words


def test_what_every_row_has_alike_is_not_shown_and_what_tells_rows_apart_comes_first():
    rows = [
        number("resnet50", condition=f"factor={factor}", value=value) for factor, value in (("pose", 1), ("size", 2))
    ]
    assert shown_columns(as_table(rows, who(rows))) == ["Model", "Condition", "Value"]
    rows = [number("resnet50", n=400), number("resnet18", n=500, kind="published")]
    assert shown_columns(as_table(rows, who(rows)))[:2] == ["Model", "Value"]
    assert {"n", "Badge"} <= set(shown_columns(as_table(rows, who(rows))))
