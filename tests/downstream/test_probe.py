"""Probes on features whose answer is known: separable, meaningless, moved and scaled."""

import numpy as np
import pytest

from robust_core.downstream.probe import UNCHOSEN, cross_validated, fit, learning_curve
from robust_core.events import result_of

CLASSES, EACH = 4, 12
LABELS = np.tile(np.arange(CLASSES), EACH)


def separable(seed=0, units=6):
    """Each class around a corner of its own, far from the others."""
    rng = np.random.default_rng(seed)
    return (8 * np.eye(CLASSES, units)[LABELS] + rng.normal(size=(len(LABELS), units))).astype(np.float32)


def run(features, labels=LABELS, folds=4, repeats=2, seed=0):
    return result_of(cross_validated(features, labels, folds, repeats, seed))


def test_separable_features_are_told_apart_without_a_mistake():
    found = run(separable())
    assert found.scores(LABELS) == [1.0] * 8
    assert np.array_equal(found.predictions, np.tile(LABELS, (2, 1)))


def test_shuffled_labels_are_at_chance():
    shuffled = np.random.default_rng(3).permutation(LABELS)
    scores = np.mean([np.mean(run(separable(seed), shuffled, repeats=1).scores(shuffled)) for seed in range(6)])
    assert scores == pytest.approx(1 / CLASSES, abs=0.12)


def test_every_image_is_left_out_once_in_each_repeat_and_folds_do_not_depend_on_features():
    first, second = run(separable(0)), run(np.random.default_rng(5).normal(size=(len(LABELS), 3)))
    assert np.array_equal(first.fold_of, second.fold_of)
    assert not np.array_equal(first.fold_of[0], first.fold_of[1])
    for folds in first.fold_of:
        for fold in range(4):
            assert np.bincount(LABELS[folds == fold], minlength=CLASSES).tolist() == [EACH // 4] * CLASSES


def test_nothing_of_the_test_fold_is_seen_not_even_its_mean():
    """An image that lies absurdly far away changes no prediction of the other images of its fold."""
    features = separable() + 3 * np.random.default_rng(1).normal(size=(len(LABELS), 6))
    before = run(features, repeats=1)
    moved = features.copy()
    moved[0] += 1e6
    after = run(moved, repeats=1)
    beside = (before.fold_of[0] == before.fold_of[0, 0]) & (np.arange(len(LABELS)) != 0)
    assert np.array_equal(before.predictions[0, beside], after.predictions[0, beside])


def test_scale_and_place_of_features_do_not_matter():
    features = separable() + 2 * np.random.default_rng(1).normal(size=(len(LABELS), 6))
    scaled = features * np.array([1e-3, 1, 10, 100, 1e3, 7]) + 50
    assert np.mean(run(features).predictions == run(scaled).predictions) > 0.97


def test_one_image_of_each_class_is_enough_where_classes_lie_apart_and_leaves_c_unchosen():
    _, strength = fit(separable()[:CLASSES], LABELS[:CLASSES], seed=0)
    assert strength == UNCHOSEN
    curve = result_of(learning_curve(separable(), LABELS, (1, 5), draws=4, seed=0))
    assert [len(scores) for scores in curve] == [4, 4]
    assert np.mean(curve[0]) > 0.7 > 1 / CLASSES
    assert min(curve[1]) > 0.95


def test_draws_are_the_same_for_every_model_and_other_for_another_seed():
    def scores(seed):
        return result_of(learning_curve(separable(), LABELS, (1,), 3, seed))

    assert scores(1) == scores(1)
    assert scores(1) != scores(2)
