"""What a run has to do: the images of a run, found, and cut into units that are written at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from robust_core.benchmark.experiment import BLUR_PX, CUE, Conflicts, Scenes, Split, edit_of
from robust_core.benchmark.experiments_imagenet import EVERY_OTHER
from robust_core.benchmark.labelled_sets import data_folder, images_of
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import unit_name
from robust_core.benchmark.unit_images import DrawnAgain, Images, Item, Stimuli, Stored, Synthetic, filtered_hard
from robust_core.corruptions.condition import Condition
from robust_core.data.datasets import CUE_CONFLICT
from robust_core.data.discovery import find_data_set
from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.foolbox import Foolbox
from robust_core.data.image_folder import Folder
from robust_core.data.selection import select
from robust_core.data.stimulus_sets import folder_set, synthetic_set
from robust_core.errors import BadInput, RobustError
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.results import BenchmarkCondition
from robust_core.studies.cue_tests import CUE_TESTS

SCENES_SEED = 0


@dataclass(frozen=True)
class Unit:
    """The part of the work that is written at once: the images at `places` under one condition, and their digest."""

    condition: BenchmarkCondition
    number: int
    places: tuple[int, ...]
    digest: str

    @property
    def title(self) -> str:
        """What is done, for people, such as "corruption zoom blur severity 3"."""
        return self.condition.replace("=", " ").replace("_", " ") or "predicting"

    @property
    def name(self) -> str:
        """Its file's name, without a suffix."""
        return unit_name(self.condition, self.number, self.digest)


@dataclass(frozen=True, eq=False)
class Plan:
    """A run with its images found, and its work cut into units."""

    config: RunConfig
    images: Mapping[BenchmarkCondition, Images]
    units: tuple[Unit, ...]

    @cached_property
    def digest(self) -> str:
        """Of all images in their order: two models with the same one were asked about the same images."""
        return digest_of([unit.name for unit in self.units])

    def ids(self, condition: BenchmarkCondition) -> list[str]:
        """The ids of the images under one condition, in the order of their predictions."""
        ids = self.images[condition].ids
        return [ids[place] for unit in self.units if unit.condition == condition for place in unit.places]

    def part(self, number: int) -> "Plan":
        """The unit `number` alone, with no more than its own images, as it is sent to another machine."""
        unit = self.units[number]
        return Plan(self.config, {unit.condition: self.images[unit.condition].only(unit.places)}, (unit,))

    def dataset(self) -> "UnitImages":
        """The images for a DataLoader, by (number of the unit, place)."""
        return UnitImages([self.images[unit.condition] for unit in self.units])


class UnitImages(torch.utils.data.Dataset):
    """The images of several units; an index is (number of the unit, place)."""

    def __init__(self, images: Sequence[Images]):
        self.images = images

    def __getitem__(self, index: tuple[int, int]) -> tuple[int, int, Item | RobustError]:
        number, place = index
        try:
            return number, place, self.images[number].load(place)
        except RobustError as error:  # what a worker process raises arrives with a traceback in its words
            return number, place, error


class Batch(NamedTuple):
    """Images of the unit `number`: their places, `levels` (B,…) uint8, and the classes that count. Not frozen, as a
    DataLoader rebuilds it.
    """

    number: int
    places: list[int]
    levels: Tensor
    labels: list[int]
    textures: list[int]

    @property
    def size(self) -> int:
        """How many images it has."""
        return len(self.places)


class Unsound(NamedTuple):
    """A batch of `size` images of the unit `number` that are not all sound: what is wrong with each that is not."""

    number: int
    size: int
    errors: list[RobustError]


def collate(parts: Sequence[tuple[int, int, Item | RobustError]]) -> Batch | Unsound:
    """The images of one unit as a batch, or what is wrong with those that are not sound."""
    numbers, places, items = zip(*parts, strict=True)
    errors = [item for item in items if isinstance(item, RobustError)]
    if errors:
        return Unsound(numbers[0], len(items), errors)
    if len({item.levels.shape for item in items}) > 1:
        error = BadInput(
            "Frame sequences of one perturbation differ in their number of frames or in size; expected all alike, "
            "as in ImageNet-P."
        )
        return Unsound(numbers[0], len(items), [error])
    return Batch(
        numbers[0],
        list(places),
        torch.stack([item.levels for item in items]),
        [item.label for item in items],
        [item.texture for item in items],
    )


def make_plan(config: RunConfig) -> Plan:
    """Find the images and cut the work into units. Conditions that are not on this machine are left out.

    Raises DataUnavailable when there are none at all, BadInput when a limit is larger than what is there.
    """
    images = _find_images(config)
    units = []
    for condition, found in images.items():
        places, size = _chosen(found.ids, config), config.experiment.unit_images
        for number, first in enumerate(range(0, len(places), size)):
            part = places[first : first + size]
            units.append(Unit(condition, number, part, digest_of(found.names(part))))
    return Plan(config, images, tuple(units))


def digest_of(names: Sequence[str]) -> str:
    """Twelve hexadecimal digits over names in their order."""
    return hashlib.sha256(json.dumps(list(names)).encode()).hexdigest()[:12]


def _chosen(ids: Sequence[str], config: RunConfig) -> tuple[int, ...]:
    """The places of the images that are asked about, ascending where all are, else in the order in which they were
    drawn.
    """
    places = range(0, len(ids), 2 if EVERY_OTHER in config.quirks else 1)
    if config.limit is None:
        return tuple(places)
    if config.limit > len(places):
        raise BadInput(
            f"There are {len(places):,} images for {config.experiment.title}; expected a limit of at most that, but "
            f"{config.limit:,} came."
        )
    return tuple(places[chosen] for chosen in select([ids[place] for place in places], config.limit, config.seed))


def _find_images(config: RunConfig) -> dict[BenchmarkCondition, Images]:
    kind, is_mini = config.experiment.images, config.experiment.label_space == MINI
    if isinstance(kind, Split):
        places = filtered_hard() if kind.filtered else range(kind.count)
        return {one: _synthetic(kind.name, places, one.words, config.as_stored) for one in config.conditions}
    if isinstance(kind, Scenes):
        ids = synthetic_images(kind.count, SCENES_SEED).ids
        return {one: _drawn_again(ids, config.spec, one.words) for one in config.conditions}
    if isinstance(kind, Conflicts):
        stimuli = (
            synthetic_set()
            if is_mini
            else folder_set(find_data_set(CUE_CONFLICT, data_folder(config)).path, seed=0, as_orhan=True)
        )
        return {one: Stimuli(stimuli, float(one.words.get(BLUR_PX, 0))) for one in config.conditions}
    folder = images_of(config)
    assert folder is not None  # as only for synthetic images and for cue conflicts
    found = {condition: _stored(folder, condition, config.spec) for condition in config.conditions}
    return {condition: images for condition, images in found.items() if images.files}


def _synthetic(split: str, places: Sequence[int], words: Mapping[str, str], as_stored: bool) -> Synthetic:
    condition = Condition(words["corruption"], int(words["severity"]), 0, as_stored) if "corruption" in words else None
    return Synthetic(split, places, condition, words.get("perturbation"))


def _drawn_again(ids: Sequence[str], spec: ModelSpec, words: Mapping[str, str]) -> DrawnAgain:
    if CUE in words:
        return DrawnAgain(ids, spec, cue=next(test for test in CUE_TESTS if test.key == words[CUE]))
    return DrawnAgain(ids, spec, edit_of(words))


def _stored(folder: Folder | Foolbox, condition: BenchmarkCondition, spec: ModelSpec) -> Stored:
    where = "/".join(condition.values) if folder.collection.conditions else None
    if where not in folder.places:
        return Stored(folder, (), spec.preprocess_for(folder.collection.centre_crop_only))
    files = tuple((id, path, label) for id, path, label in folder.files(where) if label is not None)
    return Stored(folder, files, spec.preprocess_for(folder.collection.centre_crop_only))
