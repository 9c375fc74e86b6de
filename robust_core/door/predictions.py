"""What models predict: for images, for one image in many conditions, and along a sequence of ImageNet-P."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.door.conditions import as_condition
from robust_core.door.corruption import conditions_of
from robust_core.door.given_images import as_image, as_images
from robust_core.door.models import choose, choose_one
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.names import find
from robust_core.studies import corruption_sweep as sweeps
from robust_core.studies import perturbation_sequence as sequences
from robust_core.studies import predictions
from robust_core.studies.corruption_sweep import CorruptionSweep, CorruptionSweepRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest, PerturbationSequence
from robust_core.studies.predictions import Predictions, PredictionsRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def predict(
    models: "Models",
    images: Any,
    *,
    condition: Condition = CLEAN,
    batch_size: BatchSize = "auto",
    progress: ShowProgress = True,
) -> Predictions:
    """The five most probable classes of each image, with their probabilities and the entropy of all.

    `condition` is an `rc.Condition`, such as rc.Condition("fog", 3, seed=0), in which the models see the images.
    Raises BadInput or UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> found = rc.predict("efficientnet_lite0", "foolbox/03", progress=False)
    >>> found.frame["rank"].to_list()
    [1, 2, 3, 4, 5]
    """
    found, chosen = as_images(images), choose(models)
    request = PredictionsRequest(chosen.specs, found, as_condition(condition))
    return drive(predictions.run(request), progress, batch_size, "Predictions", chosen)


def corruption_sweep(
    model: "Models",
    image: Any,
    names: "str | Iterable[str]" = "imagenet-c",
    severities: "int | Iterable[int]" = range(1, 6),
    *,
    as_stored: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> CorruptionSweep:
    """What one model predicts for one image when clean and under each corruption at each severity; arguments as those
    of `corruption_grid`.

    >>> import robust_core as rc
    >>> sweep = rc.corruption_sweep("efficientnet_lite0", "foolbox/03", "fog", [1, 5], progress=False)
    >>> sweep.frame[["corruption", "severity"]].values.tolist()
    [['none', 0], ['fog', 1], ['fog', 5]]
    """
    chosen = choose_one(model)
    conditions = (CLEAN, *conditions_of(names, severities, seed, as_stored))
    request = CorruptionSweepRequest(chosen.specs, as_image(image), conditions)
    return drive(sweeps.run(request), progress, batch_size, "Corruptions", chosen)


def perturbation_sequence(
    model: "Models",
    image: Any,
    name: str,
    *,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> PerturbationSequence:
    """What one model predicts along the sequence that the perturbation `name` of ImageNet-P makes of one image from
    `seed`, with how often the label flips.

    >>> import robust_core as rc
    >>> found = rc.perturbation_sequence("efficientnet_lite0", "foolbox/03", "tilt", progress=False)
    >>> len(found.frame) > 20, 0 <= found.flip_probability <= 1
    (True, True)
    """
    from robust_core.corruptions.sequences import PERTURBATIONS

    chosen = choose_one(model)
    key = find("perturbation", name, {key: row.title for key, row in PERTURBATIONS.items()})
    request = PerturbationRequest(chosen.specs, as_image(image), key, whole("seed", seed, 0))
    return drive(sequences.run(request), progress, batch_size, "Sequence", chosen)
