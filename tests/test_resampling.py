"""Bootstraps beside closed forms."""

import numpy as np
import pytest
from scipy.stats import t

from robust_core.intervals import score_bounds, wilson
from robust_core.resampling import clustered_share, percentile_bounds, resampled_means

RNG = np.random.default_rng(0)


def bounds(interval):
    return interval.low, interval.high


def test_resampled_means_scatter_as_a_mean_does_and_columns_share_their_images():
    scores = RNG.normal(3, 2, (400, 1))
    again = resampled_means(np.hstack([scores, -scores]))
    assert again.shape == (1_000, 2)
    assert again[:, 0].mean() == pytest.approx(scores.mean(), abs=0.02)
    assert again[:, 0].std() == pytest.approx(scores.std() / 20, rel=0.1)
    assert again[:, 0] == pytest.approx(-again[:, 1])
    assert np.array_equal(again, resampled_means(np.hstack([scores, -scores]))), "a number keeps its interval"


def test_many_images_are_drawn_part_by_part(monkeypatch):
    scores = RNG.random((50, 2))
    monkeypatch.setattr("robust_core.resampling.DRAWS_AT_ONCE", 120)
    again = resampled_means(scores, resamples=7)
    assert again.shape == (7, 2)
    assert ((scores.min(axis=0) <= again) & (again <= scores.max(axis=0))).all()


@pytest.mark.parametrize("n", [5, 10, 100])
def test_the_interval_of_a_mean_is_as_wide_as_students(n):
    values = np.random.default_rng(1).normal(0, 1, n)
    resampled = np.random.default_rng(2).normal(values.mean(), values.std() / n**0.5, 400_000)
    low, high = percentile_bounds(resampled, n)
    assert high - low == pytest.approx(2 * t.ppf(0.975, n - 1) * values.std(ddof=1) / n**0.5, rel=0.03)


def test_what_never_varies_and_a_single_image_have_no_interval():
    assert percentile_bounds(np.full(1_000, 12.5), 30) is None
    assert percentile_bounds(RNG.random(1_000), 1) is None


def votes(share, n):
    hits = (np.arange(n) < share * n).astype(float)
    return hits, np.ones(n)


def test_stimuli_that_share_nothing_have_wilsons_interval():
    hits, of = votes(0.3, 200)
    alone = np.arange(200)
    interval = clustered_share(hits, of, [alone, alone], "by whatever")
    assert (interval.estimate, interval.n, interval.method) == (pytest.approx(0.3), 200, "by whatever")
    assert bounds(interval) == pytest.approx(bounds(wilson(60, 200)), abs=0.006)


def test_copies_of_a_stimulus_count_once():
    """40 shapes that decide alone, each in 10 textures: the doubt is that of 40."""
    shapes, textures = np.repeat(np.arange(40), 10), np.tile(np.arange(10), 40)
    hits = (shapes < 12).astype(float)
    interval = clustered_share(hits, np.ones(400), [shapes, textures], "")
    assert bounds(interval) == pytest.approx(score_bounds(0.3, 40), abs=0.02)


def test_both_kinds_of_clusters_add_up_and_the_chance_of_single_stimuli_counts_once():
    shapes, textures = np.repeat(np.arange(40), 40), np.tile(np.arange(40), 40)
    rng = np.random.default_rng(3)
    pull = rng.normal(0, 1, 40)[shapes] + rng.normal(0, 1, 40)[textures]
    hits = (rng.random(1_600) < 1 / (1 + np.exp(-pull))).astype(float)
    by_shape, by_texture, by_both = (
        np.ptp(bounds(clustered_share(hits, np.ones(1_600), clusterings, "")))
        for clusterings in ([shapes], [textures], [shapes, textures])
    )
    alone = np.ptp(bounds(wilson(int(hits.sum()), 1_600)))
    assert by_both**2 == pytest.approx(by_shape**2 + by_texture**2 - alone**2, rel=0.02)
    assert by_both > max(by_shape, by_texture) > 2 * alone


def test_it_is_never_narrower_than_the_interval_of_independent_stimuli():
    """Each shape is decided by shape in one of two stimuli, so that clusters vary less than chance would."""
    hits, shapes = np.tile([1.0, 0.0], 30), np.repeat(np.arange(30), 2)
    assert bounds(clustered_share(hits, np.ones(60), [shapes], "")) == pytest.approx(bounds(wilson(30, 60)))


def test_all_and_nothing_end_at_the_very_end_and_nothing_decided_is_none():
    clusters = np.repeat(np.arange(5), 4)
    assert clustered_share(np.ones(20), np.ones(20), [clusters], "").high == 1
    assert clustered_share(np.zeros(20), np.ones(20), [clusters], "").low == 0
    assert clustered_share(np.zeros(20), np.zeros(20), [clusters], "") is None
