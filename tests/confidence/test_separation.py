from itertools import product

import numpy as np
import pytest

from robust_core.confidence.separation import SCORES, Separation
from robust_core.errors import BadInput
from robust_core.intervals import wilson


def brute_force_auroc(known, unknown):
    return np.mean([(a > b) + (a == b) / 2 for a, b in product(known, unknown)])


def brute_force_aupr(known, unknown):
    """Precision times the step of recall, over the distinct scores from the top."""
    area, recall_before = 0.0, 0.0
    for threshold in sorted({*known, *unknown}, reverse=True):
        hits, accepted = (known >= threshold).sum(), (known >= threshold).sum() + (unknown >= threshold).sum()
        area += (hits / len(known) - recall_before) * hits / accepted
        recall_before = hits / len(known)
    return area


@pytest.mark.parametrize("seed", range(6))
def test_areas_are_those_of_all_pairs_and_of_all_thresholds(seed):
    """Whole numbers, so that many tie."""
    rng = np.random.default_rng(seed)
    known, unknown = rng.integers(2, 9, 23).astype(float), rng.integers(0, 8, 31).astype(float)
    found = Separation(known, unknown)
    assert found.auroc.estimate == pytest.approx(brute_force_auroc(known, unknown))
    assert found.aupr == pytest.approx(brute_force_aupr(known, unknown))


def test_known_answers_of_four():
    found = Separation(np.array([4.0, 2.0]), np.array([3.0, 1.0]))
    assert found.auroc.estimate == 0.75
    assert found.aupr == pytest.approx((1 + 2 / 3) / 2)
    assert Separation(np.ones(5), np.ones(7)).auroc.estimate == 0.5


def test_scores_that_are_all_the_same_are_chance_with_doubt():
    found = Separation(np.ones(5), np.ones(7)).auroc
    assert found.low < 0.3 < found.estimate < 0.7 < found.high


def test_delong_in_its_first_form():
    """The variance over the shares of the other set that each score beats, counted pair by pair."""
    rng = np.random.default_rng(4)
    known, unknown = rng.normal(1, 1, 40), rng.normal(0, 1, 60)
    wins = (known[:, None] > unknown) + 0.5 * (known[:, None] == unknown)
    variance = wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 60
    area = wins.mean()
    logit, reach = np.log(area / (1 - area)), 1.959964 * np.sqrt(variance) / (area * (1 - area))
    found = Separation(known, unknown).auroc
    assert (found.low, found.high) == pytest.approx(tuple(1 / (1 + np.exp(-(logit + np.array([-reach, reach]))))))


def test_the_interval_covers_as_often_as_it_says():
    """Normal scores one standard deviation apart have an AUROC of Phi(1 / sqrt 2) = 0.760."""
    rng, covered = np.random.default_rng(5), 0
    for _ in range(400):
        found = Separation(rng.normal(1, 1, 40), rng.normal(0, 1, 30)).auroc
        covered += found.low <= 0.7602 <= found.high
    assert 0.92 <= covered / 400 <= 0.985


def test_complete_separation_has_an_interval_all_the_same():
    found = Separation(np.arange(10.0, 30), np.arange(0.0, 5)).auroc
    assert (found.estimate, found.high) == (1, 1)
    assert found.low == wilson(5, 5).low
    turned = Separation(np.arange(0.0, 5), np.arange(10.0, 30)).auroc
    assert (turned.estimate, turned.low, turned.high) == (0, 0, wilson(0, 5).high)


def test_at_least_95_percent_of_the_known_reach_the_threshold():
    known = np.arange(1.0, 101)
    found = Separation(known, np.array([0.0, 5.0, 6.0, 7.0, 200.0]))
    assert found.threshold == 6  # 6 to 100 are 95 of 100
    assert found.fpr95 == wilson(3, 5)
    for n in (1, 3, 19, 20, 21, 39):
        scores = np.random.default_rng(n).normal(size=n)
        threshold = Separation(scores, scores).threshold
        assert (scores >= threshold).mean() >= 0.95
        assert (scores > threshold).mean() < 0.95


def test_the_three_scores_in_closed_form():
    logits = np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, 0.0]])
    exponentials = np.exp(logits[0])
    found = {score.key: score.of(logits) for score in SCORES}
    assert found["max_softmax"] == pytest.approx([exponentials[2] / exponentials.sum(), 1])
    assert found["max_logit"].tolist() == [3, 1000]
    assert found["energy"] == pytest.approx([np.log(exponentials.sum()), 1000])


@pytest.mark.parametrize("scores", [np.zeros(0), np.array([np.nan]), np.zeros((2, 2)), np.array([np.inf])])
def test_scores_that_are_none_are_refused(scores):
    with pytest.raises(BadInput, match="one finite score"):
        Separation(scores, np.ones(3))
