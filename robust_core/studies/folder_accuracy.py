"""Top-1, top-5 and ReaL accuracy of one model on the labelled images of a folder: whether a network on this machine is
sound.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robust_core.data import LabelledImages, labelled_images
from robust_core.data.image_set import ImageSet
from robust_core.data.listings import faults
from robust_core.data.real_labels import real_correct
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.intervals import Interval, wilson
from robust_core.labels import IMAGENET, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies import predictions
from robust_core.studies.predictions import BATCH_SIZE, PredictionsRequest, among, true_label

FEW_CLASSES = 5


@dataclass(frozen=True)
class Accuracy:
    """Top-1 and top-5 of one model over `n` labelled images; the intervals are None when n is 0. `images` says in
    words which.

    `real` is the ReaL accuracy (Beyer et al. 2020) over those that are validation images by their names and have a ReaL
    label, None without any.
    """

    spec: ModelSpec
    n: int
    top1: Interval | None
    top5: Interval | None
    images: tuple[str, ...] = ()
    real: Interval | None = None


@dataclass(frozen=True)
class _Correct:
    """How many images a model gets right, how many among its best five, and by the ReaL labels of how many."""

    top1: int = 0
    top5: int = 0
    real: int = 0
    with_real_labels: int = 0

    def __add__(self, other: "_Correct") -> "_Correct":
        return _Correct(
            self.top1 + other.top1,
            self.top5 + other.top5,
            self.real + other.real,
            self.with_real_labels + other.with_real_labels,
        )


def run(spec: ModelSpec, folder: Path) -> Generator[Progress, None, Accuracy]:
    """Top-1, top-5 and ReaL accuracy on the labelled images of a folder, each decoded when its turn comes.

    Which images, and by which protocol, is told as `data.labelled_images` tells it: those of ImageNet-A are scored
    among its 200 classes, those that are stored at input size are not resized. Raises BadInput when there is none, and
    BadImage that names the images that are not sound: the others are still looked at then, but no model is asked
    about them.
    """
    space = spec.label_space
    found = labelled_images(Path(folder))
    _check_known(found, space)
    correct = _Correct()
    unsound: list[str] = []
    for first in range(0, len(found.files), BATCH_SIZE):
        yield Progress(first, len(found.files), "images", "looking for more that are damaged" if unsound else "")
        images = []
        for file in found.files[first : first + BATCH_SIZE]:
            try:
                images.append(found.read(file))
            except BadInput as error:
                unsound.append(str(error))
        if not unsound:
            correct += _count_correct(spec, images, found)
    if unsound:
        raise faults(unsound)
    n, classes = len(found.files), found.classes_compared if space == IMAGENET else None
    among_them = (f"The best of its {len(classes)} classes decides.",) if classes else ()
    not_resized = ("Not resized, as the data set's protocol asks.",) if found.centre_crop_only else ()
    sentences = (*found.sentences, *among_them, *not_resized)
    real = wilson(correct.real, correct.with_real_labels)
    return Accuracy(spec, n, wilson(correct.top1, n), wilson(correct.top5, n), sentences, real)


def _check_known(found: LabelledImages, space: LabelSpace) -> None:
    """Raise BadInput unless every label of the folder is a class of `space`."""
    own = found.folder.collection.label_space
    unknown = sorted({label for _, label in found.files if space.index_of(label, own) is None})
    if unknown:
        names = ", ".join(
            [*(own.names[label] for label in unknown[:FEW_CLASSES]), *(["…"] if len(unknown) > FEW_CLASSES else [])]
        )
        raise BadInput(
            f"{len(unknown):,} of the folder's classes are none of those of {space.title}, which this model predicts: "
            f"{names}."
        )


def _count_correct(spec: ModelSpec, images: Sequence[LabelledImage], found: LabelledImages) -> _Correct:
    predicted, space = (
        result_of(predictions.run(PredictionsRequest((spec,), ImageSet.of(images)))).only,
        spec.label_space,
    )
    compared = among(predicted, found.classes_compared) if found.classes_compared and space == IMAGENET else predicted
    best = [[index for index, _ in prediction.top(5)] for prediction in compared.predictions]
    labels = [true_label(image, space) for image in images]
    top1 = [five[0] for five in best]
    real = real_correct([image.name for image in images], top1) if space == IMAGENET else []
    return _Correct(
        sum(one == label for one, label in zip(top1, labels, strict=True)),
        sum(label in five for five, label in zip(best, labels, strict=True)),
        sum(real),
        len(real),
    )
