"""The ladder of mixes, recorded or asked for with the button, and single mixes that are measured beside it."""

from collections.abc import Mapping
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.jobs import Job, queue
from robust_core.mixing.table import MIX_KINDS, Alphas
from robust_core.studies import mixing
from robust_core.studies.mixing import MixingRequest, points_so_far
from robust_core.studies.mixing_outcomes import MixPoint
from robust_core.ui import jobs, recorded, run_button
from robust_core.ui.compare_attacks import pgd_choice
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import WholeRun

NAME, SLOT, ONE_SLOT = "mixing", "mixing:ladder", "mixing:one"
ASKED, MOST_ASKED = "mixes_asked", 64  # single mixes that a session remembers


class MixingRun(WholeRun[MixingRequest]):
    """What is measured of a ladder of mixes; whether it is `recorded`, all models together."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            "models": ", ".join(spec.title for spec in request.models),
            "mixed": MIX_KINDS[request.kind].title.lower(),
            "images": f"{len(request.images)} of {request.images.title}",
            "attack": str(request.attack),
            "corruption": str(request.condition),
        }


def choose_run(wanted: MixingRequest, button: DeltaGenerator, note: DeltaGenerator) -> MixingRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    here = MixingRun(wanted, recorded=True) if recorded.find(wanted) else None
    assert wanted.attack is not None  # the page always attacks
    times = len(wanted.mixes)
    if refusal := pgd_choice.too_much(wanted.models, wanted.images, wanted.attack, times):
        note.info(refusal)
        return here
    how_long = in_words(wanted, times)
    note.caption(f"{times} mixes; {wanted.attack}; n = {len(wanted.images)}.{how_long}")
    return run_button.choose_run(NAME, MixingRun(wanted), button, note, recorded=here)


def in_words(request: MixingRequest, mixes: int) -> str:
    """About how long so many mixes take, in a sentence; nothing before that was measured. One network asks once."""
    assert request.attack is not None
    asked = request.models[:1] if request.row.one_architecture else request.models
    return pgd_choice.in_words(asked, request.images, request.attack, mixes)


def start(run: MixingRun) -> Job:
    """The job of the ladder; that of a recorded run is done."""
    recording = run.recorded_whole
    if recording is not None:
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, recording.result)
    jobs.keep_only(forecast.SLOT, ())
    return jobs.start(SLOT, run.key, partial(mixing.run, run.request))


def points(job: Job) -> list[MixPoint]:
    """The mixes that the ladder has come to."""
    return list(job.result.points) if job.result is not None else points_so_far(job.events)


def ask(request: MixingRequest) -> None:
    """Have one mix measured from now on: what the button does."""
    st.session_state[ASKED] = [*(one for one in _asked() if one != request), request][-MOST_ASKED:]


def one_mix(request: MixingRequest, alphas: Alphas) -> Job | None:
    """The job of one mix under the settings of a ladder; None where nobody has asked for it."""
    one = request.for_mixes((alphas,))
    return jobs.start(ONE_SLOT, one.key, partial(mixing.run, one)) if one in _asked() else None


def other_points(request: MixingRequest) -> list[MixPoint]:
    """The single mixes of this session that were measured under the settings of a ladder."""
    same = [one for one in _asked() if one.for_mixes(request.mixes) == request]
    found = [queue("device").find(one.key) for one in same]
    return [job.result.points[0] for job in found if job is not None and job.result is not None]


def _asked() -> list[MixingRequest]:
    return st.session_state.get(ASKED, [])
