"""What is said of ImageNet-A in both ways to score it, and which models have a bar."""

from robust_core.benchmark.leaderboard import OVER_1000, SCORINGS, board_of
from robust_core.ui.benchmarks import known_models, scorings
from robust_core.ui.benchmarks.choice import PAPER, scored_otherwise
from tests.benchmark.finished_runs import number


def pair(model, over_200, over_1000):
    return tuple(
        number(model, "ImageNet-A", value=value, n=7500, protocol=f"Own preprocessing; {words}")
        for value, words in zip((over_200, over_1000), SCORINGS.values(), strict=True)
    )


PAIRS = [pair("somebody", 80.0, 70.0), pair(PAPER[-1], 60.0, 40.0)]
BOARD, OTHER = (board_of(row) for row in PAIRS[0])


def test_both_sides_say_the_same():
    known = known_models.who(row for one in PAIRS for row in one)
    words = scorings.difference_in_words(BOARD, PAIRS, known)
    assert "lose **15.0 points** on average (10.0 to 20.0)" in words
    assert words.endswith("ResNeXt-101 32x48d WSL: 60.0% → 40.0%.")
    assert scorings.difference_in_words(OTHER, [pair[::-1] for pair in PAIRS], known) == words


def test_the_other_scoring_is_the_same_protocol_but_for_the_classes():
    assert OTHER.scoring == OVER_1000
    assert scored_otherwise(BOARD, [BOARD, OTHER]) == OTHER
    assert scored_otherwise(OTHER, [BOARD, OTHER]) == BOARD
    assert scored_otherwise(BOARD, [BOARD]) is None
    unstated = board_of(number("a", "ImageNet-A", protocol="not said"))
    assert scored_otherwise(unstated, [BOARD, OTHER, unstated]) is None


def test_the_papers_models_have_a_bar_however_many_are_better():
    better = [pair(f"model {place}", 99 - place, 50.0) for place in range(30)]
    shown = scorings.chosen_bars([*better, PAIRS[1]])
    assert len(shown) == scorings.MOST_BARS
    assert shown[-1] == PAIRS[1]
    assert shown[:-1] == better[: scorings.MOST_BARS - 1]
