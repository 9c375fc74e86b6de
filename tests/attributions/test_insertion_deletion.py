"""Insertion and deletion: ends, areas, and Petsiuk's own code as far as it can be written down."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.curve_protocols import CURVE_PROTOCOLS, get_protocol
from robust_core.attributions.insertion_deletion import Curves, insertion_deletion, passes
from robust_core.errors import UnknownName
from robust_core.events import result_of
from tests import tiny
from tests.attributions.networks import blob, curved, red_finder

NOISE = np.random.default_rng(7).standard_normal((8, 8)).astype(np.float32)
USUAL = CURVE_PROTOCOLS["16_steps"]


def curves_of(model, pixels, target, ranking, protocol=USUAL) -> Curves:
    (found,) = result_of(insertion_deletion(model, pixels, target, [ranking], protocol))
    return found


def test_the_curves_run_from_the_blurred_to_the_whole_and_from_the_whole_to_the_grey():
    model, pixels = curved(), tiny.images(1)
    curves = curves_of(model, pixels, 1, NOISE)
    ends = {name: make_baseline(name, pixels, model.spec.preprocess) for name in ("blurred", "mean grey")} | {
        "whole": pixels
    }
    expected = {name: float(model.logits(one).softmax(1)[0, 1]) for name, one in ends.items()}
    assert curves.insertion[[0, -1]] == pytest.approx([expected["blurred"], expected["whole"]], rel=1e-5)
    assert curves.deletion[[0, -1]] == pytest.approx([expected["whole"], expected["mean grey"]], rel=1e-5)


def test_an_area_is_the_mean_height():
    curves = curves_of(red_finder(), blob(), 0, NOISE)
    flat = replace(curves, insertion=np.full(17, 0.75), deletion=np.linspace(1, 0, 17))
    assert (flat.insertion_area, flat.deletion_area, flat.score) == pytest.approx((0.75, 0.5, 0.25))


def test_several_maps_at_once_have_the_curves_that_each_has_alone():
    model, pixels, rankings = curved(), tiny.images(1), [NOISE, -NOISE, NOISE.T.copy()]
    together = result_of(insertion_deletion(model, pixels, 1, rankings, USUAL))
    for ranking, found in zip(rankings, together, strict=True):
        alone = curves_of(model, pixels, 1, ranking)
        np.testing.assert_allclose(found.insertion, alone.insertion, atol=1e-6)
        np.testing.assert_allclose(found.deletion, alone.deletion, atol=1e-6)


@pytest.mark.parametrize("protocol", CURVE_PROTOCOLS.values(), ids=lambda row: row.key)
def test_the_passes_are_those_that_are_made(protocol):
    seen = 0
    model, pixels = curved(), tiny.images(1)

    def count(_module, inputs, _outputs):
        nonlocal seen
        seen += len(inputs[0])

    hook = model.network.register_forward_hook(count)
    curves_of(model, pixels, 1, NOISE, protocol)
    hook.remove()
    assert seen == passes(protocol, (8, 8))


def test_petsiuks_curves_are_those_of_his_loop():
    """evaluation.py of eclique/RISE: a row of pixels a step, blur and zeros after normalisation, trapezoids."""
    model, pixels = curved(), tiny.images(1)
    mean = torch.tensor(model.spec.preprocess.mean).view(1, 3, 1, 1)
    point = np.zeros((11, 11))
    point[5, 5] = 1
    kernel = torch.zeros(3, 3, 11, 11)
    kernel[range(3), range(3)] = torch.from_numpy(gaussian_filter(point, 5)).float()
    centred = pixels - mean
    blurred = torch.nn.functional.conv2d(centred, kernel, padding=5)
    order = np.argsort(-NOISE.ravel(), kind="stable")
    for start, finish, ours in ((blurred, centred, "insertion"), (centred, torch.zeros_like(centred), "deletion")):
        now, scores = start.clone(), []
        for step in range(9):
            scores.append(float(model.logits(now + mean).softmax(1)[0, 1]))
            places = torch.from_numpy(order[8 * step : 8 * (step + 1)].copy())
            now.view(1, 3, 64)[:, :, places] = finish.view(1, 3, 64)[:, :, places]
        found = curves_of(model, pixels, 1, NOISE, CURVE_PROTOCOLS["petsiuk"])
        assert getattr(found, ours) == pytest.approx(scores, abs=1e-5)
        area = (sum(scores) - scores[0] / 2 - scores[-1] / 2) / 8
        assert getattr(found, f"{ours}_area") == pytest.approx(area, abs=1e-5)


def test_a_large_image_gives_its_best_half_in_half_of_the_steps():
    model, pixels = curved(), torch.rand(1, 3, 40, 24)
    ranking = np.arange(40 * 24, dtype=np.float32).reshape(40, 24)
    found = curves_of(model, pixels, 0, ranking)
    half = pixels.clone()
    half[:, :, 20:] = make_baseline("mean grey", pixels, model.spec.preprocess)[:, :, 20:]
    assert found.deletion[8] == pytest.approx(float(model.logits(half).softmax(1)[0, 0]), abs=1e-6)


def test_an_unknown_protocol_is_named():
    with pytest.raises(UnknownName, match="petsiuk"):
        get_protocol("petsiu")


def test_every_protocol_says_what_it_does():
    assert all(row.sentence.endswith(".") and row.source for row in CURVE_PROTOCOLS.values())
