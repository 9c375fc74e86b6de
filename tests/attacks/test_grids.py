"""Models of other input sizes on one grid: nothing where sizes agree, else gradients that reach the grid."""

import pytest
import torch

from robust_core.attacks.counting import counted
from robust_core.attacks.grids import resized, resizing
from robust_core.attacks.passes import Passes
from robust_core.events import result_of
from tests.tiny import convolutional, images


def test_the_same_size_is_the_very_same_tensor():
    pixels = images(2)
    assert resized(pixels, 8, 8) is pixels


@pytest.mark.parametrize("side_px", [5, 8, 13])
def test_even_images_stay_even_and_means_stay_what_they_are(side_px):
    even = torch.full((2, 3, 8, 8), 0.3)
    torch.testing.assert_close(resized(even, side_px, side_px), torch.full((2, 3, side_px, side_px), 0.3))
    pixels = images(2, side_px=16)
    torch.testing.assert_close(resized(pixels, 8, 8).mean((2, 3)), pixels.mean((2, 3)), atol=0.03, rtol=0)


def test_downsampling_averages_as_antialiasing_does():
    stripes = torch.zeros(1, 3, 16, 16)
    stripes[..., ::2] = 1
    inner = resized(stripes, 4, 4)[..., 1:-1]
    torch.testing.assert_close(inner, torch.full_like(inner, 0.5), atol=0.02, rtol=0)


def test_a_resizing_model_predicts_the_resized_image_and_passes_its_gradient_to_the_grid():
    model, pixels = convolutional().unfolded(), images(3, side_px=12)
    twin, count = counted(resizing(model, 8, 8))
    assert torch.equal(twin.network(pixels), model.network(resized(pixels, 8, 8)))
    work = Passes(twin, 8, 8).forward_backward(pixels, lambda logits, rows: logits[:, 0])
    _, gradient = result_of(work)
    leaf = pixels.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model.network(resized(leaf, 8, 8))[:, 0].sum(), leaf)
    torch.testing.assert_close(gradient, expected)
    assert gradient.abs().sum() > 0
    assert (count.forward, count.backward) == (6, 3)


def test_on_its_own_grid_a_model_predicts_bit_for_bit_what_it_does_alone():
    model, pixels = convolutional(), images(4)
    assert torch.equal(resizing(model, 8, 8).logits(pixels), model.logits(pixels))
