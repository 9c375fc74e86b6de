"""Which board: benchmark, metric, condition and protocol, each offered only where there is something to choose; models
and families beside them.

What is chosen is known before its controls are drawn, from the session and the link, so that a panel can name it in its
title.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, OVER_200, OVER_1000, SCORINGS, SUPERSEDED, UNSTATED, Board
from robust_core.benchmark.topics import TOPICS, in_order, topic_of
from robust_core.results import Result
from robust_core.ui.benchmarks.board_words import authors
from robust_core.ui.benchmarks.known_models import Known, families
from robust_core.ui.benchmarks.row_table import in_words
from robust_core.ui.links import note_unknown

FIRST = (
    "ImageNet",
    "ImageNet-C",
    "ImageNet-P",
    "ImageNet-A",
    "white-box PGD by steps",
    "white-box PGD by eps",
    "black-box PGD by eps",
)
PAPER = ("resnext101_32x8d", *(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)))  # the models of Orhan 2019
FEW = 5
TOGETHER = "all together"
Boards = Mapping[Board, Sequence[Result]]


@dataclass(frozen=True)
class Control:
    """A choice among `options`, at first the first of them; `kind` names one of them where the title does not."""

    title: str
    options: Sequence[str]
    key: str
    help_text: str | None = None
    kind: str = ""
    side_by_side: bool = False

    @property
    def value(self) -> str:
        """What is chosen, be the control drawn or not."""
        held = st.session_state.get(self.key, st.query_params.get(self.key))
        return held if held in self.options else self.options[0]

    def note(self) -> None:
        """Say what the link asks for that is not offered."""
        note_unknown(self.key, self.kind or self.title.lower(), self.options)

    def draw(self) -> None:
        """The control; none where there is only one option."""
        if st.session_state.get(self.key, self.options[0]) not in self.options:
            st.session_state[self.key] = self.options[0]  # the URL would keep what another board offered
        if len(self.options) == 1:
            return
        rest: dict[str, Any] = {"key": self.key, "bind": "query-params", "help": self.help_text}
        if self.side_by_side:
            st.segmented_control(self.title, self.options, default=self.options[0], required=True, **rest)
        else:
            st.selectbox(self.title, self.options, **rest)


@dataclass(frozen=True)
class Choice:
    """A board of those that were offered, and the controls that choose another one."""

    board: Board
    controls: Sequence[Control]

    def note(self) -> None:
        """Say what the link asks for that is not offered."""
        for control in self.controls:
            control.note()

    def draw(self) -> None:
        """The controls, two beside each other where more than one is needed."""
        offered = [control for control in self.controls if len(control.options) > 1]
        for control in self.controls:
            if control not in offered:
                control.draw()
        places = iter(st.columns(2)) if len(offered) > 2 else iter(())
        for control in offered:
            with next(places, st.container()):
                control.draw()


def settle(
    boards: Boards,
    prefix: str = "",
    first: Sequence[str] = (),
    among: Collection[str] = PAPER,
    *,
    both_scorings: bool = False,
) -> Choice:
    """The board that the session or the link describes, of at least one; `prefix` sets its controls' place in the URL
    apart from that of others.

    Benchmarks and metrics that are named in `first` come before the others, so that they are chosen at first; so does
    the protocol with the most models `among` those given, and with `both_scorings` numbers that were published over 200
    classes and over 1,000.
    """
    names = sorted(_benchmarks(boards), key=lambda name: first.index(name) if name in first else len(first))
    benchmark = Control("Benchmark", names, f"{prefix}benchmark")
    chosen = benchmark.value  # once: it is looked up in the session
    of_benchmark = [board for board in boards if board.benchmark == chosen]
    titles = {
        key: metric.title for key, metric in METRICS.items() if any(board.metric == key for board in of_benchmark)
    }
    metric = Control("Metric", sorted(titles.values(), key=lambda title: title not in first), f"{prefix}metric")
    chosen = metric.value
    of_metric = [board for board in of_benchmark if titles[board.metric] == chosen]
    spoken = {in_words(board.condition) or TOGETHER: board.condition for board in of_metric}
    condition = Control("Condition", sorted(spoken, key=lambda words: words != TOGETHER), f"{prefix}condition")
    wanted = spoken[condition.value]
    of_condition = {board: boards[board] for board in of_metric if board.condition == wanted}
    paired = [board for board in of_condition if scored_otherwise(board, of_condition)] if both_scorings else []
    scored = _scoring(of_condition, prefix)
    if scored:
        of_condition = {board: rows for board, rows in of_condition.items() if board.scoring == scored.value}
    by_name = _by_protocol(of_condition, among, paired)
    protocol = Control(
        "Protocol", list(by_name), f"{prefix}protocol", "Numbers of different protocols are not comparable"
    )
    controls = [benchmark, metric, condition, *([scored] if scored else []), protocol]
    return Choice(by_name[protocol.value], controls)


def scored_otherwise(board: Board, boards: Collection[Board]) -> Board | None:
    """The board of the same predictions scored over 1,000 classes in place of 200, or the other way round, where it is
    among `boards`.
    """
    other = board.scored_over(OVER_200 if board.scoring == OVER_1000 else OVER_1000)
    return other if other in boards and other != board else None


def _scoring(boards: Boards, prefix: str) -> Control | None:
    """Over how many classes `boards`, which differ in protocol or unit only, were scored; None where that is one."""
    scorings = [one for one in (*SCORINGS, UNSTATED) if any(board.scoring == one for board in boards)]
    if OVER_1000 not in scorings or len(scorings) < 2:
        return None
    why = (
        "ImageNet-A has images of 200 classes. Its protocol picks the prediction among these alone; over all 1,000 "
        "classes the same network is right far less often."
    )
    return Control("Scored over", scorings, f"{prefix}scored", why, "number of classes", side_by_side=True)


def _by_protocol(boards: Boards, among: Collection[str], first: Collection[Board]) -> dict[str, Board]:
    """`boards`, which differ in protocol or unit only, by protocol; first those of `first`, then the one with the most
    models `among` those given, then the one with the most models, then the longest.
    """

    def weight(board: Board) -> tuple[bool, int, int, int]:
        models = {row.model for row in boards[board]}
        return board in first, len(models.intersection(among)), len(models), len(boards[board])

    return {protocol_name(board, boards[board]): board for board in sorted(boards, key=weight, reverse=True)}


def protocol_name(board: Board, rows: Sequence[Result]) -> str:
    """Who measured, by what protocol and in what unit."""
    return f"{authors(rows)} ({board.unit}): {board.protocol}"


def topics_of(boards: Boards) -> list[str]:
    """The topics that have a board, in the order of the table."""
    there = {topic_of(name).title for name in {board.benchmark for board in boards}}
    return [one.title for one in TOPICS if one.title in there]


def of_chosen_topic(boards: Boards) -> Boards:
    """The boards of the topic that is chosen, all of them before any is."""
    chosen = st.session_state.get("topic", st.query_params.get("topic"))
    return {board: rows for board, rows in boards.items() if topic_of(board.benchmark).title == chosen} or boards


def draw_topics(boards: Boards) -> None:
    """The control of the topic; none where there is one topic only."""
    topics = topics_of(boards)
    if len(topics) < 2:
        return
    if st.session_state.get("topic") not in (None, *topics):
        st.session_state["topic"] = None
    st.pills("Topic", topics, key="topic", bind="query-params", persist_state="session", wrap=True)


def choose_families(known: Mapping[str, Known], key: str) -> set[str]:
    """The models of `known` whose family is chosen, all of them before any is."""
    offered = families(known.values())
    if len(offered) < 2:
        return set(known)
    _keep_offered(key, offered, ())
    chosen = st.pills(
        "Training", offered, selection_mode="multi", key=key, bind="query-params", persist_state="session", wrap=True
    )
    return {model for model, one in known.items() if not chosen or one.family in chosen}


def choose_models(known: Mapping[str, Known], key: str, first: Sequence[str], most: int) -> list[str]:
    """Some models of `known` by title; those of `first` that are among them at first, and again where another board has
    none of the chosen ones.
    """
    by_title = {one.title: model for model, one in known.items()}
    another = key not in st.session_state or st.session_state.get(f"{key}_among") != set(by_title)
    at_first = [known[model].title for model in first if model in known] or list(by_title)[:FEW]
    _keep_offered(key, by_title, at_first if another else ())
    st.session_state[f"{key}_among"] = set(by_title)
    chosen = st.multiselect(
        "Models",
        list(by_title),
        default=at_first,
        key=key,
        bind="query-params",
        persist_state="session",
        max_selections=most,
    )
    return [by_title[title] for title in chosen]


def choose_model(title: str, known: Mapping[str, Known], key: str, first: str = "") -> str:
    """One model of `known`, at first `first` where it is among them."""
    by_title = {one.title: model for model, one in known.items()}
    titles = sorted(by_title, key=lambda title: (by_title[title] != first, title.lower()))
    return by_title[one_of(title, titles, key)]


def _benchmarks(boards: Boards) -> list[str]:
    """The paper's first, what was superseded last, the others by topic."""
    names = {board.benchmark for board in boards}
    return [
        *(name for name in FIRST if name in names),
        *sorted(names - set(FIRST), key=lambda name: (name.endswith(SUPERSEDED), in_order(name), name)),
    ]


def held(key: str) -> list[str]:
    """What a control of several values, or of text, holds, be it drawn or not."""
    value = st.session_state.get(key, st.query_params.get_all(key)) or []
    return [value] if isinstance(value, str) else list(value)


def _keep_offered(key: str, offered: Collection[str], otherwise: Sequence[str]) -> None:
    """Let go of what is chosen and no longer offered; the URL would keep it. Where nothing is left, choose
    `otherwise`.
    """
    before = held(key)
    kept = [value for value in before if value in offered] or list(otherwise)
    if kept != before:
        st.session_state[key] = kept


def one_of(title: str, options: list[str], key: str, help_text: str | None = None, kind: str = "") -> str:
    """The chosen option, one of a `kind` that the title names unless it is given; no control where there is only one,
    but for what it says.
    """
    control = Control(title, options, key, help_text, kind)
    control.note()
    control.draw()
    return control.value
