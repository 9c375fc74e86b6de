import csv
import gzip
import json
import pickle
from dataclasses import replace

import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.results import (
    AS_IF_INDEPENDENT,
    BenchmarkCondition,
    Result,
    in_unit,
    published,
    published_tables,
    read,
    table_name,
    write,
)
from robust_core.settings import SHIPPED_CACHE

ROWS = published("orhan2019_pgd")


def value(benchmark, model, condition):
    (row,) = [row for row in ROWS if (row.benchmark, row.model, row.condition) == (benchmark, model, condition)]
    return row.value


def test_every_published_row_is_whole_and_of_a_model_in_the_table():
    for row in ROWS:
        assert get_spec(row.model)
        assert row.kind == "published"
        assert row.unit == "%"
        assert 0 <= row.value <= 100
        assert row.setting("eps") > 0
        assert row.setting("steps") in (10, 20, 30, 40, 50)
        assert row.protocol
        assert "eminorhan/resnext-wsl@6200c936:results/" in row.source


def test_no_number_stands_twice():
    assert len({(row.benchmark, row.model, row.condition) for row in ROWS}) == len(ROWS)


def test_five_models_in_each_of_the_three_experiments():
    counts = {
        benchmark: sum(row.benchmark == benchmark for row in ROWS) for benchmark in {row.benchmark for row in ROWS}
    }
    assert counts == {"white-box PGD by eps": 5 * 6, "white-box PGD by steps": 5 * 5, "black-box PGD by eps": 5 * 6}


def test_the_two_white_box_experiments_agree_where_they_meet():
    for model in {row.model for row in ROWS}:
        meeting = "eps=0.06 steps=10"
        assert value("white-box PGD by eps", model, meeting) == value("white-box PGD by steps", model, meeting)


def test_every_value_is_a_whole_number_of_images():
    """Shares of 25,000 or 50,000 images; anything else would mean another n."""
    for row in ROWS:
        images = row.value / 100 * row.n
        assert images == pytest.approx(round(images), abs=1e-6)


def test_a_percentage_has_an_interval_and_another_unit_has_none():
    row = Result("b", "m", "eps=0.06 steps=20", "top1", 25.0, "%", 400, "p", "published", "s")
    assert row.interval.estimate == 0.25
    assert row.interval.low < 0.25 < row.interval.high
    assert Result("b", "m", "", "mCE", 45.7, "% of AlexNet", 400, "p", "published", "s").interval is None


def test_what_is_not_there_is_named():
    with pytest.raises(UnknownName, match="orhan2019_pgd"):
        published("orhan2019_pdg")
    with pytest.raises(BadInput, match="severity"):
        ROWS[0].setting("severity")
    with pytest.raises(BadInput, match="no number"):
        Result("b", "m", "corruption=fog severity=3", "top1", 25.0, "%", 400, "p", "published", "s").setting(
            "corruption"
        )


def test_a_condition_is_taken_apart():
    row = Result("b", "m", "corruption=fog severity=3", "top1", 25.0, "%", 400, "p", "published", "s")
    assert row.settings == {"corruption": "fog", "severity": "3"}
    assert row.setting("severity") == 3


def test_a_condition_is_its_text_and_one_key_with_it():
    fog = BenchmarkCondition.of(corruption="fog", severity=3)
    assert fog == "corruption=fog severity=3" == str(fog) == f"{fog}"
    assert {fog: 1}["corruption=fog severity=3"] == 1
    assert json.dumps([fog]) == '["corruption=fog severity=3"]'
    again = pickle.loads(pickle.dumps(fog))
    assert (type(again), again) == (BenchmarkCondition, fog)
    assert fog.values == ("fog", "3")


def test_words_come_and_go():
    attacked = BenchmarkCondition.of(eps="0.06").and_at(steps=20)
    assert attacked == "eps=0.06 steps=20"
    assert attacked.without(["eps", "nothing"]) == "steps=20"
    assert BenchmarkCondition().and_at(steps=0) == "steps=0"
    assert (BenchmarkCondition(), BenchmarkCondition().words) == ("", {})
    with pytest.raises(TypeError, match="steps"):
        attacked.and_at(steps=30)


@pytest.mark.parametrize(
    "text", ["fog", "corruption=fog  severity=3", " eps=1", "eps=1 eps=2", "=3", "a-b=1", "eps=1\n", None]
)
def test_another_text_is_no_condition(text):
    with pytest.raises(BadInput, match='words such as "corruption=fog severity=3"; got '):
        BenchmarkCondition(text)


def test_every_published_condition_is_the_text_of_its_words():
    for path in (SHIPPED_CACHE / "published").glob("*.csv*"):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
            stored = [row["condition"] for row in csv.DictReader(file)]
        assert [BenchmarkCondition.of(**row.settings) for row in published(table_name(path))] == stored


def test_a_packed_table_is_read_as_one_that_is_not(tmp_path):
    rows = (Result("b", "m", "eps=0.06", "top1", 50.0, "%", 400, "p, q", "published", "s"),)
    write(tmp_path / "one.csv", rows)
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress((tmp_path / "one.csv").read_bytes()))
    assert read(tmp_path / "one.csv.gz", "published") == read(tmp_path / "one.csv", "published") == rows
    assert table_name(tmp_path / "one.csv.gz") == table_name(tmp_path / "one.csv") == "one"


def test_a_packed_table_that_is_cut_short_cannot_be_read(tmp_path):
    write(tmp_path / "one.csv", [Result("b", "m", "", "top1", 50.0, "%", 400, "p", "published", "s")] * 500)
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress((tmp_path / "one.csv").read_bytes())[:100])
    with pytest.raises(EOFError):
        read(tmp_path / "one.csv.gz", "published")


@pytest.mark.parametrize("header", ["", "a,b", "benchmark,model,condition,metric,value,unit,n,protocol,source,more"])
def test_other_columns_make_no_table(tmp_path, header):
    (tmp_path / "table.csv").write_text(f"{header}\n1,2\n")
    with pytest.raises(TypeError, match="expected benchmark, model"):
        read(tmp_path / "table.csv", "cached")


def test_a_table_reads_as_it_was_written(tmp_path):
    rows = (
        Result("b", "m", "eps=0.06", "top1", 100 / 3, "%", 400, 'words, "quoted"', "cached", "s"),
        Result("b", "m", "", "mce", 45.7, "% of AlexNet", 400, "p", "cached", "s"),
        Result("b", "m", "", "mce", 45.7, "% of AlexNet", 400, "p", "cached", "s", 44.0, 47.5, "bootstrap"),
    )
    write(tmp_path / "results.csv", rows)
    assert read(tmp_path / "results.csv", "cached") == rows


def test_every_published_table_can_be_named():
    assert {"orhan2019_pgd", "testbed"} <= set(published_tables())


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "NaN"])
def test_a_table_with_a_number_that_is_none_is_no_table(tmp_path, word):
    write(tmp_path / "table.csv", [Result("b", "m", "", "top1", 50.0, "%", 10, "p", "cached", "s")])
    content = (tmp_path / "table.csv").read_text()
    (tmp_path / "table.csv").write_text(content.replace("50.0", word))
    with pytest.raises(ValueError, match=word):
        read(tmp_path / "table.csv", "cached")


def test_a_percent_sign_lies_at_its_number():
    assert in_unit("75.0", "%") == "75.0%"
    assert in_unit("66.7", "% of AlexNet") == "66.7% of AlexNet"
    assert in_unit("2.5 [2.1, 3.0]", "255ths") == "2.5 [2.1, 3.0]/255"
    assert in_unit("0.42", "points") == "0.42 points"


def test_stored_bounds_are_the_interval_whatever_the_metric_and_unit():
    row = Result("b", "m", "", "mce", 45.7, "% of AlexNet", 400, "p", "cached", "s", 44.0, 47.5, "bootstrap")
    assert (row.bounds, row.bounds_method, row.interval) == ((44.0, 47.5), "bootstrap", None)
    mean = replace(row, metric="mean_error", unit="%")
    assert (mean.interval.low, mean.interval.high, mean.interval.method) == (0.44, 0.475, "bootstrap")
    assert replace(mean, low=None, high=None).interval is None, "a mean over conditions is no share of n images"
    assert replace(row, low=None, high=None, interval_method="").bounds is None


def test_a_share_without_stored_bounds_has_wilsons():
    row = Result("ImageNet", "m", "", "top1", 25.0, "%", 400, "p", "published", "s")
    assert row.bounds == pytest.approx((100 * wilson(100, 400).low, 100 * wilson(100, 400).high))
    assert row.bounds_method == "Wilson"
    stored = row.with_bounds
    assert (stored.low, stored.high, stored.interval_method) == (*row.bounds, "Wilson")
    assert (stored.bounds, stored.bounds_method) == (row.bounds, "Wilson")
    mce = replace(row, metric="mce", unit="% of AlexNet")
    assert mce.with_bounds == mce


@pytest.mark.parametrize("metric", ["shape_bias", "coverage"])
def test_shares_of_stimuli_that_share_exemplars_say_what_wilson_takes_for_granted(metric):
    row = Result("cue conflict, people", "m", "", metric, 25.0, "%", 400, "p", "published", "s")
    assert row.bounds_method == AS_IF_INDEPENDENT
    assert replace(row, benchmark="mini cue conflict").bounds_method == "Wilson", "drawn for each stimulus"


def test_a_table_from_before_bounds_were_stored_is_still_read(tmp_path):
    row = Result("b", "m", "", "top1", 25.0, "%", 400, "p", "cached", "s")
    write(tmp_path / "table.csv", [row])
    lines = [line.split(",") for line in (tmp_path / "table.csv").read_text().splitlines()]
    (tmp_path / "old.csv").write_text("\n".join(",".join(line[:9]) for line in lines))
    assert lines[0][9:] == ["low", "high", "interval_method"]
    assert read(tmp_path / "old.csv", "cached") == (row,)
