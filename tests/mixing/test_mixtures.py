"""Mixtures of networks: each part alone is itself bit for bit, and what is between has a formula."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.mixing.mixtures import mixed
from robust_core.mixing.table import MIX_KINDS
from robust_core.mixing.weights import has_batch_norm, recompute_batch_norm
from tests.tiny import VALUES, as_model, convolutional, images, linear

PX = ((8, 8), (8, 8))
PIXELS = images(6)


def pair():
    first, second = convolutional(seed=0), convolutional(seed=1)
    for number, model in enumerate((first, second)):  # as if it had been trained
        layer = model.network.body[1]
        layer.running_mean.uniform_(-1, 1, generator=torch.Generator().manual_seed(number))
        layer.running_var.uniform_(0.5, 2, generator=torch.Generator().manual_seed(number))
    return first, second


def mix(kind, models, alphas, inputs_px=PX):
    return mixed(MIX_KINDS[kind], models, alphas, inputs_px)


@pytest.mark.parametrize("kind", MIX_KINDS)
def test_a_model_of_alpha_1_is_itself_bit_for_bit_and_the_other_is_not_asked(kind):
    models = pair()
    for place, alphas in enumerate(((1.0, 0.0), (0.0, 1.0))):
        asked = []
        other = models[1 - place]
        hook = other.network.body.register_forward_hook(lambda *_, asked=asked: asked.append(1))
        assert torch.equal(mix(kind, models, alphas).logits(PIXELS), models[place].unfolded().logits(PIXELS))
        hook.remove()
        assert not asked


@pytest.mark.parametrize("kind", MIX_KINDS)
def test_a_model_mixed_with_itself_predicts_as_it_does(kind):
    model = pair()[0]
    twin = copy.copy(model)
    logits = mix(kind, (model, twin), (0.3, 0.7)).logits(PIXELS)
    torch.testing.assert_close(logits.softmax(1), model.logits(PIXELS).softmax(1))


@pytest.mark.parametrize("kind", MIX_KINDS)
def test_the_order_of_the_models_makes_no_difference(kind):
    first, second = pair()
    one, other = mix(kind, (first, second), (0.2, 0.8)), mix(kind, (second, first), (0.8, 0.2))
    torch.testing.assert_close(one.logits(PIXELS), other.logits(PIXELS))


def test_probabilities_are_the_mean_of_probabilities():
    models = pair()
    expected = 0.2 * models[0].logits(PIXELS).softmax(1) + 0.8 * models[1].logits(PIXELS).softmax(1)
    torch.testing.assert_close(mix("probabilities", models, (0.2, 0.8)).logits(PIXELS).exp(), expected)


def test_logits_are_the_mean_of_logits():
    models = pair()
    expected = 0.2 * models[0].logits(PIXELS) + 0.8 * models[1].logits(PIXELS)
    torch.testing.assert_close(mix("logits", models, (0.2, 0.8)).logits(PIXELS), expected)


def test_three_models_in_which_one_has_no_part_are_the_mixture_of_the_two():
    first, second = pair()
    third = convolutional(seed=2)
    three = mix("probabilities", (first, third, second), (0.25, 0.0, 0.75), (*PX, (8, 8)))
    assert torch.equal(three.logits(PIXELS), mix("probabilities", (first, second), (0.25, 0.75)).logits(PIXELS))


def test_averaged_weights_of_a_linear_network_average_its_logits():
    """Logits are linear in the weights of one layer, and in nothing deeper."""
    draws = torch.Generator().manual_seed(0)
    models = [linear(torch.randn(4, VALUES, generator=draws), torch.randn(4, generator=draws)) for _ in range(2)]
    weights, logits = (mix(kind, models, (0.3, 0.7)).logits(PIXELS) for kind in ("weights", "logits"))
    torch.testing.assert_close(weights, logits)


def test_the_gradient_goes_through_every_part_and_no_part_keeps_any():
    """That of the mean probability, in closed form by the parts' own gradients."""
    models, labels = pair(), torch.arange(6) % 5
    pixels = PIXELS.clone().requires_grad_()
    model = mix("probabilities", models, (0.4, 0.6))
    loss = nn.functional.cross_entropy(model.logits(pixels), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, pixels)
    rows = torch.arange(6)
    right = [alpha * one.logits(pixels).softmax(1)[rows, labels] for alpha, one in zip((0.4, 0.6), models, strict=True)]
    (expected,) = torch.autograd.grad(-sum(right).log().sum(), pixels)
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-5)
    assert all(one.grad is None and not one.requires_grad for part in models for one in part.network.parameters())


def test_probabilities_that_float32_cannot_hold_are_mixed_all_the_same():
    """One model is sure of class 0 by 1,000: the other class's probability comes from the second model alone."""
    sure = linear(torch.zeros(2, VALUES), torch.tensor([1000.0, 0.0]))
    even = linear(torch.zeros(2, VALUES))
    pixels = images(1).requires_grad_()
    logits = mix("probabilities", (sure, even), (0.9, 0.1)).logits(pixels)
    torch.testing.assert_close(logits.exp(), torch.tensor([[0.95, 0.05]]))
    (gradient,) = torch.autograd.grad(logits.sum(), pixels)
    assert gradient.isfinite().all()


def test_models_of_other_input_sizes_resize_the_grid_inside_themselves():
    small, large = convolutional(seed=0), linear(torch.randn(5, 3 * 12 * 12))
    large.spec = replace(large.spec, preprocess=replace(large.spec.preprocess, crop=12))
    grid = nn.functional.interpolate(PIXELS, (12, 12), mode="bilinear", align_corners=False, antialias=True)
    expected = 0.5 * small.logits(PIXELS) + 0.5 * large.logits(grid)
    torch.testing.assert_close(mix("logits", (small, large), (0.5, 0.5), ((8, 8), (12, 12))).logits(PIXELS), expected)


def test_the_parts_stay_as_they_are():
    models = pair()
    before = [copy.deepcopy(model.network.state_dict()) for model in models]
    model = mix("weights", models, (0.5, 0.5))
    result_of(recompute_batch_norm(model, PIXELS))
    for one, state in zip(models, before, strict=True):
        assert all(torch.equal(one.network.state_dict()[name], tensor) for name, tensor in state.items())


def test_batch_norm_statistics_are_those_of_the_images_batch_by_batch():
    """Of the first layer they are known: the mean of the convolution's output, and nearly its variance."""
    model = mix("weights", pair(), (0.5, 0.5))
    pixels = images(128)  # two batches
    assert has_batch_norm(model)
    result_of(recompute_batch_norm(model, pixels))
    convolution, norm = model.network.body[:2]
    out = convolution(pixels).transpose(0, 1).flatten(1)
    torch.testing.assert_close(norm.running_mean, out.mean(1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, out.var(1), rtol=1e-2, atol=1e-4)
    assert not norm.training
    assert norm.momentum == 0.1
    assert not any(module.training for module in model.network.body.modules())


def test_a_network_without_batch_norm_is_left_alone():
    model = linear(torch.randn(4, VALUES))
    before = copy.deepcopy(model.network.state_dict())
    result_of(recompute_batch_norm(model, PIXELS))
    assert not has_batch_norm(model)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.network.state_dict().items())


def test_networks_of_other_shapes_or_names_are_refused_by_name():
    narrow, wide = (as_model(nn.Sequential(nn.Flatten(), nn.Linear(VALUES, k)), "same") for k in (3, 4))
    with pytest.raises(BadInput, match=r"differ in 1\.weight"):
        mix("weights", (narrow, wide), (0.5, 0.5))


def test_alphas_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="sum to 1"):
        mix("logits", pair(), (0.5, 0.6))
