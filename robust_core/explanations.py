"""Where models look, for one image: a map and its evidence, the map as layers are randomized, and the map under
attack.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.methods import Value
from robust_core.attributions.targets import Target
from robust_core.corruptions.condition import Condition
from robust_core.events import Progress, mapped
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.predictions import input_preprocess, true_label

if TYPE_CHECKING:  # torch comes with the first map, not with the first page
    from torch import Tensor

    from robust_core.attributions.explain import Attribution
    from robust_core.attributions.quality import AttributionMetrics
    from robust_core.attributions.randomisation import CascadingRandomization
    from robust_core.models.loading import LoadedModel

STAGES = 6  # of forgetting


@dataclass(frozen=True)
class Question:
    """One map that can be asked for: of which model, for which class of the image under which condition, by which
    method.

    `settings` are (parameter, value) pairs of the method, so that a question can be a job's key; of the image only
    its digest counts.
    """

    model_key: str
    weights_sha256: str | None
    digest: str
    centre_crop_only: bool
    condition: Condition
    method: str
    target: Target
    settings: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """The answer to a question: the attribution, and what the model saw, `rgb` (H,W,3) uint8."""

    attribution: "Attribution"
    rgb: np.ndarray


@dataclass(frozen=True, eq=False)
class AttackedMaps:
    """The map of one class at some `steps` of an attack on the image, 0 (clean) first.

    label, probability   the prediction at each step
    correlation          Spearman's, with the map at step 0; None where a map is the same everywhere
    """

    steps: tuple[int, ...]
    explanations: tuple[Explanation, ...]
    label: tuple[int, ...]
    probability: tuple[float, ...]
    correlation: tuple[float | None, ...]


def explain(question: Question, image: LabelledImage) -> Generator[Progress, None, Explanation]:
    """Prediction `question` about `image`. Raises what `attributions.explain` and `pool.use` raise."""
    from robust_core.attributions import explain as methods

    yield Progress(0, None, "", "loading the model")
    with _asked(question, image) as (model, pixels):
        found = yield from methods.explain(model, pixels, question.method, question.target, **dict(question.settings))
        return Explanation(found, to_rgb(pixels)[0])


def evaluate(
    question: Question, image: LabelledImage, explanation: Explanation
) -> "Generator[Progress, None, AttributionMetrics]":
    """The evidence about an explanation."""
    from robust_core.attributions import quality

    yield Progress(0, None, "", "loading the model")
    with _asked(question, image) as (model, pixels):
        return (yield from quality.evaluate(model, pixels, explanation.attribution))


def randomize(
    question: Question, image: LabelledImage, target: int, seed: int
) -> "Generator[Progress, None, CascadingRandomization]":
    """The map of class `target` while the layers of the network become random in STAGES steps."""
    from robust_core.attributions import randomisation

    yield Progress(0, STAGES, "stages", "loading the model")
    with _asked(question, image) as (model, pixels):
        return (
            yield from randomisation.randomize(
                model, pixels, question.method, target, dict(question.settings), stages=STAGES, seed=seed
            )
        )


def attack(
    question: Question, image: LabelledImage, threat: ThreatModel, steps: Sequence[int]
) -> Generator[Progress, None, AttackedMaps]:
    """The map at each of `steps` (0 first) of an attack that starts from the image; the class explained is that of
    the clean image.

    The label that the attack leads away from is the true one where it is known, else the clean prediction.
    """
    from robust_core.attacks.pgd import AttackStep, pgd
    from robust_core.attributions import explain as methods

    yield Progress(0, threat.steps, "steps", "loading the model")
    attacked: list[AttackStep] = []
    with _asked(question, image) as (model, pixels):
        for event in pgd(model, pixels, [true_label(image, model.spec.label_space)], threat, keep=[0]):
            if isinstance(event, AttackStep) and event.step in steps:
                attacked.append(event)
            yield Progress(len(attacked), len(steps), "steps", "attacking")
        target = question.target
        explanations: list[Explanation] = []
        for step in attacked:
            work = methods.explain(model, step.pixels, question.method, target, **dict(question.settings))
            found = yield from mapped(work, lambda _: Progress(len(explanations), len(steps), "maps", "explaining"))
            explanations.append(Explanation(found, to_rgb(step.pixels)[0]))
            target = Target("class", explanations[0].attribution.target)
    return _attacked_maps(attacked, explanations)


def _attacked_maps(attacked: Sequence, explanations: Sequence[Explanation]) -> AttackedMaps:
    from robust_core.attributions.quality import rank_correlation

    first = explanations[0].attribution.map
    return AttackedMaps(
        steps=tuple(step.step for step in attacked),
        explanations=tuple(explanations),
        label=tuple(int(step.label) for step in attacked),
        probability=tuple(float(step.probability) for step in attacked),
        correlation=tuple(rank_correlation(one.attribution.map, first) for one in explanations),
    )


@contextmanager
def _asked(question: Question, image: LabelledImage) -> "Iterator[tuple[LoadedModel, Tensor]]":
    """The model, and what it sees (1,3,H,W)."""
    from robust_core.models.pool import shared_pool

    with shared_pool().use(question.model_key) as model:
        preprocess = input_preprocess(model.spec, question.centre_crop_only)
        yield model, question.condition.apply(to_pixels(image, preprocess)[None])
