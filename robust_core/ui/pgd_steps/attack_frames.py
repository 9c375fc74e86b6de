"""The frame sequence of one image under attack: what each model was shown at each step, and the last frame to take away
as a PNG.
"""

from collections.abc import Sequence
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import FOLLOWS_FRAMES
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.predictions import Prediction
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.frame_player import SequenceMarker, SequenceModel, SequenceStrip, frame_player
from robust_core.ui.pgd_steps import attack_jobs
from robust_core.ui.pgd_steps.attack_jobs import FRAMES_SLOT, AttackRun
from robust_core.ui.server.frame_store import FrameSequence, frame_sequence_of

MAX_MODELS = 4
_SEQUENCES: WeakKeyDictionary[AttackFrames, tuple[FrameSequence, FrameSequence]] = WeakKeyDictionary()


def show_frames(run: AttackRun) -> None:
    """Choose an image, and watch the attack of each of the first models on it."""
    st.subheader("What does the attack do to an image?", anchor=False)
    places = range(len(run.images.ids))
    place = st.selectbox(
        "Image", places, format_func=lambda place: f"{place + 1}. {run.images.names[place]}", key="frames_of"
    )
    specs = run.specs[:MAX_MODELS]
    if len(run.specs) > MAX_MODELS:
        st.caption(f"The frame sequence shows the first {MAX_MODELS} of {len(run.specs)} models.")
    running = attack_jobs.start_frames(run, specs, place)
    jobs.keep_only(FRAMES_SLOT, running)
    jobs.wait_a_moment(running.values())
    for slot, job in running.items():
        if job.state is not State.DONE:
            jobs.show_progress(slot, job)
            return
    _show_player(specs, running)
    for spec in specs:
        _show_download(run, spec, running[FRAMES_SLOT + spec.key].result, place)


def _show_player(specs: Sequence[ModelSpec], running: dict[str, Job]) -> None:
    sequences: list[AttackFrames] = [running[FRAMES_SLOT + spec.key].result for spec in specs]
    steps = sequences[0].steps
    frames = range(len(steps))
    attacked = [
        SequenceStrip(spec.title, _sequences(sequence)[0], frames)
        for spec, sequence in zip(specs, sequences, strict=True)
    ]
    changes = [
        SequenceStrip(f"its change × {sequence.factor}, grey is none", _sequences(sequence)[1], frames)
        for sequence in sequences
    ]
    models = [sequence_model(spec, sequence) for spec, sequence in zip(specs, sequences, strict=True)]
    names = [f"step {step} of {steps[-1]}" if step else "clean" for step in steps]
    marker = SequenceMarker(FOLLOWS_FRAMES, list(steps))
    frame_player(
        [attacked, changes],
        models,
        ("Prediction", "Probability", ""),
        key="pgd_frames",
        frame_names=names,
        marker=marker,
    )


def sequence_model(spec: ModelSpec, sequence: AttackFrames) -> SequenceModel:
    """The model's row beside the frame sequence: its prediction at every frame, bold where it is wrong."""
    shares = map(charts.percent, sequence.probability)
    marks = ["✓" if correct else "✗" for correct in sequence.correct]
    names = [spec.label_space.names[label] for label in sequence.label]
    return SequenceModel(
        spec.title,
        model_colours()[spec.key],
        list(zip(names, shares, marks, strict=True)),
        [not correct for correct in sequence.correct],
    )


def _show_download(run: AttackRun, spec: ModelSpec, sequence: AttackFrames, place: int) -> None:
    left, right = st.columns([1, 4], vertical_alignment="center")
    name = f"pgd_{spec.key}_{place + 1}.png"
    left.download_button(
        "PNG",
        partial(screen_images.png, sequence.stored),
        name,
        "image/png",
        key=f"png:{spec.key}",
        icon=":material/download:",
        on_click="ignore",
    )
    right.caption(
        f"**{words.plain(spec.title)}**, last step, rounded to 8 bits inside the ball and predicted again: "
        f"{judgement(spec, sequence)}"
    )


def judgement(spec: ModelSpec, sequence: AttackFrames) -> str:
    """What the model predicts for the stored image, as it is and when it is uploaded again."""
    if np.array_equal(sequence.stored_prediction.probabilities, sequence.reopened.probabilities):
        return f"{_prediction(spec, sequence.stored_prediction)}. Uploaded again, it gets this very prediction."
    size = spec.preprocess
    return (
        f"{_prediction(spec, sequence.stored_prediction)} as it is stored, at the model's input size. An "
        f"upload is first resized to {size.resize} px and cropped to {size.crop} px, which changes the pixels: "
        f"uploaded again, it gets {_prediction(spec, sequence.reopened)}."
    )


def _prediction(spec: ModelSpec, prediction: Prediction) -> str:
    name = words.plain(spec.label_space.names[prediction.label])
    return f"**{name}** {charts.percent(float(prediction.probabilities.max()))}"


def _sequences(sequence: AttackFrames) -> tuple[FrameSequence, FrameSequence]:
    """The attacked frames and their changes, made once for a frame sequence and kept for as long as it is."""
    if sequence not in _SEQUENCES:
        _SEQUENCES[sequence] = frame_sequence_of(sequence.attacked), frame_sequence_of(sequence.change)
    return _SEQUENCES[sequence]
