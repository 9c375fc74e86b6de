"""What was asked for with the button: which maps of which models, and the jobs that compute them and the evidence about
them.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from robust_core.attributions.methods import METHODS, Value, methods_for
from robust_core.attributions.targets import Target
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import Explanation, MapMetricsRequest, MapRequest
from robust_core.ui import jobs, words, worlds

if TYPE_CHECKING:
    from robust_core.attributions.quality import AttributionMetrics

MAP_SLOT, METRICS_SLOT, CONTROLS_SLOT = "map:", "metrics:", "controls:"


@dataclass(frozen=True, eq=False)
class AskedMaps:
    """The maps that are asked for: every method for every model; under a condition, for the clean image beside it as
    well.
    """

    image: LabelledImage
    specs: tuple[ModelSpec, ...]
    methods: dict[str, dict[str, Value]]
    target: Target
    condition: Condition

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Clean first."""
        return (CLEAN,) if self.condition.severity == 0 else (CLEAN, self.condition)

    def question(self, spec: ModelSpec, method: str, condition: Condition) -> MapRequest:
        """One cell of the grid. Under a condition a method that draws has another seed, so that the two maps of a cell
        do not share their draws.
        """
        chosen = METHODS[method].with_other_seed(self.methods[method], int(condition != CLEAN))
        settings = tuple(chosen.items())
        return MapRequest((spec,), self.image, condition, method, self.target, settings)

    def questions(self) -> list[MapRequest]:
        """All cells that hold, the cheap ones of all models not before their turn: row by row."""
        return [
            self.question(spec, method, condition)
            for method in self.methods
            for spec in self.specs
            if METHODS[method] in methods_for(spec.architecture)
            for condition in self.conditions
        ]

    @property
    def key(self) -> tuple:
        """All that determines the maps."""
        return tuple(one.key for one in self.questions())


def choose_request(wanted: AskedMaps) -> AskedMaps | None:
    """The request that the button asked for last, None before the first and in another world than its own; a link alone
    asks for none.
    """
    if st.session_state.pop("explain_now", False):
        st.session_state["attribution_request"] = wanted
    asked: AskedMaps | None = st.session_state.get("attribution_request")
    fresh = asked is not None and asked.key == wanted.key
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.button(
        "Explain",
        key="ask_maps",
        type="primary",
        icon=":material/play_arrow:",
        disabled=fresh or not wanted.methods,
        width="stretch",
        on_click=ask_now,
    )
    if asked is None or any(spec.label_space != worlds.world() for spec in asked.specs):
        return None
    if not fresh:
        right.caption("The settings have changed since the maps below; explain again to see what they do.")
    return wanted if fresh else asked


def ask_now() -> None:
    """Ask for what the controls say when the page runs next; for callbacks."""
    st.session_state["explain_now"] = True


def asked_now() -> bool:
    """Whether somebody has asked since the page last ran: a click inside its self-refreshing part runs that part
    alone.
    """
    return "explain_now" in st.session_state


@dataclass(frozen=True)
class MapJobs:
    """The jobs of all maps, of the evidence about them, and of their comparison with random maps, by map; the latter
    two are empty until the user asks for them.
    """

    maps: dict[MapRequest, Job]
    metrics: dict[MapRequest, Job]
    controls: dict[MapRequest, Job]

    def explanation(self, one: MapRequest) -> Explanation | None:
        """The map, once it is there."""
        return _result(self.maps.get(one))

    def evidence(self, one: MapRequest) -> "AttributionMetrics | None":
        """What is known about the map."""
        return _result(self.controls.get(one)) or _result(self.metrics.get(one))

    def unfinished(self, one: MapRequest) -> Iterator[tuple[str, Job]]:
        """The slots and jobs of the map that have no result yet."""
        for prefix, running in ((MAP_SLOT, self.maps), (METRICS_SLOT, self.metrics), (CONTROLS_SLOT, self.controls)):
            if one in running and running[one].state is not State.DONE:
                yield slot(prefix, one), running[one]


def start(request: AskedMaps, protocol: str) -> MapJobs:
    """All that is asked for, with insertion and deletion by `protocol`; shows the button that asks for more."""
    maps = start_maps(request)
    metrics = _start_metrics(request, maps, protocol)
    return MapJobs(maps, metrics, _start_controls(request, maps, metrics, protocol))


def start_maps(request: AskedMaps) -> dict[MapRequest, Job]:
    """The job of each map."""
    work = {one: (one.key, partial(attribution_maps.explain, one)) for one in request.questions()}
    return _start_all(MAP_SLOT, work)


def _start_metrics(request: AskedMaps, maps: dict[MapRequest, Job], protocol: str) -> dict[MapRequest, Job]:
    done = {one: job.result for one, job in maps.items() if job.state is State.DONE}
    work = {}
    if len(done) == len(maps) and done and run_once("metrics", (request.key, protocol), "Check these maps"):
        for one, explanation in done.items():
            asked = one.asking(MapMetricsRequest, protocol=protocol)
            work[one] = asked.key, partial(attribution_maps.evaluate, asked, explanation)
    return _start_all(METRICS_SLOT, work)


def _start_controls(
    request: AskedMaps, maps: dict[MapRequest, Job], metrics: dict[MapRequest, Job], protocol: str
) -> dict[MapRequest, Job]:
    done = {one: job.result for one, job in metrics.items() if job.state is State.DONE}
    work = {}
    if len(done) == len(metrics) and done:
        seconds = sum(one.most_passes_of_controls * one.seconds_a_pass for one in done.values())
        label = f"Compare each with random maps, at most {words.seconds(seconds)}"
        if run_once("controls", (request.key, protocol), label):
            for one, known in done.items():
                asked = one.asking(MapMetricsRequest, protocol=protocol, controls=True)
                work[one] = asked.key, partial(attribution_maps.add_controls, asked, maps[one].result, known)
    return _start_all(CONTROLS_SLOT, work)


def _start_all(prefix: str, work: dict[MapRequest, tuple[Hashable, Callable]]) -> dict[MapRequest, Job]:
    running = {one: jobs.start(slot(prefix, one), key, run) for one, (key, run) in work.items()}
    jobs.keep_only(prefix, [slot(prefix, one) for one in running])
    return running


def run_once(key: str, what: Hashable, label: str) -> bool:
    """Whether the user pressed the button called `label` for exactly this; shows the button until then."""
    if st.session_state.get(f"asked:{key}") == what:
        return True
    st.button(
        label,
        key=f"ask:{key}",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update({f"asked:{key}": what}),
    )
    return False


def slot(prefix: str, question: MapRequest) -> str:
    """Where a question's job stands on the page."""
    return f"{prefix}{question.spec.key}:{question.method}:{question.condition}"


def for_class(question: MapRequest, index: int) -> MapRequest:
    """The same question about one class."""
    return replace(question, target=Target("class", index))


def _result(job: Job | None) -> Any:
    return job.result if job is not None and job.state is State.DONE else None
