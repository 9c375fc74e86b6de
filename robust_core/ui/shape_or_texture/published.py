"""Published shape biases as rows of the axis from texture to shape, each set with its rule and its n."""

from dataclasses import dataclass

import streamlit as st

from robust_core.intervals import Interval
from robust_core.models.catalogue import list_models
from robust_core.plots.charts import percent
from robust_core.plots.cue_axis import Mark, Row
from robust_core.results import Result, published
from robust_core.ui import words
from robust_core.ui.colours import model_colours
from robust_core.ui.links import note_unknown

PEOPLE = "10 people"
NEUTRAL = "#858F9E"


@dataclass(frozen=True)
class Reference:
    """One published set: the `table` and the `benchmarks` in it; `source` says what its rows' source begins with.
    With `by_model` each model has a line of its own.
    """

    title: str
    table: str
    benchmarks: tuple[str, ...]
    source: str
    by_model: bool = False

    def results(self) -> list[Result]:
        """Its shape biases, in the table's order."""
        return [one for one in self._rows() if one.metric == "shape_bias"]

    def coverage(self, model: str) -> Result | None:
        """The coverage beside the shape bias of `model`, where it was published."""
        return next((one for one in self._rows() if one.metric == "coverage" and one.model == model), None)

    def _rows(self) -> list[Result]:
        return [
            one
            for one in published(self.table)
            if one.benchmark in self.benchmarks and one.source.startswith(self.source)
        ]


BEST_CLASS, MEAN = "cue conflict by the best class", "cue conflict by the mean probability"
REFERENCES = (
    Reference("People", "shape_bias", ("cue conflict, people",), "Geirhos et al. 2019"),
    Reference("Orhan 2019", "shape_bias", (BEST_CLASS,), "Orhan 2019", by_model=True),
    Reference("Orhan 2020", "shape_bias", (BEST_CLASS,), "Orhan 2020"),
    Reference("Geirhos 2019", "shape_bias", ("cue conflict, ICLR 2019",), "Geirhos et al. 2019"),
    Reference("Geirhos 2021", "shape_bias", (MEAN,), "Geirhos et al."),
    Reference("Gavrikov 2024", "shape_bias_gavrikov2024", (MEAN,), "Gavrikov & Keuper"),
    Reference("CLIP, zero-shot", "shape_bias_gavrikov2025", ("cue conflict, zero-shot",), "Gavrikov et al."),
    Reference("Vision-language models", "shape_bias_gavrikov2025", ("cue conflict, 16 options",), "Gavrikov et al."),
    Reference(
        "Classifiers beside them",
        "shape_bias_gavrikov2025",
        ("cue conflict, vlm_shapebias classifiers",),
        "Gavrikov et al.",
    ),
)


def choose_references() -> list[Reference]:
    """Which published sets the axis shows; people and the paper's models at first."""
    titles = {one.title: one for one in REFERENCES}
    note_unknown("references", "published set", list(titles))
    chosen = st.pills(
        "Published",
        list(titles),
        selection_mode="multi",
        default=["People", "Orhan 2019"],
        key="references",
        bind="query-params",
        persist_state="session",
    )
    return [titles[title] for title in titles if title in chosen]


def rows(reference: Reference) -> list[Row]:
    """The set as lines of open diamonds: one for all its models, or one for each."""
    if reference.by_model:
        return [_row_of_model(one, reference) for one in reference.results()]
    return [row(reference)]


def row(reference: Reference) -> Row:
    """The set as one line; the pooled people stand for all ten."""
    results = reference.results()
    crowded = len(results) > 1  # whiskers of all would cover each other; the pooled people keep theirs
    marks = [_mark(one, reference.coverage(one.model), crowded and one.model != PEOPLE) for one in results]
    pooled = next((one for one in results if one.model == PEOPLE), None)
    aside = words.count(len(marks), "model") if pooled is None else _aside(pooled, reference)
    return Row(f"{reference.title} (PUBLISHED)", aside, marks, True)


def sentence(reference: Reference) -> str:
    """The rule, the n and the source of a set, in one line behind the badge."""
    results = reference.results()
    smallest, largest = (extreme(one.n for one in results) for extreme in (min, max))
    n = f"n = {smallest:,} to {largest:,}" if smallest != largest else f"n = {largest:,}"
    whose = "decided images" if results[0].unit == "%" else "images"
    protocols = "; ".join(dict.fromkeys(one.protocol for one in results[:1]))
    licence = " CC BY-SA 4.0." if "CC BY-SA" in results[0].source else ""
    origin = results[0].source.split(";")[0]
    pooled = next((one for one in results if one.model == PEOPLE), results[0])
    method = f" Interval: 95%, {pooled.bounds_method}." if pooled.bounds_method else ""
    return f"{words.BADGES['published']} **{reference.title}**: {protocols}. {n} {whose}.{method} {origin}.{licence}"


def people_by_category() -> dict[str, Interval]:
    """The published shape bias of people with its interval between persons, by the category of the shape."""
    rows = [one for one in published("shape_bias_by_category") if one.model == PEOPLE and one.metric == "shape_bias"]
    return {one.condition.removeprefix("category="): one.interval for one in rows if one.interval}


def _row_of_model(one: Result, reference: Reference) -> Row:
    mark = _mark(one, reference.coverage(one.model), without_whisker=False)
    return Row(_title(one.model), _aside(one, reference), [mark], True)


def _aside(one: Result, reference: Reference) -> str:
    coverage = reference.coverage(one.model)
    covers = f" · covers {percent(coverage.value / 100)}" if coverage else ""
    return f"{percent(one.value / 100)}{covers}"


def _title(model: str) -> str:
    return next((spec.title for spec in list_models() if spec.key == model), model)


def _mark(one: Result, coverage: Result | None, without_whisker: bool) -> Mark:
    covers = f"<br>coverage {percent(coverage.value / 100)}, n = {coverage.n:,}" if coverage else ""
    said = f"{_title(one.model)}: {percent(one.value / 100)}{covers}"
    interval = one.interval
    said += f"<br>[{interval.low:.1%}, {interval.high:.1%}], {interval.method}" if interval else ""
    return Mark(one.value / 100, None if without_whisker else interval, model_colours().get(one.model, NEUTRAL), said)
