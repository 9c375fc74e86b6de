"""What holds for every method: known maps, one door, and nothing left behind."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
import torch

from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import PREDICTED, RIVAL, Target
from robust_core.errors import BadInput, NotFinite, UnknownName
from robust_core.events import Progress, result_of
from robust_core.models import load
from robust_core.models.loading import LoadedModel
from tests import tiny
from tests.attributions.networks import (
    PIXEL_PERCENT,
    as_model,
    attribute,
    blob,
    curved,
    linear,
    map_of,
    red_finder,
    two_relus,
)
from tests.outcomes import events_and_result

RANDOM = {"smoothgrad", "vargrad", "gradient_shap", "rise"}
SMALL = {
    "rise": {"masks": 100},
    "integrated_gradients": {"steps": 16},
    "smoothgrad": {"samples": 8},
    "vargrad": {"samples": 8},
}


def traces(model: LoadedModel) -> list[str]:
    """Whatever an explanation may have left in the model."""
    hooks = [
        name
        for name, module in model.network.named_modules()
        if any(vars(module)[kind] for kind in vars(module) if kind.endswith("_hooks"))
    ]
    grads = [
        name
        for name, parameter in model.network.named_parameters()
        if parameter.requires_grad or parameter.grad is not None
    ]
    kept = [
        name for name, module in model.network.named_modules() if {"input", "output", "input_ref"} & set(vars(module))
    ]
    return hooks + grads + kept + (["training"] if model.network.training else [])


@pytest.fixture
def weights() -> torch.Tensor:
    return torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(3))


def test_on_a_linear_network_every_map_is_the_weights_or_weights_times_change(weights):
    model, pixels = linear(weights), tiny.images(1)
    slope, change = weights[1].sum(0), (weights[1] * pixels[0]).sum(0)
    for method in ("saliency", "smoothgrad", "guided_backprop"):
        torch.testing.assert_close(map_of(model, pixels, method, 1), slope, msg=method, atol=1e-5, rtol=1e-5)
    for method in ("input_x_gradient", "integrated_gradients", "deeplift", "gradient_shap"):
        torch.testing.assert_close(map_of(model, pixels, method, 1), change, msg=method, atol=1e-5, rtol=1e-5)
    covered = map_of(
        model, pixels, "occlusion", 1, window_percent=PIXEL_PERCENT, stride_percent=PIXEL_PERCENT, baseline="black"
    )
    torch.testing.assert_close(covered, change, atol=1e-4, rtol=1e-4)
    assert map_of(model, pixels, "vargrad", 1).abs().max() < 1e-5
    largest = map_of(model, pixels, "saliency", 1, colours="largest size")
    torch.testing.assert_close(largest, weights[1].abs().amax(0))


@pytest.mark.parametrize("baseline", ["black", "mean grey", "#336699"])
@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift", "gradient_shap"])
def test_the_baseline_is_what_the_change_counts_from(weights, method, baseline):
    model, pixels = linear(weights), tiny.images(1)
    colour = {"black": (0, 0, 0), "mean grey": model.spec.preprocess.mean, "#336699": (0.2, 0.4, 0.6)}[baseline]
    change = pixels[0] - torch.tensor(colour, dtype=torch.float32).view(3, 1, 1)
    found = attribute(model, pixels, method, 2, baseline=baseline)
    torch.testing.assert_close(torch.from_numpy(found.map), (weights[2] * change).sum(0), atol=1e-5, rtol=1e-5)
    assert abs(found.completeness_gap) < 1e-3


@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift"])
def test_the_two_relus_share_the_score_as_computed_by_hand(method):
    pixels = torch.zeros(1, 3, 8, 8)
    pixels[0, 0, 0, :2] = torch.tensor([1, 1 / 3])
    # The way is (t, t/3); the outer ReLU opens at t = 1/2: half of 1 and of -1/3.
    found = (
        map_of(two_relus(), pixels, method, steps=256)
        if method == "integrated_gradients"
        else map_of(two_relus(), pixels, method)
    )
    assert found[0, :2].tolist() == pytest.approx([1 / 2, -1 / 6], abs=2e-3)
    assert not found[1:].any()


def test_the_gap_of_integrated_gradients_shrinks_with_steps():
    def mean_gap(steps: int) -> float:
        found = [
            attribute(curved(seed), tiny.images(1, seed), "integrated_gradients", steps=steps) for seed in range(8)
        ]
        return float(np.mean([abs(one.completeness_gap) for one in found]))

    assert mean_gap(8) > 2 * mean_gap(32) > 4 * mean_gap(128) > 0


@pytest.mark.parametrize("method", METHODS)
def test_another_target_has_another_map(method):
    model, pixels = curved(), tiny.images(1)
    first, second = (attribute(model, pixels, method, target, **SMALL.get(method, {})) for target in (0, 1))
    assert not np.allclose(first.map, second.map, atol=1e-4 * np.abs(first.map).max())
    assert (first.target, second.target) == (0, 1)


@pytest.mark.parametrize("method", sorted(set(METHODS) - RANDOM - {"superpixel_ablation"}))
def test_a_mirrored_image_has_the_mirrored_map(method):
    model, pixels = curved(symmetric=True), tiny.images(1, seed=4)
    # A black baseline ties everywhere, and a pool gives a tie to the first place: no mirror image there.
    settings = {
        "occlusion": {"stride_percent": PIXEL_PERCENT, "window_percent": 25},
        "deeplift": {"baseline": "blurred"},
    }.get(method, {})
    torch.testing.assert_close(
        map_of(model, pixels.flip(-1), method, **settings),
        map_of(model, pixels, method, **settings).flip(-1),
        atol=1e-4,
        rtol=1e-3,
    )


@pytest.mark.parametrize(
    "method", ["grad_cam", "occlusion", "superpixel_ablation", "rise", "deeplift", "integrated_gradients"]
)
@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 5), (6, 1)])
def test_the_map_points_to_where_the_evidence_was_planted(method, row, column):
    found = map_of(red_finder(), blob(row, column), method, **({"masks": 400} if method == "rise" else {}))
    peak = divmod(int(found.argmax()), 8)
    assert row - 1 <= peak[0] <= row + 2
    assert column - 1 <= peak[1] <= column + 2


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_behind_and_a_second_run_gives_the_same_map(method):
    model, pixels = curved(), tiny.images(1)
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    first, second = (attribute(model, pixels, method, **SMALL.get(method, {})) for _ in range(2))
    np.testing.assert_array_equal(first.map, second.map)
    assert first.map.shape == (8, 8)
    assert first.map.dtype == np.float32
    assert not traces(model)
    assert not pixels.requires_grad
    assert pixels.grad is None
    assert all(torch.equal(before[name], tensor) for name, tensor in model.network.state_dict().items())


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_behind_by_a_failure_or_a_cancel(method, monkeypatch):
    model, pixels = curved(), tiny.images(1)
    events = explain(model, pixels, method, PREDICTED)
    next(events)
    next(events, None)  # the last where one pass is all
    events.close()
    assert not traces(model)

    def broken(*_):
        raise RuntimeError("the network broke")

    monkeypatch.setattr(type(model.network.body), "forward", broken)
    with pytest.raises(RuntimeError, match="broke"):
        result_of(explain(model, pixels, method, PREDICTED))
    assert not traces(model)


def test_eight_parallel_requests_equal_the_serial_maps():
    model, pixels = curved(), tiny.images(1)
    methods = [
        "smoothgrad",
        "guided_backprop",
        "deeplift",
        "grad_cam",
        "rise",
        "gradient_shap",
        "guided_grad_cam",
        "occlusion",
    ]
    serial = [attribute(model, pixels, method).map for method in methods]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda method: attribute(model, pixels, method).map, methods))
    for one, other in zip(serial, parallel, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_fifty_explanations_leave_memory_as_it_was():
    model, pixels = load("mini_resnext", "cpu"), tiny.images(1, side_px=64)

    def explain_ten() -> int:
        for method in ("deeplift", "guided_backprop", "grad_cam", "smoothgrad", "saliency") * 2:
            attribute(model, pixels, method)
        gc.collect()
        return psutil.Process().memory_info().rss

    explain_ten()
    warm_bytes = explain_ten()
    assert max(explain_ten() for _ in range(5)) < 1.05 * warm_bytes


def test_progress_comes_between_batches_and_the_attribution_is_returned():
    model, pixels = load("mini_resnext", "cpu"), tiny.images(1, side_px=64)
    news, result = events_and_result(explain(model, pixels, "integrated_gradients", RIVAL, steps=256))
    assert all(isinstance(event, Progress) for event in news)
    assert [event.done for event in news] == [0, 64, 128, 192]
    assert news[-1].total == 256
    assert isinstance(result, Attribution)
    assert result.settings == {"baseline": "black", "steps": 256}
    assert result.score - result.baseline_score == pytest.approx(result.map.sum() - result.completeness_gap, abs=1e-3)


def test_methods_without_the_promise_have_no_gap():
    found = attribute(curved(), tiny.images(1), "saliency")
    assert found.completeness_gap is None
    assert found.gap_fraction is None


@pytest.mark.parametrize(
    ("pixels", "method", "settings", "words"),
    [
        (torch.rand(2, 3, 8, 8), "saliency", {}, "One image"),
        (torch.rand(3, 8, 8), "saliency", {}, r"\(B, 3, H, W\)"),
        (torch.rand(1, 3, 8, 8), "salience", {}, "saliency"),
        (torch.rand(1, 3, 8, 8), "saliency", {"steps": 3}, "steps"),
        (torch.rand(1, 3, 8, 8), "rise", {"masks": 10**9}, "masks must be"),
    ],
)
def test_misuse_is_refused_before_any_work(pixels, method, settings, words):
    with pytest.raises((BadInput, UnknownName), match=words):
        explain(curved(), pixels, method, PREDICTED, **settings)


def test_a_method_is_refused_where_it_does_not_hold():
    model = tiny.as_model(curved().network.body, "mobilenet_v2")
    with pytest.raises(BadInput, match="Guided Backprop does not hold on mobilenet_v2. It changes"):
        explain(model, tiny.images(1), "guided_backprop", PREDICTED)


def test_a_class_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="0 to 3; got 9"):
        result_of(explain(curved(), tiny.images(1), "saliency", Target("class", 9)))


class Overflowing(torch.nn.Module):
    """Logit 0 = the mean darkness times a huge number, squared, and logit 1 = 0: finite on white alone."""

    def forward(self, pixels):
        darkness = (1 - pixels).mean((1, 2, 3))
        return torch.stack([(1e22 * darkness).square(), 0 * darkness], 1)


@pytest.mark.parametrize("method", [key for key in METHODS if key not in ("grad_cam", "guided_grad_cam")])
def test_infinite_logits_have_no_map(method):
    model = as_model(Overflowing())
    with pytest.raises(NotFinite, match="resnet18 computed NaN or infinite logits for an image"):
        attribute(model, tiny.images(1), method)


@pytest.mark.parametrize("method", ["integrated_gradients", "rise", "occlusion"])
def test_infinite_logits_along_the_way_are_found_too(method):
    """The image itself is white; its occluded, masked or blended copies are not."""
    with pytest.raises(NotFinite, match="logits"):
        attribute(as_model(Overflowing()), torch.ones(1, 3, 8, 8), method)


class Rooted(torch.nn.Module):
    """Finite logits whose gradient is infinite on black."""

    def forward(self, pixels):
        root = pixels.flatten(1).sum(1).sqrt()
        return torch.stack([root, 0 * root], 1)


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient", "guided_backprop"])
def test_a_map_that_is_not_finite_is_none(method):
    with pytest.raises(NotFinite, match="NaN or infinite attributions for an image"):
        attribute(as_model(Rooted()), torch.zeros(1, 3, 8, 8), method)
