"""Units whose classes are planted."""

import numpy as np
import pytest
import torch

from robust_core.simplicity.units import classes_answered, mean_over_units, resampled_classes, silent_fraction

LABELS = np.repeat(np.arange(4), 3)  # 12 images of 4 classes


def planted(*means):
    """Units (12,U) with these means for each class."""
    return np.array(means, np.float32).T[LABELS]


def test_silence_is_counted_at_zero_and_below():
    maps = torch.tensor([[[0.0, 1.0], [2.0, -1.0]], [[3.0, 4.0], [5.0, 6.0]]])[None]
    assert silent_fraction(maps).tolist() == [2 / 8]


def test_a_unit_answers_to_the_classes_at_half_its_maximum():
    units = planted((1, 0, 0, 0), (1, 1, 1, 1), (4, 2, 1.99, 0), (0, 0, 0, 0), (-1, -2, -3, -4), (1, -9, 0, 0.6))
    assert classes_answered(units, LABELS)[[0, 1, 2, 5]].tolist() == [1, 4, 2, 2]
    assert np.isnan(classes_answered(units, LABELS)[[3, 4]]).all(), "no class excites them"
    assert mean_over_units(classes_answered(units, LABELS)) == pytest.approx((1 + 4 + 2 + 2) / 4)


def test_the_strength_of_a_unit_does_not_matter():
    units = np.random.default_rng(0).random((12, 50)).astype(np.float32)
    np.testing.assert_array_equal(classes_answered(units, LABELS), classes_answered(1000 * units, LABELS))


def test_images_of_a_class_that_are_alike_leave_nothing_to_resample():
    drawn = resampled_classes(planted((1, 0, 0, 0), (1, 1, 1, 1)), LABELS, 120, 0)
    assert drawn.tolist() == [2.5] * 120


def test_resamples_are_seeded_and_draw_within_classes():
    units = np.random.default_rng(1).random((12, 30)).astype(np.float32)
    first, again, other = (resampled_classes(units, LABELS, 120, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert ((first >= 1) & (first <= 4)).all()
    one_each = resampled_classes(units[::3], LABELS[::3], 60, 0)
    assert np.ptp(one_each) == 0, "one image of a class cannot be drawn anew"


def test_the_mean_of_silent_units_is_not_known():
    assert np.isnan(mean_over_units(np.array([np.nan, np.nan])))
