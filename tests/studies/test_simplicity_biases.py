"""The layers of networks in closed form: what noise passes, which kernels are rough, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models.batches import in_batches_of
from robust_core.studies import simplicity_biases
from robust_core.studies.layer_biases import Estimate
from robust_core.studies.simplicity_biases import SimplicityBiasesRequest
from tests import tiny
from tests.outcomes import events_and_result

SIDE = 64
WIDTH = 3  # of the blur


def waves(n=6, cycles=4, side=SIDE):
    """Upright waves around grey, each with its own phase and its own class."""
    phase = 2 * np.pi * (np.arange(side) * cycles / side)[None] + np.arange(n)[:, None]
    rows = np.rint(255 * (0.5 + 0.25 * np.cos(phase))).astype(np.uint8)
    images = np.broadcast_to(rows[:, None, :, None], (n, side, side, 3))
    return ImageSet.of(
        [LabelledImage(rgb.copy(), at % 2, f"wave {at}", "a test", f"{at}", MINI) for at, rgb in enumerate(images)]
    )


def behind(*layers, name="tiny", side=SIDE):
    """`layers`, and what makes four logits of their maps."""
    head = nn.LazyLinear(4)
    body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body(torch.zeros(1, 3, side, side))
    model = tiny.as_model(body, name)
    model.spec = replace(model.spec, preprocess=replace(model.spec.preprocess, crop=side))
    return model


def blur(weight=1 / WIDTH**2):
    """Each colour blurred by itself, around the border."""
    layer = nn.Conv2d(3, 3, WIDTH, padding=1, padding_mode="circular", groups=3, bias=False)
    layer.weight.data.fill_(weight)
    return layer


def asked(spec, images=None, **options):
    return SimplicityBiasesRequest((spec,), waves() if images is None else images, **options)


def run(spec, images=None, **options):
    return result_of(simplicity_biases.run(asked(spec, images, **options)))


def values(found, measure, layer=None):
    rows = found.frame[found.frame["measure"] == measure]
    return rows["value"].to_list() if layer is None else rows[rows["layer"] == layer]["value"].item()


def test_a_linear_networks_noise_is_known_in_closed_form(held):
    """A blur of k x k leaves 1 / k² of white noise, and of a wave the square of its mean over k neighbours."""
    found = run(held(behind(blur())), sigma=0.05)
    gain = (1 + 2 * np.cos(2 * np.pi * 4 / SIDE)) / WIDTH
    assert values(found, "noise_passed_percent", "0") == pytest.approx(100 / WIDTH**2 / gain**2, rel=0.02)
    assert found.by_model[0].layers[0].kind == "convolutions"


def test_a_layer_that_only_scales_lets_exactly_all_noise_pass(held):
    layer = nn.Conv2d(3, 3, 1, groups=3, bias=False)
    layer.weight.data.fill_(-7.0)
    found = run(held(behind(layer)))
    row = found.frame[found.frame["measure"] == "noise_passed_percent"].iloc[0]
    assert (row["value"], row["low"]) == (pytest.approx(100, rel=1e-4), pytest.approx(100, rel=1e-4))
    assert values(found, "kernel_total_variation") == [], "a kernel of one place has no neighbours"


def test_a_flat_kernel_is_left_out_and_a_rough_one_counted(held):
    layer = nn.Conv2d(3, 4, 4, padding=1, bias=False)
    places = torch.arange(4)
    layer.weight.data[:] = (places[:, None] + places) % 2 * 2.0 - 1
    layer.weight.data[3] = 0.25
    found = run(held(behind(layer, nn.ReLU())))
    row = found.frame[found.frame["measure"] == "kernel_total_variation"].iloc[0]
    assert (row["value"], row["n"], row["n_of"]) == (pytest.approx(2 * 15 / 16), 3, "filters")


def test_the_scale_of_a_layer_changes_nothing(held):
    found = []
    for scale in (1.0, 30.0):
        torch.manual_seed(3)
        first, second = nn.Conv2d(3, 6, 3, bias=False), nn.Conv2d(6, 4, 3, bias=False)
        first.weight.data *= scale
        second.weight.data /= scale
        found.append(run(held(behind(first, nn.ReLU(), second, nn.ReLU(), name=f"scaled {scale}"))))
    first, second = (one.frame.drop(columns=["model", "weights_sha256"]) for one in found)
    np.testing.assert_allclose(first[["value", "low", "high"]], second[["value", "low", "high"]], rtol=1e-3)


class Halves(nn.Module):
    """Unit 0 is bright images' alone, unit 1 everybody's, unit 2 nobody's."""

    def __init__(self):
        super().__init__()
        self.conv, self.act, self.pool = nn.Conv2d(3, 3, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        self.conv.weight.data.fill_(1 / 3)
        self.conv.bias.data = torch.tensor([-0.5, 1.0, -9.0])
        self.head = nn.Linear(3, 4)

    def forward(self, pixels):
        return self.head(self.pool(self.act(self.conv(pixels))).flatten(1))


def plain(levels, labels):
    images = [np.full((SIDE, SIDE, 3), level, np.uint8) for level in levels]
    return ImageSet.of(
        [
            LabelledImage(rgb, label, "plain", "a test", str(at), MINI)
            for at, (rgb, label) in enumerate(zip(images, labels, strict=True))
        ]
    )


def test_planted_units_answer_to_planted_classes_and_are_as_silent(held):
    model = tiny.as_model(Halves())
    model.spec = replace(model.spec, preprocess=replace(model.spec.preprocess, crop=SIDE))
    found = run(held(model), plain([20, 30, 220, 240], [0, 0, 1, 1]))
    (layer,) = found.by_model[0].layers
    assert layer.classes.value == pytest.approx((1 + 2) / 2), "the unit that nothing excites is left out"
    assert layer.silent.tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert np.isnan(layer.total_variation).all(), "flat images make flat maps"
    assert np.isnan(values(found, "total_variation")).all()
    assert np.isnan(values(found, "noise_passed_percent")).all(), "nothing to compare noise with"


def test_noise_makes_smooth_maps_rougher(held):
    found = run(held(behind(blur(), nn.ReLU())), sigma=0.2)
    assert values(found, "noisy_total_variation", "1") > 1.2 * values(found, "total_variation", "1")


def test_no_hook_is_left_in_the_model_not_even_when_it_is_cancelled_or_fails(held):
    model = behind(blur(), nn.ReLU())
    spec = held(model)

    def left_behind():
        return [hook for module in model.network.modules() for hook in module._forward_hooks]

    run(spec)
    assert left_behind() == []
    work = in_batches_of(2, simplicity_biases.run(asked(spec)))
    while "comparing" not in next(work).note:
        pass
    work.close()
    assert left_behind() == []
    model.network.body[-1].weight.data.fill_(torch.inf)
    with pytest.raises(Exception, match="NaN or infinite"):
        run(spec)
    assert left_behind() == []
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_the_size_of_a_batch_changes_nothing(held):
    spec = held(behind(nn.Conv2d(3, 5, 3), nn.ReLU()))
    whole, single = run(spec), result_of(in_batches_of(1, simplicity_biases.run(asked(spec))))
    columns = ["value", "low", "high"]
    np.testing.assert_allclose(single.frame[columns], whole.frame[columns], rtol=1e-4)


def test_every_row_has_its_n_its_interval_and_its_protocol(held):
    layer = nn.Conv2d(3, 5, 3)
    specs = [held(behind(layer, nn.ReLU(), name=name)) for name in ("one", "other")]
    rng = np.random.default_rng(0)
    images = [(rng.random((SIDE, SIDE, 3)) ** (1 + at) * 255).astype(np.uint8) for at in range(6)]
    labelled = [LabelledImage(rgb, at % 2, "", "a test", str(at), MINI) for at, rgb in enumerate(images)]
    request = SimplicityBiasesRequest(tuple(specs), ImageSet.of(labelled), 0.2, 4)
    events, found = events_and_result(simplicity_biases.run(request))
    assert all(isinstance(event, Progress) for event in events)
    frame = found.frame
    assert set(frame["model"]) == {"one", "other"}
    bounded = frame.dropna(subset="low")
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()
    assert len(bounded) >= 2 * 9, "the kernels, and four measures of the layer and of the mean of all"
    assert set(frame["n"]) == {5, 6}  # filters and images
    assert frame["protocol"].str.contains("σ 0.2 of the pixel range, seed 4").all()
    assert frame["interval_method"].str.contains("bootstrap over").all()
    one, other = (frame[frame["model"] == name].drop(columns="model") for name in ("one", "other"))
    np.testing.assert_array_equal(one["value"], other["value"])
    assert len(found.figure().data) == 2 * 2 * 5, "a line and a band for each model and measure"
    assert found.provenance.request == request.identity


def test_one_image_alone_has_no_intervals(held):
    found = run(held(behind(nn.Conv2d(3, 5, 3), nn.ReLU())), waves(1))
    of_images = found.frame[found.frame["n_of"] == "images"]
    assert of_images["low"].isna().all()
    assert of_images["value"].notna().all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models": ()}, "no model"),
        ({"images": ImageSet.of([])}, "no images"),
        ({"sigma": 0}, "sigma must be a number from 0.001 to 1; got 0"),
        ({"sigma": None}, "sigma must be a number"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(changes, sentence, held):
    spec = held(behind(blur()))
    with pytest.raises(BadInput, match=sentence):
        SimplicityBiasesRequest(**{"models": (spec,), "images": waves(1)} | changes)


def test_a_network_without_maps_is_refused(held):
    with pytest.raises(BadInput, match="no convolution or activation"):
        run(held(tiny.linear(torch.ones(2, tiny.VALUES))), waves(2, 2, 8))


def test_an_interval_is_centred_where_the_statistic_is_not():
    rng = np.random.default_rng(0)
    drawn = 3.0 + 0.1 * rng.standard_normal(1000)  # a maximum's resamples lie to one side
    plain_one, centred = Estimate.of(3.5, drawn, 50), Estimate.centred(3.5, drawn, 50)
    assert plain_one.high < 3.5 < centred.high
    assert centred.low < 3.5
    assert centred.high - centred.low == pytest.approx(plain_one.high - plain_one.low)
