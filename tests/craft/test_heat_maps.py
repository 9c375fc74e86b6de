"""Where a concept is, and what lies on the object."""

import numpy as np
import pytest

from robust_core.craft.heat_maps import enlarged, on_object


def test_heat_is_enlarged_without_a_new_extreme():
    coarse = np.array([[[0.0, 1.0], [0.0, 1.0]], [[3.0, 3.0], [3.0, 3.0]]])
    heat = enlarged(coarse, 8, 6)
    assert heat.shape == (2, 8, 6)
    assert heat[0, :, 0] == pytest.approx(np.zeros(8))
    assert heat[0, :, -1] == pytest.approx(np.ones(8))
    assert heat[1] == pytest.approx(np.full((8, 6), 3.0))


def test_the_share_on_the_object_is_that_of_its_mask():
    mask = np.zeros((4, 4))
    mask[:, :2] = 1
    everywhere, left, nowhere = np.ones((4, 4)), mask.copy(), np.zeros((4, 4))
    assert on_object(np.stack([everywhere, left, nowhere]), mask) == pytest.approx([0.5, 1.0, np.nan], nan_ok=True)


def test_half_a_mask_is_half_an_object():
    assert on_object(np.ones((1, 2, 2)), np.full((2, 2), 0.5)) == pytest.approx([0.5])
