"""A card of the Story page: the claim, its published chart with protocol, n and source, and the ways on; nothing here
needs PyTorch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from robust_core import data
from robust_core.benchmark.leaderboard import METRICS, Board, board_of
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.plots import board_charts
from robust_core.plots import claim_bars as story_charts
from robust_core.plots.board_charts import Group
from robust_core.results import Result
from robust_core.ui import image_source, menu, words, worlds
from robust_core.ui.benchmarks import known_models as benchmark_models
from robust_core.ui.benchmarks.attacks import AXES
from robust_core.ui.benchmarks.board_words import authors, filter_words, title
from robust_core.ui.benchmarks.points import group_of, in_figures
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.story import insets
from robust_core.ui.story.insets import INSETS
from robust_core.ui.story.orhan_claims import MODELS, Claim, Quote

CURVES_PX = 320


def show(claims: Sequence[Claim]) -> None:
    """A section for each claim: what was published beside the same in Mini; a phone has them below each other."""
    label_space = IMAGENET if worlds.world() != MINI and _has_models_of_the_paper() else MINI
    models = models_here(label_space)
    for number, (claim, inset) in enumerate(zip(claims, INSETS, strict=True), start=1):
        with st.container(border=True, key=f"claim_{number}"):
            st.subheader(f"{number}. {claim.title}", anchor=False)
            published, live = st.columns(2, gap="large")
            with published:
                _show_published(claim, number)
            with live:
                if insets.can_show():
                    insets.show(inset, number)
                _show_links(claim, label_space, models)


def _has_models_of_the_paper() -> bool:
    """Whether a claim can be seen on the networks that it is about; others would show something else."""
    return any(spec.key in MODELS[IMAGENET] for spec in worlds.ready_models(IMAGENET))


def models_here(label_space: LabelSpace) -> list[str]:
    """The titles of that world's models that a claim is about, of those that are ready."""
    return [spec.title for spec in worlds.ready_models(label_space) if spec.key in MODELS[label_space]]


def live_link(claim: Claim, label_space: LabelSpace, models: Sequence[str]) -> dict[str, str | list[str]]:
    """The parameters that open the claim's live page in that world, with these `models` and those of its images that
    are here.
    """
    link = {"world": label_space.title, **({"models": list(models)} if models else {}), **claim.links[label_space]}
    here = {image_source.SYNTHETIC, *(collection.title for collection in data.list_collections())}
    return {key: value for key, value in link.items() if key != "source" or value in here}


def _show_published(claim: Claim, number: int) -> None:
    """The claim with its chart, and where its numbers come from."""
    st.markdown(claim.sentence)
    _show_chart(claim, number)
    _show_origins(claim)


def _show_links(claim: Claim, label_space: LabelSpace, models: Sequence[str]) -> None:
    """The ways on; the live one leads to the world of `label_space`."""
    where = "" if label_space == IMAGENET else " in Mini"
    with st.container(horizontal=True, gap="medium"):
        _show_link(f"Explore{where}", ":material/open_in_new:", claim.page.page, live_link(claim, label_space, models))
        _show_link(
            "All numbers", ":material/leaderboard:", menu.BENCHMARKS.page, {"world": IMAGENET.title, **claim.numbers}
        )


def _show_link(label: str, icon: str, page: st.Page, parameters: Mapping[str, str | list[str]]) -> None:
    """A link to a tab of its own: within a session, `st.page_link` leaves a control at what somebody chose before,
    whatever its parameters say.

    It is relative, for a server behind a base path.
    """
    st.link_button(label, f"{page.url_path}?{urlencode(parameters, doseq=True)}", icon=icon, type="tertiary")


def _show_chart(claim: Claim, number: int) -> None:
    rows = [row for quote in claim.drawn for row in quote.rows()]
    alt = f"{METRICS[rows[0].metric].title}: {claim.sentence}"
    if claim.against:
        figure = board_charts.curves(_groups(rows, claim.against), AXES[claim.against], "accuracy, %")
        figure["layout"]["yaxis"] |= {"rangemode": "tozero"}
        live_chart(figure, key=f"story_{number}", height_px=CURVES_PX, alt=alt)
        return
    marks = [row for quote in claim.marked for row in quote.rows()]
    st.caption(f"Bars: {_scale(rows[0])}." + (f" Diamonds: {_scale(marks[0])}." if marks else ""))
    groups = _groups(rows)
    height_px = story_charts.ROW_PX * len(groups) + story_charts.AROUND_PX
    live_chart(story_charts.bars(groups, _groups(marks)), key=f"story_{number}", height_px=height_px, alt=alt)


def _groups(rows: Sequence[Result], against: str = "") -> list[Group]:
    """A group for each model; its points are at what `against` names, or there is one."""
    known = benchmark_models.who(rows)
    return [
        group_of(
            known[model],
            [row for row in rows if row.model == model],
            lambda row: row.setting(against) if against else "",
        )
        for model in dict.fromkeys(row.model for row in rows)
    ]


def _scale(row: Result) -> str:
    """What a row's value is, in which unit, and which end is the good one."""
    metric = METRICS[row.metric]
    better = {True: "; higher is better", False: "; lower is better", None: ""}[metric.higher_is_better]
    return f"{metric.title}, {row.unit}{better}"


def _show_origins(claim: Claim) -> None:
    """Badge, source, n and doubt of every number on the card; protocols and the intervals that no whisker shows are one
    click away.
    """
    for quote in claim.quotes:
        st.caption(_origin(quote, quote in claim.drawn))
    with st.expander("Protocols and intervals", icon=":material/rule:"):
        for quote in claim.quotes:
            st.caption(_protocol(quote, quote in claim.drawn))


def _origin(quote: Quote, drawn: bool) -> str:
    rows = quote.rows()
    doubt = "no interval was published"
    if rows[0].interval:
        doubt = f"whiskers: 95%, {rows[0].bounds_method}" if drawn else "95% intervals below"
    return (
        f"{words.BADGES['published']} **{words.plain(title(_board(rows)))}**; {words.plain(authors(rows))}; n = "
        f"{in_figures(rows)}; {doubt}."
    )


def _protocol(quote: Quote, drawn: bool) -> str:
    """How the rows were measured; those that are not `drawn` themselves have no whiskers, and so their intervals."""
    rows, board = quote.rows(), _board(quote.rows())
    intervals = (
        ""
        if drawn or not rows[0].interval
        else f" 95%, {rows[0].bounds_method}: {'; '.join(str(row.interval) for row in rows)}."
    )
    bound = " An upper bound on robust accuracy." if rows[0].metric == "top1_under_attack" else ""
    return (
        f"**{words.plain(title(board))}**, in {words.plain(board.unit)}. "
        f"{words.plain(board.protocol)}.{intervals}{bound} {filter_words(board.benchmark)}".strip()
    )


def _board(rows: Sequence[Result]) -> Board:
    """The board of all `rows`, whose conditions may differ."""
    board = board_of(rows[0])
    return replace(board, condition="") if len({row.condition for row in rows}) > 1 else board
