"""What the views on simplicity biases share: which run is shown, about how long one takes, and how its jobs stand."""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.intervals import Interval
from robust_core.jobs import Job, State
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.simplicity_claims import Says
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part, start_each

Run = TypeVar("Run", bound=StudyRun)
MARKS: Mapping[Says, str] = {
    "agrees": ":green[:material/check: agrees]",
    "contradicts": ":red[:material/close: contradicts]",
    "undecided": ":gray[:material/remove: not decided]",
}
PAIR = "Choose an adversarially trained model and another one in the sidebar to compare them with {paper}."


def settings_of(request: Any, **more: str) -> Mapping[str, str]:
    """What can be changed, in words."""
    return {
        "models": ", ".join(spec.title for spec in request.models),
        "images": f"{len(request.images)} of {request.images.title}",
        **more,
    }


def choose_run(
    name: str, wanted: Run, passes: float, about: str, button: DeltaGenerator, note: DeltaGenerator
) -> Run | None:
    """The run that is shown, recorded for each model or asked for; the note says `about` it how long a run takes, where
    an image costs as much as `passes` forward and back.
    """
    there = recorded_part(wanted.request)
    here = type(wanted)(there, recorded=True) if there else None
    note.caption(f"{about}; n = {len(wanted.request.images)}.{how_long(wanted.specs, wanted.request.images, passes)}")
    return run_button.choose_run(name, wanted, button, note, recorded=here)


def how_long(specs: Sequence[ModelSpec], images: ImageSet, passes: float) -> str:
    """About how long a run takes, as a sentence; nothing before that was measured."""
    forecast.measure(specs, images)
    each = [forecast.seconds_of_a_pass(spec) for spec in specs]
    known = [one for one in each if one is not None]
    if len(known) < len(each):
        return ""
    return f" A run takes about {jobs.roughly(passes * len(images) * sum(known))}."


def start(run: StudyRun, prefix: str, study: Callable[[Any], Generator[Any, None, Any]]) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done, and forecasts make room for any other."""
    if not run.recorded:
        jobs.keep_only(forecast.SLOT, ())
    return start_each(run, prefix, study)


def finished(run: StudyRun, running: Mapping[str, Job], prefix: str) -> Any:
    """What the models that are done came to, as one result; None where none is. Those that are not say how they
    stand.
    """
    done = []
    for spec in run.specs:
        job = running[prefix + spec.key]
        if job.state is State.DONE:
            on_page.show(run.request.of(spec), job.result, run.recording(spec))
            done.append(job.result)
        else:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(prefix + spec.key, job)
    return done[0].joined(done[1:]) if done else None


def origin(run: StudyRun, device: str) -> str:
    """Badge, where and when it was computed, as a sentence begins."""
    return recorded.origin(device, run.recording(run.specs[0]))


def contradicts(spec: ModelSpec) -> str:
    """How a sentence begins about numbers of this model's world that say something else than a paper."""
    return "Mini contradicts" if spec.label_space == MINI else "This contradicts"


def percent(interval: Interval) -> str:
    """A share with its bounds, such as "66.3% [64.1%, 68.5%]"."""
    return words.bounded(interval.estimate, interval.low, interval.high, ".1%")
