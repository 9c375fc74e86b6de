"""Accuracy under corruption through glasses, against the studies of which it is made and a network known in closed
form.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies import corruption_grid, glasses_corruption
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.glasses_corruption import FilteredAccuracy, GlassesCorruptionRequest, curves_so_far
from tests.outcomes import events_and_result
from tests.tiny import as_model

NOISE = Condition("gaussian_noise", 3, 0)
FOG = Condition("fog", 5, 0)


@pytest.fixture(scope="module")
def of_mini():
    specs = tuple(map(get_spec, ("mini_resnext", "mini_resnext_at8")))
    request = GlassesCorruptionRequest(specs, synthetic_images(24, 0), (NOISE, FOG), "blur", (2.0, 1.0))
    return request, *events_and_result(glasses_corruption.run(request))


def test_without_a_filter_it_is_the_corruption_grid_image_by_image(of_mini):
    request, _, result = of_mini
    grid = result_of(corruption_grid.run(CorruptionGridRequest(request.models, request.images, request.conditions)))
    for counts in grid.counts:
        curves = [one for one in result.curves if one.spec == counts.spec]
        assert [one.condition for one in curves] == [CLEAN, NOISE, FOG]
        assert np.array_equal([one.correct[0] for one in curves], counts.correct)


def test_a_curve_comes_as_soon_as_its_condition_is_done(of_mini):
    request, events, result = of_mini
    assert curves_so_far(events) == list(result.curves)
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert {event.total for event in progress} == {2 * request.passes} == {2 * 24 * 3 * 3}
    assert max(event.done for event in progress) < 2 * request.passes


def test_the_table_is_tidy(of_mini):
    _, _, result = of_mini
    frame = result.frame
    assert len(frame) == 2 * 3 * 3
    assert frame["n"].eq(24).all()
    assert frame["n_labels_known"].eq(24).all()
    assert frame["strength"].tolist()[:3] == [0.0, 1.0, 2.0]
    assert (frame["low_percent"] <= frame["accuracy_percent"]).all()
    assert (frame["accuracy_percent"] <= frame["high_percent"]).all()
    assert frame["protocol"].str.contains("before the model").all()
    assert len(result.figure().data) == 3 * 2 * 2


def test_the_image_is_corrupted_first_and_then_filtered(held):
    """A network that calls every image without fine contrast a cat: noise hides it, and a blur takes the noise away."""

    class Smooth(nn.Module):
        def forward(self, pixels):
            contrast = (pixels[..., 1:] - pixels[..., :-1]).abs().mean((1, 2, 3))
            logits = torch.zeros(len(pixels), 16)
            logits[:, MINI.names.index("cat")] = 0.05 - contrast
            logits[:, MINI.names.index("dog")] = contrast - 0.05
            return logits

    flat = np.full((64, 64, 3), 128, np.uint8)
    images = ImageSet.of(
        [
            LabelledImage.of_pixels(flat, f"flat {place}", "a test", label=MINI.names.index("cat"), label_space=MINI)
            for place in range(4)
        ]
    )
    request = GlassesCorruptionRequest(
        (held(as_model(Smooth(), "smooth", side_px=64)),), images, (NOISE,), "blur", (0.25, 4.0)
    )
    clean, noisy = result_of(glasses_corruption.run(request)).curves
    assert clean.correct.all()
    assert noisy.correct.all(axis=1).tolist() == [False, False, True]
    assert not noisy.correct[0].any()


def test_an_unknown_label_is_the_clean_prediction_without_a_filter():
    images = ImageSet.of([replace(one, label=None) for one in synthetic_images(4, 0)])
    request = GlassesCorruptionRequest((get_spec("mini_resnext"),), images, (FOG,), "blur", (4.0,))
    clean, foggy = result_of(glasses_corruption.run(request)).curves
    assert clean.correct[0].all()
    assert not clean.correct[1].all(), "through a strong blur it predicts something else"
    assert not clean.known.any()
    assert isinstance(foggy, FilteredAccuracy)


def test_only_the_classes_of_the_images_own_protocol_are_in_the_running():
    images = replace(rc.load_images("foolbox", 4), classes=(3, 5))
    request = GlassesCorruptionRequest((get_spec("efficientnet_lite0"),), images, (FOG,), "blur", (1.0,))
    grid = result_of(corruption_grid.run(CorruptionGridRequest(request.models, images, (FOG,))))
    curves = result_of(glasses_corruption.run(request)).curves
    assert not curves[0].correct.any(), "none of the photos shows one of these"
    assert np.array_equal([one.correct[0] for one in curves], grid.counts[0].correct)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"conditions": ()}, "at least one corruption"),
        ({"conditions": (CLEAN,)}, "at least one corruption"),
        ({"conditions": (FOG, FOG)}, "asked for twice"),
        ({"strengths": (30.0,)}, "from 0 to 20"),
        ({"images": ImageSet.of([])}, "There are no images"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes, expected):
    request = GlassesCorruptionRequest((get_spec("mini_resnext"),), synthetic_images(2, 0), (FOG,), "blur", (1.0,))
    with pytest.raises(BadInput, match=expected):
        replace(request, **changes)
