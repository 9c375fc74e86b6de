"""What was asked for with the button: which maps of which models, and the jobs that compute them and the evidence about
them.
"""

from collections.abc import Hashable
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from robust_core.attributions.methods import METHODS, Value, methods_for
from robust_core.attributions.targets import Target
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import Explanation, MapMetricsRequest, MapRequest
from robust_core.ui import jobs

Kind = TypeVar("Kind", bound=MapRequest)

MAP_SLOT, METRICS_SLOT = "map:", "metrics:"


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
        """One cell of the grid."""
        settings = tuple(self.methods[method].items())
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
    """The request that the button asked for last, None before the first; a link alone asks for none."""
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
    if asked is not None and not fresh:
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


def start_maps(request: AskedMaps) -> dict[MapRequest, Job]:
    """The job of each map."""
    running = {
        one: jobs.start(slot(MAP_SLOT, one), one.key, partial(attribution_maps.explain, one))
        for one in request.questions()
    }
    jobs.keep_only(MAP_SLOT, [slot(MAP_SLOT, one) for one in running])
    return running


def start_metrics(request: AskedMaps, maps: dict[MapRequest, Job]) -> dict[MapRequest, Job]:
    """The job of each map's evidence, once the user has asked for it and all maps are there."""
    done = {one: job.result for one, job in maps.items() if job.state is State.DONE}
    running = {}
    if len(done) == len(maps) and done and run_once("metrics", request.key, "Check whether these maps can be believed"):
        for one, explanation in done.items():
            key = as_kind(MapMetricsRequest, one).key
            running[one] = jobs.start(
                slot(METRICS_SLOT, one), key, partial(attribution_maps.evaluate, one, explanation)
            )
    jobs.keep_only(METRICS_SLOT, [slot(METRICS_SLOT, one) for one in running])
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


def explanation_of(job: Job | None) -> Explanation | None:
    """The map of a job that is done."""
    return job.result if job is not None and job.state is State.DONE else None


def slot(prefix: str, question: MapRequest) -> str:
    """Where a question's job stands on the page."""
    return f"{prefix}{question.spec.key}:{question.method}:{question.condition}"


def as_kind(kind: type[Kind], question: MapRequest, **more: Any) -> Kind:
    """The request of another kind about the same map."""
    return kind(**{field.name: getattr(question, field.name) for field in fields(MapRequest)}, **more)


def for_class(question: MapRequest, index: int) -> MapRequest:
    """The same question about one class."""
    return replace(question, target=Target("class", index))
