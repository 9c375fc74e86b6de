"""The class against networks on the cue conflicts of one bet: whether shape or texture decides, and whether both make
the same mistakes.
"""

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import Cue, CueVotes, cue_of, tally
from robust_core.events import Progress
from robust_core.intervals import Interval, wilson
from robust_core.lesson.answers import Answer, Origin
from robust_core.lesson.bets import Stimuli
from robust_core.lesson.evidence_cues import network_decisions
from robust_core.lesson.found import Found
from robust_core.lesson.shown_images import stimuli_of
from robust_core.lesson.votes import Votes
from robust_core.resampling import RESAMPLES, SEED, clustered_share, percentile_bounds, resampled_means

OF_CLASS = "This class"  # begins what the class itself comes to
OVER_SEATS = f"Wilson at the effective n of a cluster bootstrap over seats and stimuli, {RESAMPLES:,} resamples"
OVER_STIMULI = f"bootstrap over stimuli, {RESAMPLES:,} resamples"
OVER_MEAN = f"mean over seats, bootstrap over seats, {RESAMPLES:,} resamples"
FORMULA = (
    "error consistency: Cohen's κ of being right about the shape, against what both accuracies let expect (Geirhos et "
    "al. 2020, Beyond accuracy); it is 0 where one of them makes no mistake"
)
FEWEST_DEFINED = 0.5  # share of resamples whose κ is defined, below which there is no interval


@dataclass(frozen=True)
class Kappa:
    """An error consistency with its 95% bounds, where there are any, over `n` stimuli or seats."""

    value: float
    low: float | None
    high: float | None
    n: int
    method: str


@dataclass(frozen=True)
class ClassShares:
    """The class's shape bias, whose n are votes for shape or texture, and coverage, whose n are all votes; None where
    nothing was decided, or nobody has voted.
    """

    shape_bias: Interval | None
    coverage: Interval | None


@dataclass(frozen=True, eq=False)
class NetworkDecisions:
    """What a network decides for (N,), as places among the 16 categories, on the stimuli of a bet."""

    found: Found
    decisions: np.ndarray


def kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    """Cohen's κ of two observers who are right or wrong (N,) bool about the same stimuli, (c_obs − c_exp) /
    (1 − c_exp), where c_obs is how often both are right or both wrong, and c_exp = p₁p₂ + (1 − p₁)(1 − p₂) what their
    accuracies let
    expect (Geirhos et al. 2020, section 2). None without stimuli, and where both are always right or always wrong.
    """
    if not len(first):
        return None
    value = float(_kappas(first[None], second[None])[0])
    return None if np.isnan(value) else value


def error_consistency(first: np.ndarray, second: np.ndarray) -> Kappa | None:
    """κ with a percentile interval over stimuli, which has none where nearly all resamples are alike or undefined."""
    value = kappa(first, second)
    if value is None:
        return None
    n = len(first)
    drawn = np.random.default_rng(SEED).integers(0, n, (RESAMPLES, n))
    resampled = _kappas(first[drawn], second[drawn])
    defined = resampled[~np.isnan(resampled)]
    bounds = percentile_bounds(defined, n) if len(defined) >= FEWEST_DEFINED * RESAMPLES else None
    return Kappa(value, *_within(bounds), n, OVER_STIMULI)


def mean_seat_consistency(votes: Votes, stimuli: Sequence[Stimulus], network: np.ndarray) -> Kappa | None:
    """The mean of the seats' own κ with a network's decisions (N,), each over the stimuli that the seat has answered;
    seats without a κ are left out. None where no seat has one.
    """
    right = _right(network, stimuli)
    known = []
    for answered in _by_seat(votes).values():
        places = np.array(sorted(answered))
        own = np.array([NAMES[answered[place]] == stimuli[place].shape for place in places])
        if (value := kappa(own, right[places])) is not None:
            known.append(value)
    if not known:
        return None
    bounds = percentile_bounds(resampled_means(np.array(known)[:, None])[:, 0], len(known))
    return Kappa(float(np.mean(known)), *_within(bounds), len(known), OVER_MEAN)


def shares_of_class(votes: Votes, stimuli: Sequence[Stimulus]) -> ClassShares:
    """Shape bias and coverage over all votes of all seats, which are no independent votes: the intervals are those of a
    bootstrap over seats and stimuli.
    """
    cues = {key: cue_of(NAMES[vote], stimuli[key[1]]) for key, vote in votes.items() if isinstance(vote, int)}
    shape = np.array([cue is Cue.SHAPE for cue in cues.values()], float)
    decided = np.array([cue is not Cue.OTHER for cue in cues.values()], float)
    clusterings = [np.unique(one, return_inverse=True)[1] for one in zip(*cues, strict=True)]
    return ClassShares(_clustered(shape, decided, clusterings), _clustered(decided, np.ones(len(cues)), clusterings))


def shares_of_seats(votes: Votes, stimuli: Sequence[Stimulus]) -> dict[str, CueVotes]:
    """Each seat's own votes for shape and texture, over the stimuli that it has answered."""
    return {
        seat: tally(list(answered.values()), [stimuli[place] for place in answered])
        for seat, answered in _by_seat(votes).items()
    }


def majority(votes: Votes, count: int) -> list[int | None]:
    """What most seats say of each of `count` stimuli, as places among the 16 categories; of equally many the one that
    comes first in the alphabet. None where nobody has voted.
    """
    found: list[int | None] = []
    for place in range(count):
        said = Counter(vote for (_, part), vote in votes.items() if part == place and isinstance(vote, int))
        found.append(min(said, key=lambda vote: (-said[vote], vote)) if said else None)
    return found


def prepare_networks(bet: Stimuli) -> Generator[Progress, None, tuple[NetworkDecisions, ...]]:
    """What networks decide for on the bet's own stimuli, recorded or computed now. Raises what the study raises."""
    found = yield from network_decisions(stimuli_of(bet))
    return tuple(NetworkDecisions(one, decisions) for one, decisions in found)


def answers_of_class(bet: Stimuli, votes: Votes, networks: Sequence[NetworkDecisions]) -> tuple[Answer, ...]:
    """The class's shape bias and coverage, the networks' on the same stimuli, and error consistencies; none without a
    vote.
    """
    if not votes:
        return ()
    drawn = stimuli_of(bet)
    stimuli = [drawn.at(place).stimulus for place in range(bet.count)]
    seats = len({seat for seat, _ in votes})
    shown = f"{seats} seats, {bet.count} stimuli ({drawn.title}), each seen for {bet.shown_ms} ms on own screens"
    shares = shares_of_class(votes, stimuli)
    answers = [
        _share_of_class(title, share, f"{title}; {shown}; {share.method}")
        for title, share in (("shape bias", shares.shape_bias), ("coverage", shares.coverage))
        if share is not None
    ]
    for network in networks:
        answers += _beside(network, votes, stimuli, shown)
    return tuple(answers)


def _beside(network: NetworkDecisions, votes: Votes, stimuli: Sequence[Stimulus], shown: str) -> list[Answer]:
    """One network on the same stimuli, and how far its mistakes are the class's."""
    found, counted = network.found, tally(network.decisions, stimuli)
    answers = []
    if (share := wilson(counted.shape, counted.decided)) is not None:
        of_network = found.share(f"{found.who}, shape bias", share, "shape bias on the class's own stimuli")
        answers.append(replace(of_network, metric="shape bias"))
    agreed = majority(votes, len(stimuli))
    places = [place for place, vote in enumerate(agreed) if vote is not None]
    of_majority = np.array([NAMES[agreed[place] or 0] == stimuli[place].shape for place in places], bool)
    both = {
        "the class's majority": error_consistency(of_majority, _right(network.decisions, stimuli)[places]),
        "the mean seat": mean_seat_consistency(votes, stimuli, network.decisions),
    }
    for who, one in both.items():
        if one is not None:
            protocol = f"{FORMULA}; {shown}; {one.method}"
            value = f"{who[0].upper()}{who[1:]} and {found.who}", one.value, "κ", Origin.LIVE
            answers.append(Answer(*value, protocol, "votes of this class", one.n, one.low, one.high))
    return answers


def _share_of_class(title: str, share: Interval, protocol: str) -> Answer:
    value = f"{OF_CLASS}, {title}", 100 * share.estimate, "%", Origin.LIVE, protocol, "votes of this class", share.n
    return Answer(*value, 100 * share.low, 100 * share.high, metric=title)


def _clustered(hits: np.ndarray, of: np.ndarray, clusterings: Sequence[np.ndarray]) -> Interval | None:
    """The share with clusters of those kinds of which there are two at least; Wilson's where there are none."""
    several = [one for one in clusterings if one.max() > 0]
    if not several:
        return wilson(int(hits.sum()), int(of.sum()))
    return clustered_share(hits, of, several, OVER_SEATS)


def _by_seat(votes: Votes) -> Mapping[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for (seat, part), vote in votes.items():
        if isinstance(vote, int):
            found.setdefault(seat, {})[part] = vote
    return found


def _right(decisions: np.ndarray, stimuli: Sequence[Stimulus]) -> np.ndarray:
    """(N,) bool: which decisions are the stimulus's shape."""
    return np.array([NAMES[decision] == one.shape for decision, one in zip(decisions, stimuli, strict=True)], bool)


def _kappas(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """κ of each row of (R,N) bool; NaN where it is not defined."""
    p_first, p_second = first.mean(1), second.mean(1)
    expected = p_first * p_second + (1 - p_first) * (1 - p_second)
    left = 1 - expected
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 0, ((first == second).mean(1) - expected) / left, np.nan)


def _within(bounds: tuple[float, float] | None) -> tuple[float | None, float | None]:
    return (None, None) if bounds is None else bounds
