"""What a vote may be: everything else is refused with a sentence, whatever a browser sends."""

import math

import pytest

from robust_core.errors import BadInput
from robust_core.lesson.bets import BETS, Choice, Number, Place, Stimuli, Word
from tests.lesson.lessons import LESSON

NO_VOTES = (None, True, [], {}, "x" * 10_000, -1, 10**9, math.nan, math.inf, [0.1], [0.1, 0.2, 0.3], [2, 0.5], "\x00")


@pytest.mark.parametrize("scene", LESSON.scenes, ids=lambda scene: scene.key)
@pytest.mark.parametrize("vote", NO_VOTES, ids=lambda vote: f"{vote!r:.20}")
def test_what_is_no_vote_is_refused(scene, vote):
    with pytest.raises(BadInput):
        scene.bet.checked(vote)


def test_every_kind_of_bet_is_in_the_lesson_of_these_tests():
    assert {scene.bet.kind for scene in LESSON.scenes} == set(BETS)


def test_a_choice_is_the_place_of_an_option():
    bet = Choice(("a", "b", "c"), right=(0, 2))
    assert [bet.is_right(bet.checked(place)) for place in range(3)] == [True, False, True]
    assert Choice(("a", "b")).is_right(0) is None, "nobody is wrong"


def test_a_number_is_one_that_the_slider_has_and_right_when_near():
    bet = Number(0, 100, 5, "%", right=40, within=5)
    assert [bet.checked(one) for one in (0, 41, 42.6, 100)] == [0, 40, 45, 100]
    assert {type(bet.checked(one)) for one in (0, 40, 100)} == {float}, "a file may have written whole numbers"
    assert [bet.is_right(float(one)) for one in (30, 35, 40, 45, 50)] == [False, True, True, True, False]


def test_a_slider_of_whole_numbers_gives_numbers_that_can_be_judged():
    bet = Number(1, 64, 1, "255ths", right=1)
    votes = [bet.checked(one) for one in (1, 33)]
    assert [type(one) for one in votes] == [float, float]
    assert [bet.is_right(one) for one in votes] == [True, False]


def test_a_place_is_right_inside_its_box():
    bet = Place("mini/test/0", (0.2, 0.4, 0.6, 0.8))
    assert bet.is_right(bet.checked([0.3, 0.5])) is True
    assert bet.is_right(bet.checked((0.3, 0.3))) is False


def test_a_word_loses_what_cannot_be_seen():
    assert Word().checked("  so\u202e  fragile\n ") == "so fragile"
    assert Word().checked("<b>bold</b>") == "<b>bold</b>", "it is shown as text, and so need not be refused"


def test_each_stimulus_has_a_vote():
    assert (Stimuli(8).parts, Stimuli(8).checked(15)) == (8, 15)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Choice(("one",)), "2 to 8 different options"),
        (lambda: Choice(("a", "a")), "2 to 8 different options"),
        (lambda: Choice(("a", "b"), (2,)), "right must be a whole number from 0 to 1"),
        (lambda: Number(0, 10, 0), "a step above 0"),
        (lambda: Number(10, 0, 1), "high must be a number from 10"),
        (lambda: Number(0, 10, 1, right=11), "right must be a number from 0 to 10"),
        (lambda: Place("a", (0.5, 0, 0.5, 1)), "from left to right"),
        (lambda: Place("a", (0, 0, 1)), "four sides"),
        (lambda: Stimuli(0), "count must be a whole number from 1 to 32"),
        (lambda: Stimuli(1, shown_ms=1), "shown_ms must be a whole number from 50"),
    ],
)
def test_a_bet_that_is_none_is_refused(make, said):
    with pytest.raises(BadInput, match=said):
        make()


def test_what_is_right_is_said_in_words_of_every_kind():
    assert Choice(("a", "b", "c"), (0, 2)).right_in_words == "“a” or “c”"
    assert Number(0, 30, 1, "flips", 4, 2).right_in_words == "4 flips, give or take 2"
    assert Place("x", (0.25, 0.1, 0.75, 0.5)).right_in_words == "25 to 75% from the left, 10 to 50% from the top"
    nobody_is_wrong = (Choice(("a", "b")), Number(0, 1, 1), Place("x"), Word(), Stimuli(2))
    assert [bet.right_in_words for bet in nobody_is_wrong] == [""] * 5
