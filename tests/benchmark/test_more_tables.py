"""The tables of 2026: as many rows as their publications have, numbers copied by hand, and what follows from what."""

import csv
import gzip
import math
from collections import Counter
from pathlib import Path

import pytest

from robust_core.benchmark.error_kinds import KINDS, METRIC, errors_by_model
from robust_core.benchmark.leaderboard import OVER_200, OVER_1000, board_of
from robust_core.benchmark.sources import licences_of
from robust_core.intervals import wilson
from robust_core.models.catalogue import TABLE
from robust_core.results import published

NEW = (
    "attackbench",
    "certificates",
    "easyrobust",
    "imagenet_x",
    "openood",
    "peychev2023",
    "records",
    "salman2020_transfer",
    "shape_bias_extra",
    "transferattack",
    "zero_shot",
)
WSL = tuple(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48))
CIFAR10 = "dataset=cifar10 eps=3"
CERTIFICATES = Path(__file__).with_name("cohen2019_certificates.csv.gz")


def of(table, **fields):
    return [row for row in published(table) if all(getattr(row, name) == value for name, value in fields.items())]


def value(table, **fields):
    (row,) = of(table, **fields)
    return row.value


@pytest.mark.parametrize("table", NEW)
def test_every_row_is_whole_and_stands_once_with_source_and_licence(table):
    rows = published(table)
    assert len({(row.benchmark, row.model, row.condition, row.metric, row.protocol) for row in rows}) == len(rows)
    for row in rows:
        assert all((row.benchmark, row.model, row.metric, row.unit, row.protocol, row.source)), row
        assert math.isfinite(row.value), row
        assert row.n >= 0, row
        assert "picture" not in row.protocol, "the glossary's word is image"
        if row.unit == "%":
            assert 0 <= row.value <= 100, row
        assert licences_of([row])
        assert "econdary" not in row.source + row.protocol, "third parties' quotations stay out"


COUNTS = [
    ("peychev2023", {"benchmark": "ImageNet", "metric": "top1"}, 962),
    ("peychev2023", {"benchmark": "ImageNet", "metric": "mla"}, 962),
    ("peychev2023", {"benchmark": "ImageNet-A", "metric": "top1"}, 2 * 962),
    ("peychev2023", {"benchmark": "ImageNet-M"}, 962),
    ("peychev2023", {"benchmark": "ImageNet", "metric": METRIC}, 7 * 962),
    ("imagenet_x", {"condition": "factor=pose"}, 335 + 54 + 4),
    ("zero_shot", {"benchmark": "ImageNet-A, zero-shot"}, 121),
    ("openood", {"benchmark": "OpenOOD ImageNet-1k", "metric": "near_ood_auroc"}, 76),
    ("openood", {"metric": "far_ood_auroc"}, 152),
    ("attackbench", {"metric": "attack_success_rate"}, 144),
    ("transferattack", {}, 97 * 13),
    ("easyrobust", {}, 213),
    ("salman2020_transfer", {"benchmark": "Transfer learning, fixed-feature"}, 4 * 12),
    ("salman2020_transfer", {"benchmark": "Transfer learning, full-network"}, 4 * 12),
    ("shape_bias_extra", {"metric": "shape_bias"}, 39),
    ("records", {"benchmark": "ImageNet-Hard"}, 12 + 68),
]


@pytest.mark.parametrize(("table", "fields", "count"), COUNTS)
def test_as_many_rows_as_the_publication_has(table, fields, count):
    assert len(of(table, **fields)) == count


def test_the_testbed_of_imagenet_x_has_335_models_and_the_wsl_ones_go_by_their_keys():
    testbed = [row for row in of("imagenet_x", condition="factor=pose") if "Testbed" in row.protocol]
    assert len(testbed) == 335
    assert {row.model for row in testbed}.issuperset(WSL)


SPOTS = [  # copied by hand
    ("peychev2023", {"model": WSL[3], "benchmark": "ImageNet", "metric": "top1"}, 85.442),
    ("peychev2023", {"model": WSL[3], "benchmark": "ImageNet", "metric": "mla"}, 94.451),
    ("peychev2023", {"model": "resnet50_v2", "benchmark": "ImageNet", "metric": "top1"}, 80.856),
    ("imagenet_x", {"model": WSL[3], "condition": "factor=pose"}, 85.34),
    ("imagenet_x", {"model": "ResNet50 (ImageNet-X)", "condition": "factor=subcategory"}, 35.6),
    ("zero_shot", {"model": "ViT-H-14-378-quickgelu dfn5b", "benchmark": "ImageNet, zero-shot"}, 84.37),
    ("openood", {"model": "ASH, ResNet50", "benchmark": "OpenOOD ImageNet-1k", "metric": "near_ood_auroc"}, 78.17),
    (
        "attackbench",
        {"model": "VFGA (AdvLib)", "condition": "norm=l0 target=debenedetti_2022", "metric": "attack_success_rate"},
        47.52,
    ),
    ("transferattack", {"model": "FGSM", "condition": "target=VGG-16"}, 54.6),
    (
        "salman2020_transfer",
        {"model": "salman_resnet18_l2_3", "benchmark": "Transfer learning, fixed-feature", "condition": CIFAR10},
        91.64,
    ),
    ("easyrobust", {"model": "MAE-ViT-H DAT (paper checkpoint)", "metric": "mce"}, 31.40),
    ("shape_bias_extra", {"model": "resnet50 (Burns)", "metric": "shape_bias"}, 100 * 169 / (169 + 621)),
    ("records", {"model": "AdvXL ViT-g/14 336 px", "benchmark": "AutoAttack L∞"}, 71.0),
    ("records", {"model": "MAE ViT-H 448", "benchmark": "ImageNet-C"}, 36.8),
    ("records", {"model": "eva02_L_pt_m38m_medft_in21k_ft_in1k_p14", "metric": "real_accuracy"}, 91.1),
]


@pytest.mark.parametrize(("table", "fields", "expected"), SPOTS)
def test_numbers_copied_by_hand(table, fields, expected):
    assert value(table, **fields) == pytest.approx(expected, abs=1e-6)


def test_a_key_of_the_model_table_means_those_weights():
    """The torchvision models of this study have the second weights: they are not the first ones' accuracy."""
    stated = {spec.key: spec.published.top1_percent for spec in TABLE if spec.published}
    known = [row for row in of("peychev2023", benchmark="ImageNet", metric="top1") if row.model in stated]
    assert len(known) > 30
    for row in known:
        slack = {"resnext101_32x8d_wsl": 0.6, "resnext101_32x16d_swsl": 1.5}.get(row.model, 0.21)
        assert row.value == pytest.approx(stated[row.model], abs=slack), row


# Error kinds


@pytest.mark.parametrize(("benchmark", "n"), [("ImageNet", 18_692), ("ImageNet-A", 7_500)])
def test_the_kinds_add_up_to_all_top1_errors(benchmark, n):
    errors = errors_by_model(of("peychev2023", benchmark=benchmark, metric=METRIC))
    assert len(errors) == 962
    assert {one.n for one in errors.values()} == {n}
    assert set().union(*(one.counts for one in errors.values())) <= {kind.key for kind in KINDS}
    if benchmark == "ImageNet-A":  # all its images are of the study, so that accuracy follows
        over_1000 = {
            row.model: row.value
            for row in of("peychev2023", benchmark=benchmark, metric="top1")
            if board_of(row).scoring == OVER_1000
        }
        for model, one in errors.items():
            assert 100 * (1 - one.total / n) == pytest.approx(over_1000[model], abs=0.001)


def test_known_counts_of_the_48d_wsl():
    errors = errors_by_model(of("peychev2023", benchmark="ImageNet", metric=METRIC))[WSL[3]]
    assert (errors.total, errors.n) == (2035, 18_692)
    assert errors.counts == {
        "collapsed_mapping": 99,
        "multi_label": 919,
        "fine_grained": 490,
        "co_occurrence": 84,
        "non_prototypical": 4,
        "out_of_vocabulary": 100,
        "unexplained": 339,
    }
    assert errors.percent("unexplained", of_images=False) == pytest.approx(100 * 339 / 2035)
    assert errors.percent("unexplained", of_images=True) == pytest.approx(100 * 339 / 18_692)


# ImageNet-A in two ways


def test_imagenet_a_was_scored_in_both_ways():
    rows = [row for row in of("peychev2023", benchmark="ImageNet-A", metric="top1") if row.model == WSL[3]]
    assert {board_of(row).scoring: round(row.value, 2) for row in rows} == {OVER_200: 60.99, OVER_1000: 41.55}
    first, second = map(board_of, rows)
    assert first.scored_over(OVER_1000) == second.scored_over(OVER_1000)
    assert first.scored_over(OVER_200) in (first, second)


# Certificates


README_TABLE = {  # of Cohen et al. 2019, as their README prints it; σ 0.25 has 427 of the 500 images
    0.25: {0: 0.67, 0.5: 0.49},
    0.5: {0: 0.57, 0.5: 0.46, 1: 0.37, 1.5: 0.29},
    1.0: {0: 0.44, 0.5: 0.38, 1: 0.33, 1.5: 0.26, 2: 0.19, 2.5: 0.15, 3: 0.12},
}


def certificates():
    with gzip.open(CERTIFICATES, "rt", newline="") as file:
        return list(csv.DictReader(file))


def test_certified_accuracy_is_that_of_the_certificates_and_of_the_readme():
    found = certificates()
    counts = Counter(float(one["sigma"]) for one in found)
    assert counts == {0.25: 427, 0.5: 500, 1.0: 500}
    rows = [row for row in published("certificates") if "Cohen" in row.source]
    assert {row.model[-4:] for row in rows} == {"0.25", "0.50", "1.00"}
    for row in rows:
        sigma, radius = float(row.model[-4:]), row.setting("radius")
        held = sum(
            one["correct"] == "1" and float(one["l2_radius"]) >= radius for one in found if float(one["sigma"]) == sigma
        )
        assert row.n == counts[sigma]
        assert row.value == pytest.approx(100 * held / row.n, abs=1e-6)
        assert row.interval == wilson(held, row.n)
        if radius in README_TABLE[sigma]:
            assert round(row.value / 100, 2) == README_TABLE[sigma][radius]
    assert {row.setting("radius") for row in rows if row.value == 0} == {1, 2, 4}, "each curve ends at 0"


# What n is


def test_where_n_was_found_from_the_values_they_are_whole_numbers_of_images():
    rows = [row for table in NEW for row in published(table) if row.n and "found from the values" in row.protocol]
    assert {row.n for row in rows if row.benchmark == "ImageNet-X"} == {
        2873, 1891, 1500, 3604, 879, 390, 512, 217, 105, 586, 94, 1828
    }  # fmt: skip
    for row in rows:
        digits = 2 if row.benchmark.startswith("AutoAttack") else 4
        images = row.value / 100 * row.n
        assert row.value == pytest.approx(round(100 * round(images) / row.n, digits), abs=0.006), row


def test_where_n_is_not_stated_there_is_no_interval():
    rows = [row for table in NEW for row in published(table) if not row.n]
    assert rows
    assert all(row.interval is None for row in rows)


def test_zero_shot_counts_are_those_of_the_data_sets():
    assert {row.benchmark: row.n for row in published("zero_shot")} == {
        "ImageNet, zero-shot": 50_000,
        "ImageNet-V2 matched frequency, zero-shot": 10_000,
        "ImageNet-Sketch, zero-shot": 50_889,
        "ImageNet-A, zero-shot": 7_500,
        "ImageNet-O, zero-shot": 2_000,
        "ImageNet-R, zero-shot": 30_000,
        "ObjectNet, zero-shot": 18_574,
    }
