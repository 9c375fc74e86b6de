"""The smallest change of the smoothed classifier, where the smallest is known."""

from collections import Counter
from dataclasses import replace

import pytest
import torch

from robust_core.certificates.certify import Certificate, certify, prediction
from robust_core.certificates.noise import FOR_BOUND
from robust_core.certificates.smallest import smallest_change
from robust_core.certificates.smoothing import SmoothedSearch, Smoothing
from robust_core.certificates.votes import Votes, votes
from robust_core.errors import BadInput
from robust_core.events import result_of
from tests.certificates.networks import grey, two_sided
from tests.tiny import convolutional, images

SEARCH = SmoothedSearch(steps=25, draws=8)
SMOOTHING = Smoothing(sigma=0.5, n=2000)


def smallest(model, image, right, smoothing=SMOOTHING, search=SEARCH):
    certificate = result_of(certify(model, image, smoothing))
    return certificate, result_of(smallest_change(model, image, right, certificate, search))


@pytest.mark.parametrize("distance", [0.2, 0.6, 1.1])
def test_it_comes_as_near_to_the_boundary_as_predict_can_tell(distance):
    model = two_sided(distance, classes=3)
    certificate, found = smallest(model, grey(), 0)
    assert found.label == 1
    assert certificate.radius <= distance <= found.distance
    assert found.distance < distance + 0.15 * SMOOTHING.sigma  # of which PREDICT's own doubt at n = 2,000 is 0.11
    assert torch.linalg.vector_norm(found.pixels - grey()) == pytest.approx(found.distance, rel=1e-5)


def test_a_network_that_is_sure_of_itself_hides_nothing():
    _, found = smallest(two_sided(1.5, scale=1e4), grey(), 0, replace(SMOOTHING, n=500))
    assert 1.5 <= found.distance < 1.5 + 0.5 * SMOOTHING.sigma


def test_what_is_found_holds_on_other_draws_and_lies_in_range():
    model = convolutional()
    its = replace(SMOOTHING, n=600)
    for index, image in enumerate(images(2)):
        certificate = result_of(certify(model, image, its, index))
        right = certificate.candidate
        found = result_of(smallest_change(model, image, right, certificate, SEARCH, index))
        assert found.label not in (None, right)
        assert 0 <= found.pixels.min() <= found.pixels.max() <= 1
        assert certificate.radius < found.distance
        other = replace(its, seed=99)
        again = result_of(votes(model, found.pixels, other, index, FOR_BOUND, range(600)))
        assert prediction(again, 0.05) == found.label


def test_an_image_that_is_taken_for_another_class_needs_no_change():
    _, found = smallest(two_sided(-0.4), grey(), 0)
    assert (found.distance, found.label) == (0, 1)
    assert torch.equal(found.pixels, grey())


def test_an_image_that_is_certified_as_another_class_needs_no_change_though_predict_abstains():
    votes_for_1 = Votes(0, FOR_BOUND, Counter({1: 57, 0: 43}))
    certificate = Certificate(Smoothing(sigma=0.5, n=100, alpha=0.1, n0=10), 1, votes_for_1)
    assert certificate.label == 1
    assert prediction(votes_for_1, 0.1) is None
    found = result_of(smallest_change(two_sided(0.4), grey(), 0, certificate, SEARCH))
    assert (found.distance, found.label) == (0, 1)


def test_abstention_does_not_count_as_a_change():
    """On the boundary itself CERTIFY abstains; the nearest change is one that PREDICT is sure of."""
    certificate, found = smallest(two_sided(0.0), grey(), 0)
    assert certificate.abstains
    assert 0 < found.distance < 0.3 * SMOOTHING.sigma
    assert found.label == 1


def test_where_no_image_is_another_class_nothing_is_found():
    _, found = smallest(two_sided(1e4), grey(), 0)
    assert (found.distance, found.label) == (float("inf"), None)
    assert torch.equal(found.pixels, grey())


def test_the_same_seed_finds_the_same_and_nothing_is_left_behind():
    model, image = convolutional(), images(1)[0]
    state, before = torch.random.get_rng_state(), image.clone()
    few = replace(SMOOTHING, n=200)
    right = result_of(certify(model, image, few)).candidate
    _, first = smallest(model, image, right, few)
    _, again = smallest(model, image, right, few)
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(image, before)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.network.parameters())


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 5000}, {"draws": 0}, {"draws": 1.5}, {"draws": 10**6}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(BadInput):
        SmoothedSearch(**wrong)
