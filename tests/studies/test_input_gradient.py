import numpy as np
import pytest

from robust_core.errors import NotFinite
from robust_core.events import result_of
from robust_core.studies import input_gradient
from robust_core.studies.feature_visualization import noise
from robust_core.studies.input_gradient import InputGradientRequest
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
