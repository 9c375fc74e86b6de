"""The line through models of one family: whether there can be one, how well it fits, and what it does not say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.benchmark.trends import FEWEST, Trend, fit
from robust_core.labels import MINI
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks.board_words import title
from robust_core.ui.benchmarks.known_models import Known, families

EVERYBODY = "all models shown"
FEW, WEAK = 10, 0.5  # models, and R², below which a line is called weak
BASELINE = "ImageNet-trained"
CLEAN = "ImageNet, classes of {}"
CLASSES = {  # of benchmarks that do not have all 1,000
    benchmark: f"the 200 classes of {name}"
    for name in ("ImageNet-A", "ImageNet-R")
    for benchmark in (name, f"{name}, superseded", CLEAN.format(name))
} | {"ObjectNet": "ObjectNet's classes"}
Pair = tuple[Result, Result]  # a model on the horizontal and on the vertical board


@dataclass(frozen=True)
class Line:
    """A trend, and which end of the vertical axis is the good one."""

    trend: Trend
    higher_is_better: bool

    def robustness(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Effective robustness in percentage points, positive where a model is better than the line predicts."""
        return self.trend.effective_robustness(x, y, higher_is_better=self.higher_is_better)


def choose_line(across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known]) -> Line | None:
    """The line through the models of a family; none where a logit or a good end makes no sense."""
    better = METRICS[upward.metric].higher_is_better
    if not (is_share(across) and is_share(upward)):
        st.caption("No line: both axes must be shares from 0 to 100%, since the line is straight in logit axes only.")
        return None
    if better is None:
        named = words.plain(METRICS[upward.metric].title)
        st.caption(f"No line: neither end of {named} is the good one, so there is no robustness to speak of.")
        return None
    groups = _groups(pairs, known)
    titles = sorted(groups, key=lambda family: (family != BASELINE, family != EVERYBODY))
    chosen = choice.one_of("Line through", titles, "line", "Whose trend the others are compared with", "line")
    trend = fit([x.value for x, _ in groups[chosen]], [y.value for _, y in groups[chosen]])
    if trend is None:
        st.caption(f"No line: it takes at least {FEWEST} models between 0 and 100% on both axes.")
        return None
    _show_fit(across, trend, chosen, groups[chosen])
    sign = "above" if better else "below"
    turned = "" if better else " Lower is better here, so the sign is turned."
    st.caption(
        f"Effective robustness is the distance from the line (Taori et al. 2020), in percentage points; positive: "
        f"better than predicted, {sign} the line.{turned}"
    )
    return Line(trend, better)


def is_share(board: Board) -> bool:
    """Whether its numbers are shares of images, which have a logit between 0 and 100%."""
    return board.unit in ("%", "% of decided")


def show_classes(across: Board, upward: Board) -> None:
    """Where the axes differ in classes, that the distance from the line does so too."""
    x, y = (CLASSES.get(board.benchmark, "all 1,000 classes") for board in (across, upward))
    if x == y or across.label_space == MINI:
        return
    same = CLEAN.format(upward.benchmark)
    better = f" “{same}” has the same as the vertical one." if same in CLASSES else ""
    st.caption(
        f"The horizontal axis is of {x}, the vertical one of {y}: part of the distance from the line comes from the "
        f"classes.{better}"
    )


def _groups(pairs: Sequence[Pair], known: dict[str, Known]) -> dict[str, list[Pair]]:
    """The families with enough models for a line, and all models."""
    of_family = {
        family: [pair for pair in pairs if known[pair[0].model].family == family] for family in families(known.values())
    }
    enough = {
        family: members
        for family, members in of_family.items()
        if len(members) >= FEWEST and family != known_models.UNKNOWN
    }
    return enough | {EVERYBODY: list(pairs)}


def _show_fit(across: Board, trend: Trend, chosen: str, pairs: Sequence[Pair]) -> None:
    at = [x.value for x, _ in pairs]
    left_out = f", {len(at) - trend.n} at 0 or 100% left out" if trend.n < len(at) else ""
    st.caption(
        f"Dashed: what {words.plain(title(across))} alone predicts, by least squares in logit axes through n = "
        f"{trend.n} models ({words.plain(chosen)}{left_out}) from {min(at):.1f} to {max(at):.1f}%, and beyond them a "
        f"guess. Slope {trend.slope:.2f}, R² {trend.r_squared:.2f} in logits, RMSE {trend.rmse_points:.1f} percentage "
        "points."
    )
    if trend.n < FEW or trend.r_squared < WEAK:
        st.caption("This line is weak: few models, or far from straight. Distances from it say little.")
