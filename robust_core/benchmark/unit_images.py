"""The images of an experiment, under one of its conditions: from the folders of a data set, or drawn by Mini.

What is loaded travels as 8-bit levels, which is what files hold, so that worker processes and the way to the device
carry a quarter.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.condition import Condition
from robust_core.corruptions.sequences import frames as perturbed
from robust_core.cue_conflict.decisions import NAMES
from robust_core.data.foolbox import Foolbox
from robust_core.data.image_folder import Folder
from robust_core.data.listings import named_below
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.data.synthetic import read_edited
from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.errors import DataUnavailable
from robust_core.images import Preprocess, shown_name, to_levels
from robust_core.input_filters.filters import filtered
from robust_core.mini.hard_set import stored
from robust_core.mini.identity import WORLD
from robust_core.mini.splits import SPLITS, render
from robust_core.mini.world import CHUNK
from robust_core.models.spec import ModelSpec
from robust_core.studies.cue_tests import CueTest, shown

UNKNOWN = -1
MOST_BYTES = 512 * 2**20  # of drawn images; mini-C has 450 MiB, mini-P 465


@dataclass(frozen=True, eq=False)
class Item:
    """An image (3,H,W) or a frame sequence (T,3,H,W) as uint8 `levels`, the class that counts, and for a cue conflict
    that of its texture.
    """

    levels: Tensor
    label: int
    texture: int = UNKNOWN


class Images(Protocol):
    """Images in a fixed order. By `ids` some of them are drawn, the same ones under every condition; `names` say of
    each at some places what determines it, a change of which makes it another image.
    """

    @property
    def ids(self) -> Sequence[str]: ...

    def names(self, places: Sequence[int]) -> list[str]: ...

    def only(self, places: Sequence[int]) -> Self:
        """The same images with no more than those at `places`, still called by these, to be sent to another machine."""

    def load(self, place: int) -> Item:
        """The image at `place`; may run in another process."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Files of one condition, prepared as the model's publisher prescribes, or not resized where the data set says so;
    all of them in order, or some by their places.

    A file is known by its id and its size: reading all of a data set to hash it would take as long as predicting
    it.
    """

    folder: Folder | Foolbox
    files: Sequence[tuple[str, Path, int]] | Mapping[int, tuple[str, Path, int]]
    preprocess: Preprocess

    @property
    def ids(self) -> list[str]:
        """Class and file, without folder and condition; the number of a bundled image."""
        beginning = f"{self.folder.collection.key}/"
        files = self.files.values() if isinstance(self.files, Mapping) else self.files
        return [_class_and_file(id.removeprefix(beginning)) for id, _, _ in files]

    def file_names(self, places: Sequence[int]) -> list[str]:
        """The names of the files at `places`, without folders."""
        return [self.files[place][1].name for place in places]

    def names(self, places: Sequence[int]) -> list[str]:
        """Class and file with sizes in bytes, none where the file is not there."""
        files = (self.files[place] for place in places)
        return [f"{_class_and_file(id)} {path.stat().st_size if path.is_file() else ''}" for id, path, _ in files]

    def only(self, places: Sequence[int]) -> Self:
        """With no more than the files at `places`."""
        return replace(self, files={place: self.files[place] for place in places})

    def load(self, place: int) -> Item:
        """Raises BadImage, naming the file with its path below the data folder, when it is not sound."""
        _, path, label = self.files[place]
        with named_below(self.folder.root, path):
            levels = [to_levels(frame, self.preprocess) for frame in self.folder.frames_of(path, label)]
        return Item(torch.stack(levels) if self.folder.sequences else levels[0], label)


@dataclass(frozen=True, eq=False)
class Synthetic:
    """Images of a split of Mini at `places`, under a `condition` or along a `perturbation`."""

    split: str
    places: Sequence[int]
    condition: Condition | None
    perturbation: str | None

    @property
    def ids(self) -> list[str]:
        """Split and place."""
        return [f"{self.split}/{place}" for place in self.places]

    def names(self, places: Sequence[int]) -> list[str]:
        """Ids with the world that they are of."""
        ids = self.ids
        return [f"{ids[place]} {WORLD}" for place in places]

    def only(self, places: Sequence[int]) -> Self:
        """All of them, since they are drawn where they are loaded."""
        return self

    def load(self, place: int) -> Item:
        """The place in its split is also the seed of the corruption or perturbation, as no image may lend its draws
        to another.
        """
        index = self.places[place]
        levels, labels = _synthetic_chunk(self.split, index // CHUNK)
        image, label = levels[index % CHUNK], int(labels[index % CHUNK])
        if not (self.condition or self.perturbation):
            return Item(image, label)
        what = self.split, index, self.condition, self.perturbation
        return DRAWN.item(what, lambda: Item(self._changed(image, index), label))

    def _changed(self, image: Tensor, seed: int) -> Tensor:
        if self.condition:
            image = _levels(replace(self.condition, seed=seed).apply(_pixels(image[None])))[0]
        return _levels(perturbed(_pixels(image), self.perturbation, seed)) if self.perturbation else image


@dataclass(frozen=True, eq=False)
class DrawnAgain:
    """Scenes of Mini by their ids, each with its object edited, or under a `cue` test as the model `spec` sees it."""

    ids: Sequence[str]
    spec: ModelSpec
    edit: ObjectEdit = UNEDITED
    cue: CueTest | None = None

    def names(self, places: Sequence[int]) -> list[str]:
        """Ids with the world that they are of."""
        ids = self.ids
        return [f"{ids[place]} {WORLD}" for place in places]

    def only(self, places: Sequence[int]) -> Self:
        """All of them, since they are drawn where they are loaded."""
        return self

    def load(self, place: int) -> Item:
        """The place is also the seed of what a test draws, as in `studies.cue_removal`."""
        what = self.ids[place], place, self.edit, self.cue, self.spec.preprocess
        return DRAWN.item(what, lambda: self._drawn(place))

    def _drawn(self, place: int) -> Item:
        image = read_edited(self.ids[place], self.edit)
        if self.cue is not None:
            made = shown(replace(image, sample_id=self.ids[place]), self.spec, self.cue, place)
            assert made is not None  # every test can be made of a scene
            image = replace(made, label=image.label)
        label = UNKNOWN if image.label is None else image.label
        return Item(torch.from_numpy(np.array(image.rgb)).permute(2, 0, 1), label)


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Cue-conflict stimuli, never resized, under a Gaussian of `blur_px` where that is above 0; the class that counts
    is the category of the shape.
    """

    stimuli: StimulusSet
    blur_px: float = 0.0

    @property
    def ids(self) -> Sequence[str]:
        """The names of the stimuli's files, by which a page selects; the ids of synthetic ones."""
        return [id if self._synthetic else shown_name(id) for id in self.stimuli.ids]

    def names(self, places: Sequence[int]) -> list[str]:
        """The ids; synthetic ones with the world that they are of."""
        world = self.stimuli.key[1] if self._synthetic else ""
        return [f"{self.stimuli.ids[place]} {world}" for place in places]

    def only(self, places: Sequence[int]) -> Self:
        """All of them, which are few."""
        return self

    @property
    def _synthetic(self) -> bool:
        return self.stimuli.key[0] == "synthetic"

    def load(self, place: int) -> Item:
        """Raises BadImage, naming the file, when it is not sound."""
        stimulus_image = self.stimuli.at(place)
        levels = torch.from_numpy(np.array(stimulus_image.image.rgb)).permute(2, 0, 1)
        if self.blur_px:
            levels = _levels(filtered(_pixels(levels[None]), "blur", self.blur_px))[0]
        return Item(levels, NAMES.index(stimulus_image.stimulus.shape), NAMES.index(stimulus_image.stimulus.texture))


def filtered_hard() -> list[int]:
    """The places of mini-A in the split `test_hard`; raises DataUnavailable when the shipped choice belongs to another
    world.
    """
    hard_set = stored()
    if hard_set is None:
        raise DataUnavailable(
            "The choice of mini-A belongs to another world; choose it anew with python -m robust_core mini card."
        )
    return hard_set.indices.tolist()


class DrawnItems:
    """Images of Mini, changed, for the next model that is asked about the same: those last used, up to `most_bytes`."""

    def __init__(self) -> None:
        self.most_bytes = 0
        self._items: OrderedDict[Hashable, Item] = OrderedDict()
        self._bytes = 0

    def item(self, what: Hashable, draw: Callable[[], Item]) -> Item:
        """The one that is determined by `what`; `draw` makes it."""
        if what in self._items:
            self._items.move_to_end(what)
            return self._items[what]
        self._items[what] = drawn = draw()
        self._bytes += drawn.levels.nbytes
        while self._bytes > self.most_bytes:
            self._bytes -= self._items.popitem(last=False)[1].levels.nbytes
        return drawn

    def clear(self) -> None:
        """Let go of all of them."""
        self._items.clear()
        self._bytes = 0


DRAWN = DrawnItems()


def keep_drawn() -> None:
    """Keep the changed images of Mini of an experiment, which several models are asked about."""
    DRAWN.most_bytes = MOST_BYTES


def forget_drawn() -> None:
    """Let go of the images of Mini that are kept, so that the next ones are drawn anew."""
    _synthetic_chunk.cache_clear()
    DRAWN.clear()


@lru_cache(maxsize=64)
def _synthetic_chunk(split: str, number: int) -> tuple[Tensor, Tensor]:
    """Images that are drawn together, which those who ask about one condition after the other need again and
    again.
    """
    row = SPLITS[split]
    images = render(row, number * CHUNK, min(CHUNK, row.count - number * CHUNK))
    return _levels(images.pixels), images.shape


def _class_and_file(id: str) -> str:
    return "/".join(id.split("/")[-2:])


def _levels(pixels: Tensor) -> Tensor:
    return (pixels * 255).round().byte()


def _pixels(levels: Tensor) -> Tensor:
    return levels.float() / 255
