"""A set of images that a study is about: which ones, in which order, and by which rule they were chosen."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

from robust_core.errors import BadInput
from robust_core.images import LabelledImage, stack, to_pixels

if TYPE_CHECKING:
    import pandas
    from torch import Tensor

    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True)
class Recipe:
    """The call of the front door that makes a set: `function`, what it is given (a recipe among it is a set), and the
    options that differ from their defaults.
    """

    function: str
    given: tuple[Any, ...]
    options: dict[str, Any]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images in a fixed order, chosen by the `rule` in words. `len`, iteration and slices work as in a list; `load`
    reads one by its id.

    `origin` says what the ids count in, where they are not unique by themselves, and `labelling` which labels the
    images have, where these are not those of their files: the three make a set's identity.
    `recipe` says how code makes the set, None where that is not known; a part of the set has its recipe too.
    `names` are those of the images where they are known before reading; `notes` say what is left out. `classes` are the
    only ones in the running by the data set's protocol, None for all.
    """

    ids: tuple[str, ...]
    load: Callable[[str], LabelledImage] = field(repr=False)
    title: str
    rule: str
    notes: tuple[str, ...] = ()
    classes: tuple[int, ...] | None = field(default=None, repr=False)
    origin: str = field(default="", repr=False)
    labelling: str = field(default="", repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    recipe: Recipe | None = field(default=None, repr=False, compare=False)
    _read: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, images: Sequence[LabelledImage], title: str = "", rule: str = "All, in the order given.") -> "ImageSet":
        """The set of `images` that are in memory already."""
        by_id = {f"{place:06d}": image for place, image in enumerate(images)}
        return cls(
            tuple(by_id),
            by_id.__getitem__,
            title,
            rule,
            origin=json.dumps([image.identity for image in images], sort_keys=True),
            labelling=json.dumps([[image.label_space.key, image.label] for image in images]),
            names=tuple(image.name for image in images),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[LabelledImage]:
        return map(self.read, self.ids)

    @overload
    def __getitem__(self, place: int) -> LabelledImage: ...

    @overload
    def __getitem__(self, place: slice) -> "ImageSet": ...

    def __getitem__(self, place: "int | slice") -> "LabelledImage | ImageSet":
        if isinstance(place, slice):
            return replace(self, ids=self.ids[place], names=self.names[place])
        return self.read(self.ids[place])

    def read(self, one: str) -> LabelledImage:
        """The image with this id; raises BadImage for a file that is not sound."""
        image = self.load(one)
        self._read[one] = f"{image.digest} {image.label_space.key} {image.label}"
        return image

    def require_images(self) -> None:
        """Raise BadInput unless there is at least one."""
        if not self.ids:
            raise BadInput("There are no images; expected at least one.")

    @property
    def identity(self) -> dict[str, Any]:
        """Which images they are, as plain values, without reading any."""
        return {
            "title": self.title,
            "n": len(self),
            "rule": self.rule,
            "ids_sha256": _sha256("\n".join((self.origin, *self.ids))),
            "labels_sha256": _sha256(self.labelling),
            "classes_compared": self.classes and len(self.classes),
        }

    @property
    def digest(self) -> str:
        """The SHA-256 over the digests and labels of all images in their order; reads those that were not read yet."""
        for one in self.ids:
            if one not in self._read:
                self.read(one)
        return _sha256("\n".join(self._read[one] for one in self.ids))

    @property
    def image_digests(self) -> tuple[str, ...]:
        """The digest of each image; reads those that were not read yet."""
        for one in self.ids:
            if one not in self._read:
                self.read(one)
        return tuple(self._read[one].rsplit(" ", 2)[0] for one in self.ids)

    @property
    def frame(self) -> "pandas.DataFrame":
        """A row for each image: its name, class, size in pixels, source and SHA-256."""
        import pandas

        return pandas.DataFrame(
            {
                "image": image.name,
                "label": None
                if image.label is None
                else image.label_space.names[image.label]
                if image.label_space.names
                else image.label,
                "width_px": image.rgb.shape[1],
                "height_px": image.rgb.shape[0],
                "source": image.source,
                "sha256": image.digest,
            }
            for image in self
        )

    def pixels(self, model: "LoadedModel") -> "Tensor":
        """The input (N,3,H,W) of `model` for all images, float32 in [0, 1]."""
        return stack([to_pixels(image, model.spec.preprocess_for(image.centre_crop_only)) for image in self])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
