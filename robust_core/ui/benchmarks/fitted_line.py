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
from robust_core.ui.benchmarks import known_models
from robust_core.ui.benchmarks.board_words import title
from robust_core.ui.benchmarks.choice import Control
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
    """A trend through the models of `family`, the places of those on the horizontal axis, and which end of the vertical
    axis is the good one.
    """

    trend: Trend
    family: str
    at: Sequence[float]
    higher_is_better: bool

    def robustness(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Effective robustness in percentage points, positive where a model is better than the line predicts."""
        return self.trend.effective_robustness(x, y, higher_is_better=self.higher_is_better)

    @property
    def label(self) -> str:
        """Its models and its fit, for the figure."""
        return (
            f"Dashed: {self.trend.n} models, {self.family}<br>R² {self.trend.r_squared:.2f} · RMSE "
            f"{self.trend.rmse_points:.1f} points"
        )


def control(pairs: Sequence[Pair], known: dict[str, Known]) -> Control:
    """The choice of the family that the line goes through."""
    titles = sorted(_groups(pairs, known), key=lambda family: (family != BASELINE, family != EVERYBODY))
    return Control("Line through", titles, "line", "Models whose trend the others are compared with", "line")


def draw_line(across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known]) -> Line | None:
    """The line through the models of the chosen family; None where `why_none` says why."""
    if why_none(across, upward):
        return None
    family = control(pairs, known).value
    members = _groups(pairs, known)[family]
    at = [x.value for x, _ in members]
    trend = fit(at, [y.value for _, y in members])
    return trend and Line(trend, family, at, bool(METRICS[upward.metric].higher_is_better))


def why_none(across: Board, upward: Board) -> str:
    """Why there is no line between two boards; empty where there can be one."""
    if not (is_share(across) and is_share(upward)):
        return "No line: both axes must be shares from 0 to 100%, since the line is straight in logit axes only."
    if METRICS[upward.metric].higher_is_better is None:
        named = words.plain(METRICS[upward.metric].title)
        return f"No line: neither end of {named} is the good one, so effective robustness has no meaning."
    return ""


def is_share(board: Board) -> bool:
    """Whether its numbers are shares of images, which have a logit between 0 and 100%."""
    return board.unit in ("%", "% of decided")


def show_line(across: Board, upward: Board, line: Line | None) -> None:
    """What the line is, how well it fits and what distances from it mean; or why there is none."""
    if line is None:
        few = f"No line: it takes at least {FEWEST} models between 0 and 100% on both axes."
        st.caption(why_none(across, upward) or few)
        return
    trend = line.trend
    left_out = f" ({len(line.at) - trend.n} at 0 or 100% left out)" if trend.n < len(line.at) else ""
    st.caption(
        f"Dashed: what {words.plain(title(across))} alone predicts. Least squares in logits through n = {trend.n} "
        f"models, {words.plain(line.family)}{left_out}; extrapolated outside {min(line.at):.1f}–{max(line.at):.1f}%. "
        f"Slope {trend.slope:.2f}, R² {trend.r_squared:.2f} in logits, RMSE {trend.rmse_points:.1f} percentage points."
    )
    if trend.n < FEW or trend.r_squared < WEAK:
        st.caption("This line is weak: few models, or far from straight. Distances from it say little.")
    sign = "above" if line.higher_is_better else "below"
    turned = "" if line.higher_is_better else " Lower is better here, so the sign is flipped."
    st.caption(
        "Effective robustness (Taori et al. 2020) is the distance from the line in percentage points. Positive means "
        f"better than predicted, {sign} the line.{turned}"
    )
    _show_classes(across, upward)


def _show_classes(across: Board, upward: Board) -> None:
    """Where the axes differ in classes, that the distance from the line does so too."""
    x, y = (CLASSES.get(board.benchmark, "all 1,000 classes") for board in (across, upward))
    if x == y or across.label_space == MINI:
        return
    same = CLEAN.format(upward.benchmark)
    better = f" “{same}” has the same classes as the vertical axis." if same in CLASSES else ""
    st.caption(
        f"The horizontal axis covers {x}, the vertical axis {y}: part of the distance from the line comes from the "
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
