"""Total Sobol indices of functions whose indices are known."""

import numpy as np
import pytest

from robust_core.craft.importance import masks, total_indices

DRAWS = 1024


def test_a_sum_gives_each_part_its_share_of_the_variance():
    """Var(c·m) is c²/12: the shares are c² / Σc², whatever the signs."""
    weights = np.array([3.0, -2.0, 1.0, 0.0])
    scores = masks(4, 0, DRAWS) @ weights
    assert total_indices(scores[None], 4)[0] == pytest.approx(weights**2 / (weights**2).sum(), abs=0.005)


def test_ishigamis_function():
    """Ishigami and Homma 1990, with a = 7 and b = 0.1: the interaction of the first and the third counts for both."""
    x = np.pi * (2 * masks(3, 0, DRAWS) - 1)
    scores = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    assert total_indices(scores[None], 3)[0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_images_are_apart_and_one_that_never_changes_has_none():
    drawn = masks(2, 1)
    scores = np.stack([drawn[:, 0], 5 * drawn[:, 1], np.full(len(drawn), 2.0)])
    assert total_indices(scores, 2) == pytest.approx(np.array([[1, 0], [0, 1], [0, 0]]), abs=0.05)


def test_masks_are_of_the_seed_and_within_their_range():
    once, again, other = masks(3, 5), masks(3, 5), masks(3, 6)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert 0 <= once.min() < once.max() <= 1


def test_the_mean_over_images_of_few_draws_is_near_the_truth():
    """As the study has it: each image has its own draws, so that their errors cancel."""
    weights = np.array([3.0, 2.0, 1.5, 1.0, 0.5, 0.1])
    each = [total_indices((masks(6, seed) @ weights)[None], 6)[0] for seed in range(40)]
    assert np.mean(each, axis=0) == pytest.approx(weights**2 / (weights**2).sum(), abs=0.02)
