"""CERTIFY and PREDICT on a network whose smoothed classifier is known in closed form."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import binom, binomtest, norm

from robust_core.certificates import bounds
from robust_core.certificates.certify import Certificate, certify, predict, prediction
from robust_core.certificates.noise import FOR_BOUND, noise
from robust_core.certificates.smoothing import Smoothing
from robust_core.certificates.votes import Votes, votes
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.models.batches import in_batches_of
from tests.certificates.networks import grey, two_sided
from tests.tiny import convolutional, images

SMALL = Smoothing(sigma=0.5, n=100, alpha=0.1, n0=10)


def certificate(model, smoothing, image=None, index=0) -> Certificate:
    return result_of(certify(model, grey() if image is None else image, smoothing, index))


def test_the_votes_are_those_of_the_closed_form():
    distance, smoothing = 0.3, Smoothing(sigma=0.5, n=4000)
    found = certificate(two_sided(distance), smoothing)
    assert found.votes.n == 4000
    assert binomtest(found.votes.counts[0], 4000, norm.cdf(distance / 0.5)).pvalue > 0.001


def test_certificates_are_wrong_as_often_as_the_bound_allows_and_no_rarer():
    """At a large α, over many seeds: how often the radius is beyond the boundary is known exactly."""
    distance, tries = 0.3, 200
    model, p = two_sided(distance), norm.cdf(0.3 / 0.5)
    radii = [certificate(model, replace(SMALL, seed=seed)).radius for seed in range(tries)]
    beyond = sum(radius > distance for radius in radii)
    first = next(count for count in range(101) if bounds.lower_bound(count, 100, 0.1) > p)
    exact = binom.sf(first - 1, 100, p)
    assert 0.03 < exact <= 0.1
    assert binomtest(beyond, tries, 0.1, alternative="greater").pvalue > 0.001
    assert binomtest(beyond, tries, exact).pvalue > 0.001


def test_a_far_image_gets_the_ceiling_and_no_more():
    smoothing = Smoothing(sigma=0.25, n=200)
    found = certificate(two_sided(5.0), smoothing)
    assert found.radius == pytest.approx(smoothing.ceiling)
    assert found.label == 0


def test_it_abstains_on_the_boundary():
    model = two_sided(0.0)
    found = [certificate(model, replace(SMALL, seed=seed)) for seed in range(60)]
    abstained = [one for one in found if one.abstains]
    assert all(one.radius == 0 and one.label is None for one in abstained)
    assert binomtest(60 - len(abstained), 60, 0.1, alternative="greater").pvalue > 0.001


def test_prediction_abstains_unless_the_first_is_clearly_ahead():
    def said(*counts):
        return prediction(Votes(0, FOR_BOUND, Counter(dict(enumerate(counts)))), 0.05)

    assert said(60, 40) is None  # p = 0.057
    assert said(61, 39) == 0
    assert said(39, 61) == 1
    assert said(50, 50) is None
    assert said(5) is None  # p = 0.0625
    assert said(6) == 0
    assert said(30, 25, 45) is None  # against the second alone
    assert said(30, 10, 60) == 2


def test_predict_says_what_the_network_says():
    for distance, label in ((0.5, 0), (-0.5, 1), (0.0, None)):
        assert result_of(predict(two_sided(distance), grey(), Smoothing(sigma=0.25, n=200))) == label


def test_neither_batches_nor_other_images_change_the_draws():
    model, image = convolutional(), images(1)[0]
    its = Smoothing(sigma=0.3, n=120, n0=20, seed=4)
    whole = certificate(model, its, image, index=7)
    parts = result_of(in_batches_of(7, certify(model, image, its, 7)))
    assert whole == parts
    assert certificate(model, its, image, index=8).votes.counts != whole.votes.counts
    assert certificate(model, replace(its, seed=5), image, index=7).votes.counts != whole.votes.counts


def test_more_draws_begin_with_the_same():
    few, many = (noise((3, 2, 2), 1, 2, FOR_BOUND, range(n)) for n in (3, 9))
    assert torch.equal(few, many[:3])
    assert torch.equal(noise((3, 2, 2), 1, 2, FOR_BOUND, range(5, 9)), many[5:])
    assert len(np.unique(many)) == many.numel()
    assert not torch.equal(many, noise((3, 2, 2), 1, 2, FOR_BOUND + 1, range(9)))


def test_the_noise_is_standard_normal():
    values = noise((3, 8, 8), 0, 0, FOR_BOUND, range(200)).flatten().double()
    assert abs(values.mean()) < 4 / len(values) ** 0.5
    assert abs(values.var() - 1) < 4 * (2 / len(values)) ** 0.5


def test_votes_come_as_they_are_counted():
    model, seen = two_sided(0.2), []
    work = in_batches_of(30, votes(model, grey(), SMALL, 0, FOR_BOUND, range(100)))
    seen = [event for event in _events(work) if isinstance(event, Votes)]
    assert [one.n for one in seen] == [25, 50, 75]
    assert all(a.counts[0] <= b.counts[0] for a, b in zip(seen, seen[1:], strict=False))


def _events(work):
    for event in work:
        assert isinstance(event, Votes | Progress)
        yield event


def test_nothing_is_left_behind():
    model, image = convolutional(), images(1)[0]
    state, before = torch.random.get_rng_state(), image.clone()
    legacy = np.random.get_state()[1].copy()
    certificate(model, SMALL, image)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (np.random.get_state()[1] == legacy).all()
    assert torch.equal(image, before)
    assert all(parameter.grad is None for parameter in model.network.parameters())


@pytest.mark.parametrize(
    "wrong",
    [
        {"sigma": 0},
        {"sigma": -1},
        {"sigma": 11},
        {"sigma": float("nan")},
        {"sigma": "0.25"},
        {"n": 0},
        {"n": 1_000_000},
        {"n": 10.5},
        {"n0": 0},
        {"n0": 2000},
        {"n": 50},  # n0 is 100
        {"alpha": 0},
        {"alpha": 1},
        {"alpha": True},
        {"seed": -1},
        {"n": 9, "n0": 5},  # 0.001^(1/9) < 1/2
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(BadInput):
        Smoothing(**{"sigma": 0.25, **wrong})


def test_wrong_images_are_refused():
    for ask in (certify, predict):
        for image in (images(2), images(1)[0] * 2, images(1)[0].double()):
            with pytest.raises(BadInput):
                ask(convolutional(), image, SMALL)
        with pytest.raises(BadInput):
            ask(convolutional(), images(1)[0], SMALL, -1)
