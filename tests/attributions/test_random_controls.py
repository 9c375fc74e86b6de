"""Random maps: their grain, their rank, and when drawing them ends."""

import gc
from dataclasses import replace

import numpy as np
import pytest

from robust_core.attributions import random_controls as module
from robust_core.attributions.curve_protocols import CURVE_PROTOCOLS
from robust_core.attributions.insertion_deletion import Curves
from robust_core.attributions.quality import rank_correlation
from robust_core.attributions.random_controls import MOST, RandomControls, random_controls, random_map
from robust_core.events import result_of
from tests import tiny
from tests.attributions.networks import attribute, blob, curved, red_finder

PROTOCOL = CURVE_PROTOCOLS["16_steps"]


def curves(score: float) -> Curves:
    return Curves(np.full(17, 0.5 + score / 2), np.full(17, 0.5 - score / 2))


def spectrum(one: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft2(one.astype(np.float64)))


@pytest.mark.parametrize("shape", [(8, 8), (9, 7)])
def test_a_control_has_the_grain_of_the_map_and_nothing_else_of_it(shape):
    one = np.random.default_rng(0).standard_normal(shape).cumsum(0).astype(np.float32)
    control, again, other = (random_map(spectrum(one), shape, number) for number in (0, 0, 1))
    np.testing.assert_allclose(spectrum(control), spectrum(one), atol=1e-3)
    np.testing.assert_array_equal(control, again)
    assert control.shape == shape
    assert abs(rank_correlation(control, other)) < 0.9
    assert abs(rank_correlation(control, one)) < 0.9


@pytest.mark.parametrize(
    ("others", "rank", "p_value", "beaten"),
    [
        ([0.1] * 19, 1, 1 / 20, True),
        ([0.1] * 3 + [0.9] + [0.1] * 15, 2, 1 / 4, False),  # the fourth does better
        ([0.5, 0.1, 0.1], 2, 1, False),  # a tie counts against the map
        ([0.1] * 18 + [0.9], 2, 1 / 19, False),
        ([0.1] * 3, 1, 1 / 4, False),
    ],
)
def test_rank_and_p_value_by_hand(others, rank, p_value, beaten):
    found = RandomControls(0.5, tuple(map(curves, others)))
    assert (found.rank, found.p_value, found.beaten) == (rank, pytest.approx(p_value), beaten)


def test_under_chance_the_p_value_is_no_smaller_than_it_says():
    """20,000 random maps among random ones, drawn until the first that does as well: P(p ≤ 1/k) = 1/k."""
    dice = np.random.default_rng(0)
    own, others = dice.random((20_000, 1)), dice.random((20_000, MOST))
    beaten = others >= own
    p_values = np.where(beaten.any(1), 1 / (1 + beaten.argmax(1)), 1 / (MOST + 1))
    for level in (0.05, 0.1, 0.25, 0.5):
        assert (p_values <= level).mean() == pytest.approx(level, abs=0.012)


def test_a_planted_map_beats_all_and_a_random_one_ends_early():
    model, pixels = red_finder(), blob()
    good = attribute(model, pixels, "occlusion")
    own = good.map
    poor = replace(good, values=-own[None])
    found = {}
    for name, one in (("good", good), ("poor", poor)):
        (mine,) = result_of(module.insertion_deletion(model, pixels, 0, [one.map], PROTOCOL))
        found[name] = result_of(random_controls(model, pixels, one, mine, PROTOCOL))
    assert found["good"].beaten
    assert (found["good"].rank, len(found["good"].curves)) == (1, MOST)
    assert not found["poor"].beaten
    last = len(found["poor"].curves)
    assert (found["poor"].rank, found["poor"].p_value) == (2, 1 / last), "what does as well is the last one counted"
    assert all(one.score < found["poor"].score for one in found["poor"].curves[:-1])


def test_maps_of_one_spectrum_share_their_controls(monkeypatch):
    model, pixels = curved(), tiny.images(1)
    one = attribute(model, pixels, "saliency")
    drawn = []
    original = module.insertion_deletion
    monkeypatch.setattr(module, "insertion_deletion", lambda *of: drawn.append(len(of[3])) or original(*of))
    unbeatable = curves(2.0)
    first = result_of(random_controls(model, pixels, one, unbeatable, PROTOCOL))
    assert sum(drawn) == MOST
    again = result_of(random_controls(model, pixels, one, unbeatable, PROTOCOL))
    assert sum(drawn) == MOST
    assert [a.score for a in again.curves] == [a.score for a in first.curves]
    result_of(random_controls(model, pixels.flip(-1), one, unbeatable, PROTOCOL))
    assert sum(drawn) == 2 * MOST


def test_controls_of_a_network_go_with_it():
    model, pixels = curved(), tiny.images(1)
    result_of(random_controls(model, pixels, attribute(model, pixels, "saliency"), curves(2.0), PROTOCOL))
    before = len(module._REMEMBERED._of)
    del model
    gc.collect()
    assert len(module._REMEMBERED._of) < before
