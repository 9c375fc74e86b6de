"""Corrupted, then attacked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from robust_core.door.attack_configs import configs_of, lengths_of
from robust_core.door.corruption import conditions_of
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.studies import severity_plane as severity_planes
from robust_core.studies.severity_plane import SeverityPlane, SeverityPlaneRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def severity_plane(
    models: "Models",
    images: Any,
    corruption: str,
    eps: "float | str | Iterable[float | str]",
    *,
    severities: "int | Iterable[int]" = range(1, 6),
    as_stored: bool = False,
    corruption_seed: int = 0,
    attack: str = "pgd",
    norm: str = "linf",
    steps: int | None = None,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> SeverityPlane:
    """Top-1 accuracy of each model on images that are corrupted at each severity, and then attacked at each eps in the
    ball around the corrupted image; severity 0, the clean images, and eps 0 are always there.

    corruption  of ImageNet-C or ImageNet-C-bar, at `severities` 1 to 5, one or several, drawn from `corruption_seed`;
                `as_stored` sends the images through the JPEG of the stored sets
    eps         radius of the ball in pixel units, such as 4/255 or "4/255", or several
    attack      a key of the table of attacks with an eps, such as "pgd"
    steps       or queries, as the attack counts them; None for the attack's own number

    The label that counts is the true one where it is known, else the prediction for the clean image. Raises BadInput or
    UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> plane = rc.severity_plane("mini_resnext", images, "fog", "2/255", severities=3, steps=2, progress=False)
    >>> plane.frame[["severity", "eps", "n"]].values.tolist()
    [[0.0, 0.0, 4.0], [0.0, 0.00784313725490196, 4.0], [3.0, 0.0, 4.0], [3.0, 0.00784313725490196, 4.0]]
    """
    found, chosen = as_images(images), choose(models)
    conditions = conditions_of([corruption], severities, corruption_seed, as_stored)
    request = SeverityPlaneRequest(
        chosen.specs, found, conditions, configs_of(attack, lengths_of(eps), norm, steps, seed)
    )
    return drive(severity_planes.run(request), progress, batch_size, "Severity × ε", chosen)
