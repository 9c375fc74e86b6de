"""A run of one experiment on the Features page, recorded or asked for with the button, and the job of each model."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from robust_core.images import LabelledImage
from robust_core.jobs import Job
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.recordings.store import Recording
from robust_core.studies import feature_visualization, input_gradient
from robust_core.studies.feature_experiments import Ascent, Experiment
from robust_core.studies.feature_visualization import AscentRequest, AscentStep, noise
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.ui import jobs, recorded, run_button, words

NAME = "feature"
SLOT = "features:"


@dataclass(frozen=True, eq=False)
class FeatureRun:
    """Which networks are asked for which image, and what they start from: `image`, or noise where that is None.

    `ascent` is None where nothing is excited and the gradient is all. A `recorded` run is of recorded models alone.
    """

    specs: tuple[ModelSpec, ...]
    experiment: Experiment
    ascent: Ascent | None
    image: LabelledImage | None
    noise_seed: int
    recorded: bool = False

    @property
    def key(self) -> tuple:
        """Everything that determines the results."""
        return self.experiment.key, tuple(self.request(spec).key for spec in self.specs)

    @property
    def job_keys(self) -> frozenset[Hashable]:
        """Those of its jobs, one for each model."""
        return frozenset(self.request(spec).key for spec in self.specs)

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space

    @property
    def target(self) -> str:
        """The unit or the class that is excited, for people; "" where nothing is."""
        if self.ascent is None:
            return ""
        unit = self.experiment.maximizes == "unit"
        return f"unit {self.ascent.target}" if unit else self.label_space.names[self.ascent.target]

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        start = f"noise, seed {self.noise_seed}" if self.image is None else self.image.name
        said = {"models": ", ".join(spec.title for spec in self.specs), "experiment": self.experiment.title}
        if self.ascent:
            said |= {"target": self.target, "steps": f"at most {words.count(self.ascent.steps, 'step')}"}
        return said | {"start": f"from {start}"}

    def recording(self, spec: ModelSpec) -> Recording | None:
        """What is recorded of one of its models; None for a run that is not."""
        return recorded.find(self.request(spec)) if self.recorded else None

    def request(self, spec: ModelSpec) -> AscentRequest | InputGradientRequest:
        """What one network is asked."""
        image = self.image or noise(spec.preprocess.crop, self.noise_seed)
        if self.ascent is None:
            return InputGradientRequest((spec,), image)
        return AscentRequest((spec,), self.ascent, image)


def choose_run(wanted: FeatureRun, button: DeltaGenerator, note: DeltaGenerator) -> FeatureRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    there = recorded.among(wanted.specs, wanted.request)
    here = replace(wanted, specs=there, recorded=True) if there else None
    return run_button.choose_run(NAME, wanted, button, note, recorded=here)


def start(run: FeatureRun | None) -> dict[str, Job]:
    """The job of each model, by the model's key, that of a recorded run is done; those of any other run are left, all
    of them without a run.
    """
    if run and run.recorded:
        jobs.keep_only(SLOT, ())
        return {spec.key: _recorded_job(run, spec) for spec in run.specs}
    running = {spec.key: _start(run.request(spec)) for spec in run.specs} if run else {}
    jobs.keep_only(SLOT, [SLOT + key for key in running])
    return running


def _recorded_job(run: FeatureRun, spec: ModelSpec) -> Job:
    frames = run.recording(spec).result
    steps = [AscentStep(step, objective, None) for step, objective in enumerate(frames.objective)]
    return Job.done(run.request(spec).key, frames, steps)


def _start(request: AscentRequest | InputGradientRequest) -> Job:
    study = feature_visualization if isinstance(request, AscentRequest) else input_gradient
    return jobs.start(SLOT + request.spec.key, request.key, partial(study.run, request))
