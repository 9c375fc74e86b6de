"""What votes come to: answers in the order that says most, and ranges of a slider that lose nobody."""

import pytest

from robust_core.lesson.bets import CATEGORIES, Choice, Number, Stimuli, Word
from robust_core.lesson.votes import MOST_RANGES, Tally


def tally(bet, *votes):
    return Tally.of(bet, {(f"seat {number}", 0): vote for number, vote in enumerate(votes)})


def test_options_stand_in_their_order_and_words_by_how_often_they_came():
    assert tally(Choice(("a", "b")), 1, 1).counts() == {"a": 0, "b": 2}
    assert list(tally(Word(), "x", "y", "y").counts().items()) == [("y", 2), ("x", 1)]
    assert list(tally(Stimuli(1), 3).counts()) == list(CATEGORIES)


def test_numbers_are_counted_in_ranges_of_the_slider_in_their_order():
    counts = tally(Number(0, 100, 5, "%"), 0.0, 5.0, 10.0, 100.0).counts()
    assert list(counts.items())[:2] == [("0 to 5", 2), ("10 to 15", 1)]
    assert list(counts.items())[-1] == ("100", 1)


def test_a_short_slider_has_a_bar_for_every_number():
    assert tally(Number(1, 4, 1), 2.0, 2.0, 4.0).counts() == {"1": 0, "2": 2, "3": 0, "4": 1}


@pytest.mark.parametrize(
    "bet", [Number(0, 30, 1), Number(1, 64, 1), Number(-1, 1, 0.1), Number(0, 1, 0.3), Number(5, 7, 2)]
)
def test_every_number_of_a_slider_lies_in_one_range(bet):
    numbers = round((bet.high - bet.low) / bet.step) + 1
    votes = [bet.checked(min(bet.high, bet.low + place * bet.step)) for place in range(numbers)]
    counts = tally(bet, *votes).counts()
    assert sum(counts.values()) == len(votes)
    assert len(counts) <= MOST_RANGES
