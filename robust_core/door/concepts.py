"""Concepts of a class: what a network's activations for it are made of, and how much each part counts."""

from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import UnknownName
from robust_core.labels import LabelSpace
from robust_core.studies import concepts as study
from robust_core.studies.concepts import CONCEPTS, CROP_FRACTION, Concepts, ConceptsRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def concepts(
    models: "Models",
    images: Any,
    label: "str | int | None" = None,
    *,
    concepts: int = CONCEPTS,
    crop_fraction: float = CROP_FRACTION,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> Concepts:
    """CRAFT (Fel et al. 2023, arXiv 2211.10154): the activations of crops as sums of few concepts, with each concept's
    total Sobol index for the logit of the class, and what is left of the class when concepts are taken away.

    images         those that a model predicts as the class are used; 12 make the 100 crops below which a result warns
    label          name or index of the class; None takes every image, each with its own predicted class
    concepts       how many, from 2 to 12
    crop_fraction  side of a crop as a fraction of the image's, from 0.2 to 0.9; nine crops of each image
    seed           of the factorisation's start, of the masks and of the random orders

    Concepts come from the last layer with places, which must be nowhere negative, as behind a ReLU. Of scenes of Mini,
    as `rc.draw_images("mini", 64, label=11)` draws them, the result also knows how much of each concept lies on the
    object, and how much of it another texture leaves. `.maps(image)` shows where the concepts are in an image. The
    paper's recursion, which splits a concept at an earlier layer, is left out. Raises BadInput for arguments that do
    not fit, UnknownName for a class that there is not, and what the models raise.

    >>> import robust_core as rc
    >>> found = rc.concepts("mini_resnext", rc.draw_images("mini", 4, label=11), "elephant", concepts=2, progress=False)
    >>> found.frame.query("measure == 'importance'")[["concept", "n"]].values.tolist()
    [[1, 4], [2, 4]]
    """
    chosen = choose(models)
    index = None if label is None else _index(label, chosen.specs[0].label_space)
    request = ConceptsRequest(chosen.specs, as_images(images), index, concepts, crop_fraction, seed)
    return drive(study.run(request), progress, batch_size, "Concepts", chosen)


def _index(label: str | int, space: LabelSpace) -> int:
    if not isinstance(label, str):
        return whole("label", label, 0, len(space.names) - 1)
    index = space.index_called(label)
    if index is None:
        raise UnknownName("class", label, space.names)
    return index
