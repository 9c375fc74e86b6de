"""A run over many stimuli, recorded or asked for with the button: one job for all models, and what is known of it."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.cue_conflict.decisions import RULES
from robust_core.cue_conflict.votes import Cue, cues_of
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.jobs import Job
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies import shape_bias
from robust_core.studies.shape_bias import ModelResponses, ShapeBiasRequest
from robust_core.ui import jobs, links, on_page, run_button, worlds
from robust_core.ui.shape_or_texture import stimulus
from robust_core.ui.shape_or_texture.votes import Vote
from robust_core.ui.study_run import StudyRun, recorded_part

NAME, SLOT = "cue", "cue_votes"
ASKED_AGAIN = "cue_asked_again"  # in the session: the place of the stimulus whose votes were asked for once more
FIRST_N = {MINI: 256, IMAGENET: 144}
STEP_N = {MINI: 64, IMAGENET: 16}
DIVIDING = {Cue.SHAPE, Cue.TEXTURE}


class VotesRun(StudyRun[ShapeBiasRequest]):
    """A run over many stimuli; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        models = ", ".join(spec.title for spec in request.models)
        return {"models": models, "set": f"{request.stimuli.title}, {request.stimuli.rule}", "n": f"{request.n:,}"}


def choose_n(stimuli: StimulusSet) -> int:
    """How many stimuli a run takes."""
    space = worlds.world()
    first, key = min(FIRST_N[space], stimuli.count), f"{space.key}_stimuli"
    stimulus.keep_within(key, stimuli.count)
    title = f"Stimuli (n, up to {stimuli.count:,})"
    return links.number(
        st.number_input, title, 1, stimuli.count, first, STEP_N[space], key=key, persist_state="session"
    )


def recorded_run(specs: Sequence[ModelSpec], stimuli: StimulusSet, n: int) -> VotesRun | None:
    """The recorded part of a run, None where none of the models is recorded."""
    request = ShapeBiasRequest(tuple(specs), stimuli, n)
    there = recorded_part(request)
    return VotesRun(there, recorded=True) if there else None


def choose_run(
    specs: Sequence[ModelSpec], stimuli: StimulusSet, n: int, button: DeltaGenerator, note: DeltaGenerator
) -> VotesRun | None:
    """The run that is shown, None before the first; a link alone asks for none. Another rule needs no other run."""
    wanted = VotesRun(ShapeBiasRequest(tuple(specs), stimuli, n))
    here = recorded_run(specs, stimuli, n)
    return run_button.choose_run(NAME, wanted, button, note, recorded=here)


def note_shown(run: VotesRun, job: Job | None = None) -> None:
    """Tell the toolbar which results the page shows: that of the job, or the recorded ones."""
    if not run.recorded:
        if job is not None and job.result is not None:
            on_page.show(run.request, job.result)
        return
    for spec in run.request.models:
        if recording := run.recording(spec):
            on_page.show(run.request.of(spec), recording.result, recording)


def start(run: VotesRun) -> Job:
    """The one job that asks all models; that of a recorded run is done."""
    if run.recorded:
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, None, _recorded_responses(run))
    return jobs.start(SLOT, run.key, partial(shape_bias.run, run.request))


def first_that_divides(run: VotesRun | None) -> int:
    """The place of the first stimulus that one of the recorded models decides by its shape and another by its texture;
    0 where nothing is recorded.
    """
    if run is None:
        return 0
    by_model = [cues_of(one.decisions(RULES[0]), one.stimuli) for one in _recorded_responses(run)]
    return next((place for place, cues in enumerate(zip(*by_model, strict=True)) if set(cues) >= DIVIDING), 0)


def recorded_votes(run: VotesRun | None, place: int, button: DeltaGenerator) -> dict[str, Vote]:
    """The recorded votes on the stimulus at `place`, by the model's key, and at `button` the one that asks again; none
    once it was pressed.
    """
    if run is None or place >= run.request.n or st.session_state.get(ASKED_AGAIN) == place:
        return {}
    ask = partial(st.session_state.update, {ASKED_AGAIN: place})
    button.button("Run again", key="ask_again", icon=":material/play_arrow:", on_click=ask)
    return {
        one.spec.key: Vote(
            {key: scores[place] for key, scores in one.scores.items()},
            one.stimuli[place],
            one.device,
            run.recording(one.spec),
        )
        for one in _recorded_responses(run)
    }


def _recorded_responses(run: VotesRun) -> list[ModelResponses]:
    return [recording.result.by_model[0] for spec in run.request.models if (recording := run.recording(spec))]
