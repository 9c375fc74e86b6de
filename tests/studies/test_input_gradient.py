import numpy as np
import pytest

from robust_core.errors import NotFinite
from robust_core.events import result_of
from robust_core.studies import input_gradient
from robust_core.studies.feature_visualization import noise
from robust_core.studies.input_gradient import (
    InputGradient,
    InputGradientRequest,
    cosine_between,
    cosine_with_edges,
)
from tests import tiny
from tests.studies.test_feature_visualization import BLACK, SIDE, Rooted, two_classes


def test_a_linear_networks_input_gradient_is_its_weight_row(model_of):
    model, weights, _ = two_classes()
    found = result_of(input_gradient.run(InputGradientRequest((model_of(model),), noise(SIDE, 5))))
    row = weights[found.prediction.label].view(3, SIDE, SIDE).permute(1, 2, 0)
    np.testing.assert_allclose(found.gradient, row, rtol=1e-6)
    np.testing.assert_array_equal(found.rgb, noise(SIDE, 5).rgb)


def test_an_input_gradient_that_is_not_finite_is_none(model_of):
    with pytest.raises(NotFinite, match="NaN or infinite gradients"):
        result_of(input_gradient.run(InputGradientRequest((model_of(tiny.as_model(Rooted())),), BLACK)))


def gradient_of(values, rgb=None):
    """An image of 4 x 4 px with one edge, and a gradient."""
    rgb = np.zeros((4, 4, 3), np.uint8) if rgb is None else rgb
    return InputGradient(None, "cpu", rgb, np.asarray(values, np.float32), None)


def test_a_gradient_on_the_edge_alone_follows_it_whatever_its_sign():
    half = np.zeros((4, 4, 3), np.uint8)
    half[:, 2:] = 255
    on_edge = np.zeros((4, 4, 3))
    on_edge[:, 1:3] = [-1, 0.5, 3]
    assert cosine_with_edges(gradient_of(on_edge, half)) == pytest.approx(1)
    beside = np.zeros((4, 4, 3))
    beside[:, 0] = 1
    assert cosine_with_edges(gradient_of(beside, half)) == 0
    assert np.isnan(cosine_with_edges(gradient_of(on_edge))), "an image without edges"


def test_two_gradients_are_compared_where_they_are_of_one_size():
    values = np.random.default_rng(0).standard_normal((4, 4, 3))
    assert cosine_between(gradient_of(values), gradient_of(3 * values)) == pytest.approx(1)
    assert cosine_between(gradient_of(values), gradient_of(-values)) == pytest.approx(-1)
    assert cosine_between(gradient_of(values), gradient_of(values[:3])) is None
