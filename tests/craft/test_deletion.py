"""Which concepts are left, in which order, and the area below a curve."""

import numpy as np
import pytest

from robust_core.craft.deletion import RANDOM_ORDERS, area, deletions


def test_each_curve_takes_one_concept_after_the_other():
    plan = deletions(3, 0)
    assert plan.masks[plan.falling].tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert plan.masks[plan.rising].tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert plan.masks[plan.without].tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert plan.random.shape == (RANDOM_ORDERS, 4)
    assert (np.diff(plan.masks[plan.random].sum(2), axis=1) == -1).all()


def test_no_mask_is_tried_twice():
    plan = deletions(4, 0)
    assert len(np.unique(plan.masks, axis=0)) == len(plan.masks) <= 16


def test_random_orders_are_of_the_seed():
    orders = [deletions(6, seed).random for seed in (0, 0, 1)]
    masks = [deletions(6, seed).masks for seed in (0, 0, 1)]
    drawn = [mask[order].tolist() for mask, order in zip(masks, orders, strict=True)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(("curve", "expected"), [([1, 1, 1], 1), ([1, 0.5, 0], 0.5), ([1, 0, 0], 0.25)])
def test_the_area_is_that_of_trapezoids(curve, expected):
    assert area(np.array(curve, float)[:, None]).tolist() == [expected]
