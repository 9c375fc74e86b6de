"""Input gradients side by side: what each network is sensitive to on one image, to look at and to take away."""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.registry import ADVERSARIAL
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.input_gradient import InputGradient, cosine_between, cosine_with_edges
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.features.feature_jobs import SLOT, FeatureRun
from robust_core.ui.features.gradient_images import CLIPPED_AT_PERCENTILE, gradient_image


def show_gradients(run: FeatureRun, running: dict[str, Job]) -> None:
    """The image, then a column per model with its gradient, its prediction, and how the gradient is scaled."""
    done = {key: job.result for key, job in running.items() if job.state is State.DONE}
    seen, *columns = st.columns(len(run.specs) + 1)
    if done:
        some = next(iter(done.values()))
        seen.image(screen_images.screen_uri(some.rgb), width="stretch", alt=run.image.name)
        seen.markdown(words.plain(run.image.name))
    for spec, column in zip(run.specs, columns, strict=True):
        with column:
            if spec.key in done:
                _show_one(spec, done[spec.key])
            else:
                st.markdown(f"**{words.plain(spec.title)}**")
                jobs.show_progress(SLOT + spec.key, running[spec.key])
    if len(done) == len(run.specs):
        _show_alignment(run.specs, done)
        _show_caveats(run, next(iter(done.values())))


def _show_one(spec: ModelSpec, found: InputGradient) -> None:
    image, limit = gradient_image(found.gradient)
    st.image(screen_images.screen_uri(image), width="stretch", alt=f"Input gradient of {spec.title}")
    name, share = (
        spec.label_space.names[found.prediction.label],
        charts.percent(float(found.prediction.probabilities.max())),
    )
    st.markdown(f"**{words.plain(spec.title)}**")
    st.caption(
        f"Gradient of its prediction **{words.plain(name)}** ({share}); full colour from ±{limit:.2g} on, "
        "in logits per full step of a value. Cosine with the edges of the image: "
        f"**{_cosine(cosine_with_edges(found))}**."
    )
    file = f"input_gradient_{spec.key}"
    st.download_button(
        "PNG",
        partial(screen_images.png, image),
        f"{file}.png",
        "image/png",
        key=f"png:{spec.key}",
        icon=":material/download:",
        on_click="ignore",
    )
    st.download_button(
        "NPY",
        partial(npy, found.gradient),
        f"{file}.npy",
        key=f"npy:{spec.key}",
        icon=":material/download:",
        on_click="ignore",
    )


def _show_alignment(specs: Sequence[ModelSpec], done: Mapping[str, InputGradient]) -> None:
    """How alike the gradients of each pair of models are, where they are of one size."""
    said = []
    for first, second in combinations(specs, 2):
        found = cosine_between(done[first.key], done[second.key])
        if found is not None:
            pair = f"{words.plain(first.title)} and {words.plain(second.title)}"
            said.append(f"{pair} **{_cosine(found)}**")
    if said:
        st.markdown(f"Cosine of two gradients: {'; '.join(said)}. 1 is the same direction, 0 nothing in common.")
    st.caption("Of one image; the view **Gradient alignment** has means over many images, with intervals.")


def _cosine(value: float) -> str:
    """A cosine for people: with a minus sign, and without that of a zero."""
    return charts.number(round(value, 2) + 0.0, ".2f").replace("-", "−")


def _show_caveats(run: FeatureRun, some: InputGradient) -> None:
    st.markdown(
        f"{words.BADGES['live']} {run.experiment.title} on {words.plain(run.image.name)}: {run.experiment.source}; "
        f"computed {words.on_device(some.device)}. Signed; grey is 0; **each scaled for itself**, clipped at the "
        f"{CLIPPED_AT_PERCENTILE:g}th percentile of its sizes, so that brightness cannot be compared between networks."
    )
    st.info(f"{run.experiment.shows} {comparison(run.specs)}", icon=":material/gavel:")


def comparison(specs: Sequence[ModelSpec]) -> str:
    """What to compare among these networks, in one sentence."""
    robust = [spec.title for spec in specs if spec.family == ADVERSARIAL]
    if not robust:
        return (
            "None of these networks is known to be adversarially trained. Choose one in the sidebar to see how its "
            "gradient differs."
        )
    if len(robust) == len(specs):
        return "All of these networks are adversarially trained. Choose a standard one in the sidebar to compare."
    return (
        f"Compare {words.plain(' and '.join(robust))} with the others: does its gradient follow the object, while "
        "theirs look like noise? This is one image."
    )


def npy(gradient: np.ndarray) -> bytes:
    """The gradient as a file of NumPy's, unscaled."""
    buffer = io.BytesIO()
    np.save(buffer, gradient)
    return buffer.getvalue()
