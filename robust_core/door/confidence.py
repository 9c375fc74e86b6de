"""What a model's confidence is worth: calibration on labelled images, and known images against unknown ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import UNKNOWN_KINDS, SyntheticUnknown
from robust_core.door.conditions import as_condition
from robust_core.door.given_images import as_images, load_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.names import find
from robust_core.studies import calibration as calibrations
from robust_core.studies import ood as oods
from robust_core.studies.calibration import Calibration, CalibrationRequest
from robust_core.studies.ood import Ood, OodRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def calibration(
    models: "Models",
    images: Any,
    *,
    condition: Condition = CLEAN,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> Calibration:
    """Is confidence accuracy? ECE over 15 bins of equal width (Guo et al. 2017), NLL and Brier score on all labelled
    images; and on one half of them, before and after a temperature that was fitted on the other half, drawn by `seed`.
    `condition` is an `rc.Condition` in which the models see the images.

    `.bins_frame` holds the reliability diagrams. ECE, NLL and Brier score have bootstrap intervals. Raises BadInput
    for fewer than four images whose label a model knows.

    >>> import robust_core as rc
    >>> found = rc.calibration("efficientnet_lite0", rc.load_images("foolbox", 8), progress=False)
    >>> found.frame[["images", "n", "n_fitted"]].values.tolist()
    [['all', 8, 0], ['held-out half', 4, 0], ['held-out half', 4, 4]]
    """
    found, chosen = as_images(images), choose(models)
    request = CalibrationRequest(chosen.specs, found, as_condition(condition), whole("seed", seed, 0))
    return drive(calibrations.run(request), progress, batch_size, "Calibration", chosen)


def ood(
    models: "Models",
    images: Any,
    unknown: Any = "uniform_noise",
    n: int | None = None,
    *,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> Ood:
    """Does a model know what it does not know? AUROC, the false positive rate at 95% true positives and AUPR of the
    largest softmax probability, the largest logit and the energy (Liu et al. 2020), known images against unknown ones.

    unknown  images of things that none of the model's classes are, as `load_images` takes them; or "uniform_noise",
             "gaussian_noise", "constant_colours", "blobs", made at the model's input size
    n        how many synthetic ones, None for as many as there are images; not for images of your own

    Raises BadInput or UnknownName for arguments that do not fit.

    >>> import robust_core as rc
    >>> found = rc.ood("efficientnet_lite0", rc.load_images("foolbox", 4), "blobs", 6, progress=False)
    >>> found.frame[["score", "n_known", "n_unknown"]].values.tolist()
    [['max_softmax', 4, 6], ['max_logit', 4, 6], ['energy', 4, 6]]
    """
    found, chosen = as_images(images), choose(models)
    request = OodRequest(chosen.specs, found, _unknown(unknown, n, len(found), whole("seed", seed, 0)))
    return drive(oods.run(request), progress, batch_size, "Unknown images", chosen)


def _unknown(unknown: Any, n: int | None, known: int, seed: int) -> ImageSet | SyntheticUnknown:
    if isinstance(unknown, str):
        titles = {key: row.title for key, row in UNKNOWN_KINDS.items()}
        try:
            return SyntheticUnknown(find("set of unknown images", unknown, titles), known if n is None else n, seed)
        except BadInput:
            if not _is_folder(unknown):
                raise
    if n is not None:
        raise BadInput("n counts synthetic images; take some of your own with rc.load_images(..., n).")
    return as_images(unknown) if not isinstance(unknown, str | Path) else _in_folder(unknown)


def _in_folder(name: str | Path) -> ImageSet:
    """A data set as it is known, and of any other folder all images, since no label counts here."""
    try:
        return as_images(name)
    except BadInput:
        if not Path(name).expanduser().is_dir():
            raise
        return load_images(name, labels=None)


def _is_folder(name: str) -> bool:
    return name in ("foolbox", "mini") or Path(name).expanduser().exists()
