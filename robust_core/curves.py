"""Accuracy against the number of attack steps and against eps: trajectories over a set of images, and the frames of one
image in one.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, stack, to_pixels, to_rgb
from robust_core.intervals import Interval, wilson
from robust_core.predictions import Prediction, input_preprocess, predict, true_label

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.attacks.pgd import AttackStep
    from robust_core.attacks.readings import ScoringRule
    from robust_core.models.loading import LoadedModel
    from robust_core.models.pool import ModelPool

MAX_FRAMES = 24
LARGEST_FACTOR = 10**7  # by which a change is made visible; a float32 pixel of 0.5 has no smaller change than 6e-8


class Images(Protocol):
    """What is asked of a set of images, be it a `ChosenImages` or the door's `ImageSet`; `read` gives the one with an
    id.
    """

    @property
    def ids(self) -> tuple[str, ...]: ...

    @property
    def centre_crop_only(self) -> bool: ...

    @property
    def read(self) -> Callable[[str], LabelledImage]: ...


@dataclass(frozen=True)
class ChosenImages:
    """Which images are attacked, in this order, and by which rule they were chosen.

    `read` gives the image with an id; `centre_crop_only` says that they are stored at a model's input size and not
    resized.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    rule: str
    centre_crop_only: bool
    read: Callable[[str], LabelledImage]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One model's whole attack under one threat: every step from 0 on, without pixels, and its seconds without loading
    and reading.
    """

    model_key: str
    device: str
    steps: "tuple[AttackStep, ...]"
    seconds: float

    @property
    def threat(self) -> ThreatModel:
        """How it was attacked."""
        return self.steps[0].threat


@dataclass(frozen=True, eq=False)
class AttackFrames:
    """One image under attack by one model, at `steps` of the trajectory.

    attacked     (F,H,W,3) uint8, rounded for the eye
    change       (F,H,W,3) uint8, the signed change from the clean image times `factor`; grey (128) is no change
    label        class per frame, with its `probability`; `correct` where it is the label that counts
    stored       (H,W,3) uint8, the last frame in 8 bits inside the ball, as a PNG can hold it
    stored_prediction  the model's prediction for `stored` as it is
    reopened     its prediction for `stored` as an upload, prepared as the model's publisher prescribes
    """

    model_key: str
    steps: tuple[int, ...]
    attacked: np.ndarray
    change: np.ndarray
    factor: int
    label: tuple[int, ...]
    probability: tuple[float, ...]
    correct: tuple[bool, ...]
    stored: np.ndarray
    stored_prediction: Prediction
    reopened: Prediction


def attack(
    model_key: str,
    images: Images,
    threats: Sequence[ThreatModel],
    target: int | Sequence[int] | None = None,
    *,
    keep: bool = False,
) -> "Generator[Progress | AttackStep, None, tuple[Trajectory, ...]]":
    """Attack all `images` under each of `threats` in turn: yields every AttackStep as soon as it is there, and
    returns a Trajectory for each threat.

    The label that counts is the true one where it is known in the model's classes, else the clean prediction. `target`
    is the class that all images are to become, or the class of each, for the aim "chosen" alone. With `keep` every
    AttackStep carries all pixels, but for those in the Trajectory. Raises BadInput for no images or no threat, and
    what `predictions.predict_images` and `attacks.pgd` raise.
    """
    if not images.ids or not threats:
        raise BadInput("There is no image to attack, or no attack; expected at least one of each.")
    total = sum(threat.steps for threat in threats)
    done: list[Trajectory] = []
    yield Progress(0, total, "steps", "loading the model")
    with _use(model_key) as (_, model):
        pixels, labels = yield from _read(images, range(len(images.ids)), model)
        for threat in threats:
            before = sum(trajectory.threat.steps for trajectory in done)
            done.append(
                (
                    yield from _trajectory(
                        model, pixels, labels, threat, target, Progress(before, total, "steps", "attacking"), keep
                    )
                )
            )
        return tuple(done)


def steps_so_far(events: "Iterable[Progress | AttackStep]") -> "dict[ThreatModel, list[AttackStep]]":
    """The steps among the events of `attack` by their threat, in its order, also before it has ended."""
    by_threat: dict[ThreatModel, list[AttackStep]] = {}
    for step in only_steps(events):
        by_threat.setdefault(step.threat, []).append(step)
    return by_threat


def accuracies(steps: "Sequence[AttackStep]", rule: "ScoringRule") -> list[Interval]:
    """Accuracy with its 95% interval after each of `steps` (0 first, none left out); raises BadInput where `rule`
    does not fit.
    """
    from robust_core.attacks.readings import read

    # None only for an attack on no images, which `attack` refuses
    return [interval for counted in read(steps, rule) if (interval := wilson(int(counted.sum()), len(counted)))]


def attack_frames(
    model_key: str, images: Images, place: int, threat: ThreatModel, target: int | None = None
) -> Generator[Progress, None, AttackFrames]:
    """Attack the image at `place` again, alone, from the same random draws as in the whole set.

    A network rounds a batch of one image otherwise than a large batch, so that a step on the verge may differ from
    the set's.
    """
    from robust_core.attacks.pgd import pgd

    wanted, kept = frame_steps(threat.steps), []
    yield Progress(0, threat.steps, "steps", "loading the model")
    with _use(model_key) as (pool, model):
        clean, labels = yield from _read(images, [place], model)
        for step in only_steps(pgd(model, clean, labels, threat, _targets(target, 1), indices=[place], keep=[0])):
            if step.step in wanted:
                kept.append(step)
            yield Progress(step.step, threat.steps, "steps", "attacking")
        return _developed(kept, clean, pool, model)


def frame_steps(steps: int) -> tuple[int, ...]:
    """At most MAX_FRAMES of the steps 0 to `steps`, evenly spread, first and last among them."""
    return tuple(int(step) for step in np.unique(np.linspace(0, steps, min(steps + 1, MAX_FRAMES)).round()))


def only_steps(events: "Iterable[Progress | AttackStep]") -> "Iterator[AttackStep]":
    """The steps among the events of `attack` or of `attacks.pgd`."""
    return (event for event in events if not isinstance(event, Progress))


@contextmanager
def _use(model_key: str) -> "Iterator[tuple[ModelPool, LoadedModel]]":
    from robust_core.models.pool import shared_pool

    pool = shared_pool()
    with pool.use(model_key) as model:
        yield pool, model


def _trajectory(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: list[int | None],
    threat: ThreatModel,
    target: int | Sequence[int] | None,
    begun: Progress,
    keep: bool,
) -> "Generator[Progress | AttackStep, None, Trajectory]":
    """One attack within a job that stood at `begun` before it."""
    from robust_core.attacks.pgd import AttackStep, pgd

    started, steps = time.perf_counter(), []
    for event in pgd(
        model, pixels, labels, threat, _targets(target, len(labels)), keep=range(len(labels)) if keep else ()
    ):
        if isinstance(event, AttackStep):
            steps.append(replace(event, pixels=event.pixels[:0]) if keep else event)
            yield event
        yield replace(begun, done=begun.done + max(0, len(steps) - 1))
    return Trajectory(model.spec.key, str(model.device), tuple(steps), time.perf_counter() - started)


def _targets(target: int | Sequence[int] | None, n: int) -> list[int] | None:
    if target is None or not isinstance(target, int):
        return None if target is None else list(target)
    return [target] * n


def _read(
    images: Images, places: Sequence[int], model: "LoadedModel"
) -> "Generator[Progress, None, tuple[Tensor, list[int | None]]]":
    """The model's input (B,3,H,W) and the known labels of the images at `places`; a Progress comes between
    images.
    """
    preprocess, pixels, labels = input_preprocess(model.spec, images.centre_crop_only), [], []
    for number, place in enumerate(places):
        yield Progress(number, len(places), "images", "reading")
        image = images.read(images.ids[place])
        pixels.append(to_pixels(image, preprocess))
        labels.append(true_label(image, model.spec.label_space))
    return stack(pixels), labels


def _developed(steps: "list[AttackStep]", clean: "Tensor", pool: "ModelPool", model: "LoadedModel") -> AttackFrames:
    import torch

    from robust_core.attacks.quantise import quantise

    threat = steps[0].threat
    attacked = torch.cat([step.pixels for step in steps])
    change = attacked - clean
    peak = threat.eps if threat.norm == "linf" else float(change.abs().amax())
    factor = max(1, int(min(0.5 / peak, LARGEST_FACTOR))) if peak else 1
    stored = quantise(attacked[-1:], clean, threat.norm, threat.eps)
    image = LabelledImage(to_rgb(stored)[0], None, "attacked", "", "", model.spec.label_space)
    (stored_prediction,), _ = predict(pool, model, stored)
    (reopened,), _ = predict(pool, model, to_pixels(image, model.spec.preprocess)[None])
    return AttackFrames(
        model_key=model.spec.key,
        steps=tuple(step.step for step in steps),
        attacked=to_rgb(attacked),
        change=to_rgb((0.5 + factor * change).clamp(0, 1)),
        factor=factor,
        label=tuple(int(step.label) for step in steps),
        probability=tuple(float(step.probability) for step in steps),
        correct=tuple(bool(step.correct) for step in steps),
        stored=image.rgb,
        stored_prediction=stored_prediction,
        reopened=reopened,
    )
