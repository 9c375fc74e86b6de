"""A request of a study as a page shows it: asked for with the button, or recorded; and its jobs, one for each model."""

from collections.abc import Callable, Generator, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from robust_core.jobs import Job
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.recordings.store import Recording
from robust_core.studies.request import Request
from robust_core.ui import jobs, recorded

Asked = TypeVar("Asked", bound=Request)


@dataclass(frozen=True, eq=False)
class StudyRun(Generic[Asked]):
    """What is asked, and whether the answer is `recorded`; a page says in `settings` what can be changed."""

    request: Asked
    recorded: bool = False

    @property
    def key(self) -> Hashable:
        """That of the request."""
        return self.request.key

    @property
    def job_keys(self) -> frozenset[Hashable]:
        """Those of its jobs: one for all models, or one for each."""
        return frozenset({self.key, *(self.request.of(spec).key for spec in self.specs)})

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """Its models."""
        return self.request.models

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.request.label_space

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        raise NotImplementedError

    def recording(self, spec: ModelSpec) -> Recording | None:
        """What is recorded of one of its models; None for a run that is not."""
        return recorded.find(self.request.of(spec)) if self.recorded else None


class WholeRun(StudyRun[Asked]):
    """A run of a study that asks all its models together, in one job and one recording."""

    @property
    def job_keys(self) -> frozenset[Hashable]:
        """That of its job; no model of it is asked alone."""
        return frozenset({self.key})

    @property
    def recorded_whole(self) -> Recording | None:
        """The recording; None for a run that is not."""
        return recorded.find(self.request) if self.recorded else None


def recorded_part(request: Asked) -> Asked | None:
    """The request for those of its models that have a recording, None where there are none."""
    there = recorded.among(request.models, request.of)
    return request.for_models(there) if there else None


def start_each(
    run: StudyRun[Asked], prefix: str, study: Callable[[Asked], Generator[Any, None, Any]]
) -> dict[str, Job]:
    """The job of each model, by its slot, which is `prefix` and the model's key; that of a recorded run is done."""
    running = {prefix + spec.key: _job(run, spec, prefix, study) for spec in run.specs}
    jobs.keep_only(prefix, () if run.recorded else running)
    return running


def _job(
    run: StudyRun[Asked], spec: ModelSpec, prefix: str, study: Callable[[Asked], Generator[Any, None, Any]]
) -> Job:
    request = run.request.of(spec)
    if not run.recorded:
        return jobs.start(prefix + spec.key, request.key, partial(study, request))
    recording = run.recording(spec)
    assert recording is not None  # a recorded run has only models that are recorded
    return Job.done(request.key, recording.result)
