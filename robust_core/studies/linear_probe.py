"""A linear probe on every model's features: how well do they serve classes that the model was not trained on?

Fixed-feature transfer learning, after Salman et al. 2020, "Do Adversarially Robust ImageNet Models Transfer Better?",
section 2. Whose features serve best is in `probed_models`.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from robust_core.checks import set_whole, whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.models.spec import ModelSpec
from robust_core.studies.downstream_labels import DownstreamLabels, read_labels
from robust_core.studies.penultimate_features import penultimate_features
from robust_core.studies.probed_models import LinearProbe, ProbedModel
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance

FOLDS, REPEATS, DRAWS = 5, 3, 10
IMAGES_PER_CLASS = (1, 2, 5, 10, 20)
MOST_REPEATS, MOST_DRAWS = 20, 100


@dataclass(frozen=True, eq=False)
class LinearProbeRequest(Request):
    """Accuracy of a linear probe on the classes of `images`: over `repeats` stratified cross-validations of `folds`
    folds, and after training on `images_per_class` of each class, each number drawn `draws` times; numbers for which
    the rarest class has not twice as many images are left out.

    Raises BadInput for no models or images, or numbers out of range.
    """

    study: ClassVar[str] = "linear_probe"

    images: ImageSet
    folds: int = FOLDS
    repeats: int = REPEATS
    images_per_class: tuple[int, ...] = IMAGES_PER_CLASS
    draws: int = DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        self.images.require_images()
        set_whole(self, "folds", 2, 10)
        set_whole(self, "repeats", 1, MOST_REPEATS)
        set_whole(self, "draws", 1, MOST_DRAWS)
        set_whole(self, "seed", 0)
        counts = sorted({whole("images per class", one, 1) for one in self.images_per_class})
        object.__setattr__(self, "images_per_class", tuple(counts))

    def counts_for(self, fewest: int) -> tuple[int, ...]:
        """The numbers of images per class where the rarest has `fewest`: as many at least are left to be predicted."""
        return tuple(count for count in self.images_per_class if 2 * count <= fewest)


def run(request: LinearProbeRequest) -> "Generator[Progress, None, LinearProbe]":
    """Probe each model. Raises what `read_labels` and `penultimate_features` raise, and BadInput where a class has
    fewer images than there are folds.
    """
    found = yield from read_labels(request.images)
    if found.fewest < request.folds:
        raise BadInput(
            f"{request.folds} folds need as many images of every class; one has {found.fewest}. Ask for fewer folds."
        )
    probed = yield from of_all([(spec.name, _one_model(spec, request, found)) for spec in request.models])
    return LinearProbe(
        Provenance.of(request, request.images.digest),
        tuple(probed),
        request.images.title,
        found.labels.astype(np.int16),
        found.classes,
        request.folds,
        request.repeats,
        request.draws,
    )


def _one_model(
    spec: ModelSpec, request: LinearProbeRequest, found: DownstreamLabels
) -> Generator[Progress, None, ProbedModel]:
    from robust_core.downstream.probe import cross_validated, learning_curve

    features = yield from penultimate_features(spec, request.images)
    started, counts = time.perf_counter(), request.counts_for(found.fewest)
    fits = request.folds * request.repeats
    total = fits + len(counts) * request.draws

    def told(done: int) -> Progress:
        return Progress(done, total, "fits", "fitting the probe")

    def told_after(done: int) -> Progress:
        return told(fits + done)

    whole_set = yield from mapped(
        cross_validated(features, found.labels, request.folds, request.repeats, request.seed), told
    )
    curve = yield from mapped(learning_curve(features, found.labels, counts, request.draws, request.seed), told_after)
    return ProbedModel(
        spec,
        features.shape[1],
        whole_set.predictions.astype(np.int16),
        whole_set.fold_of.astype(np.uint8),
        whole_set.strengths,
        dict(zip(counts, curve, strict=True)),
        time.perf_counter() - started,
    )
