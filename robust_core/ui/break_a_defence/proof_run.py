"""A run of proof and attack, recorded or asked for with the button, and how long it will take."""

from collections import defaultdict
from collections.abc import Generator, Mapping
from functools import partial
from typing import Any
from weakref import WeakSet

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.jobs import Job, State
from robust_core.jobs.durations import Durations
from robust_core.studies import certified_radius
from robust_core.studies.certified_images import CertifiedImage
from robust_core.studies.certified_radius import (
    BACKWARD_AS_FORWARD,
    CertifiedRadius,
    CertifiedRadiusRequest,
    ModelCertificates,
)
from robust_core.ui import jobs, on_page, recorded, run_button
from robust_core.ui.study_run import StudyRun

NAME, SLOT, PASS_SLOT = "proof", "proof", "proof_pass"
MOST_SECONDS = 3600.0  # that one run may take
TRIED_DRAWS = 32
_seconds: dict[str, Durations] = defaultdict(Durations)  # of a pass for one image, by model
_noted: WeakSet[ModelCertificates] = WeakSet()


class ProofRun(StudyRun[CertifiedRadiusRequest]):
    """One model's images, certified and attacked; whether that is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            "model": request.spec.title,
            "images": f"{len(request.images)} of {request.images.title}",
            "smoothing": str(request.smoothing(request.spec)),
            "attack": str(request.search or "none"),
        }


def choose_run(request: CertifiedRadiusRequest, button: DeltaGenerator, note: DeltaGenerator) -> ProofRun | None:
    """The run that is shown, None before the first, and where it would take too long."""
    wanted, there = ProofRun(request), recorded.find(request)
    takes = None if there else seconds(request)
    if takes is not None and takes > MOST_SECONDS:
        note.caption(
            f"This would take up to {jobs.roughly(takes)}; at most {jobs.roughly(MOST_SECONDS)} are allowed here. Take "
            "fewer draws or fewer images, or run it in a notebook."
        )
        return None
    here = ProofRun(request, recorded=True) if there else None
    return run_button.choose_run(NAME, wanted, button, note, recorded=here)


def start(run: ProofRun) -> Job:
    """The job of a run; that of a recorded one is done."""
    recording = run.recording(run.request.spec)
    if recording is not None:
        jobs.keep_only(SLOT, ())
        (one,) = recording.result.by_model
        return Job.done(run.key, recording.result, list(one.images))
    jobs.keep_only(PASS_SLOT, ())
    return jobs.start(SLOT, run.key, partial(certified_radius.run, run.request))


def note_shown(run: ProofRun, result: CertifiedRadius) -> None:
    """Tell the toolbar what the page shows, and remember how long it took."""
    on_page.show(run.request, result, run.recording(run.request.spec))
    if not run.recorded:
        _note(result.by_model[0])


def images_so_far(job: Job) -> list[CertifiedImage]:
    """The images that an unfinished job is done with."""
    return [event for event in job.events if isinstance(event, CertifiedImage)]


def seconds(request: CertifiedRadiusRequest) -> float | None:
    """What a run takes at most, without loading the model; None where the model was not measured yet."""
    each = _seconds[request.spec.key].usual(None)
    return None if each is None else each * request.passes


def measure(request: CertifiedRadiusRequest) -> None:
    """Certify one image from a few draws where nothing is known of the model yet."""
    if _seconds[request.spec.key].usual(None) is None and not recorded.find(request):
        few = CertifiedRadiusRequest(
            request.models, request.images[:1], request.sigma, TRIED_DRAWS, n0=TRIED_DRAWS, search=None
        )
        jobs.start(PASS_SLOT, few.key, partial(_once_tried, few))


def note_measured() -> bool:
    """Take what `measure` has come to; whether that was anything."""
    job = st.session_state.get("job_slots", {}).get(PASS_SLOT)
    if job is None or job.state is not State.DONE:
        return False
    _note(job.result.by_model[0])
    del st.session_state["job_slots"][PASS_SLOT]
    return True


def _once_tried(request: CertifiedRadiusRequest) -> Generator[Any, None, CertifiedRadius]:
    """The certificate, after one like it: the first passes of a network take many times as long."""
    yield from certified_radius.run(request)
    return (yield from certified_radius.run(request))


def _note(one: ModelCertificates) -> None:
    """Remember how long it took, once however often it is drawn."""
    if one in _noted:
        return
    _noted.add(one)
    passes = one.forward_passes + BACKWARD_AS_FORWARD * one.backward_passes
    _seconds[one.spec.key].note(None, one.seconds / passes)
