"""Linear CKA against its closed forms."""

import numpy as np
import pytest

from robust_core.downstream.cka import linear_cka

RNG = np.random.default_rng(0)
FIRST, SECOND = RNG.normal(size=(40, 5)), RNG.normal(size=(40, 7))


@pytest.mark.parametrize("unbiased", [True, False])
def test_rotation_scale_and_place_do_not_matter(unbiased):
    rotation, _ = np.linalg.qr(RNG.normal(size=(5, 5)))
    assert linear_cka(FIRST, 3 * FIRST @ rotation + 11, unbiased) == pytest.approx(1)
    assert linear_cka(FIRST, SECOND, unbiased) == pytest.approx(linear_cka(SECOND, FIRST @ rotation, unbiased))


def test_the_plain_estimate_is_kornbliths_formula():
    first, second = FIRST - FIRST.mean(0), SECOND - SECOND.mean(0)
    norm = np.linalg.norm
    expected = norm(second.T @ first) ** 2 / (norm(first.T @ first) * norm(second.T @ second))
    assert linear_cka(FIRST, SECOND, unbiased=False) == pytest.approx(expected)


def hsic(first, second):
    """The unbiased HSIC of Song et al. 2012, equation 5."""
    n = len(first)
    one, other = (features @ features.T for features in (first, second))
    np.fill_diagonal(one, 0)
    np.fill_diagonal(other, 0)
    ones = np.ones(n)
    whole = ones @ one @ ones * (ones @ other @ ones) / ((n - 1) * (n - 2))
    return (np.trace(one @ other) + whole - 2 / (n - 2) * ones @ one @ other @ ones) / (n * (n - 3))


def test_the_unbiased_estimate_is_that_of_song_and_nguyen():
    expected = hsic(FIRST, SECOND) / np.sqrt(hsic(FIRST, FIRST) * hsic(SECOND, SECOND))
    assert linear_cka(FIRST, SECOND) == pytest.approx(expected)


def test_unrelated_features_are_at_zero_where_the_plain_estimate_is_near_one():
    pairs = [np.random.default_rng(seed).normal(size=(2, 30, 400)) for seed in range(20)]
    assert np.mean([linear_cka(*pair) for pair in pairs]) == pytest.approx(0, abs=0.05)
    assert np.mean([linear_cka(*pair, unbiased=False) for pair in pairs]) > 0.9


def test_features_that_do_not_vary_have_no_similarity():
    assert np.isnan(linear_cka(np.ones((10, 3)), FIRST[:10]))
