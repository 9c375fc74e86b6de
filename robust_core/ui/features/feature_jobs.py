"""A run of one experiment on the Features page: what was asked for with the button, and the job of each model."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.jobs import Job
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies import feature_visualization, input_gradient
from robust_core.studies.feature_experiments import Ascent, Experiment
from robust_core.studies.feature_visualization import AscentRequest, noise
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.ui import jobs, run_button

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

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space

    def request(self, spec: ModelSpec) -> AscentRequest | InputGradientRequest:
        """What one network is asked."""
        image = self.image or noise(spec.preprocess.crop, self.noise_seed)
        if self.ascent is None:
            return InputGradientRequest((spec,), image)
        return AscentRequest((spec,), self.ascent, image)


def choose_run(wanted: FeatureRun) -> FeatureRun | None:
    """The run that was asked for last, None before the first; a link alone asks for none."""
    left, right = st.columns([1, 4], vertical_alignment="center")
    return run_button.choose_run("feature", wanted, left, right)


def start(run: FeatureRun | None) -> dict[str, Job]:
    """The job of each model, by the model's key; those of any other run are left, all of them without a run."""
    running = {spec.key: _start(run.request(spec)) for spec in run.specs} if run else {}
    jobs.keep_only(SLOT, [SLOT + key for key in running])
    return running


def _start(request: AscentRequest | InputGradientRequest) -> Job:
    study = feature_visualization if isinstance(request, AscentRequest) else input_gradient
    return jobs.start(SLOT + request.spec.key, request.key, partial(study.run, request))
