"""Relative CE, whose clean error comes from another run; predictions are made up, plans and stores are real."""

from dataclasses import replace

import numpy as np
import pytest

from robust_core.benchmark import metrics, run_configs
from robust_core.benchmark.plans import make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import results_of
from robust_core.benchmark.stored_runs import run_of
from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN
from robust_core.resampling import OVER_EXEMPLARS, OVER_IMAGES
from tests.benchmark.trees import drawings, write_by_wnid, write_imagenet_c

SEVERITIES = (1, 2, 3, 4, 5)
CLEAN = np.array([1, 1, 0, 1, 1, 0], bool)
RELATIVE = {"relative_ce", "relative_mce"}
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def corrupted_tree(tmp_path_factory):
    """Six images as files of the validation set and under one corruption, by the same file names."""
    root = tmp_path_factory.mktemp("corrupted")
    images = [replace(one, name=one.name.replace(".png", ".JPEG")) for one in drawings(6)]
    write_by_wnid(root / "val", images)
    write_imagenet_c(root / "imagenet-c", images, ["contrast"], SEVERITIES)
    return root


@pytest.fixture
def config(tiny, corrupted_tree):
    return RunConfig("imagenet_c", tiny.key, corrupted_tree)


def save_clean_run(config, store, correct=CLEAN, images_digest=None):
    """A finished run on the validation set that predicts `correct`, in the order of its plan."""
    plan = make_plan(replace(config, experiment_key="imagenet"))
    (unit,) = plan.units
    run = run_of(plan.config.identity, store)
    run.begin(plan.config.identity)
    run.write_unit(unit.name, {"correct": correct, "in_top5": correct})
    run.finish(plan.config.identity, [unit.name], images_digest or plan.digest, [])


def measured(config, store):
    """The numbers of made-up predictions under the corruption, by metric, and what is right (N,) at each severity."""
    plan = make_plan(config)
    right = {unit.name: RNG.random(len(unit.places)) < 0.4 for unit in plan.units}
    predictions = {name: {"correct": one} for name, one in right.items()}
    results = results_of(plan, run_of(config.identity, store), predictions)
    return {row.metric: row for row in results if "severity" not in row.condition}, list(right.values())


def test_relative_ce_is_of_the_clean_run_of_the_same_weights(config, tmp_path):
    save_clean_run(config, tmp_path)
    found, right = measured(config, tmp_path)
    error, clean_error = 100 * (1 - np.mean(right)), 100 * (1 - CLEAN.mean())
    alexnet, clean_alexnet = metrics.alexnet("ImageNet-C", "mean_error")["contrast"], 43.482
    relative = found["relative_ce"]
    assert relative.value == pytest.approx(100 * (error - clean_error) / (alexnet - clean_alexnet), rel=1e-4)
    assert (relative.n, relative.unit, relative.interval_method) == (6, "% of AlexNet", OVER_IMAGES)
    assert relative.low < relative.value < relative.high
    assert "clean error" in relative.protocol
    assert "clean error" not in found["ce"].protocol


def test_the_clean_error_is_that_of_the_corrupted_images_alone(config, tmp_path):
    """Three of the six, drawn by the seed, are corrupted; the clean run has all."""
    save_clean_run(config, tmp_path)
    some = replace(config, limit=3)
    found, right = measured(some, tmp_path)
    places = make_plan(some).units[0].places
    clean_error = 100 * (1 - CLEAN[list(places)].mean())
    alexnet, clean_alexnet = metrics.alexnet("ImageNet-C", "mean_error")["contrast"], 43.482
    error = 100 * (1 - np.mean(right))
    assert found["relative_ce"].value == pytest.approx(
        100 * (error - clean_error) / (alexnet - clean_alexnet), rel=1e-4
    )


def test_without_that_run_there_is_a_ce_and_no_relative_one(config, tmp_path, monkeypatch):
    assert not RELATIVE & set(measured(config, tmp_path)[0])
    save_clean_run(config, tmp_path, images_digest="of other images")
    assert not RELATIVE & set(measured(config, tmp_path)[0])
    save_clean_run(config, tmp_path)
    assert RELATIVE & set(measured(config, tmp_path)[0])
    other = replace(config.spec, weights=replace(config.spec.weights, sha256="0" * 64))
    monkeypatch.setattr(run_configs, "get_spec", lambda key: other)
    found, _ = measured(config, tmp_path)
    assert not RELATIVE & set(found)
    assert found["ce"].interval_method == OVER_IMAGES


def test_an_unfinished_clean_run_is_none(config, tmp_path):
    run = run_of(replace(config, experiment_key="imagenet").identity, tmp_path)
    run.begin(replace(config, experiment_key="imagenet").identity)
    assert not RELATIVE & set(measured(config, tmp_path)[0])


def test_own_shape_bias_has_the_cluster_bootstraps_interval(tiny, tree, tmp_path):
    config = RunConfig("shape_bias", tiny.key, tree)
    plan = make_plan(config)
    (unit,) = plan.units
    names = plan.ids(unit.condition)
    shape, texture = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 2, 4, 5])
    shape = np.where([name == KEPT_BY_ORHAN for name in names], texture, shape)
    predictions = {
        unit.name: {"shape": shape, "texture": texture, "restricted_argmax": shape, "mean_probability": texture}
    }
    rows = list(results_of(plan, run_of(config.identity, tmp_path), predictions))
    assert {row.metric for row in rows} == {"shape_bias", "coverage"}
    assert {row.interval_method for row in rows} == {OVER_EXEMPLARS}
    assert all(row.low <= row.value <= row.high or row.value > 100 for row in rows)
