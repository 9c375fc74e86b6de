"""The last frame of one image under attack, to take away as a PNG, and what the model says of it then."""

from functools import partial

import numpy as np
import streamlit as st

from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attack_curve import Trajectory
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.predictions import Prediction
from robust_core.ui import screen_images, words
from robust_core.ui.pgd_steps.attack_jobs import AttackRun


def show_downloads(run: AttackRun, done: dict[str, Trajectory], place: int) -> None:
    """A PNG for each model whose attack has frames of the image at `place`."""
    for spec in run.specs:
        if frames := done[spec.key].frames.get(place):
            _show_download(spec, frames, place)


def _show_download(spec: ModelSpec, sequence: AttackFrames, place: int) -> None:
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
