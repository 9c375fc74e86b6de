"""The class against networks: known answers for shape bias and for error consistency."""

import numpy as np
import pytest

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.events import result_of
from robust_core.lesson.answers import Origin
from robust_core.lesson.bets import Stimuli
from robust_core.lesson.class_shape_bias import (
    OVER_SEATS,
    answers_of_class,
    error_consistency,
    kappa,
    majority,
    mean_seat_consistency,
    prepare_networks,
    shares_of_class,
    shares_of_seats,
)
from robust_core.lesson.classrooms import Classrooms
from robust_core.lesson.found import find_or_run
from robust_core.lesson.shown_images import stimuli_of
from robust_core.recordings import shipped
from tests.lesson.lessons import CUES, LESSON

BET = Stimuli(8, seed=3)


def stimulus(shape, texture):
    return Stimulus(f"{shape}-{texture}", "", NAMES[shape], NAMES[texture])


CONFLICTS = [stimulus(place, (place + 5) % len(NAMES)) for place in range(8)]
SHAPES = list(range(8))


def votes_of(*rows):
    """The votes of seats, a row each; None where a seat has not voted."""
    return {
        (f"seat {number}", place): vote
        for number, row in enumerate(rows)
        for place, vote in enumerate(row)
        if vote is not None
    }


def test_a_class_that_follows_shape_alone_has_a_shape_bias_of_1():
    shares = shares_of_class(votes_of(SHAPES, SHAPES), CONFLICTS)
    assert (shares.shape_bias.estimate, shares.coverage.estimate) == (1, 1)
    assert (shares.shape_bias.n, shares.coverage.n) == (16, 16)
    assert shares.shape_bias.low < 1


def test_shape_bias_is_of_what_is_decided_and_coverage_of_all_votes():
    texture, other = 5, 9  # of the first conflict: shape 0
    votes = votes_of([0], [0], [0], [texture], [other], [other])
    shares = shares_of_class(votes, CONFLICTS[:1])
    assert (shares.shape_bias.estimate, shares.shape_bias.n) == (3 / 4, 4)
    assert (shares.coverage.estimate, shares.coverage.n) == (4 / 6, 6)


def test_nothing_decided_has_no_shape_bias_and_no_votes_no_coverage():
    assert shares_of_class(votes_of([9]), CONFLICTS[:1]).shape_bias is None
    empty = shares_of_class({}, CONFLICTS)
    assert (empty.shape_bias, empty.coverage) == (None, None)


def test_votes_of_one_seat_on_one_stimulus_are_no_clusters_and_many_agreeing_seats_are_few_independent_ones():
    assert shares_of_class(votes_of([0]), CONFLICTS[:1]).shape_bias.method == "Wilson"
    textures = [(place + 5) % len(NAMES) for place in range(8)]
    half = SHAPES[:4] + textures[4:]
    agreeing = shares_of_class(votes_of(*[half] * 30), CONFLICTS).shape_bias
    assert (agreeing.estimate, agreeing.n, agreeing.method) == (0.5, 240, OVER_SEATS)
    assert agreeing.high - agreeing.low > 0.4, "thirty who say the same know no more than one about other stimuli"


def test_each_seat_has_its_own():
    seats = shares_of_seats(votes_of([0, 6], [5, None]), CONFLICTS)
    assert {seat: (one.shape, one.texture, one.n) for seat, one in seats.items()} == {
        "seat 0": (1, 1, 2),
        "seat 1": (0, 1, 1),
    }


def test_the_majority_is_what_most_say_and_of_a_tie_the_first_in_the_alphabet():
    assert majority(votes_of([3, 7, None], [3, 2, None], [1, None, None]), 3) == [3, 2, None]


def test_kappa_of_a_small_table_is_that_of_the_formula():
    """20 stimuli: both right on 8, both wrong on 6, one alone on 4 and 2. c_obs = 14/20; p₁ = 12/20, p₂ = 10/20, so
    c_exp = 0.5 and κ = (0.7 − 0.5) / (1 − 0.5) = 0.4.
    """
    first = np.array([True] * 8 + [False] * 6 + [True] * 4 + [False] * 2)
    second = np.array([True] * 8 + [False] * 6 + [False] * 4 + [True] * 2)
    assert kappa(first, second) == pytest.approx(0.4)
    from sklearn.metrics import cohen_kappa_score

    assert kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_who_copies_has_kappa_1_who_does_the_opposite_less_than_0():
    right = np.array([True, False, True, False])
    assert kappa(right, right) == 1
    assert kappa(right, ~right) == -1


def test_kappa_is_not_defined_where_both_are_always_right_or_nothing_was_asked():
    assert kappa(np.ones(4, bool), np.ones(4, bool)) is None
    assert kappa(np.zeros(4, bool), np.zeros(4, bool)) is None
    assert kappa(np.array([], bool), np.array([], bool)) is None
    assert error_consistency(np.ones(4, bool), np.ones(4, bool)) is None


def test_independent_votes_have_a_kappa_near_0_within_its_interval():
    rng = np.random.default_rng(0)
    first, second = rng.random(4_000) < 0.6, rng.random(4_000) < 0.3
    found = error_consistency(first, second)
    assert abs(found.value) < 0.05
    assert found.low < 0 < found.high
    assert found.n == 4_000


def test_a_class_that_copies_a_network_makes_all_of_its_mistakes():
    network = np.array([0, 1, 2, 3, 9, 10, 11, 12])
    copying = votes_of(network.tolist(), network.tolist())
    agreed = np.array(majority(copying, 8))
    right = np.array([NAMES[one] == stimulus.shape for one, stimulus in zip(agreed, CONFLICTS, strict=True)])
    assert error_consistency(right, right).value == 1
    found = mean_seat_consistency(copying, CONFLICTS, network)
    assert (found.value, found.n) == (1, 2)
    assert mean_seat_consistency(votes_of(SHAPES), CONFLICTS, np.array(SHAPES)) is None, "never a mistake"


def test_the_mean_seat_is_the_mean_over_seats_of_what_each_has_answered():
    network = np.array([0, 1, 9, 9, 9, 9, 9, 9])  # right on the first two
    same = [0, 1, 9, 9]  # κ = 1
    opposite = [9, 9, 2, 3]  # κ = −1
    found = mean_seat_consistency(votes_of(same, same, opposite), CONFLICTS, network)
    assert found.value == pytest.approx((1 + 1 - 1) / 3)
    assert found.n == 3
    assert found.low < found.value < found.high


def test_networks_are_asked_about_the_very_stimuli_of_the_bet():
    networks = result_of(prepare_networks(BET))
    drawn = stimuli_of(BET)
    assert [one.found.who for one in networks] == [spec.title for spec in shipped.votes_request().models]
    every = result_of(find_or_run(networks[0].found.request)).result.by_model[0]
    known = {
        one.id: NAMES[row] for one, row in zip(every.stimuli, every.decisions["restricted_argmax"][0], strict=True)
    }
    assert [NAMES[one] for one in networks[0].decisions] == [known[one] for one in drawn.ids]
    assert all(one.found.origin is Origin.CACHED for one in networks)


def test_what_stands_beside_the_class_has_n_protocol_and_source():
    networks = result_of(prepare_networks(BET))
    assert answers_of_class(BET, {}, networks) == ()
    copying = votes_of(*[networks[0].decisions.tolist()] * 3)
    answers = answers_of_class(BET, copying, networks)
    own = {one.who: one for one in answers if one.origin is Origin.LIVE}
    assert {"This class, shape bias", "This class, coverage"} <= own.keys()
    (with_it,) = (one for who, one in own.items() if who == "The class's majority and Mini ResNeXt")
    assert (with_it.value, with_it.unit, with_it.n) == (1, "κ", 8)
    assert all("3 seats, 8 stimuli" in one.protocol and one.source == "votes of this class" for one in own.values())
    (beside,) = (one for one in answers if one.who == "Mini ResNeXt, shape bias")
    assert beside.value == pytest.approx(own["This class, shape bias"].value), "a copy decides for the same cues"


def test_a_desk_hands_out_the_votes_by_seat_and_part():
    desk = Classrooms().start(LESSON)
    room = desk.classroom
    seats = [room.join(), room.join()]
    desk.go(LESSON.scenes.index(CUES))
    for number, seat in enumerate(seats):
        room.vote(seat, "cues", 0, number)
    room.vote(seats[0], "cues", 1, 15)
    assert desk.votes("cues") == {(seats[0], 0): 0, (seats[1], 0): 1, (seats[0], 1): 15}
