"""Accuracy against the number of attack steps and against eps: trajectories over a set of images, and the frames of one
image in one.
"""

import math
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core import csv_cells
from robust_core.attacks.precision import PRECISIONS
from robust_core.attacks.threat import ThreatModel, in_255ths
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.images import stack, to_pixels
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_frames import AttackFrames, develop, frame_steps
from robust_core.studies.predictions import true_label
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.attacks.caveats import Caveat
    from robust_core.attacks.pgd import AttackStep
    from robust_core.attacks.scoring import ScoringRule
    from robust_core.models.loading import LoadedModel
    from robust_core.report.report_images import ReportImage
    from robust_core.studies.attack_checks import AttackChecks

LAST_ITERATE_KEY = "last_iterate"
KEPT_RUNS = 32  # whose accuracies are remembered
FLAT_STEPS = 5  # that an attack goes on when no image is left, so that its end can be seen


@dataclass(frozen=True, eq=False)
class AttackCurveRequest(Request):
    """All `images` are attacked under each of `threats` in turn.

    The label that counts is the true one where it is known in the model's classes, else the clean prediction. `targets`
    is the class that all images are to become, or the class of each, for the aim "chosen" alone. With `keep` the images
    that each attack ends with are kept, as its scoring rule counts: with "any step so far" an image's first success.
    Frames are kept of the images at the places `frames_of`, which change no number and so no key. Raises BadInput for
    no images, no threat, one threat twice, a rule that is for targeted attacks alone, or a place where no image is.
    """

    study: ClassVar[str] = "attack_curve"

    images: ImageSet
    threats: tuple[ThreatModel, ...]
    targets: int | tuple[int, ...] | None = None
    keep: "ScoringRule | None" = None
    frames_of: tuple[int, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.threats:
            raise BadInput("There is no attack; expected at least one.")
        if len(set(self.threats)) < len(self.threats):
            raise BadInput("One attack is asked for twice; expected each once.")
        if not all(0 <= place < len(self.images) for place in self.frames_of):
            raise BadInput(f"Frames are of the images 0 to {len(self.images) - 1}; got {self.frames_of}.")
        if self.keep is not None:
            for threat in self.threats:
                self.keep.check(threat)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One model's whole attack under one threat: every step from 0 on, without pixels, and its seconds without loading
    the model and reading the images.

    steps        up to the threat's last; fewer of an attack that was stopped, as no image was left
    adversarial  the images (N,3,H,W) that it ends with, float32 in [0, 1] at the model's input size; None unless they
                 were to be kept
    frames       those of the images at `frames_of`, by place
    note         why the network was attacked as it is, where its threat asks for a folded copy; "" otherwise
    """

    spec: ModelSpec
    device: str
    steps: "tuple[AttackStep, ...]"
    seconds: float
    adversarial: "Tensor | None" = field(default=None, repr=False)
    frames: Mapping[int, AttackFrames] = field(default_factory=dict, repr=False)
    note: str = field(default="", metadata={"recorded_by_default": False})

    @property
    def threat(self) -> ThreatModel:
        """How it was attacked."""
        return self.steps[0].threat

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before the threat's last step."""
        return self.steps[-1].step < self.threat.steps


@dataclass(frozen=True, eq=False)
class AttackCurve(StudyResult):
    """Accuracy after each step, step 0 being the clean images; a row for each model, threat and step, as `rule` counts.

    trajectories  each model's attacks by its name, one for each threat
    checks        whether they can be believed; None unless they were to be checked
    """

    trajectories: Mapping[str, tuple[Trajectory, ...]]
    rule: "ScoringRule"
    image_ids: tuple[str, ...]
    checks: "AttackChecks | None" = field(default=None, repr=False)

    parts: ClassVar[str] = "trajectories"

    @property
    def options(self) -> "Mapping[str, ScoringRule]":
        """Its scoring rule."""
        return {"rule": self.rule}

    def report_images(self) -> "tuple[ReportImage, ...]":
        """A few frames of one image for each attack that kept some."""
        from robust_core.studies.attack_frames import report_images

        shown = [(one, min(one.frames)) for one in self._all() if one.frames]
        return tuple(
            image
            for one, place in shown
            for image in report_images(
                one.frames[place], f"{one.spec.name}, {one.threat.norm_title} {one.threat.eps_text}"
            )
        )

    def scored(self, rule: "ScoringRule") -> "AttackCurve":
        """The same attacks as another rule counts; raises BadInput where that is for targeted attacks alone."""
        for trajectory in self._all():
            rule.check(trajectory.threat)
        return replace(self, rule=rule)

    @property
    def caveats(self) -> "dict[tuple[str, float], tuple[Caveat, ...]]":
        """What has to be said beside the numbers, by model and eps, each with its `sentence` and `source`."""
        from robust_core.attacks.caveats import caveats, make_run

        said = {}
        for name, trajectories in self.trajectories.items():
            runs = [make_run(one.steps, self.rule) for one in trajectories]
            for run in runs:
                said[name, run.threat.eps] = caveats(run, [other for other in runs if other is not run])
        return said

    def sentences(self) -> tuple[str, ...]:
        """The caveats of each attack, with their sources, and what is to be said of its precision."""
        said = (f"{name}, ε {in_255ths(eps)}: {one}" for (name, eps), its in self.caveats.items() for one in its)
        return (*said, *self.notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which networks were attacked as they are although a folded copy is usual, and why."""
        return tuple(dict.fromkeys(one.note for one in self._all() if one.note))

    @property
    def adversarial(self) -> "dict[tuple[str, float], Tensor]":
        """The images that each attack ends with, by model and eps; empty unless they were to be kept."""
        return {(one.spec.name, one.threat.eps): one.adversarial for one in self._all() if one.adversarial is not None}

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, threat and step."""
        import pandas

        return pandas.DataFrame(row for one in self._all() for row in _rows(one, self.rule))

    def by_image(self) -> "pandas.DataFrame":
        """A row for each model, threat, step and image, with all that is needed to attack again and to score it
        otherwise.
        """
        import pandas

        parts = [_by_image(one, self.rule, self.image_ids) for one in self._all()]
        return pandas.concat(parts, ignore_index=True).assign(scoring=self.rule.key)

    def csv_by_image(self) -> str:
        """The same as CSV, below the line that says what was asked."""
        return self.provenance.header + csv_cells.of_frame(self.by_image())

    def figure(self) -> "Figure":
        """Accuracy against steps."""
        from robust_core.plots import results

        return results.curves(
            self.frame, ("model", "attack"), "step", "accuracy_percent", "attack steps", "accuracy, %"
        )

    def _all(self) -> Iterator[Trajectory]:
        return (one for trajectories in self.trajectories.values() for one in trajectories)


def run(
    request: AttackCurveRequest, rule: "ScoringRule | None" = None, *, until_flat: "ScoringRule | None" = None
) -> "Generator[Progress | AttackStep, None, AttackCurve]":
    """Attack: yields every AttackStep as soon as it is there, and returns the AttackCurve, read by `rule` (None: any
    step so far).

    With `keep` every AttackStep carries all pixels. An attack stops FLAT_STEPS after the step at which no image counts
    by `until_flat`, a rule by which images only fall: all later numbers of that rule are 0. Raises what
    `predictions.run` and `attacks.pgd` raise, and BadInput for a rule by which images may rise.
    """
    from robust_core.attacks.scoring import ANY_STEP_SO_FAR

    if until_flat is not None and not until_flat.only_falls:
        raise BadInput(f"By “{until_flat.title}” accuracy may rise again; expected a rule by which it only falls.")
    require_precision(request)
    parts = [(spec.name, _one_model(spec, request, until_flat)) for spec in request.models]
    found = yield from of_all(parts)
    provenance = Provenance.of(request, request.images.digest)
    trajectories = {spec.name: one for spec, one in zip(request.models, found, strict=True)}
    return AttackCurve(provenance, trajectories, rule or request.keep or ANY_STEP_SO_FAR, request.images.ids)


def require_precision(request: AttackCurveRequest) -> None:
    """Raise BadInput where the row of one of the models does not allow the precision of one of the attacks."""
    if any(PRECISIONS[threat.precision].bfloat16 for threat in request.threats):
        from robust_core.models.copies import require_allowed

        for spec in request.models:
            require_allowed(spec)


def steps_so_far(events: "Iterable[Progress | AttackStep]") -> "dict[ThreatModel, list[AttackStep]]":
    """The steps among the events of `run` by their threat, in its order, also before it has ended."""
    by_threat: dict[ThreatModel, list[AttackStep]] = {}
    for step in only_steps(events):
        by_threat.setdefault(step.threat, []).append(step)
    return by_threat


def accuracies(steps: "Sequence[AttackStep]", rule: "ScoringRule") -> list[Interval]:
    """Accuracy with its 95% interval after each of `steps` (0 first, none left out); raises BadInput where `rule`
    does not fit.
    """
    return list(_accuracies(tuple(steps), rule))


@lru_cache(KEPT_RUNS)  # a page draws the same run at every change of anything
def _accuracies(steps: "tuple[AttackStep, ...]", rule: "ScoringRule") -> tuple[Interval, ...]:
    from robust_core.attacks.scoring import read

    # None only for an attack on no images, which the request refuses
    return tuple(interval for counted in read(steps, rule) if (interval := wilson(int(counted.sum()), len(counted))))


def accuracies_to_the_end(steps: "Sequence[AttackStep]", rule: "ScoringRule") -> list[Interval]:
    """As `accuracies`, and for the steps that follow up to the threat's last where these are known already: none is
    left, and by `rule` images only fall.
    """
    known = accuracies(steps, rule)
    missing = steps[0].threat.steps + 1 - len(known)
    return known + missing * known[-1:] if rule.only_falls and not known[-1].estimate else known


def only_steps(events: "Iterable[Progress | AttackStep]") -> "Iterator[AttackStep]":
    """The steps among the events of `run` or of `attacks.pgd`."""
    return (event for event in events if not isinstance(event, Progress))


def using(spec: ModelSpec) -> "AbstractContextManager[LoadedModel]":
    """The model, for as long as the block runs."""
    from robust_core.models.pool import shared_pool

    return shared_pool().use(spec.key)


def read_inputs(
    images: ImageSet, places: Sequence[int], spec: ModelSpec
) -> "Generator[Progress, None, tuple[Tensor, list[int | None]]]":
    """The model's input (B,3,H,W) and the known labels of the images at `places`; a Progress comes between images."""
    pixels, labels = [], []
    for number, place in enumerate(places):
        yield Progress(number, len(places), "images", "reading")
        image = images[place]
        pixels.append(to_pixels(image, spec.preprocess_for(image.centre_crop_only)))
        labels.append(true_label(image, spec.label_space))
    return stack(pixels), labels


def targets_of(request: AttackCurveRequest, places: Sequence[int]) -> list[int] | None:
    """The class that each image at `places` is to become; None where the request names none."""
    targets = request.targets
    return None if targets is None else [targets if isinstance(targets, int) else targets[place] for place in places]


def _one_model(
    spec: ModelSpec, request: AttackCurveRequest, until_flat: "ScoringRule | None"
) -> "Generator[Progress | AttackStep, None, tuple[Trajectory, ...]]":
    total = sum(threat.steps for threat in request.threats)
    done: list[Trajectory] = []
    yield Progress(0, total, "steps", "loading the model")
    with using(spec) as model:
        every = range(len(request.images))
        pixels, labels = yield from read_inputs(request.images, every, spec)
        for threat in request.threats:
            begun = Progress(sum(one.threat.steps for one in done), total, "steps", "attacking")
            done.append((yield from _trajectory(model, pixels, labels, threat, request, until_flat, begun)))
    return tuple(done)


def _trajectory(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: list[int | None],
    threat: ThreatModel,
    request: AttackCurveRequest,
    until_flat: "ScoringRule | None",
    begun: Progress,
) -> "Generator[Progress | AttackStep, None, Trajectory]":
    """One attack within a job that stood at `begun` before it."""
    from robust_core.attacks.pgd import AttackStep, pgd

    every, started = range(len(labels)), time.perf_counter()
    kept = every if request.keep is not None else request.frames_of
    steps: list[AttackStep] = []
    with_pixels: list[AttackStep] = []
    ending: Tensor | None = None
    with closing(pgd(model, pixels, labels, threat, targets_of(request, every), keep=kept)) as events:
        for event in events:
            if isinstance(event, AttackStep):
                if request.keep is not None:
                    ending = ending_after(steps, ending, event, request.keep)
                steps.append(replace(event, pixels=event.pixels[:0]))
                flat = until_flat is not None and _flat(steps, until_flat)
                if flat or event.step in frame_steps(threat.steps):
                    with_pixels.append(
                        _of_places(event, request.frames_of, [kept.index(place) for place in request.frames_of])
                    )
                yield event if request.keep is not None else steps[-1]
                if flat:
                    break
            yield replace(begun, done=begun.done + max(0, len(steps) - 1))
    seconds = time.perf_counter() - started
    frames = dict(zip(request.frames_of, develop(with_pixels, pixels[list(request.frames_of)], model), strict=True))
    return Trajectory(model.spec, str(model.device), tuple(steps), seconds, ending, frames, _note(model, threat))


def _note(model: "LoadedModel", threat: ThreatModel) -> str:
    return model.folded().note if PRECISIONS[threat.precision].folded else ""


def _flat(steps: "Sequence[AttackStep]", rule: "ScoringRule") -> bool:
    """Whether no image has counted at the last step and FLAT_STEPS before it."""
    from robust_core.attacks.scoring import read

    return len(steps) > FLAT_STEPS and not list(read(steps[:-FLAT_STEPS], rule))[-1].any()


def _of_places(step: "AttackStep", places: Sequence[int], rows: Sequence[int]) -> "AttackStep":
    """The step of the images at `places` alone, whose pixels are its `rows`."""
    import torch

    at = torch.tensor(places, dtype=torch.long)
    of_image = ("label", "probability", "true_probability", "loss", "distance", "zero_gradient")
    return replace(
        step,
        goal=step.goal.at(at),
        pixels=step.pixels[list(rows)],
        **{name: getattr(step, name)[at] for name in of_image},
    )


def ending_after(
    before: "Sequence[AttackStep]", ending: "Tensor | None", step: "AttackStep", rule: "ScoringRule"
) -> "Tensor":
    """The images that an attack ends with, were `step` its last: once a rule counts a success, that image stays."""
    import torch

    if ending is None or rule.key == LAST_ITERATE_KEY:
        return step.pixels
    succeeded = torch.stack([one.reached if one.threat.targeted else ~one.correct for one in before]).any(0)
    return torch.where(succeeded[:, None, None, None], ending, step.pixels)


def _rows(trajectory: Trajectory, rule: "ScoringRule") -> Iterator[dict[str, Any]]:
    from robust_core.attacks.losses import LOSSES

    threat, clean = trajectory.threat, trajectory.steps[0]
    who = {
        "model": trajectory.spec.name,
        "attack": f"{threat.norm_title} {threat.eps_text}",
        "norm": threat.norm,
        "eps": threat.eps,
    }
    fixed = {
        "n": len(clean.correct),
        "n_labels_known": int(clean.goal.known.sum()),
        "scoring": rule.key,
        "protocol": str(threat),
        "weights_sha256": trajectory.spec.weights.sha256,
    }
    losses = [float(step.loss.double().mean()) for step in trajectory.steps]
    for step, accuracy in enumerate(accuracies_to_the_end(trajectory.steps, rule)):
        loss = {LOSSES[threat.loss].column: losses[step] if step < len(losses) else math.nan}  # nan: it was stopped
        yield who | {"step": step} | percent("accuracy", accuracy) | loss | fixed


def _by_image(trajectory: Trajectory, rule: "ScoringRule", image_ids: Sequence[str]) -> "pandas.DataFrame":
    import pandas

    from robust_core.attacks.scoring import read

    spec, threat, parts = trajectory.spec, trajectory.threat, []
    for step, counted in zip(trajectory.steps, read(trajectory.steps, rule), strict=True):
        who = {"model": spec.name, "weights_sha256": spec.weights.sha256, "step": step.step, "image": image_ids}
        measured = {
            name: getattr(step, name).tolist()
            for name in ("label", "probability", "true_probability", "loss", "distance")
        }
        known = {
            "true_label": step.goal.labels.tolist(),
            "true_label_known": step.goal.known.tolist(),
            "counts_as_correct": counted.tolist(),
        }
        target = {} if step.goal.targets is None else {"target": step.goal.targets.tolist()}
        parts.append(pandas.DataFrame(who | measured | known | target))
    settings = {
        name: getattr(threat, name)
        for name in ("norm", "eps", "step_size", "aim", "start", "restarts", "stop_at_success", "seed")
    }
    settings |= {"loss_function": threat.loss, "precision": threat.precision, "device": trajectory.device}
    return pandas.concat(parts, ignore_index=True).assign(**settings)
