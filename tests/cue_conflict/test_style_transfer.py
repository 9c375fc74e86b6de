import math

import pytest
import torch
from torch import nn

from robust_core.cue_conflict.style_transfer import (
    DEFAULT,
    STYLE_LAYERS,
    StyleLayers,
    StyleSettings,
    Stylised,
    StylisedSoFar,
    can_style,
    gram_matrix,
    transfer,
)
from robust_core.errors import BadInput, DeviceOutOfMemory, NotFinite
from robust_core.events import Progress, result_of
from robust_core.mini.scene_config import CLEAN
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.world import single_image
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.loading import load
from robust_core.models.registry_mini import MINI_REGISTRY
from tests.outcomes import events_and_result
from tests.tiny import as_model, images

SHAPE, TEXTURE = images(1, seed=1, side_px=32) * 0.3, 1 - images(1, seed=2, side_px=40) * 0.3


def settings(strength=0.5, steps=25, seed=0) -> StyleSettings:
    return StyleSettings(strength, steps, seed)


def model(monkeypatch, body: nn.Module, content: str, *style: str):
    """`body` with a row of its own in the table."""
    monkeypatch.setitem(STYLE_LAYERS, "styling", StyleLayers("styling", "", content, style))
    return as_model(body, "styling")


@pytest.fixture
def identity(monkeypatch):
    """One linear layer, whose prediction is the image itself."""
    layer = nn.Conv2d(3, 3, 1)
    layer.weight.data, layer.bias.data = torch.eye(3)[:, :, None, None], torch.zeros(3)
    return model(monkeypatch, nn.Sequential(layer), "0", "0")


@pytest.fixture
def curved(monkeypatch):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = (
            nn.Conv2d(3, 8, 3),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
        )
    return model(monkeypatch, nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 14 * 14, 2)), "4", "1", "4")


# The table.


@pytest.mark.parametrize("row", STYLE_LAYERS.values(), ids=lambda row: row.architecture)
def test_the_layers_of_a_trunk_run_one_after_another(row):
    minis = {mini.architecture.name: mini.architecture for mini in MINI_REGISTRY}
    architecture = {**ARCHITECTURES, **minis}[row.architecture]
    seen = {}
    with torch.device("meta"):
        body = architecture.build().eval()
        for module in body.modules():
            if getattr(module, "inplace", False):
                module.inplace = False
        for name, child in body.get_submodule(row.trunk).named_children():
            child.register_forward_hook(lambda _, inputs, output, name=name: seen.update({name: (inputs[0], output)}))
        body(picture := torch.zeros(1, 3, 64, 64))
    names = list(seen)[: 1 + max(list(seen).index(name) for name in (row.content, *row.style))]
    assert seen[names[0]][0] is picture
    assert all(seen[after][0] is seen[before][1] for before, after in zip(names, names[1:], strict=False))
    assert all(seen[name][1].ndim == 4 for name in names)


def test_who_can_style():
    assert all(can_style(spec) for spec in MINI_REGISTRY)
    assert not can_style(as_model(nn.Identity(), "resnet50").spec)


# What is known in closed form.


def test_gram_matrix_of_a_known_tensor():
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    assert gram_matrix(features).tolist() == [[2.5, 5.5], [5.5, 12.5]]


def test_gram_matrix_knows_not_where():
    features = torch.rand(1, 5, 6, 7, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(42, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(
        gram_matrix(features.flatten(2)[..., order].view(1, 5, 7, 6)), gram_matrix(features), atol=1e-6
    )


def test_strength_zero_gives_the_shape_image_back_bit_for_bit(curved):
    events, stylised = events_and_result(transfer(curved, SHAPE, TEXTURE, settings(strength=0.0)))
    assert not events
    assert isinstance(stylised, Stylised)
    assert torch.equal(stylised.pixels, SHAPE)
    assert stylised.content_loss == 0 < stylised.style_loss


def test_content_comes_back_where_style_asks_for_nothing_else(identity):
    so_far = [
        event for event in transfer(identity, SHAPE, SHAPE, settings(steps=400)) if isinstance(event, StylisedSoFar)
    ]
    assert so_far[-1].content_loss < so_far[0].content_loss / 1000
    assert torch.allclose(so_far[-1].pixels, SHAPE, atol=0.01)


def test_style_alone_gives_the_colours_of_the_texture(identity):
    result = result_of(transfer(identity, SHAPE, TEXTURE, settings(strength=1.0, steps=300)))
    assert torch.allclose(gram_matrix(result.pixels), gram_matrix(TEXTURE), atol=0.01)
    assert result.style_loss < 1e-4


def test_the_losses_are_those_of_the_pixels(identity):
    result = result_of(transfer(identity, SHAPE, TEXTURE, settings()))
    content = (result.pixels - SHAPE).square().sum() / SHAPE.square().sum()
    wanted = gram_matrix(TEXTURE)
    style = (gram_matrix(result.pixels) - wanted).square().sum() / wanted.square().sum()
    assert result.content_loss == pytest.approx(content.item(), rel=1e-4)
    assert result.style_loss == pytest.approx(style.item(), rel=1e-4)


# What must hold for every network.


def test_more_strength_is_more_style_and_less_content(curved):
    results = [
        result_of(transfer(curved, SHAPE, TEXTURE, settings(strength, steps=100))) for strength in (0.0, 0.05, 0.5, 1.0)
    ]
    style, content = [result.style_loss for result in results], [result.content_loss for result in results]
    assert style == sorted(style, reverse=True)
    assert content == sorted(content)
    assert len(set(style)) == 4


def test_a_mini_model_dresses_a_boat_in_cat_fur():
    boat, cat = (
        single_image(CATEGORIES.index(name), CATEGORIES.index(name), CLEAN, seed=1).pixels for name in ("boat", "cat")
    )
    before, after = (
        result_of(transfer(load("mini_resnext", "cpu"), boat, cat, settings(strength, steps=40)))
        for strength in (0.0, 0.5)
    )
    assert after.style_loss < before.style_loss / 5


def test_events_come_every_step_and_images_now_and_then(curved):
    events, stylised = events_and_result(transfer(curved, SHAPE, TEXTURE, settings(steps=25)))
    assert [event.done for event in events if isinstance(event, Progress)] == list(range(1, 26))
    looks = [event for event in events if isinstance(event, StylisedSoFar)] + [stylised]
    assert [look.step for look in looks] == [10, 20, 25]
    assert isinstance(stylised, Stylised)
    for look in looks:
        assert look.pixels.shape == SHAPE.shape
        assert look.pixels.dtype == torch.float32
        assert look.pixels.min() >= 0
        assert look.pixels.max() <= 1
        assert not look.pixels.requires_grad


def test_the_seed_alone_decides_and_the_global_one_does_not_matter(curved):
    one, same, other = (result_of(transfer(curved, SHAPE, TEXTURE, settings(seed=seed))).pixels for seed in (0, 0, 1))
    state = torch.random.get_rng_state()
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    result_of(transfer(curved, SHAPE, TEXTURE, settings(steps=1)))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_what_the_caller_does_to_the_pixels_meanwhile_does_not_matter(curved):
    expected = result_of(transfer(curved, SHAPE, TEXTURE, settings())).pixels
    shape, texture = SHAPE.clone(), TEXTURE.clone()
    events = transfer(curved, shape, texture, settings())
    shape.zero_(), texture.zero_()
    assert torch.equal(result_of(events).pixels, expected)


@pytest.mark.parametrize("ending", ["finished", "cancelled", "failed"])
def test_nothing_is_left_behind(curved, ending):
    before = {name: tensor.clone() for name, tensor in curved.network.state_dict().items()}
    with torch.no_grad():
        events = transfer(curved, SHAPE, TEXTURE, settings())
        for _ in range(12):
            next(events)
            assert not torch.is_grad_enabled()
        if ending == "cancelled":
            events.close()
        elif ending == "failed":
            with pytest.raises(RuntimeError, match="somebody else's"):
                events.throw(RuntimeError("somebody else's"))
        else:
            result_of(events)
        assert not torch.is_grad_enabled()
    assert all(torch.equal(tensor, before[name]) for name, tensor in curved.network.state_dict().items())
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in curved.network.parameters())
    assert not any(
        module.training or module._forward_hooks or module._backward_hooks for module in curved.network.modules()
    )


def test_it_runs_no_further_than_to_the_last_layer_it_needs(monkeypatch):
    class Unwanted(nn.Module):
        def forward(self, _):
            raise AssertionError

    body = nn.Sequential(nn.Conv2d(3, 4, 3), Unwanted())
    assert isinstance(
        result_of(transfer(model(monkeypatch, body, "0", "0"), SHAPE, TEXTURE, settings(steps=1))), Stylised
    )


def test_out_of_memory_is_told(monkeypatch):
    class TooLarge(nn.Module):
        def forward(self, _):
            raise torch.OutOfMemoryError

    with pytest.raises(DeviceOutOfMemory, match="smaller model"):
        result_of(transfer(model(monkeypatch, nn.Sequential(TooLarge()), "0", "0"), SHAPE, TEXTURE, DEFAULT))


# Misuse.


def test_a_model_without_style_layers_is_refused_at_once():
    with pytest.raises(BadInput, match="resnet50; style transfer needs one of vgg16"):
        transfer(as_model(nn.Identity(), "resnet50"), SHAPE, TEXTURE, DEFAULT)


@pytest.mark.parametrize(
    ("pixels", "came"),
    [
        (torch.zeros(2, 3, 32, 32), r"\(2, 3, 32, 32\)"),
        (torch.zeros(1, 3, 31, 32), r"\(31, 32\)"),
        (torch.zeros(3, 32, 32), r"\(3, 32, 32\)"),
        (torch.full((1, 3, 32, 32), 2.0), "lie in"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.float64), "float32"),
    ],
)
def test_wrong_pixels_are_refused_at_once(identity, pixels, came):
    for shape, texture in ((pixels, TEXTURE), (SHAPE, pixels)):
        with pytest.raises(BadInput, match=came):
            transfer(identity, shape, texture, DEFAULT)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"strength": -0.1}, "strength"),
        ({"strength": 1.1}, "strength"),
        ({"strength": math.nan}, "strength"),
        ({"steps": 0}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
    ],
)
def test_wrong_settings_are_refused(changes, named):
    with pytest.raises(BadInput, match=named):
        settings(**changes)


@pytest.mark.parametrize("value", [1e30, 3e38])
def test_features_that_leave_float32_make_no_image(monkeypatch, value):
    layer = nn.Conv2d(3, 3, 1)
    layer.weight.data.fill_(value)
    with pytest.raises(NotFinite, match="styling computed NaN or infinite features"):
        result_of(transfer(model(monkeypatch, nn.Sequential(layer), "0", "0"), SHAPE, TEXTURE, settings(steps=2)))
