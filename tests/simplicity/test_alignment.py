"""Cosines and edges that are known."""

import numpy as np
import pytest

from robust_core.simplicity.alignment import cosine, edge_strength, sensitivity

GRADIENTS = np.random.default_rng(0).standard_normal((3, 6, 7, 3))


def test_a_gradient_is_aligned_with_itself_and_opposed_to_its_negative():
    np.testing.assert_allclose(cosine(GRADIENTS, GRADIENTS), 1)
    np.testing.assert_allclose(cosine(GRADIENTS, 5 * GRADIENTS), 1)
    np.testing.assert_allclose(cosine(GRADIENTS, -0.1 * GRADIENTS), -1)


def test_gradients_that_share_no_place_have_a_cosine_of_0_and_half_the_length_one_of_root_half():
    first = np.zeros((2, 2, 2, 3))
    second = first.copy()
    first[:, 0, 0, 0] = 2
    second[0, 1, 1, 1] = 3
    second[1, 0, 0, 0] = second[1, 0, 1, 0] = 1
    assert cosine(first, second) == pytest.approx([0, 0.5**0.5])


def test_a_gradient_of_nothing_has_no_direction():
    assert np.isnan(cosine(np.zeros((1, 2, 2, 3)), np.ones((1, 2, 2, 3)))).all()


def test_sensitivity_sums_sizes_over_the_colours():
    assert sensitivity(np.array([[[[1.0, -2.0, 0.5]]]])).tolist() == [[[3.5]]]


def test_a_step_has_edges_on_both_sides_and_nowhere_else():
    """Sobel's filter gives 4 for a step from black to white, as Chen et al. count it."""
    image = np.zeros((1, 6, 8, 3), np.float32)
    image[:, :, 4:] = 1
    edges = edge_strength(image)[0]
    np.testing.assert_allclose(edges[:, 3:5], 4)
    np.testing.assert_allclose(np.delete(edges, (3, 4), axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(edge_strength(image.transpose(0, 2, 1, 3))[0], edges.T)


def test_the_edges_of_an_image_do_not_depend_on_its_neighbours():
    images = np.random.default_rng(1).random((4, 6, 7, 3)).astype(np.float32)
    np.testing.assert_allclose(edge_strength(images)[2:3], edge_strength(images[2:3]))
