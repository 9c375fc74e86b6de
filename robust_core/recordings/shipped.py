"""Which requests are recorded, as a table; the pages begin with these. Those of the Story page are made once: a visit
reads and draws no image for them.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from robust_core import data
from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.targets import PREDICTED
from robust_core.corruptions.condition import Condition
from robust_core.data.collection import Collection
from robust_core.data.drawn_sets import collection_images, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import synthetic_set
from robust_core.data.synthetic import read_synthetic, synthetic_id
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.studies import (
    attack_curve,
    attribution_maps,
    corruption_grid,
    defence_check,
    feature_visualization,
    perturbation_sequence,
    predictions,
    shape_bias,
)
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.attribution_maps import AttributionRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_visualization import AscentRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.request import Request
from robust_core.studies.shape_bias import ShapeBiasRequest

MODELS = {
    IMAGENET: ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"),
    MINI: ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8"),
}
PHOTOS = "foolbox"
N = {IMAGENET: 16, MINI: 64}
LEVELS = {IMAGENET: 0.5, MINI: 8.0}  # of 255: at 4 the standard networks fall at once, and Mini's WSL does not
FRAMES_OF = {IMAGENET: (0, 1), MINI: tuple(range(8))}
STIMULI = 256
EXCITED = {IMAGENET: "zebra", MINI: "knife"}
ASCENT_STEPS = {IMAGENET: 20, MINI: 150}
DEFENCES_RECORDED = ("none", "logits_x100", "rounded_logits", "jpeg", "bit_depth", "median", "distilled_20", "distilled_100")
DEFENCE_N, DEFENCE_STEPS = {IMAGENET: 8, MINI: 128}, 40
HERO_MODEL, HERO_CLASS, HERO_THREAT = (
    "efficientnet_lite0",
    "cannon",
    ThreatModel("linf", 1 / 255, 0.1 / 255, 20, "untargeted", "clean", 1, stop_at_success=False, seed=0),
)
SNOW, SEVERITIES = "snow", (1, 2, 3, 4, 5)
SEQUENCE = "gaussian_noise"
N_STORY = 192


@dataclass(frozen=True)
class Shipped:
    """One recorded question, which `request` puts to several models; each model's answer is a file."""

    key: str
    request: Callable[[], Request]
    run: Callable[[Any], Generator[Any, None, Any]]


def threat_of(space: LabelSpace) -> ThreatModel:
    """The attack with which the page begins in a world."""
    eps = LEVELS[space] / 255
    return ThreatModel("linf", eps, 0.1 * eps, 50, "untargeted", "clean", 1, stop_at_success=False, seed=0)


def predictions_request(space: LabelSpace) -> PredictionsRequest:
    """What the page What if asks at first in a world."""
    return PredictionsRequest(_models(space), ImageSet.of([first_image(space)]))


@cache
def attack_request(space: LabelSpace) -> AttackCurveRequest:
    """What the page on PGD asks at first in a world."""
    images = synthetic_images(N[MINI], 0) if space == MINI else collection_images(_photos(), N[IMAGENET], 0, IMAGENET)
    return AttackCurveRequest(_models(space), images, (threat_of(space),), frames_of=FRAMES_OF[space])


def defence_images(space: LabelSpace, n: int) -> ImageSet:
    """The images on which the page on defences attacks in a world."""
    return synthetic_images(n, 0) if space == MINI else collection_images(_photos(), n, 0, IMAGENET)


@cache
def defence_request(space: LabelSpace, defence: str) -> DefenceRequest:
    """What the page on defences asks at first about one of them in a world."""
    images, eps = defence_images(space, DEFENCE_N[space]), LEVELS[space] / 255
    return DefenceRequest(_models(space)[:1], images, (defence,), "linf", eps, DEFENCE_STEPS, 0)


@cache
def votes_request() -> ShapeBiasRequest:
    """What the page on shape and texture asks at first in Mini; the published stimuli of ImageNet are not shipped."""
    return ShapeBiasRequest(_models(MINI), synthetic_set(), STIMULI)


@cache
def ascent_request(space: LabelSpace) -> AscentRequest:
    """What the page on features asks at first in a world."""
    ascent = Ascent("class", space.names.index(EXCITED[space]), ASCENT_STEPS[space])
    return AscentRequest(_models(space), ascent, first_image(space))


def maps_request(space: LabelSpace) -> AttributionRequest:
    """The maps with which the page on attributions begins in a world, and all that is known about them."""
    return AttributionRequest(_models(space), first_image(space), (("grad_cam", ()),), PREDICTED, metrics=True)


@cache
def hero_request() -> AttackCurveRequest:
    """The attack at the top of the Story page: one photo, one whole 8-bit level."""
    photo = next(one for one in data.list_samples(PHOTOS) if one.title.startswith(HERO_CLASS))
    return AttackCurveRequest(
        (get_spec(HERO_MODEL),), ImageSet.of([data.read(photo.id)]), (HERO_THREAT,), frames_of=(0,)
    )


@cache
def steps_request() -> AttackCurveRequest:
    """The attack of Mini's PGD page on more images, for the fourth and the fifth claim of the Story page."""
    return AttackCurveRequest(_models(MINI), synthetic_images(N_STORY, 0), (threat_of(MINI),))


@cache
def snow_request() -> CorruptionGridRequest:
    """Mini in snow, for the first claim of the Story page."""
    snow = tuple(Condition(SNOW, severity, 0) for severity in SEVERITIES)
    return CorruptionGridRequest(_models(MINI), synthetic_images(N[MINI], 0), snow)


@cache
def sequence_request() -> PerturbationRequest:
    """An image of Mini under noise that changes from frame to frame, for the second claim."""
    return PerturbationRequest(_models(MINI), first_image(MINI), SEQUENCE, 0)


@cache
def hard_request() -> PredictionsRequest:
    """Mini's hard scenes, for the third claim."""
    return PredictionsRequest(_models(MINI), synthetic_images(N[MINI], 0, "hard"))


def first_image(space: LabelSpace) -> LabelledImage:
    """The image with which the pages begin in a world."""
    if space == MINI:
        return read_synthetic(synthetic_id("clean", "elephant", "elephant", 7))
    return data.read(data.list_samples(PHOTOS)[0].id)


def _photos() -> Collection:
    return next(one for one in data.list_collections() if one.key == PHOTOS)


def _models(space: LabelSpace) -> tuple[ModelSpec, ...]:
    return tuple(map(get_spec, MODELS[space]))


SHIPPED: tuple[Shipped, ...] = (
    Shipped("predictions_imagenet", partial(predictions_request, IMAGENET), predictions.run),
    Shipped("predictions_mini", partial(predictions_request, MINI), predictions.run),
    Shipped("pgd_imagenet", partial(attack_request, IMAGENET), attack_curve.run),
    Shipped("pgd_mini", partial(attack_request, MINI), attack_curve.run),
    Shipped("votes_mini", votes_request, shape_bias.run),
    Shipped("features_imagenet", partial(ascent_request, IMAGENET), feature_visualization.run),
    Shipped("features_mini", partial(ascent_request, MINI), feature_visualization.run),
    Shipped("maps_imagenet", partial(maps_request, IMAGENET), attribution_maps.run),
    Shipped("maps_mini", partial(maps_request, MINI), attribution_maps.run),
    *(
        Shipped(f"defence_{key}_mini", partial(defence_request, MINI, key), defence_check.run)
        for key in DEFENCES_RECORDED
    ),
    Shipped("hero", hero_request, attack_curve.run),
    Shipped("steps_mini", steps_request, attack_curve.run),
    Shipped("snow_mini", snow_request, corruption_grid.run),
    Shipped("sequence_mini", sequence_request, perturbation_sequence.run),
    Shipped("hard_mini", hard_request, predictions.run),
)
