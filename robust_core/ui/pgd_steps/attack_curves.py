"""The curves of a run as lines, growing: accuracy against steps or against eps, the loss, and the published curves."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.threat import ThreatModel
from robust_core.intervals import Interval
from robust_core.jobs import Job
from robust_core.models.catalogue import list_models
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import Line
from robust_core.results import Result, published
from robust_core.studies.attack_curve import accuracies_to_the_end, steps_so_far
from robust_core.ui import links, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import Picked, live_chart
from robust_core.ui.pgd_steps.attack_controls import Protocol, length
from robust_core.ui.pgd_steps.attack_jobs import SLOT, AttackRun

CHART_PX, LOSS_PX = 380, 240
UNITS = {"linf": (255, "the largest change in 255ths"), "l2": (1, "L2 length in pixel units")}
Steps = dict[ThreatModel, list]  # of AttackStep
BY_STEPS = "white-box PGD by steps"  # this and the next are benchmarks of the table orhan2019_pgd
BY_EPS = {"White-box": "white-box PGD by eps", "Black-box": "black-box PGD by eps"}


def show_by_eps(run: AttackRun | None, running: dict[str, Job], protocol: Protocol, chance: float) -> None:
    """Accuracy against eps, empty axes before a run; a click on a point picks model and eps for what stands below."""
    seen = {spec: steps_so_far(running[SLOT + spec.key].events) for spec in run.specs} if run else {}
    _show_by_eps(protocol, seen, chance)


def accuracy_by_step(spec: ModelSpec, colour: str, steps: list, scoring_key: str) -> Line:
    """The curve of one model over `steps`, AttackSteps from 0 on, as the scoring rule counts; to the end where no image
    is left.
    """
    from robust_core.attacks.scoring import SCORING_RULES

    intervals = accuracies_to_the_end(steps, SCORING_RULES[scoring_key])
    return _line(spec, colour, list(range(len(intervals))), intervals)


def choose_published(place: DeltaGenerator) -> list[Line]:
    """Orhan's curves over the steps, where the visitor wants them."""
    links.note_unknown("published", "switch position", links.ON_OR_OFF)
    behind = place.toggle("Show the published curves", key="published", bind="query-params", persist_state="session")
    return _published(BY_STEPS, "steps", 1) if behind else []


def wants_loss(place: DeltaGenerator) -> bool:
    """Whether the visitor wants to see the loss."""
    links.note_unknown("loss", "switch position", links.ON_OR_OFF)
    return place.toggle("Show the loss", key="loss", bind="query-params", persist_state="session")


def show_loss(steps: dict[ModelSpec, list], last: int, behind: list[Line]) -> None:
    """The mean loss against steps."""
    lines = [_loss_by_step(spec, so_far) for spec, so_far in steps.items() if so_far]
    drawn = charts.loss_by_step(lines, last, behind)
    alt = "Mean cross-entropy against PGD steps"
    live_chart(drawn, key="loss_by_step", height_px=LOSS_PX, alt=alt, png_name="loss_by_step")


def pick_step(picked: Picked) -> None:
    """What stands below looks at the step and the model of a point that was clicked."""
    st.session_state["at_step"], st.session_state["at_model"] = int(picked["x"]), picked["title"]


def _show_by_eps(protocol: Protocol, seen: dict[ModelSpec, Steps], chance: float) -> None:
    threat = protocol.threat
    left, right = st.columns(2, vertical_alignment="bottom")
    after = (
        left.slider("Accuracy after how many steps", 1, threat.steps, threat.steps, key="eps_after")
        if threat.steps > 1
        else 1
    )
    links.note_unknown("published_eps", "published curve", list(BY_EPS))
    behind = (
        right.segmented_control(
            "Published curves", list(BY_EPS), key="published_eps", bind="query-params", persist_state="session"
        )
        if threat.norm == "linf"
        else None
    )
    scale, axis = UNITS[threat.norm]
    lines = [
        _accuracy_by_eps(spec, by_threat, protocol.rule, after, scale) for spec, by_threat in seen.items() if by_threat
    ]
    drawn = charts.accuracy_by_eps(
        lines, threat.eps * scale, axis, chance, _published(BY_EPS[behind], "eps", scale) if behind else []
    )
    alt = f"Accuracy after {words.count(after, 'PGD step')} against ε. " + "; ".join(map(in_words, lines))
    live_chart(
        drawn,
        key="accuracy_by_eps",
        height_px=CHART_PX,
        alt=alt,
        png_name="accuracy_by_eps",
        on_pick=partial(_pick_eps, threat.norm),
    )
    if behind:
        st.caption(published_words(BY_EPS[behind]))


def _pick_eps(norm: str, picked: Picked) -> None:
    if picked["x"] > 0:
        st.session_state["at_eps"], st.session_state["at_model"] = (
            length(norm, picked["x"] / UNITS[norm][0]),
            picked["title"],
        )


def _accuracy_by_eps(spec: ModelSpec, by_threat: Steps, scoring_key: str, after: int, scale: float) -> Line:
    """From the clean image on, what is left `after` so many steps at each eps whose attack has come that far."""
    from robust_core.attacks.scoring import SCORING_RULES

    read = {threat: accuracies_to_the_end(steps, SCORING_RULES[scoring_key]) for threat, steps in by_threat.items()}
    far = {threat.eps * scale: intervals[after] for threat, intervals in read.items() if len(intervals) > after}
    clean = next(iter(read.values()))[0]
    return _line(spec, model_colours()[spec.key], [0, *far], [clean, *far.values()])


def _line(spec: ModelSpec, colour: str, at: list[float], intervals: list[Interval]) -> Line:
    band = [(interval.low, interval.high) for interval in intervals]
    heights, said = [interval.estimate for interval in intervals], [str(interval) for interval in intervals]
    return Line(spec.title, colour, at, heights, band, said)


def _loss_by_step(spec: ModelSpec, steps: list) -> Line:
    return Line(
        spec.title,
        model_colours()[spec.key],
        list(range(len(steps))),
        [float(step.loss.double().mean()) for step in steps],
        [],
    )


def _rows(benchmark: str) -> list[Result]:
    return [row for row in published("orhan2019_pgd") if row.benchmark == benchmark]


def _published(benchmark: str, setting: str, scale: float) -> list[Line]:
    """A line for each model that the project knows, over the `setting` of its rows times `scale`."""
    titles = {spec.key: spec.title for spec in list_models()}
    of_model = {
        key: [row for row in _rows(benchmark) if row.model == key]
        for key in dict.fromkeys(row.model for row in _rows(benchmark))
        if key in titles
    }
    return [
        Line(
            f"{titles[key]} (PUBLISHED)",
            model_colours()[key],
            [row.setting(setting) * scale for row in rows],
            [row.value / 100 for row in rows],
            [],
        )
        for key, rows in of_model.items()
    ]


def published_words(benchmark: str) -> str:
    """Whose the published curves are, and by which protocol."""
    row = _rows(benchmark)[0]
    eps = row.setting("eps")
    at = f"ε = {eps:g} = {255 * eps:.1f}/255" if benchmark == BY_STEPS else f"{row.setting('steps'):g} steps"
    return (
        f"{words.BADGES['published']} Thin dashed lines: Orhan 2019, ImageNet, {at}, n = {row.n:,}. {row.protocol}. "
        "Another protocol than your own settings, and in Mini other images and models: compare shapes, "
        "not heights."
    )


def in_words(line: Line) -> str:
    """What a curve shows, for those who hear it."""
    return f"{line.title}: {line.words[0]} clean, {line.words[-1]} at the last point"
