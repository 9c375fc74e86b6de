import torch

import robust_core as rc
from robust_core.input_filters.filters import filtered
from robust_core.input_filters.wrapping import looking_through
from robust_core.models.loading import load


def test_the_model_sees_the_filtered_image_and_is_left_alone():
    model, pixels = load("mini_resnext", "cpu"), torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    before = model.logits(pixels)
    through = looking_through(model, "blur", 2.0)
    assert torch.equal(through.logits(pixels), model.logits(filtered(pixels, "blur", 2.0)))
    assert not torch.allclose(through.logits(pixels), before)
    assert torch.equal(model.logits(pixels), before)
    assert through.network.body is model.serving.body, "weights are shared"


def test_without_a_filter_it_is_the_very_same_model_and_at_strength_0_the_same_bits():
    model, pixels = load("mini_resnext", "cpu"), torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert looking_through(model, "blur", None) is model
    assert torch.equal(looking_through(model, "blur", 0.0).logits(pixels), model.logits(pixels))


def test_an_attack_goes_through_the_glasses():
    """The gradient is that of filter and network together: what a blur removes has none."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 4))
    model = rc.wrap(net, name="linear", preprocess=rc.Preprocess(None, 32, "bilinear", (0.0,) * 3, (1.0,) * 3))
    pixels = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    weights = net[1].weight[0].detach().view(1, 3, 32, 32)
    (gradient,) = torch.autograd.grad(looking_through(model, "blur", 1.0).logits(pixels)[0, 0], pixels)
    (expected,) = torch.autograd.grad((weights * filtered(pixels, "blur", 1.0)).sum(), pixels)
    torch.testing.assert_close(gradient, expected, atol=1e-6, rtol=1e-4)
    assert not torch.allclose(gradient, weights)
