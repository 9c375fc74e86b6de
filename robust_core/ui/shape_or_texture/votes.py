"""What each model votes for on one stimulus, recorded or asked now: in words, and as bars over the categories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule, category_scores
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import Cue, cue_of
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import StimulusImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts, cue_axis
from robust_core.recordings.store import Recording
from robust_core.studies.predictions import ModelPredictions, PredictionsRequest, run
from robust_core.ui import jobs, on_page, recorded, words
from robust_core.ui.components.live_chart import live_chart

SLOT = "cue:"
MEAN_RULE = "mean_probability"
ROUND_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CUE_WORDS = {Cue.SHAPE: ":violet[**shape**]", Cue.TEXTURE: ":orange[**texture**]", Cue.OTHER: "**neither**"}
IN_ONE_COLUMN = 3  # models; more are shown in two


@dataclass(frozen=True, eq=False)
class Vote:
    """One model's `scores` (16,) of the categories for `stimulus` by each rule's key, where they were computed, and
    the recording that they are from, if any.
    """

    scores: Mapping[str, np.ndarray]
    stimulus: Stimulus
    device: str
    recording: Recording | None = None

    def decision(self, rule: DecisionRule) -> str:
        """The category with the highest score."""
        return NAMES[int(self.scores[rule.key].argmax())]


def of_prediction(predicted: ModelPredictions, stimulus: Stimulus) -> Vote:
    """The vote of a model that was asked now."""
    probabilities = predicted.predictions[0].probabilities[None]
    scores = {rule.key: category_scores(probabilities, rule)[0] for rule in RULES}
    return Vote(scores, stimulus, predicted.device)


def start(specs: Sequence[ModelSpec], stimulus_image: StimulusImage) -> dict[str, Job]:
    """The job of each model's prediction for the stimulus, by slot."""
    if not specs:
        jobs.keep_only(SLOT, ())
        return {}
    request, running = PredictionsRequest(tuple(specs), ImageSet.of([stimulus_image.image])), {}
    for spec in specs:
        part = request.of(spec)
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, part.key, partial(run, part))
    jobs.keep_only(SLOT, running)
    jobs.wait_a_moment(running.values())
    for spec in specs:
        if (found := running[SLOT + spec.key].result) is not None:
            on_page.show(request.of(spec), found)
    return running


def show(
    specs: Sequence[ModelSpec],
    known: Mapping[str, Vote],
    running: Mapping[str, Job],
    stimulus_image: StimulusImage,
    rule: DecisionRule,
) -> None:
    """A card for each model, with its vote among those `known` by the model's key, or as its job among those `running`
    gives it; while a model is asked again, its last vote stays.
    """
    last: dict[str, Vote] = st.session_state.setdefault("cue_last", {})
    last |= known | {
        spec.key: of_prediction(running[SLOT + spec.key].result.only, stimulus_image.stimulus)
        for spec in specs
        if spec.key not in known and running[SLOT + spec.key].state is State.DONE
    }
    end = end_of_scale((last[spec.key].scores[rule.key].tolist() for spec in specs if spec.key in last), rule)
    columns = st.columns(1 if len(specs) <= IN_ONE_COLUMN else 2)
    for place, spec in enumerate(specs):
        with columns[place % len(columns)].container(border=True, gap="xxsmall"):
            job = running.get(SLOT + spec.key)
            if spec.key in last and (job is None or not job.ended_without):
                _show_vote(spec, last[spec.key], rule, end)
            else:
                st.markdown(f"**{words.plain(spec.title)}**")
            if job is not None and job.state is not State.DONE:
                jobs.show_progress(SLOT + spec.key, job)
    if all(job.state is State.DONE for job in running.values()):
        _show_origin([last[spec.key] for spec in specs])


def show_answer(specs: Sequence[ModelSpec], place: DeltaGenerator, rule: DecisionRule) -> None:
    """What every model votes for, in one line, for screens where the bars are far below; those still running are not
    in it.
    """
    last: dict[str, Vote] = st.session_state.get("cue_last", {})
    said = [
        f"{words.plain(spec.title)}: {_cue_words(last[spec.key].decision(rule), last[spec.key].stimulus)}"
        for spec in specs
        if spec.key in last
    ]
    place.markdown(" · ".join(said))


def verdict(vote: Vote, rule: DecisionRule) -> str:
    """What the model votes for, in words; where the published rules differ, both."""
    chosen = vote.decision(rule)
    others = [
        f"by the {one.title} {_in_words(vote.decision(one), vote.stimulus)}"
        for one in RULES
        if vote.decision(one) != chosen
    ]
    return "; ".join([_in_words(chosen, vote.stimulus), *others])


def end_of_scale(scores: Iterable[Sequence[float]], rule: DecisionRule) -> float:
    """Where the bars of all models end: at 100%, but for mean probabilities, which are small where a category has many
    classes.
    """
    if rule.key != MEAN_RULE:
        return 1.0
    highest = max((max(one) for one in scores), default=1.0)
    return next((end for end in ROUND_ENDS if end >= highest), 1.0)


def _show_vote(spec: ModelSpec, vote: Vote, rule: DecisionRule, end: float) -> None:
    scores = vote.scores[rule.key].tolist()
    st.markdown(f"**{words.plain(spec.title)}** {verdict(vote, rule)}")
    live_chart(
        cue_axis.category_bars(scores, vote.stimulus.shape, vote.stimulus.texture, end),
        key=f"cue_bars:{spec.key}",
        height_px=cue_axis.BARS_PX,
        alt=f"{spec.title}: {vote.decision(rule)} {charts.percent(max(scores))}, the highest of 16 categories",
    )


def _show_origin(votes: Sequence[Vote]) -> None:
    origins = dict.fromkeys(recorded.origin(one.device, one.recording) for one in votes)
    st.caption(f"{'; '.join(origins)}. n = 1: an illustration, not a shape bias.")


def _cue_words(decision: str, stimulus: Stimulus) -> str:
    return CUE_WORDS[cue_of(decision, stimulus)] if stimulus.is_conflict else f"**{decision}**"


def _in_words(decision: str, stimulus: Stimulus) -> str:
    if stimulus.is_conflict:
        return f"votes for {CUE_WORDS[cue_of(decision, stimulus)]}: {decision}"
    if stimulus.shape is None:
        return f"predicts **{decision}**"
    return f"predicts **{decision}**, which is {'right' if decision == stimulus.shape else 'wrong'}"
