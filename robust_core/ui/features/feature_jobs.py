"""A run of one experiment on the Features page: what was asked for with the button, and the job of each model."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.studies import feature_visualization, input_gradient
from robust_core.studies.feature_experiments import Ascent, Experiment
from robust_core.studies.feature_visualization import AscentRequest, noise
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.ui import jobs, worlds

SLOT = "features:"


@dataclass(frozen=True, eq=False)
class FeatureRun:
    """Which networks are asked for which image, and what they start from: `image`, or noise where that is None.

    `ascent` is None where nothing is excited and the gradient is all.
    """

    specs: tuple[ModelSpec, ...]
    experiment: Experiment
    ascent: Ascent | None
    image: LabelledImage | None
    noise_seed: int

    @property
    def key(self) -> tuple:
        """Everything that determines the results."""
        return self.experiment.key, tuple(self.request(spec).key for spec in self.specs)

    def request(self, spec: ModelSpec) -> AscentRequest | InputGradientRequest:
        """What one network is asked."""
        image = self.image or noise(spec.preprocess.crop, self.noise_seed)
        if self.ascent is None:
            return InputGradientRequest((spec,), image)
        return AscentRequest((spec,), self.ascent, image)


def choose_run(wanted: FeatureRun) -> FeatureRun | None:
    """The run that was asked for last, None before the first; a link alone asks for none."""
    asked: FeatureRun | None = st.session_state.get("feature_run")
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


def start(run: FeatureRun | None) -> dict[str, Job]:
    """The job of each model, by the model's key; those of any other run are left, all of them without a run."""
    running = {spec.key: _start(run.request(spec)) for spec in run.specs} if run else {}
    jobs.keep_only(SLOT, [SLOT + key for key in running])
    return running


def _start(request: AscentRequest | InputGradientRequest) -> Job:
    study = feature_visualization if isinstance(request, AscentRequest) else input_gradient
    return jobs.start(SLOT + request.spec.key, request.key, partial(study.run, request))


def _ask(run: FeatureRun) -> None:
    st.session_state["feature_run"] = run
