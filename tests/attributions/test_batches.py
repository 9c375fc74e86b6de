from robust_core.attributions.batches import gradients
from tests import tiny
from tests.attributions.networks import curved


def test_gradients_leave_the_callers_tensor_alone():
    pixels = tiny.images(2)
    found = gradients(curved(), pixels, 1)
    assert found.shape == pixels.shape
    assert not found.requires_grad
    assert not pixels.requires_grad
