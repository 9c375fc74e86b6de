import gc
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage, to_pixels
from robust_core.models import pool as pool_module
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.loading import load_network
from robust_core.studies import feature_visualization
from robust_core.studies.feature_experiments import EXPERIMENTS, STEP_SIZE, Ascent
from robust_core.studies.feature_visualization import (
    AscentRequest,
    AscentStep,
    noise,
    unit_count,
    without_last_layer,
)
from tests import tiny
from tests.made_images import make_image
from tests.outcomes import events_and_result

SIDE = tiny.SIDE_PX


def two_classes(seed=0):
    """A linear network of two classes, its weights (2,192), and the gradient of class 1 against class 0 as (8,8,3)."""
    weights = torch.randn(2, tiny.VALUES, generator=torch.Generator().manual_seed(seed)) / 10
    return tiny.linear(weights), weights, (weights[1] - weights[0]).view(3, SIDE, SIDE).permute(1, 2, 0).numpy()


def maximize(spec, ascent, image):
    return feature_visualization.run(AscentRequest((spec,), ascent, image))


def maximize_from_noise(spec, ascent, seed=0):
    return result_of(maximize(spec, ascent, noise(SIDE, seed)))


def test_a_linear_networks_class_image_is_known(model_of):
    model, _, towards = two_classes()
    sequence = maximize_from_noise(model_of(model), Ascent("class", 1, 30))
    start = noise(SIDE, 0).rgb.astype(int)
    for step, frame in zip(sequence.steps, sequence.frames, strict=True):
        np.testing.assert_array_equal(frame, np.clip(start + step * np.sign(towards), 0, 255))


def test_raising_a_unit_lowers_all_others_as_the_original_does(model_of):
    """The units of a linear network are its pixels: one of them rises, and the softmax makes all others fall."""
    model, _, _ = two_classes()
    unit, start = 70, noise(SIDE, 3).rgb.astype(int)
    sequence = maximize_from_noise(model_of(model), Ascent("unit", unit, 20), seed=3)
    direction = -np.ones((3, SIDE, SIDE), int)
    direction[unit // SIDE**2, unit % SIDE**2 // SIDE, unit % SIDE] = 1
    np.testing.assert_array_equal(sequence.frames[-1], np.clip(start + 20 * direction.transpose(1, 2, 0), 0, 255))
    assert sequence.maximized[-1] == pytest.approx(sequence.frames[-1].transpose(2, 0, 1).ravel()[unit] / 255)


def test_a_unit_alone_leaves_the_others_alone(model_of):
    model, _, _ = two_classes()
    unit, start = 70, noise(SIDE, 3).rgb.transpose(2, 0, 1).ravel().astype(int)
    sequence = maximize_from_noise(model_of(model), Ascent("unit_alone", unit, 300), seed=3)
    expected = start.copy()
    for step, frame, maximized in zip(sequence.steps, sequence.frames, sequence.maximized, strict=True):
        expected[unit] = min(start[unit] + step, 255)
        np.testing.assert_array_equal(frame.transpose(2, 0, 1).ravel(), expected)
        assert maximized == pytest.approx(expected[unit] / 255)
        assert sequence.objective[step] == pytest.approx(maximized)


def test_a_unit_that_is_silent_around_the_start_is_reached_by_no_gradient(model_of):
    weights = torch.ones(2, tiny.VALUES)
    silent = nn.Sequential(nn.Flatten(), nn.Linear(tiny.VALUES, 2), nn.ReLU(), nn.Linear(2, 2))
    silent[1].weight.data, silent[1].bias.data = weights, torch.tensor([0.0, -1e6])
    sequence = maximize_from_noise(model_of(tiny.as_model(silent)), Ascent("unit_alone", 1, 5))
    np.testing.assert_array_equal(sequence.frames[-1], sequence.frames[0])
    assert sequence.maximized == (0.0,) * len(sequence.steps)


def test_the_papers_ascent_ends_at_the_first_image_that_meets_its_criterion(model_of):
    body = nn.Sequential(nn.Flatten(), nn.Linear(tiny.VALUES, 2), nn.Linear(2, 2))
    body[1].weight.data, body[1].bias.data = (
        torch.stack([-torch.ones(tiny.VALUES), torch.ones(tiny.VALUES)]) / 4,
        torch.tensor([24.0, -24.0]),
    )
    sequence = maximize_from_noise(model_of(tiny.as_model(body)), Ascent("unit", 1, 200))
    shares = np.exp(-np.array(sequence.objective))
    assert 0 < sequence.steps[-1] < 200
    assert shares[-1] > 1 - 1e-6 >= shares[:-1].max()


@pytest.mark.parametrize("experiment", ["unit", "class"])
def test_the_ascent_is_foolboxs_targeted_pgd(model_of, experiment):
    foolbox = pytest.importorskip("foolbox")
    model = tiny.convolutional()
    sequence = maximize_from_noise(model_of(model), Ascent(experiment, 2, 12))
    target_model = without_last_layer(model) if experiment == "unit" else model
    reference = foolbox.attacks.LinfProjectedGradientDescentAttack(abs_stepsize=STEP_SIZE, steps=12, random_start=False)
    start = torch.from_numpy(noise(SIDE, 0).rgb.copy()).permute(2, 0, 1)[None].float() / 255
    network = foolbox.PyTorchModel(target_model.network, bounds=(0, 1), device="cpu")
    expected = reference.run(network, start, foolbox.criteria.TargetedMisclassification(torch.tensor([2])), epsilon=4.0)
    np.testing.assert_array_equal(sequence.frames[-1], (expected[0] * 255).round().byte().permute(1, 2, 0))


def test_the_papers_eps_is_no_limit(model_of):
    model, _, towards = two_classes()
    sequence = maximize_from_noise(model_of(model), Ascent("class", 1, 260))
    np.testing.assert_array_equal(sequence.frames[-1], np.where(towards > 0, 255, 0))


def test_every_step_is_told_and_only_some_carry_an_image(model_of):
    work = maximize(model_of(tiny.convolutional()), Ascent("class", 2, 60), noise(SIDE, 0))
    events, sequence = events_and_result(work)
    steps = [event for event in events if isinstance(event, AscentStep)]
    assert [step.step for step in steps] == list(range(61))
    assert [step.step for step in steps if step.rgb is not None] == list(sequence.steps)
    assert len(sequence.steps) <= 25
    assert sequence.objective == tuple(step.objective for step in steps)
    assert sequence.objective[-1] < sequence.objective[0]
    assert [event.done for event in events if isinstance(event, Progress)] == [0, *range(61)]


def test_what_is_predicted_is_the_prediction_for_the_8_bit_image(model_of):
    model = tiny.convolutional()
    sequence = maximize_from_noise(model_of(model), Ascent("class", 2, 20))
    for frame, prediction, maximized in zip(sequence.frames, sequence.predictions, sequence.maximized, strict=True):
        own = model.logits(torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255).softmax(1)[0]
        np.testing.assert_allclose(prediction.probabilities, own, atol=1e-6)
        assert maximized == pytest.approx(float(own[2]), abs=1e-6)
    assert sequence.maximized[-1] == pytest.approx(np.exp(-sequence.objective[-1]), abs=1e-5), (
        "the trajectory itself is in 8 bits"
    )


def test_fooling_ends_as_soon_as_the_network_is_certain(model_of):
    model, _, _ = two_classes()
    key = model_of(model)
    fooled, on = maximize_from_noise(key, Ascent("fool", 1, 200)), maximize_from_noise(key, Ascent("class", 1, 200))
    assert 0 < fooled.steps[-1] < 200
    assert fooled.maximized[-1] > EXPERIMENTS["fool"].stops_above >= np.exp(-fooled.objective[-2])
    assert fooled.objective == on.objective[: len(fooled.objective)]
    assert on.steps[-1] == 200


def test_a_sequence_stands_still_after_its_end(model_of):
    sequence = maximize_from_noise(model_of(tiny.convolutional()), Ascent("class", 2, 60))
    assert sequence.place(0) == 0
    assert sequence.place(10_000) == len(sequence.steps) - 1
    assert sequence.steps[sequence.place(31)] <= 31 < sequence.steps[sequence.place(31) + 1]


def test_an_image_is_prepared_as_the_publisher_prescribes(tiny_model):
    image = make_image(4)
    sequence = result_of(maximize(tiny_model, Ascent("class", 7, 2), image))
    np.testing.assert_array_equal(
        sequence.frames[0], (to_pixels(image, tiny_model.preprocess) * 255).round().byte().permute(1, 2, 0)
    )


def test_the_features_are_what_the_last_layer_reads(tiny_model, tmp_path):
    model = load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))
    read = []
    pixels = tiny.images(2, side_px=36)
    with model.network.body.fc.register_forward_pre_hook(lambda _, inputs: read.append(inputs[0])):
        model.logits(pixels)
    torch.testing.assert_close(without_last_layer(model).logits(pixels), read[0])
    assert unit_count(tiny_model.architecture) == 4


def test_a_last_convolution_leaves_the_means_over_its_places():
    torch.manual_seed(0)
    head = nn.Sequential(nn.Conv2d(6, 4, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    trunk = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU())
    model, pixels = tiny.as_model(nn.Sequential(trunk, head)), tiny.images(2)
    torch.testing.assert_close(without_last_layer(model).logits(pixels), trunk(pixels).mean((2, 3)))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architectures_last_layer_gives_its_classes(name):
    with torch.device("meta"):
        body = ARCHITECTURES[name].build()
    _, layer = feature_visualization._last_layer(body)
    assert layer.weight.shape[:2] == (1000, unit_count(ARCHITECTURES[name]))


def test_the_papers_networks_have_2048_units():
    assert unit_count(ARCHITECTURES["resnext101_32x48d"]) == 2048


def test_noise_is_its_seeds_and_has_no_label():
    np.testing.assert_array_equal(noise(12, 4).rgb, noise(12, 4).rgb)
    assert noise(12, 4).digest != noise(12, 5).digest
    assert noise(12, 4).rgb.shape == (12, 12, 3)
    assert noise(12, 4).label is None


@pytest.mark.parametrize(
    ("ascent", "match"), [(Ascent("unit", 4, 1), "units 0 to 3"), (Ascent("class", 1000, 1), "classes 0 to 999")]
)
def test_a_target_that_the_network_does_not_have_is_refused(tiny_model, ascent, match):
    with pytest.raises(BadInput, match=match):
        result_of(maximize(tiny_model, ascent, make_image(0)))


@pytest.mark.parametrize(("arguments", "named"), [((0, 0), "side_px"), ((8, -1), "seed"), ((8, 0.5), "seed")])
def test_noise_of_nothing_is_refused(arguments, named):
    with pytest.raises(BadInput, match=named):
        noise(*arguments)


def traces(model):
    """Whatever work might leave behind in a network."""
    modules, parameters = model.network.named_modules(), model.network.named_parameters()
    hooks = [
        (name, type(one), len(one._forward_hooks), len(one._forward_pre_hooks), len(one._backward_hooks))
        for name, one in modules
    ]
    return hooks, [(name, id(one), one.grad, one.requires_grad, one.sum().item()) for name, one in parameters]


@pytest.mark.parametrize("experiment", ["unit", "unit_alone", "class"])
@pytest.mark.parametrize("events", [1, 3, 8, None])
def test_an_ascent_leaves_nothing_in_the_network_also_when_it_is_closed(model_of, events, experiment):
    model = tiny.convolutional()
    before = traces(model)
    work = maximize(model_of(model), Ascent(experiment, 3, 10), noise(SIDE, 0))
    for _ in zip(range(events or 10_000), work, strict=False):
        pass
    work.close()
    assert traces(model) == before


def test_a_closed_ascent_leaves_nothing_in_the_pool(tiny_model):
    work = maximize(tiny_model, Ascent("unit", 1, 10), make_image(0))
    next(work), next(work)
    work.close()
    gc.collect()
    pool_module.shared_pool().free_idle()
    assert pool_module.shared_pool().keys() == ()


REAL = {
    "squeezenet1_0": ("squeezenet1_0_deepcompression*.pth", 512),
    "mobilenet_v2": ("mobilenet_v2_*.safetensors", 1280),
}


@pytest.mark.skipif("ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs real weights")
@pytest.mark.parametrize("architecture", REAL)
def test_a_real_network_is_fooled_by_noise_and_keeps_its_features(architecture, tmp_path, monkeypatch):
    from robust_core.models.imports import import_file

    pattern, units = REAL[architecture]
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    weights = next((Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights").glob(pattern))
    spec = import_file(weights, architecture, "real", "Real")
    assert unit_count(spec.architecture) == units
    sequence = result_of(maximize(spec, Ascent("fool", 1, 40), noise(224, 0)))
    assert sequence.predictions[-1].label == 1
    assert sequence.maximized[-1] > 0.99


class Rooted(nn.Module):
    """Two classes whose logits are finite and whose gradient is infinite on a black image; its last layer reads the
    root.
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 2, bias=False)
        self.fc.weight.data = torch.tensor([[1.0], [0.5]])

    def forward(self, pixels):
        return self.fc(pixels.flatten(1).sum(1, keepdim=True).sqrt())


BLACK = LabelledImage.of_pixels(np.zeros((SIDE, SIDE, 3), np.uint8), "black", "", centre_crop_only=True)


@pytest.mark.parametrize("experiment", ["class", "unit_alone"])
def test_an_ascent_ends_at_a_gradient_that_is_not_finite(model_of, experiment):
    key = model_of(tiny.as_model(Rooted()))
    with pytest.raises(NotFinite, match="NaN or infinite gradients"):
        result_of(maximize(key, Ascent(experiment, 0, 3), BLACK))


@pytest.mark.parametrize("experiment", ["class", "unit", "unit_alone"])
def test_a_network_with_infinite_features_is_not_maximized(model_of, experiment):
    huge = nn.Linear(tiny.VALUES, 4)
    huge.weight.data.fill_(3e38)
    with pytest.raises(NotFinite, match="NaN or infinite logits"):
        maximize_from_noise(
            model_of(tiny.as_model(nn.Sequential(nn.Flatten(), huge, nn.Linear(4, 2)))), Ascent(experiment, 0, 3)
        )
