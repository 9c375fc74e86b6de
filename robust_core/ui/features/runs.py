"""A run of one experiment on the Features page: what was asked for with the button, and the job of each model."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from robust_core.feature_experiments import Ascent, Experiment
from robust_core.features import input_gradient, maximize, noise
from robust_core.images import LabelledImage
from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, worlds

SLOT = "features:"


@dataclass(frozen=True, eq=False)
class Run:
    """Which networks are asked for which image, and what they start from: `image`, or noise where that is None.

    `ascent` is None where nothing is maximized and the gradient is all.
    """

    specs: tuple[ModelSpec, ...]
    experiment: Experiment
    ascent: Ascent | None
    image: LabelledImage | None
    noise_seed: int
    centre_crop_only: bool

    @property
    def key(self) -> tuple:
        """Everything that determines the results."""
        return tuple(self.job_key(spec) for spec in self.specs)

    def job_key(self, spec: ModelSpec) -> tuple:
        """Everything that determines one model's result."""
        start = self.image.digest if self.image else self.noise_seed
        return SLOT, self.experiment.key, spec.key, spec.weights.sha256, self.ascent, start, self.centre_crop_only

    def image_for(self, spec: ModelSpec) -> LabelledImage:
        """What the network of `spec` starts from."""
        return self.image or noise(spec.preprocess.crop, self.noise_seed)


def choose_run(wanted: Run) -> Run | None:
    """The run that was asked for last, None before the first; a link alone asks for none."""
    asked: Run | None = st.session_state.get("feature_run")
    fresh = asked is not None and asked.key == wanted.key
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.button(
        "Run",
        key="run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=fresh,
        width="stretch",
        on_click=_ask,
        args=(wanted,),
    )
    if asked is None or asked.specs[0].label_space != worlds.world():
        return None
    if not fresh:
        right.caption("The settings have changed since the run below; run again to see what they do.")
    return wanted if fresh else asked


def start(run: Run | None) -> dict[str, Job]:
    """The job of each model, by the model's key; those of any other run are left, all of them without a run."""
    specs = run.specs if run else ()
    running = {spec.key: jobs.start(SLOT + spec.key, run.job_key(spec), _work(run, spec)) for spec in specs}
    jobs.keep_only(SLOT, [SLOT + key for key in running])
    return running


def _work(run: Run, spec: ModelSpec) -> partial:
    image = run.image_for(spec)
    if run.ascent is None:
        return partial(input_gradient, spec.key, image, centre_crop_only=run.centre_crop_only)
    return partial(maximize, spec.key, run.ascent, image, centre_crop_only=run.centre_crop_only)


def _ask(run: Run) -> None:
    st.session_state["feature_run"] = run
