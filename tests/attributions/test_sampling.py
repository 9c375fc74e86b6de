"""Draws until another seed would give the same map: what is promised is what another seed gives."""

import numpy as np
import pytest
import torch

from robust_core.attributions.methods import METHODS
from robust_core.attributions.sampling import FIRST, STEADY, split_half, until_steady
from robust_core.events import Progress, result_of
from tests import tiny
from tests.attributions.networks import attribute, curved, linear
from tests.outcomes import events_and_result

DRAWN = sorted(key for key, row in METHODS.items() if row.draws)
MODEL, PIXELS = curved(), tiny.images(1)


def pearson(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def noisy_plane(spread: float, most: int):
    """Draws of a fixed plane under noise of `spread` times its size, and the places that were asked for."""
    plane, asked = torch.randn(1, 1, 40, 40, generator=torch.Generator().manual_seed(0)), []

    def draw(places):
        asked.extend(places)
        noise = [np.random.default_rng([3, place]).standard_normal((1, 40, 40)) for place in places]
        return (len(places) * plane + spread * torch.from_numpy(np.stack(noise)).float().sum(0, keepdim=True),)

    return until_steady(MODEL, PIXELS, most, draw, lambda sums, n: sums[0] / n), asked, plane


@pytest.mark.parametrize("spread", [1, 4, 8])
def test_the_correlation_to_expect_is_that_of_signal_and_noise(spread):
    """Var(signal) / (Var(signal) + Var(noise) / n), for planes of which all is known."""
    work, _, _ = noisy_plane(spread, 64)
    estimate, _ = result_of(work)
    expected = 1 / (1 + spread**2 / estimate.samples)
    assert estimate.seed_correlation == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(("spread", "samples"), [(1, 32), (10, 512), (1_000, 600)])
def test_it_draws_until_it_is_steady_and_no_more_than_it_may(spread, samples):
    """Noise 10 times the signal's size needs n = 400 for a correlation of 0.8; the looks are at 32, 64, ... draws."""
    work, asked, _ = noisy_plane(spread, 600)
    estimate, _ = result_of(work)
    assert estimate.samples == len(asked) == samples
    assert sorted(asked) == list(range(samples))  # each draw once


def test_it_goes_on_while_there_is_not_enough():
    def draw(places):
        return (torch.arange(4.0).view(1, 1, 2, 2) * len(places),)

    work = until_steady(MODEL, PIXELS, 100, draw, lambda sums, n: sums[0] / n, lambda sums, n: n > 64)
    estimate, sums = result_of(work)
    assert estimate.samples == 100
    torch.testing.assert_close(sums[0], 100 * estimate.values)


def test_progress_counts_through_all_rounds():
    work, _, _ = noisy_plane(1_000, 600)
    news, _ = events_and_result(work)
    done = [event.done for event in news if isinstance(event, Progress)]
    assert done == sorted(done)
    assert {event.total for event in news} == {600}


def test_halves_by_hand():
    one = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
    other = torch.tensor([[[[1.0, 3.0, 2.0, 4.0]]]])  # r = 0.8
    assert split_half(one, other) == pytest.approx(2 * 0.8 / 1.8)
    assert split_half(one, one) == pytest.approx(1)
    assert split_half(one, -one) == pytest.approx(-1)
    assert split_half(one, 0 * one) is None


@pytest.mark.parametrize("method", DRAWN)
def test_another_seed_gives_what_was_promised(method):
    """On a network on which 64 draws leave much to chance, over pairs of seeds."""
    few = {"masks": 100} if method == "rise" else {"samples": 64}
    found = [attribute(MODEL, PIXELS, method, seed=seed, **few) for seed in range(8)]
    promised = np.mean([one.seed_correlation for one in found])
    measured = np.mean([pearson(one.map, other.map) for one, other in zip(found[::2], found[1::2], strict=True)])
    assert measured == pytest.approx(promised, abs=0.1)


@pytest.mark.parametrize("method", DRAWN)
def test_at_its_default_another_seed_gives_nearly_the_same_map(method):
    first, second = (attribute(MODEL, PIXELS, method, seed=seed) for seed in (0, 1))
    assert first.seed_correlation >= STEADY
    assert pearson(first.map, second.map) > STEADY - 0.05


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(DRAWN)))
def test_a_method_that_does_not_draw_promises_nothing(method):
    found = attribute(MODEL, PIXELS, method)
    assert (found.seed_correlation, found.samples) == (None, None)
    assert METHODS[method].with_other_seed(found.settings, 3) == dict(found.settings)


def test_other_seeds_stay_within_their_limits():
    settings = METHODS["rise"].settings({"seed": 9_999})
    assert METHODS["rise"].with_other_seed(settings, 1)["seed"] == 0
    assert METHODS["rise"].settings(METHODS["rise"].with_other_seed(settings, 2))["seed"] == 1


def test_gradient_shap_draws_on_until_it_adds_up():
    found = attribute(MODEL, PIXELS, "gradient_shap")
    assert found.gap_fraction <= 0.05


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_gradient_shap_under_noise_is_compared_with_the_score_of_its_noisy_copies(noise):
    """On a linear network its sum is exactly the mean score of the copies less the baseline's, whatever the noise."""
    weights = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    found = attribute(linear(weights), PIXELS, "gradient_shap", noise=noise, samples=8)
    assert abs(found.completeness_gap) < 1e-4
    assert (found.end_score == pytest.approx(found.score, abs=1e-5)) == (noise == 0)
    assert found.samples == 8 < FIRST
