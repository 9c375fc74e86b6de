import io

import numpy as np
import pytest

from robust_core.models.catalogue import get_spec
from robust_core.ui.features.gradient_images import gradient_image
from robust_core.ui.features.input_gradients import comparison, npy

GRADIENT = np.random.default_rng(0).standard_normal((16, 12, 3)).astype(np.float32)


def test_grey_is_nothing_and_the_sign_is_brightness():
    image, limit = gradient_image(np.stack([np.zeros((4, 4)), np.full((4, 4), 2.0), np.full((4, 4), -2.0)], axis=2))
    assert limit == 2
    assert [set(np.unique(image[..., colour])) for colour in range(3)] == [{128}, {255}, {0}]


def test_one_value_in_a_hundred_is_clipped():
    image, limit = gradient_image(GRADIENT)
    assert np.mean(np.abs(GRADIENT) > limit) == pytest.approx(0.01, abs=0.002)
    clipped = np.abs(GRADIENT) >= limit
    assert set(np.unique(image[clipped])) == {0, 255}
    np.testing.assert_allclose(image[~clipped] / 127.5 - 1, GRADIENT[~clipped] / limit, atol=0.5 / 127.5 + 1e-6)


def test_the_scale_of_a_gradient_does_not_change_its_image():
    np.testing.assert_array_equal(gradient_image(GRADIENT)[0], gradient_image(4 * GRADIENT)[0])


def test_a_gradient_of_zero_is_grey_all_over():
    assert (gradient_image(np.zeros((4, 4, 3), np.float32))[0] == 128).all()


def test_the_file_holds_the_gradient_unscaled():
    np.testing.assert_array_equal(np.load(io.BytesIO(npy(GRADIENT))), GRADIENT)


def test_standard_and_adversarially_trained_networks_are_told_apart():
    standard, robust = get_spec("mini_resnext"), get_spec("mini_resnext_at8")
    assert comparison([standard]).startswith("None of these networks is known to be adversarially trained")
    assert comparison([robust]).startswith("All of these networks")
    assert comparison([standard, robust]).startswith("Compare Mini ResNeXt, adversarially trained with the others")
