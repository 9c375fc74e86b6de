"""Which requests are recorded, as a table; the pages begin with these."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from robust_core import data
from robust_core.attacks.threat import ThreatModel
from robust_core.data.drawn_sets import collection_images, synthetic_images
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.models.catalogue import get_spec
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.request import Request

MODELS = {
    IMAGENET: ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"),
    MINI: ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8"),
}
PHOTOS = "foolbox"
N = {IMAGENET: 16, MINI: 64}
LEVELS = {IMAGENET: 0.5, MINI: 8.0}  # of 255: at 4 the standard networks fall at once, and Mini's WSL does not
FRAMES_OF = {IMAGENET: (0, 1), MINI: tuple(range(8))}


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


def attack_request(space: LabelSpace) -> AttackCurveRequest:
    """What the page on PGD asks at first in a world."""
    if space == MINI:
        images = synthetic_images(N[MINI], 0)
    else:
        photos = next(one for one in data.list_collections() if one.key == PHOTOS)
        images = collection_images(photos, N[IMAGENET], 0, IMAGENET)
    specs = tuple(map(get_spec, MODELS[space]))
    return AttackCurveRequest(specs, images, (threat_of(space),), frames_of=FRAMES_OF[space])


SHIPPED: tuple[Shipped, ...] = (
    Shipped("pgd_imagenet", lambda: attack_request(IMAGENET), attack_curve.run),
    Shipped("pgd_mini", lambda: attack_request(MINI), attack_curve.run),
)
