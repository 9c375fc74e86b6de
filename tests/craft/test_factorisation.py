"""Planted concepts are found, coefficients are least squares, and counterparts are matched."""

import numpy as np
import pytest
from scipy.optimize import nnls

from robust_core.craft.factorisation import coefficients, factorised, found_again, relative_error

RNG = np.random.default_rng(0)


def planted(n=200, concepts=4, channels=30):
    """Sparse mixtures of concepts that share some of their channels."""
    bank = RNG.gamma(0.5, size=(concepts, channels)) * (RNG.random((concepts, channels)) < 0.4)
    mixture = RNG.gamma(1.0, size=(n, concepts)) * (RNG.random((n, concepts)) < 0.5)
    return mixture, bank / np.linalg.norm(bank, axis=1, keepdims=True)


def test_planted_concepts_are_recovered():
    mixture, bank = planted()
    found, concepts = factorised(mixture @ bank, 4, seed=0)
    likeness = concepts @ bank.T
    match = likeness.argmax(0)
    assert sorted(match) == [0, 1, 2, 3]
    assert likeness.max(0) == pytest.approx(np.ones(4), abs=0.01)
    assert np.linalg.norm(concepts, axis=1) == pytest.approx(np.ones(4))
    assert relative_error(mixture @ bank, found @ concepts) < 0.02
    for number, column in enumerate(match):
        assert np.corrcoef(found[:, column], mixture[:, number])[0, 1] > 0.99


def test_the_same_seed_finds_the_same():
    mixture, bank = planted()
    once, again = (factorised(mixture @ bank, 4, seed=3)[1] for _ in range(2))
    assert np.array_equal(once, again)


def test_coefficients_are_non_negative_least_squares():
    _, bank = planted()
    rows = RNG.random((20, 30))
    found = coefficients(rows, bank)
    assert found == pytest.approx(np.array([nnls(bank.T, row)[0] for row in rows]), abs=1e-8)
    assert (found >= 0).all()


def test_an_idle_concept_gets_nothing():
    """Channels that never speak, such as those of a unit that is dead."""
    assert coefficients(np.eye(2, 3), np.array([[1.0, 0, 0], [0, 0, 0]])).tolist() == [[1, 0], [0, 0]]


def test_counterparts_are_matched_whatever_their_order():
    bank = np.eye(3, 5)
    near = bank + 0.1 * np.eye(3, 5, k=1)
    cosines, others = found_again(bank, near[[2, 0, 1]], near[[1, 2, 0]])
    assert cosines == pytest.approx(np.ones(3))
    assert others == pytest.approx(4 * 0.1 / 1.01 / 6)


def test_halves_that_share_nothing_are_far_apart():
    cosines, _ = found_again(np.eye(2, 6), np.eye(2, 6, k=2), np.eye(2, 6, k=4))
    assert cosines.tolist() == [0, 0]


def test_the_error_of_nothing_is_not_known():
    assert relative_error(np.ones((2, 2)), np.zeros((2, 2))) == 1
    assert np.isnan(relative_error(np.zeros((2, 2)), np.zeros((2, 2))))
