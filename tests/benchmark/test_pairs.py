import numpy as np
import pytest

from robust_core.benchmark import pairs
from robust_core.errors import DataUnavailable
from tests.benchmark.finished_runs import number, save_run

RIGHT, WRONG = np.array([1, 1, 1, 0, 0], bool), np.array([1, 0, 0, 1, 0], bool)


def run(store, model, correct=RIGHT, condition="", **options):
    return save_run(store, model, [number(model)], {condition: {"correct": correct}}, **options)


def test_runs_compare_on_the_same_images_only(tmp_path):
    first, second = run(tmp_path, "a"), run(tmp_path, "b")
    other_images, other_seed = run(tmp_path, "c", images_digest="others"), run(tmp_path, "d", seed=1)
    other_experiment = run(tmp_path, "e", experiment="mini_hard")
    everybody = [first, second, other_images, other_seed, other_experiment]
    assert pairs.comparable("a", "b", everybody) == [(first, second)]
    assert [pairs.comparable("a", name, everybody) for name in "cde"] == [[], [], []]


def test_a_run_without_a_digest_compares_with_none(tmp_path):
    first, second = (run(tmp_path, name, images_digest="") for name in "ab")
    assert pairs.comparable("a", "b", [first, second]) == []


def test_correct_predictions_by_condition_and_by_step(tmp_path):
    plain = run(tmp_path, "a", condition="corruption=fog severity=3")
    assert [(name, list(right)) for name, right in pairs.correct_by_part(plain).items()] == [
        ("corruption=fog severity=3", list(RIGHT))
    ]
    attacked = run(tmp_path, "b", np.stack([RIGHT, WRONG], axis=1), "eps=0.1")
    by_step = pairs.correct_by_part(attacked)
    assert list(by_step) == ["eps=0.1 steps=0", "eps=0.1 steps=1"]
    assert list(by_step["eps=0.1 steps=1"]) == list(WRONG)


def test_what_knows_no_correct_class_has_none(tmp_path):
    assert pairs.correct_by_part(save_run(tmp_path, "a", [number("a")], {"": {"shape": np.arange(3)}})) == {}


def test_predictions_that_are_gone_are_said(tmp_path):
    gone = run(tmp_path, "a")
    for unit in (gone.folder / "units").glob("*.npz"):
        unit.unlink()
    with pytest.raises(DataUnavailable, match="run it again"):
        pairs.correct_by_part(gone)
