"""A run of the searches, recorded or asked for with the button; and the reference images of each model."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.recordings import shipped
from robust_core.recordings.store import Recording
from robust_core.studies import smallest_change
from robust_core.studies.smallest_change import SmallestChangeRequest, SmallestChangeResult
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.smallest_change.change_controls import SearchSettings

ONE, MANY = "smallest_one", "smallest_many"
Done = dict[str, tuple[SmallestChangeResult, Recording | None]]  # by the model's key


@dataclass(frozen=True, eq=False)
class ChangeRun:
    """Which models are searched for changes of which images; whether that is `recorded`. `name` is that of a view."""

    name: str
    specs: tuple[ModelSpec, ...]
    images: ImageSet
    search: SearchSettings
    recorded: bool = False

    @property
    def request(self) -> SmallestChangeRequest:
        """All that determines the result."""
        kept = (0,) if self.name == ONE else ()
        search = self.search
        return SmallestChangeRequest(self.specs, self.images, search.norm, search.steps, search.seed, changes_of=kept)

    @property
    def key(self) -> tuple:
        """That of the request."""
        return self.request.key

    @property
    def job_keys(self) -> frozenset[Hashable]:
        """Those of its jobs, one for each model."""
        return frozenset(self.request.of(spec).key for spec in self.specs)

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        images = self.images.names[0] if self.name == ONE else f"{len(self.images)} of {self.images.title}"
        return {
            "models": ", ".join(spec.title for spec in self.specs),
            "images": images,
            "search": str(self.search),
        }


def choose_run(wanted: ChangeRun, button: DeltaGenerator, note: DeltaGenerator) -> ChangeRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    there = recorded.among(wanted.specs, wanted.request.of)
    here = replace(wanted, specs=there, recorded=True) if there else None
    return run_button.choose_run(wanted.name, wanted, button, note, recorded=here)


def start(run: ChangeRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    slots = {spec.key: _slot(run.name, spec) for spec in run.specs}
    if run.recorded:
        jobs.keep_only(f"{run.name}:", ())
        return {slots[spec.key]: _recorded_job(run.request.of(spec)) for spec in run.specs}
    running = {}
    for spec in run.specs:
        request = run.request.of(spec)
        running[slots[spec.key]] = jobs.start(slots[spec.key], request.key, partial(smallest_change.run, request))
    jobs.keep_only(f"{run.name}:", running)
    return running


def done(run: ChangeRun, running: dict[str, Job]) -> Done:
    """What the models that are done came to; the toolbar is told of it."""
    found: Done = {}
    for spec in run.specs:
        job, request = running[_slot(run.name, spec)], run.request.of(spec)
        if job.state is State.DONE:
            recording = recorded.find(request) if run.recorded else None
            found[spec.key] = job.result, recording
            on_page.show(request, job.result, recording)
    return found


def show_unfinished(run: ChangeRun, running: dict[str, Job]) -> None:
    """How far the models are that are not done, or why they failed."""
    for slot, job in running.items():
        if job.state is not State.DONE:
            spec = next(spec for spec in run.specs if _slot(run.name, spec) == slot)
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(slot, job)


def references(spec: ModelSpec, search: SearchSettings) -> tuple[SmallestChangeResult, Recording | None] | None:
    """The reference images of a model: recorded, or as the view of many images has just computed them for the same
    search; None where there are none.
    """
    if spec.label_space in shipped.N_REFERENCES:
        images = recorded.asked(shipped.reference_images, spec.label_space)
        request = SmallestChangeRequest((spec,), images, search.norm, search.steps, search.seed)
        if recording := recorded.find(request):
            return recording.result, recording
    last: SmallestChangeResult | None = st.session_state.get(_kept(spec, search))
    return last and (last, None)


def keep_as_references(run: ChangeRun, found: Done) -> None:
    """Let the view of one image compare it with these."""
    for spec in run.specs:
        if spec.key in found:
            st.session_state[_kept(spec, run.search)] = found[spec.key][0]


def _kept(spec: ModelSpec, search: SearchSettings) -> str:
    return f"references {spec.key} {search}"


def _slot(name: str, spec: ModelSpec) -> str:
    return f"{name}:{spec.key}"


def _recorded_job(request: SmallestChangeRequest) -> Job:
    recording = recorded.find(request)
    assert recording is not None  # a recorded run has only models that are recorded
    return Job.done(request.key, recording.result, [])
