"""Which maps of which models are shown: recorded and quick ones at once, slow ones once asked for with the button; the
jobs that compute them and the evidence about them.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attributions.costs import is_quick, passes
from robust_core.attributions.methods import METHODS, Value, methods_for
from robust_core.attributions.targets import Target
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.recordings.store import Recording
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import (
    AttributionMaps,
    AttributionRequest,
    Explanation,
    MapMetricsRequest,
    MapRequest,
)
from robust_core.ui import jobs, on_page, recorded, run_button, words, worlds

if TYPE_CHECKING:
    from robust_core.attributions.quality import AttributionMetrics

NAME, AGAIN, SECONDS_A_PASS = "maps", "explain_again", "seconds_a_pass"
USUAL_SECONDS = 0.2  # of a pass, before any was measured
MAP_SLOT, METRICS_SLOT, CONTROLS_SLOT = "map:", "metrics:", "controls:"


@dataclass(frozen=True, eq=False)
class AskedMaps:
    """Every method for every model; under a condition, for the clean image beside it as well. With `live` all are
    computed now, whatever is recorded.
    """

    image: LabelledImage
    specs: tuple[ModelSpec, ...]
    methods: dict[str, dict[str, Value]]
    target: Target
    condition: Condition
    protocol: str
    live: bool = False

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

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        target = self.target.aim if self.target.which is None else f"{self.target.aim} {self.target.which}"
        return {
            "models": ", ".join(spec.title for spec in self.specs),
            "image": self.image.name,
            "methods": ", ".join(METHODS[method].title for method in self.methods),
            "of the methods": str(self.methods),
            "target": target,
            "corruption": "none" if self.condition.severity == 0 else str(self.condition),
        }

    def part(self, *, quick: bool) -> "AskedMaps":
        """Those of the methods that are quick, or the others."""
        return replace(self, methods={key: one for key, one in self.methods.items() if is_quick(key, one) == quick})

    def recording(self, one: MapRequest) -> Recording | None:
        """What is recorded of a map and of the evidence about it."""
        if self.live:
            return None
        methods = ((one.method, one.settings),)
        asked = AttributionRequest(one.models, one.image, methods, one.target, True, one.condition, self.protocol)
        return recorded.find(asked)


def choose_request(
    wanted: AskedMaps, button: DeltaGenerator, note: DeltaGenerator
) -> tuple[AskedMaps, AskedMaps | None]:
    """The maps that are shown, quick ones at once; and slow ones that were asked for under other settings, greyed, if
    any. A link alone asks for no slow one.
    """
    asked: AskedMaps | None = st.session_state.get(f"{NAME}_run")
    if st.session_state.pop(AGAIN, False) and asked is not None:
        asked = st.session_state[f"{NAME}_run"] = replace(wanted, live=True)
    fresh = asked is not None and asked.key == wanted.key
    slow = wanted.part(quick=False)
    if not fresh and (slow.methods or any(wanted.recording(one) for one in wanted.questions())):
        _show_button(wanted, slow, button, note)
    if fresh or asked is None or any(spec.label_space != worlds.world() for spec in asked.specs):
        return (replace(wanted, live=True) if fresh else wanted.part(quick=True)), None
    stale = asked.part(quick=False)
    if not stale.methods:
        return wanted.part(quick=True), None
    note.caption(run_button.changes(asked.settings, wanted.settings))
    note.html(run_button.GREY.format(key=run_button.place(NAME)))
    return wanted.part(quick=True), stale


def _show_button(wanted: AskedMaps, slow: AskedMaps, button: DeltaGenerator, note: DeltaGenerator) -> None:
    label = f"Explain by {words.count(len(slow.methods), 'slow method')}" if slow.methods else "Run again"
    button.button(
        label,
        key="ask_maps",
        type="primary",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update({f"{NAME}_run": replace(wanted, live=True)}),
    )
    if slow.methods:
        note.caption(f"{label}: at most about {jobs.roughly(forecast_seconds(slow))}.")


def forecast_seconds(asked: AskedMaps) -> float:
    """About how long its maps take at most, by how long the last quick map took."""
    a_pass = st.session_state.get(SECONDS_A_PASS, USUAL_SECONDS)
    return a_pass * sum(passes(one.method, dict(one.settings)) for one in asked.questions())


def ask_again() -> None:
    """Ask for what was asked for, of what the controls say when the page runs next; for callbacks."""
    st.session_state[AGAIN] = True


def asked_again() -> bool:
    """Whether that happened since the page last ran: a click inside its self-refreshing part runs that part alone."""
    return AGAIN in st.session_state


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


def start(request: AskedMaps, stale: AskedMaps | None) -> MapJobs:
    """All that is asked for, with the maps of a `stale` request; shows the button that asks for more."""
    every = start_maps(request, stale)
    maps = {one: every[one] for one in request.questions()}
    took = [job.result.attribution.seconds for one, job in maps.items() if job.result and _is_quick(one)]
    st.session_state[SECONDS_A_PASS] = max(took, default=USUAL_SECONDS)
    metrics = _start_metrics(request, maps)
    return MapJobs(every, metrics, _start_controls(request, maps, metrics))


def note_shown(request: AskedMaps, found: MapJobs) -> None:
    """Tell the toolbar which maps the page shows, a result for each model, with the evidence where all of it is
    there.
    """
    for spec in request.specs:
        asked = [one for one in request.questions() if one.spec == spec and one.condition == request.condition]
        pairs = [(found.explanation(one), found.evidence(one)) for one in asked]
        if not pairs or any(map_ is None for map_, _ in pairs):
            continue
        whole = all(evidence is not None and evidence.controls is not None for _, evidence in pairs)
        methods = tuple((one.method, one.settings) for one in asked)
        whole_request = AttributionRequest(
            (spec,), request.image, methods, request.target, whole, request.condition, request.protocol
        )
        shown = [(map_, evidence if whole else None) for map_, evidence in pairs]
        on_page.show(whole_request, AttributionMaps.of(whole_request, shown), request.recording(asked[0]))


def start_maps(request: AskedMaps, stale: AskedMaps | None) -> dict[MapRequest, Job]:
    """The job of each map; that of a recorded one is done."""
    questions = [*request.questions(), *(stale.questions() if stale else ())]
    recorded = {one: recording for one in questions if (recording := request.recording(one))}
    work = {one: (one.key, partial(attribution_maps.explain, one)) for one in questions if one not in recorded}
    running = _start_all(MAP_SLOT, work)
    known = {one: Job.done(one.key, recording.result.explanations[0][0]) for one, recording in recorded.items()}
    return {one: known.get(one) or running[one] for one in questions}


def _start_metrics(request: AskedMaps, maps: dict[MapRequest, Job]) -> dict[MapRequest, Job]:
    known = {
        one: Job.done(one.key, recording.result.explanations[0][1])
        for one in maps
        if (recording := request.recording(one))
    }
    done = {one: job.result for one, job in maps.items() if job.state is State.DONE}
    work = {}
    new = {one: explanation for one, explanation in done.items() if one not in known}
    if len(done) == len(maps) and new:
        label = f"Check these maps, at most {words.seconds(_seconds_of_evidence(new.values(), request.protocol))}"
        if run_once("metrics", (request.key, request.protocol), label):
            for one, explanation in new.items():
                asked = one.asking(MapMetricsRequest, protocol=request.protocol)
                work[one] = asked.key, partial(attribution_maps.evaluate, asked, explanation)
    return known | _start_all(METRICS_SLOT, work)


def _seconds_of_evidence(explanations: Iterable[Explanation], protocol: str) -> float:
    """At most, by how long the maps themselves took."""
    from robust_core.attributions import quality

    found = [one.attribution for one in explanations]
    seconds_a_pass = min(one.seconds / passes(one.method, dict(one.settings)) for one in found)  # the first may be slow
    return seconds_a_pass * sum(quality.evidence_passes(one, protocol) for one in found)


def _start_controls(
    request: AskedMaps, maps: dict[MapRequest, Job], metrics: dict[MapRequest, Job]
) -> dict[MapRequest, Job]:
    protocol = request.protocol
    all_done = all(job.state is State.DONE for job in metrics.values())
    done = {one: job.result for one, job in metrics.items() if job.result is not None and job.result.controls is None}
    work = {}
    if all_done and done:
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


def _is_quick(question: MapRequest) -> bool:
    return is_quick(question.method, dict(question.settings))


def _result(job: Job | None) -> Any:
    return job.result if job is not None and job.state is State.DONE else None
