"""ImageNet-A in both ways to score it: what moves when the prediction is looked for among 1,000 classes in place of
200.
"""

from collections.abc import Sequence
from statistics import mean

import streamlit as st

from robust_core.benchmark.leaderboard import OVER_200, OVER_1000, Board
from robust_core.plots import claim_bars
from robust_core.plots.board_charts import Group, Point
from robust_core.plots.charts import literal
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks.choice import PAPER, Boards, scored_otherwise
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import point_of, sentence
from robust_core.ui.components.live_chart import live_chart

MOST_BARS = 14
Pair = tuple[Result, Result]  # one model as the board scores it, and in the other way


def show(board: Board, rows: Sequence[Result], boards: Boards, known: dict[str, Known]) -> None:
    """A sentence and bars for those of `rows`, from the best, that were scored in both ways; nothing where none was."""
    other = scored_otherwise(board, boards)
    if other is None:
        return
    of_model = {row.model: row for row in boards[other]}
    pairs = [(row, of_model[row.model]) for row in rows if row.model in of_model]
    if not pairs:
        return
    st.markdown(difference_in_words(board, pairs, known))
    shown = chosen_bars(pairs)
    live_chart(
        claim_bars.bars([_bar(row, known[row.model]) for row, _ in shown], [_mark(*pair, known) for pair in shown]),
        key="scorings",
        height_px=claim_bars.ROW_PX * len(shown) + claim_bars.AROUND_PX,
        alt=f"{board.benchmark} over {board.scoring}: "
        + "; ".join(f"{known[row.model].title} {row.value:.1f}%, otherwise {two.value:.1f}%" for row, two in shown),
        png_name="imagenet_a_scorings",
    )
    st.caption(
        f"Bars: top-1 accuracy over {board.scoring}, in %, for the paper's models and the best others. Diamonds: the "
        f"same predictions over {other.scoring}. Whiskers: 95%, Wilson."
    )


def difference_in_words(board: Board, pairs: Sequence[Pair], known: dict[str, Known]) -> str:
    """What the other way to score does to the models of `pairs`, and to one of them by name."""
    both = [(row, two) if board.scoring == OVER_200 else (two, row) for row, two in pairs]
    falls = [over_200.value - over_1000.value for over_200, over_1000 in both]
    example = next((pair for name in reversed(PAPER) for pair in both if pair[0].model == name), both[0])
    of_example = f"{words.plain(known[example[0].model].title)}: {example[0].value:.1f}% → {example[1].value:.1f}%"
    count = words.count(len(both), "model")
    return (
        f"Scored over {OVER_1000} instead of 200, the {count} shown lose **{mean(falls):.1f} points** on average "
        f"({min(falls):.1f} to {max(falls):.1f}). {of_example}."
    )


def chosen_bars(pairs: Sequence[Pair]) -> list[Pair]:
    """The paper's models and as many of the others as there is room for, in the order of `pairs`."""
    ours = [pair for pair in pairs if pair[0].model in PAPER]
    others = [pair for pair in pairs if pair[0].model not in PAPER][: MOST_BARS - len(ours)]
    return [pair for pair in pairs if pair in (*ours, *others)]


def _bar(row: Result, known: Known) -> Group:
    return Group(known.title, known.colour, [point_of(known, row, 0)], hollow=False)


def _mark(row: Result, two: Result, known: dict[str, Known]) -> Group:
    title = literal(known[row.model].title)
    return Group(title, "", [Point(0, two.value, None, None, f"{title}<br>otherwise {sentence(two)}")], hollow=True)
