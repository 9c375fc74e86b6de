"""The classes of somebody's images, as transfer learning needs them: at least two, and enough images of each."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress

FEWEST_CLASSES, FEWEST_EACH, MOST_CLASSES = 2, 5, 1_000
NAMED = 3


@dataclass(frozen=True, eq=False)
class DownstreamLabels:
    """The class of each image, numbered as in `classes`, their names."""

    labels: np.ndarray
    classes: tuple[str, ...]

    @property
    def fewest(self) -> int:
        """Images of the rarest class."""
        return int(np.bincount(self.labels).min())

    @property
    def chance(self) -> float:
        """The accuracy of always naming the most frequent class."""
        return float(np.bincount(self.labels).max() / len(self.labels))


def read_labels(images: ImageSet) -> Generator[Progress, None, DownstreamLabels]:
    """The classes of `images`, whatever classes a model knows.

    Raises BadInput for images without a label, fewer than two classes or five images of one, and BadImage for a file
    that is not sound.
    """
    names: list[str] = []
    for place, image in enumerate(images):
        if place % 64 == 0:
            yield Progress(place, len(images), "images", "reading the images")
        if image.label is None:
            raise BadInput(f"{image.name} has no label; expected a class for every image, such as one folder for each.")
        known = image.label_space.names
        names.append(known[image.label] if known else f"class {image.label}")
    counts = Counter(names)
    classes = tuple(sorted(counts))
    _require(counts)
    return DownstreamLabels(np.array([classes.index(name) for name in names]), classes)


def _require(counts: Counter[str]) -> None:
    if not FEWEST_CLASSES <= len(counts) <= MOST_CLASSES:
        found = "one class" if len(counts) == 1 else f"{len(counts):,} classes"
        raise BadInput(f"The images are of {found}; expected {FEWEST_CLASSES} to {MOST_CLASSES:,} classes.")
    rare = [f"{name} has {counts[name]}" for name in sorted(counts) if counts[name] < FEWEST_EACH]
    if rare:
        more = f" and {len(rare) - NAMED} more classes" if len(rare) > NAMED else ""
        raise BadInput(f"Expected at least {FEWEST_EACH} images of each class; {', '.join(rare[:NAMED])}{more}.")
