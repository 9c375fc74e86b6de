"""The smallest change that fools a model, for each image."""

from typing import TYPE_CHECKING, Any

from robust_core.door.attack import norm_of
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.studies import smallest_change as smallest_changes
from robust_core.studies.smallest_change import STEPS, SmallestChangeRequest, SmallestChangeResult

if TYPE_CHECKING:
    from robust_core.door.models import Models


def smallest_change(
    models: "Models",
    images: Any,
    *,
    norm: str = "linf",
    steps: int = STEPS,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> SmallestChangeResult:
    """The smallest change of each image that fools a model, as far as `steps` steps of FMN, of DDN (in L2 alone) and of
    bisected PGD find it; the best of them, verified by the model itself.

    models  a model, a key of the table, or a list of them
    images  an ImageSet, or what `load_images` takes
    norm    "linf" (the largest change of any value) or "l2" (the root of the summed squares over the image)

    `.frame` has a row for each model and image, `.curve_frame` the accuracy that is left at every ε, `.median_frame`
    the median of the images that are right when clean; `.figure()` draws the curves. The label that counts is the true
    one where it is known, else the clean prediction. Raises BadInput or UnknownName for arguments that do not fit, and
    what the models raise.

    >>> import robust_core as rc
    >>> result = rc.smallest_change("mini_resnext", rc.load_images("mini", 2), steps=5, progress=False)
    >>> result.frame[["model", "norm", "n"]].values.tolist()
    [['mini_resnext', 'linf', 2], ['mini_resnext', 'linf', 2]]
    >>> result.curve_frame["accuracy_percent"].is_monotonic_decreasing
    True
    """
    found, chosen = as_images(images), choose(models)
    request = SmallestChangeRequest(chosen.specs, found, norm_of(norm), steps, seed)
    return drive(smallest_changes.run(request), progress, batch_size, "Smallest change", chosen)
