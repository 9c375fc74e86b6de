"""The published benchmark tables: every row whole, and the numbers agreeing with one another where they say the same
thing twice.
"""

import math
from collections import defaultdict
from statistics import mean

import pytest

from robust_core.benchmark import metrics
from robust_core.models.catalogue import TABLE
from robust_core.results import published

TABLES = (
    "ares2023",
    "gavrikov2024",
    "gavrikov2024_by_severity",
    "hendrycks2019",
    "hendrycks_alexnet",
    "orhan2019_benchmarks",
    "orhan2019_superseded",
    "orhan2020",
    "robustbench",
    "robustbench_by_severity",
    "testbed",
    "testbed_by_severity",
    "timm",
)
PAPER = ("resnext101_32x8d", *(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)))

# In points of accuracy: two READMEs say something else than what their weights give (82.2 for 82.7, 84.8 for 83.3);
# the second weights of torchvision were published at a resolution of their own.
ALLOWED = {"resnext101_32x8d_wsl": 0.6, "resnext101_32x16d_swsl": 1.5, "resnet50_v2": 0.6}


def values(table, **fields):
    """(model, condition) -> value, of the rows whose fields are these."""
    rows = [row for row in published(table) if all(getattr(row, name) == value for name, value in fields.items())]
    return {(row.model, row.condition): row.value for row in rows}


def means(parts):
    """The mean of a model's parts; a severity is left out of the condition."""
    groups = defaultdict(list)
    for (model, condition), value in parts.items():
        groups[model, condition.partition(" severity=")[0] if " " in condition else ""].append(value)
    return {key: (mean(group), len(group)) for key, group in groups.items()}


def errors_by_model(table, benchmark):
    """model -> corruption -> the mean error of its five severities."""
    errors = defaultdict(dict)
    for (model, condition), (top1, severities) in means(values(table, benchmark=benchmark, metric="top1")).items():
        assert severities == 5
        errors[model][condition.partition("=")[2]] = 100 - top1
    return errors


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_whole_and_stands_once(table):
    rows = published(table)
    assert len({(row.benchmark, row.model, row.condition, row.metric, row.protocol) for row in rows}) == len(rows)
    for row in rows:
        assert all((row.benchmark, row.model, row.metric, row.unit, row.protocol, row.source)), row
        assert math.isfinite(row.value), row
        assert all(word.count("=") == 1 for word in row.condition.split()), row
        if row.unit == "%":
            assert 0 <= row.value <= 100, row
            assert row.n > 0, row


@pytest.mark.parametrize("table", TABLES)
def test_a_unit_belongs_to_a_metric(table):
    """Only a share of images has the unit that gets Wilson's interval."""
    shares = {"top1", "top5", "top1_error", "mean_error", "mean_top1", "flip_probability", "top1_under_attack"}
    assert {row.metric for row in published(table) if row.unit == "%"} <= shares


def test_a_share_of_images_is_a_whole_number_of_them():
    """What was stored with all its digits says how many images there were."""
    for row in (
        *published("orhan2019_benchmarks"),
        *published("orhan2020"),
        *published("ares2023"),
        *published("robustbench_by_severity"),
    ):
        if row.unit == "%" and "rounded" not in row.protocol and "recomputed" not in row.source:
            parts = {"mean_error": 5, "flip_probability": 40 if row.condition == "perturbation=translate" else 30}.get(
                row.metric, 1
            )
            images = row.value / 100 * row.n * parts
            assert images == pytest.approx(round(images), abs=2e-3), row


def test_orhans_five_models_have_every_number():
    rows = [row for row in published("orhan2019_benchmarks") if row.benchmark != "ImageNet"]
    counts = {model: sum(row.model == model for row in rows) for model in {row.model for row in rows}}
    assert counts == dict.fromkeys(PAPER, 15 * 2 + 3 + 10 * 4 + 2 + 3)
    imagenet_a = values("orhan2019_benchmarks", benchmark="ImageNet-A", metric="top1")
    assert [round(imagenet_a[model, ""], 2) for model in PAPER] == [10.20, 45.37, 53.07, 58.07, 61.03]


def test_superseded_numbers_stand_apart_and_say_so():
    assert {row.benchmark for row in published("orhan2019_superseded")} == {"ImageNet-A, superseded"}
    assert not any(
        "superseded" in row.benchmark for table in TABLES if table != "orhan2019_superseded" for row in published(table)
    )
    old, new = (
        values("orhan2019_superseded", metric="top1"),
        values("orhan2019_benchmarks", metric="top1", benchmark="ImageNet-A"),
    )
    assert set(old) == set(new)
    assert all(old[key] < new[key] for key in old)


def test_means_are_the_means_of_their_parts():
    for whole, part, n in (("mce", "ce", 15), ("mfr", "flip_rate", 10), ("mt5d", "top5_ratio", 10)):
        expected = means(values("orhan2019_benchmarks", metric=part))
        found = values("orhan2019_benchmarks", metric=whole)
        assert set(found) == {(model, "") for model in PAPER}
        assert all((found[key], n) == (pytest.approx(expected[key][0], abs=1e-3), expected[key][1]) for key in found)


def test_printed_means_are_within_the_rounding_of_their_printed_parts():
    for whole, part in (("mce", "ce"), ("relative_mce", "relative_ce"), ("mfr", "flip_rate"), ("mt5d", "top5_ratio")):
        found = {
            key: value
            for key, value in values("hendrycks2019", metric=whole).items()
            if key in means(values("hendrycks2019", metric=part))
        }
        assert len(found) == 7
        for key, value in found.items():
            # The draft's own slip: FR of VGG-19+BN average 64.4, printed is 65.1.
            allowed = 0.75 if (key[0], whole) == ("VGG-19+BN", "mfr") else 0.55
            assert value == pytest.approx(means(values("hendrycks2019", metric=part))[key][0], abs=allowed)


def test_alexnets_means_are_the_means_of_its_severities():
    for benchmark in ("ImageNet-C", "ImageNet-C extra"):
        by_severity = means(values("hendrycks_alexnet", benchmark=benchmark, metric="top1_error"))
        printed = values("hendrycks_alexnet", benchmark=benchmark, metric="mean_error")
        assert {key: (pytest.approx(value, abs=1e-6), 5) for key, value in printed.items()} == by_severity


@pytest.mark.parametrize(
    ("benchmark", "corruptions"), [("ImageNet-C, RobustBench", 15), ("ImageNet-3DCC, RobustBench", 12)]
)
def test_robustbenchs_mce_follows_from_its_own_alexnet_by_severity(benchmark, corruptions):
    errors = errors_by_model("robustbench_by_severity", benchmark)
    base = errors["AlexNet (AlexNet)"]
    assert len(base) == corruptions
    printed = values("robustbench", benchmark=benchmark, metric="mce")
    assert printed == {
        (model, ""): pytest.approx(100 * mean(found[name] / base[name] for name in base), abs=0.01)
        for model, found in errors.items()
    }


def test_the_testbeds_means_and_mce_follow_from_its_severities():
    errors = errors_by_model("testbed_by_severity", "ImageNet-C, resized")
    stored, mce = values("testbed", metric="mean_error"), values("testbed", metric="mce")
    assert stored == {
        (model, f"corruption={name}"): pytest.approx(found[name], abs=0.01)
        for model, found in errors.items()
        for name in found
    }
    for model, found in errors.items():
        assert mce[model, ""] == pytest.approx(metrics.mce(found), abs=0.01)
    assert mce["alexnet", ""] > 102, "resized once more, AlexNet is no 100"


def test_gavrikovs_mce_follows_from_its_severities():
    mce = values("gavrikov2024", metric="mce")
    for model, found in errors_by_model("gavrikov2024_by_severity", "ImageNet-C").items():
        assert mce[model, ""] == pytest.approx(metrics.mce(found), abs=1e-3)


@pytest.mark.parametrize("table", ["orhan2019_benchmarks", "testbed", "timm", "hendrycks2019", "gavrikov2024"])
def test_a_key_of_the_model_table_means_those_weights(table):
    """Accuracy on clean images agrees with the publisher's, as far as preprocessing and rounding let it."""
    percent = {spec.key: spec.published.top1_percent for spec in TABLE if spec.published}
    clean = [row for row in published(table) if row.benchmark == "ImageNet" and row.metric in ("top1", "top1_error")]
    rows = [row for row in clean if row.model in percent and row.condition in ("", "resolution_px=224")]
    assert len(rows) >= 5
    for row in rows:
        top1 = row.value if row.metric == "top1" else 100 - row.value
        assert top1 == pytest.approx(percent[row.model], abs=ALLOWED.get(row.model, 0.35)), row
