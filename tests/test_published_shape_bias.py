"""The published shape biases: whole counts, agreeing tables, and people's decisions by category as their raw data has
them.
"""

import csv
import os
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from robust_core.labels import CATEGORIES
from robust_core.models.catalogue import get_spec
from robust_core.results import published

TABLES = ("shape_bias", "shape_bias_by_category", "shape_bias_gavrikov2024", "shape_bias_gavrikov2025")
FACTS = Path(os.environ.get("ROBUST_LAB_TEST_DATA") or ".").parent / "facts" / "shape_bias_by_category.csv"
PEOPLE = "10 people"


def found(table, **fields):
    (row,) = [row for row in published(table) if all(getattr(row, name) == value for name, value in fields.items())]
    return row


def shape_votes(row):
    """The images decided by shape, which must come out whole."""
    votes = row.value / 100 * row.n
    assert votes == pytest.approx(round(votes), abs=1e-4), row
    return round(votes)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_whole_and_stands_once(table):
    rows = published(table)
    assert len({(row.benchmark, row.model, row.condition, row.metric) for row in rows}) == len(rows)
    for row in rows:
        assert row.metric in ("shape_bias", "coverage")
        assert 0 <= row.value <= 100
        assert row.protocol
        assert "@" in row.source


@pytest.mark.parametrize("table", TABLES)
def test_what_has_counts_has_whole_counts_and_its_coverage_beside_it(table):
    for row in published(table):
        if row.metric == "shape_bias" and row.unit == "%":
            assert 0 <= shape_votes(row) <= row.n
            coverage = found(
                table, benchmark=row.benchmark, model=row.model, condition=row.condition, metric="coverage"
            )
            assert shape_votes(coverage) == row.n, "the shape bias is about the decided images"


def test_what_was_published_without_counts_has_no_interval():
    rows = [row for table in TABLES for row in published(table) if row.unit == "% of decided"]
    assert len(rows) == 70 + 3
    assert all(row.interval is None for row in rows)


def test_share_alike_numbers_stand_in_files_of_their_own_and_say_so():
    for table in TABLES:
        licensed = {"CC BY-SA 4.0" in row.source for row in published(table)}
        assert licensed == {table.startswith("shape_bias_gavrikov")}
    assert all("arXiv 24" in row.source for table in TABLES[2:] for row in published(table)), "attribution"


def test_people_and_the_papers_models_are_those_that_are_known():
    people = found("shape_bias", model=PEOPLE, metric="shape_bias")
    assert (shape_votes(people), people.n) == (9236, 9634)
    assert people.value == pytest.approx(95.9, abs=0.05)
    paper = {
        row.model: round(row.value, 1)
        for row in published("shape_bias")
        if row.source.startswith("Orhan 2019") and row.metric == "shape_bias"
    }
    assert set(paper) == {"resnext101_32x8d", *(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48))}
    assert paper["resnext101_32x8d"] < min(value for key, value in paper.items() if key.endswith("wsl"))
    assert all(get_spec(key) for key in paper)


def test_orhans_code_and_the_papers_raw_data_agree_on_resnet_50():
    orhan = found("shape_bias", model="resnet50", benchmark="cue conflict by the best class", metric="shape_bias")
    paper = found("shape_bias", model="resnet50", benchmark="cue conflict, ICLR 2019", metric="shape_bias")
    assert (shape_votes(orhan), orhan.n) == (shape_votes(paper), paper.n) == (162, 734)


def test_categories_add_up_to_the_whole():
    for benchmark, model in {(row.benchmark, row.model) for row in published("shape_bias_by_category")}:
        parts = [
            row
            for row in published("shape_bias_by_category")
            if (row.benchmark, row.model, row.metric) == (benchmark, model, "shape_bias")
        ]
        whole = found("shape_bias", benchmark=benchmark, model=model, metric="shape_bias")
        assert {row.condition for row in parts} == {f"category={name}" for name in CATEGORIES}
        assert (sum(map(shape_votes, parts)), sum(row.n for row in parts)) == (shape_votes(whole), whole.n)


@pytest.mark.skipif(not FACTS.is_file(), reason="needs the raw facts beside ROBUST_LAB_TEST_DATA")
def test_peoples_decisions_by_category_are_reproduced_from_their_raw_data():
    with FACTS.open(newline="", encoding="utf-8") as file:
        raw = [
            row
            for row in csv.DictReader(file)
            if row["model_id"].startswith("human_")
            and "nomask-experiment/" in row["source"]
            and row["metric"] == "shape_bias"
        ]
    assert len(raw) == 16 * 11
    for one in raw:
        shape, texture = map(int, re.findall(r"\d+", one["note"])[-2:])
        model = PEOPLE if one["model_id"] == "human_pooled" else f"person {int(one['model_id'][-2:])}"
        row = found("shape_bias_by_category", model=model, condition=f"category={one['category']}", metric="shape_bias")
        assert (shape_votes(row), row.n) == (shape, shape + texture)


def persons(table, condition, metric):
    """The rows of the ten people themselves; `condition` is a test of theirs."""
    rows = [
        row
        for row in published(table)
        if row.model.startswith("person ") and row.metric == metric and condition(row.condition)
    ]
    assert len(rows) == 10
    return rows


@pytest.mark.parametrize("metric", ["shape_bias", "coverage"])
@pytest.mark.parametrize("category", ["", *CATEGORIES])
def test_peoples_interval_is_students_between_the_ten(category, metric):
    table = "shape_bias_by_category" if category else "shape_bias"
    named = f"category={category}"
    rows = persons(table, lambda condition: condition == named or not category, metric)
    pooled = next(
        row
        for row in published(table)
        if (row.model, row.metric) == (PEOPLE, metric) and (row.condition == named or not category)
    )
    shares = np.array([row.value for row in rows])
    reach = t.ppf(0.975, 9) * shares.std(ddof=1) / 10**0.5
    expected = max(shares.mean() - reach, 0), min(shares.mean() + reach, 100)
    assert pooled.bounds == pytest.approx(expected, abs=1e-5)
    assert pooled.bounds_method == "Student's t between 10 people"
    assert pooled.low < pooled.value < pooled.high
    assert sum(row.n for row in rows) == pooled.n
    assert sum(map(shape_votes, rows)) == shape_votes(pooled), "the counts of the ten add up to the pooled one"
