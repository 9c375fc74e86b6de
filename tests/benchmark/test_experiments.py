"""One contract for every row, the rows of the paper beside what it published, and every row run in miniature."""

import math

import numpy as np
import pytest

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS
from robust_core.benchmark.attack_tasks import (
    CLEAN_STANDS_IN,
    UNCLIPPED_START,
    Certify,
    RobustAccuracy,
    SmallestChange,
    TransferAttack,
    UnderAttack,
)
from robust_core.benchmark.experiment import Conflicts, Scenes, Split
from robust_core.benchmark.experiments import EXPERIMENTS, get_experiment
from robust_core.benchmark.experiments_imagenet import EVERY_OTHER, PERTURBATION_NAMES, SUBSTITUTE
from robust_core.benchmark.metrics import mce
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import UnitDone, run
from robust_core.benchmark.tasks import Classify, Decide, PredictionStability
from robust_core.certificates.smoothing import Smoothing
from robust_core.corruptions.sequences import PERTURBATIONS
from robust_core.corruptions.table import BENCHMARK_15, C_BAR_10, CORRUPTIONS
from robust_core.data.datasets import DATA_SETS
from robust_core.edits.object_edit import SCENE_BACKGROUNDS
from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET, MINI
from robust_core.mini.splits import SPLITS
from robust_core.models.catalogue import get_spec
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.results import BenchmarkCondition, published
from robust_core.studies.cue_tests import CUE_TESTS
from tests.outcomes import events_and_result

ROWS = [pytest.param(row, id=row.key) for row in EXPERIMENTS.values()]
# What a condition may say, and the words behind each name; None stands for a number.
GRAMMAR = {
    "corruption": set(CORRUPTIONS),
    "severity": set("12345"),
    "perturbation": set(PERTURBATIONS),
    "eps": None,
    "steps": None,
    "pictures": None,
    "attack": set(ATTACKS),
    "source": {spec.key for spec in MINI_REGISTRY},
    "sigma": None,
    "radius": None,
    "blur_px": None,
    "cue": {test.key for test in CUE_TESTS},
    "zoom": None,
    "rotation_degrees": None,
    "hue_degrees": None,
    "right_percent": None,
    "down_percent": None,
    "background": set(SCENE_BACKGROUNDS),
}
FEWER = {"mini_certified": 1}  # images in miniature: each takes thousands of passes
# What each task reads in a condition, one of these sets of words.
READ = {
    PredictionStability: ({"perturbation"},),
    RobustAccuracy: ({"eps"},),
    TransferAttack: ({"eps"}, {"source"}),
    UnderAttack: ({"attack"},),
    Certify: ({"sigma"},),
}


def assert_grammatical(condition):
    words = BenchmarkCondition(condition).words
    assert " ".join(f"{name}={word}" for name, word in words.items()) == condition
    for name, word in words.items():
        known = GRAMMAR[name]
        assert word in known if known else math.isfinite(float(word))


def made_up_predictions(experiment, n):
    """Predictions of the right form about `n` images under every condition; of cue conflicts, one is none."""
    draw = np.random.default_rng(0)
    bits, steps = draw.random(n) < 0.5, getattr(getattr(experiment.task, "threat", None), "steps", 0)
    categories = draw.integers(0, 16, n).astype(np.int8)
    one = {
        Classify: {
            "correct": bits,
            "in_top5": bits | (draw.random(n) < 0.5),
            "confidence": draw.random(n, np.float32),
            "label": categories,
        },
        PredictionStability: {
            "flip_probability": draw.random(n, np.float32),
            "top5_distance": draw.random(n, np.float32),
        },
        RobustAccuracy: {"correct": np.tile(bits[:, None], (1, steps + 1))},
        TransferAttack: {"correct": bits},
        UnderAttack: {"clean_correct": bits, "correct": bits & (draw.random(n) < 0.5)},
        SmallestChange: {"smallest_eps": np.where(bits, draw.exponential(4 / 255, n), 0).astype(np.float32)},
        Certify: {"correct": bits, "abstains": ~bits, "radius": bits * draw.random(n)},
        Decide: {
            "shape": categories,
            "texture": (categories + (np.arange(n) > 0)) % 16,
            "restricted_argmax": categories,
            "mean_probability": categories,
        },
    }[type(experiment.task)]
    return dict.fromkeys(experiment.conditions, one)


def test_imagenet_c_bar_is_in_no_mean_over_the_15():
    asked = {one.words.get("corruption") for row in EXPERIMENTS.values() for one in row.conditions} - {None}
    assert asked == set(BENCHMARK_15)
    errors = dict.fromkeys(BENCHMARK_15, 50.0)
    assert mce(errors) > 0
    with pytest.raises(UnknownName, match="caustic_refraction"):
        mce(errors | dict.fromkeys(C_BAR_10, 50.0))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_whole(row):
    assert EXPERIMENTS[row.key] is row is get_experiment(row.key)
    assert row.title
    assert row.benchmark
    assert row.label_space in (IMAGENET, MINI)
    assert row.unit_images >= 1
    assert row.version >= 1
    assert len(set(row.conditions)) == len(row.conditions) >= 1
    for condition in row.conditions:
        assert_grammatical(condition)
    if isinstance(row.images, Split):
        assert row.label_space == MINI
        assert 1 <= row.images.count <= SPLITS[row.images.name].count
    else:
        assert isinstance(row.images, Conflicts | Scenes) or row.images in DATA_SETS


@pytest.mark.parametrize("row", ROWS)
def test_the_task_finds_its_words_in_every_condition(row):
    either = READ.get(type(row.task), (set(),))
    assert all(any(needed <= condition.words.keys() for needed in either) for condition in row.conditions)
    transfers = isinstance(row.task, TransferAttack)
    assert row.substitute == (SUBSTITUTE if transfers and row.label_space == IMAGENET else None)
    if row.substitute:
        assert get_spec(row.substitute).label_space == row.label_space


@pytest.mark.parametrize("row", ROWS)
def test_a_quirk_has_all_its_words_and_is_one_that_the_code_knows(row):
    keys = [quirk.key for quirk in row.quirks]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= {EVERY_OTHER, CLEAN_STANDS_IN, UNCLIPPED_START}
    for quirk in row.quirks:
        assert quirk.sentence.endswith(".")
        assert quirk.left_out
        assert quirk.left_out != quirk.kept


@pytest.mark.parametrize("row", ROWS)
def test_every_number_of_a_summary_says_where_and_what(row):
    numbers = list(row.summary(made_up_predictions(row, 300)))
    identities = [(row.benchmark + one.suffix, one.condition, one.metric, one.note) for one in numbers]
    assert len(set(identities)) == len(identities) >= len(row.conditions)
    for number in numbers:
        assert_grammatical(number.condition)
        assert math.isfinite(number.value)
        assert number.unit
        assert 1 <= number.n <= 300 + 1


def test_what_is_asked_of_mini_alone_finds_its_attack_its_source_and_its_sigma():
    under, from_each, certified = (EXPERIMENTS[f"mini_{key}"] for key in ("attacks", "transfer", "certified"))
    assert [one.words["attack"] for one in under.conditions] == [one.attack for one in under.task.attacks]
    assert {one.ball for one in under.task.attacks} == {"L∞ 8/255"}
    assert {one.words["source"] for one in from_each.conditions} <= {spec.key for spec in MINI_REGISTRY}
    assert [float(one.words["sigma"]) for one in certified.conditions] == [
        one.sigma for one in certified.task.smoothings
    ]
    assert all(one.steps == one.row.steps for one in under.task.attacks), "each as the table has it"


def test_passes_are_those_of_the_table_of_attacks():
    one_step, ten_steps = (AttackConfig.of("pgd", "linf", 8 / 255, steps) for steps in (1, 10))
    assert UnderAttack((one_step,)).passes == 3
    assert UnderAttack((one_step, ten_steps)).passes == (3 + 21) // 2
    assert SmallestChange((one_step, ten_steps)).passes == 3 + 21
    assert TransferAttack(ten_steps).passes == 22
    assert Certify((Smoothing(0.25, n=200, n0=10),)).passes == 210


def test_perturbations_are_those_that_are_computed_live():
    assert tuple(PERTURBATIONS) == PERTURBATION_NAMES


# How the published numbers of the paper are named. Two kinds are no measurement of an experiment: an accuracy that the
# publisher rounded, and the relative mCE, which needs the clean error beside it.
PUBLISHED = {
    "imagenet": "orhan2019_benchmarks",
    "imagenet_c": "orhan2019_benchmarks",
    "imagenet_p": "orhan2019_benchmarks",
    "imagenet_a": "orhan2019_benchmarks",
    "black_box": "orhan2019_pgd",
    "white_box_eps": "orhan2019_pgd",
    "white_box_steps": "orhan2019_pgd",
    "shape_bias": "shape_bias",
}


@pytest.mark.parametrize(("key", "table"), PUBLISHED.items())
def test_what_the_paper_published_has_the_names_that_a_run_gives(key, table):
    row, protocol = EXPERIMENTS[key], RunConfig(key, "resnext101_32x8d_wsl").protocol
    numbers = row.summary(made_up_predictions(row, 1_201 if key == "shape_bias" else 300))
    ours = {
        (row.benchmark + one.suffix, one.condition, one.metric, one.unit, "; ".join(filter(None, (protocol, one.note))))
        for one in numbers
    }
    theirs = {
        (one.benchmark, one.condition, one.metric, one.unit, one.protocol)
        for one in published(table)
        if one.benchmark == row.benchmark or one.benchmark == f"{row.benchmark} by the best class"
        if "rounded" not in one.protocol and one.metric != "relative_mce"
    }
    assert theirs
    assert theirs <= ours


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_every_row_runs_in_miniature(key, tiny, tree, tmp_path):
    model = "mini_resnext" if EXPERIMENTS[key].label_space == MINI else tiny.key
    config = RunConfig(key, model, None if model == "mini_resnext" else tree, limit=FEWER.get(key, 3), seed=1)
    events, status = events_and_result(run(config, store=tmp_path / "store"))
    assert status.done == status.total == status.computed == sum(isinstance(event, UnitDone) for event in events)
    assert status.results == status.run.results()
    assert all(math.isfinite(one.value) and 1 <= one.n <= 4 and one.kind == "cached" for one in status.results)
    assert {one.model for one in status.results} == {model}
    for one in status.results:
        assert_grammatical(one.condition)
        assert f"{config.limit} images drawn with seed 1" in one.protocol
        assert config.spec.weights.sha256[:12] in one.source


def test_an_unknown_experiment_is_named():
    with pytest.raises(UnknownName, match="imagenet_c"):
        get_experiment("imagenet-c")
