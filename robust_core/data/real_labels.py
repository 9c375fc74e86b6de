"""ReaL labels of ImageNet's validation images (Beyer et al. 2020, "Are we done with ImageNet?"): all classes that
people found in each, known by its file name.

From google-research/reassessed-imagenet@bcd006fe, real.json, Apache-2.0. Of the 50,000 images 3,163 have no label and
7,443 several; the score leaves out those without.
"""

import gzip
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from robust_core.checks import whole

COUNT = 50_000
_FILE = Path(__file__).with_name("real_labels.txt.gz")
_NAME = re.compile(r"(?<![a-z0-9])ILSVRC2012_val_(\d{8})(?!\d)", re.IGNORECASE)


def val_number(name: str) -> int | None:
    """The number of the validation image with this file name, 1 to 50,000; None for any other name.

    Folders and suffix do not matter, nor what a copy's name has beside it: `val/ILSVRC2012_val_00000293.JPEG` is
    image 293, and so is `ILSVRC2012_val_00000293_n01440764.jpg`.
    """
    found = _NAME.search(re.split(r"[/\\]", name)[-1])
    number = int(found[1]) if found else 0
    return number if 1 <= number <= COUNT else None


def real_labels(number: int) -> tuple[int, ...]:
    """The classes (0-999) of validation image `number` (1 to 50,000), ascending; empty where ReaL leaves the image out.

    Raises BadInput for another number.
    """
    line = _lines()[whole("val_number", number, 1, COUNT) - 1]
    return tuple(sorted(map(int, line.split())))


def labels_of(name: str) -> tuple[int, ...] | None:
    """The ReaL labels of the validation image with this file name; None for any other name."""
    number = val_number(name)
    return None if number is None else real_labels(number)


def real_correct(names: Sequence[str], predicted: Sequence[int]) -> list[bool]:
    """Whether each predicted class (0-999) is among the image's ReaL labels; images without labels are left out, and so
    is what is no validation image by its name.
    """
    known = ((labels_of(name), label) for name, label in zip(names, predicted, strict=True))
    return [label in labels for labels, label in known if labels]


@cache
def _lines() -> tuple[str, ...]:
    with gzip.open(_FILE, "rt", encoding="ascii") as file:
        return tuple(file.read().splitlines())
