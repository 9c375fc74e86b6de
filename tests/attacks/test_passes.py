import torch
from torch.nn import functional

from robust_core.attacks.passes import Passes
from robust_core.events import Progress
from tests.outcomes import events_and_result
from tests.tiny import SIDE_PX, convolutional, images


def _passes(model, batch_size):
    passes = Passes(model, SIDE_PX, SIDE_PX)
    passes.batches.size = batch_size
    return passes


def _loss(logits, rows):
    return functional.cross_entropy(logits, torch.arange(7)[rows] % 5, reduction="none")


def test_batches_change_nothing_and_tell_how_far_they_are():
    model, pixels = convolutional(), images(7)
    _, (logits, gradient) = events_and_result(_passes(model, 7).forward_backward(pixels, _loss))
    events, (parts, part_gradients) = events_and_result(_passes(model, 3).forward_backward(pixels, _loss))
    assert events == [Progress(3, 7, "images"), Progress(5, 7, "images")]
    assert torch.allclose(parts, logits, atol=1e-5)
    assert torch.allclose(part_gradients, gradient, atol=1e-5)
    assert torch.allclose(events_and_result(_passes(model, 2).forward(pixels))[1], logits, atol=1e-5)


def test_the_gradient_is_that_of_each_image_s_own_loss():
    model, pixels = convolutional(), images(7)
    _, (_, gradient) = events_and_result(_passes(model, 7).forward_backward(pixels, _loss))
    leaf = pixels[2:3].clone().requires_grad_()
    loss = -model.network(leaf).log_softmax(1)[0, 2]
    assert torch.allclose(gradient[2:3], torch.autograd.grad(loss, leaf)[0], atol=1e-5)
