"""What the class numbers mean: label spaces, ImageNet's 1,000 classes, the 16 entry-level categories, and the 200-class
subsets.

Everything is read from `data/imagenet_classes.csv`, one row per class. Where its columns come from:

index, wnid     the 1,000 WordNet ids in sorted order (timm, data/_info/imagenet_synsets.txt)
name            one short name each (torchvision 0.29.2, ResNet50_Weights.IMAGENET1K_V2.meta["categories"])
synset          all words of the WordNet synset (rgeirhos/texture-vs-shape, code/helper/categories.txt)
category        Geirhos' 16 categories (eminorhan/resnext-wsl, utils.py conversion_table; equal to
                rgeirhos/texture-vs-shape, code/helper/human_categories.py)
in_imagenet_a   hendrycks/natural-adv-examples, eval.py thousand_k_to_200
in_imagenet_r   timm, data/_info/imagenet_r_indices.txt
ilsvrc2012_id   1-1000, how ImageNet's development kit numbers the classes (ILSVRC2012_ID in its data/meta.mat)
"""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from robust_core.checks import whole
from robust_core.errors import BadInput, UnknownName

_TABLE = Path(__file__).parent / "data" / "imagenet_classes.csv"


@dataclass(frozen=True)
class ImageNetClass:
    """One of the 1,000 classes: `index` 0-999 as the models count, WordNet id, short name, and all words of its
    synset.
    """

    index: int
    wnid: str
    name: str
    synset: str


with _TABLE.open(encoding="utf-8", newline="") as _file:
    _ROWS = tuple(csv.DictReader(_file))

CLASSES: tuple[ImageNetClass, ...] = tuple(
    ImageNetClass(int(row["index"]), row["wnid"], row["name"], row["synset"]) for row in _ROWS
)

_CATEGORY_NAMES = sorted({row["category"] for row in _ROWS} - {""})

CATEGORIES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {name: tuple(index for index, row in enumerate(_ROWS) if row["category"] == name) for name in _CATEGORY_NAMES}
)
"""The 16 entry-level categories in alphabetical order, each with its class indices: 207 of the 1,000 in all."""

IMAGENET_A: tuple[int, ...] = tuple(index for index, row in enumerate(_ROWS) if row["in_imagenet_a"] == "1")
"""The 200 classes of ImageNet-A, ascending; its protocol compares the logits of these classes only."""

IMAGENET_R: tuple[int, ...] = tuple(index for index, row in enumerate(_ROWS) if row["in_imagenet_r"] == "1")
"""The 200 classes of ImageNet-R, ascending."""

ILSVRC2012_IDS: tuple[int, ...] = tuple(int(row["ilsvrc2012_id"]) for row in _ROWS)
"""The number of each class in the ground truth of ImageNet's development kit, by class index."""

_INDEX_OF_WNID = {row.wnid: row.index for row in CLASSES}


@dataclass(frozen=True)
class LabelSpace:
    """The classes that a model tells apart, in the order of its logits; two label spaces with the same key are the
    same.

    `title` is for people, `names` has one name per class. `imagenet` gives for each class its ImageNet index, or None
    where it has none.
    """

    key: str
    title: str = field(compare=False)
    names: tuple[str, ...] = field(compare=False, repr=False)
    imagenet: tuple[int | None, ...] = field(compare=False, repr=False)

    def index_of(self, label: int, space: "LabelSpace") -> int | None:
        """What class `label` of `space` is here, or None when it is nothing here; classes of two spaces are the same by
        their ImageNet index.

        Where nobody named the classes, of a model or of images, their position tells. Raises BadInput for a position
        that a model lacks.
        """
        if space == self or (self.is_unnamed and len(self.names) == len(space.names)):
            return label
        if space == POSITIONS:
            if label >= len(self.names):
                raise BadInput(
                    f"The model has the classes 0 to {len(self.names) - 1}; got {label} as the label of an image."
                )
            return label
        shared = space.imagenet[label]
        if shared is None:
            return None
        if self == MINI:
            category = category_of(shared)
            return None if category is None else self.names.index(category)
        return self.imagenet.index(shared) if shared in self.imagenet else None

    @property
    def is_unnamed(self) -> bool:
        """Whether nobody named the classes."""
        return self.key.startswith(UNNAMED)

    def index_called(self, name: str) -> int | None:
        """The class of this name, as folders are called: case does not matter, and an underscore or hyphen is a space;
        None without one.
        """
        return _by_plain_name(self).get(_plain(name))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[_-]", " ", name).casefold().split())


@cache
def _by_plain_name(space: LabelSpace) -> Mapping[str, int]:
    return {_plain(name): index for index, name in reversed(list(enumerate(space.names)))}


IMAGENET = LabelSpace("imagenet", "ImageNet", tuple(row.name for row in CLASSES), tuple(range(len(CLASSES))))
MINI = LabelSpace("mini", "Mini", tuple(CATEGORIES), (None,) * len(CATEGORIES))


UNNAMED = "unnamed-"
POSITIONS = LabelSpace("positions", "a model's classes by their position", (), ())


def unnamed_label_space(title: str, count: int) -> LabelSpace:
    """The label space of a model with `count` classes that nobody named."""
    return LabelSpace(f"{UNNAMED}{count}", title, tuple(f"class {number}" for number in range(count)), (None,) * count)


def own_label_space(title: str, classes: Sequence[str]) -> LabelSpace:
    """A label space of the user's own, with one class name or WordNet id per logit; equal lists give equal label
    spaces.

    A WordNet id of ImageNet's shows ImageNet's name, and images with that ImageNet label count as labelled. A name that
    occurs twice gets its index, since screens tell classes apart by their names.
    """
    digest = hashlib.sha256(json.dumps(list(classes)).encode()).hexdigest()[:12]
    imagenet = tuple(_INDEX_OF_WNID.get(name) for name in classes)
    names = [name if index is None else CLASSES[index].name for name, index in zip(classes, imagenet, strict=True)]
    times = Counter(names)
    unique = tuple(name if times[name] == 1 else f"{name} ({place})" for place, name in enumerate(names))
    return LabelSpace(f"own-{digest}", title, unique, imagenet)


def class_of_wnid(wnid: str) -> int:
    """The class index of a WordNet id such as "n01440764"; raises UnknownName for an id outside the 1,000."""
    if wnid not in _INDEX_OF_WNID:
        raise UnknownName("ImageNet class folder", wnid, _INDEX_OF_WNID)
    return _INDEX_OF_WNID[wnid]


def category_of(index: int) -> str | None:
    """The entry-level category of class `index` (0-999), or None for the 793 classes that have none.

    Raises BadInput for an index outside 0-999.
    """
    return _ROWS[whole("index", index, 0, len(CLASSES) - 1)]["category"] or None
