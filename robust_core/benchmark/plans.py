"""What a run has to do: the pictures of an order, found, and cut into units that are written at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from robust_core.benchmark.experiments import EVERY_OTHER, Conflicts, Split
from robust_core.benchmark.labelled_sets import data_folder, images_of
from robust_core.benchmark.run_configs import Order
from robust_core.benchmark.stored_runs import unit_name
from robust_core.benchmark.unit_images import Drawn, Item, Pictures, Stimuli, Stored, filtered_hard
from robust_core.data.collection import rank
from robust_core.data.datasets import CUE_CONFLICT
from robust_core.data.discovery import find_data_set
from robust_core.data.foolbox import Foolbox
from robust_core.data.image_folder import Folder
from robust_core.data.stimulus_sets import drawn_set, folder_set
from robust_core.errors import BadInput, RobustError
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.results import settings


@dataclass(frozen=True)
class Unit:
    """The part of the work that is written at once: the pictures at `places` under one condition; `pictures` is their
    fingerprint.
    """

    condition: str
    number: int
    places: tuple[int, ...]
    pictures: str

    @property
    def title(self) -> str:
        """What is done, for people, such as "corruption zoom blur severity 3"."""
        return self.condition.replace("=", " ").replace("_", " ") or "answering"

    @property
    def name(self) -> str:
        """Its file's name, without a suffix."""
        return unit_name(self.condition, self.number, self.pictures)


@dataclass(frozen=True, eq=False)
class Plan:
    """An order with its pictures found, and its work cut into units."""

    order: Order
    pictures: Mapping[str, Pictures]
    units: tuple[Unit, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Of all pictures in their order: two models with the same one were asked about the same pictures."""
        return fingerprint([unit.name for unit in self.units])

    def dataset(self) -> "UnitPictures":
        """The pictures for a DataLoader, by (number of the unit, place)."""
        return UnitPictures([self.pictures[unit.condition] for unit in self.units])


class UnitPictures(torch.utils.data.Dataset):
    """The pictures of several units; an index is (number of the unit, place)."""

    def __init__(self, pictures: Sequence[Pictures]):
        self.pictures = pictures

    def __getitem__(self, index: tuple[int, int]) -> tuple[int, int, Item | RobustError]:
        number, place = index
        try:
            return number, place, self.pictures[number].load(place)
        except RobustError as error:  # what a worker process raises arrives with a traceback in its words
            return number, place, error


class Batch(NamedTuple):
    """Pictures of the unit `number`: their places, `levels` (B,…) uint8, and the classes that count. Not frozen, as a
    DataLoader rebuilds it.
    """

    number: int
    places: list[int]
    levels: Tensor
    labels: list[int]
    textures: list[int]

    @property
    def size(self) -> int:
        """How many pictures it has."""
        return len(self.places)


class Unsound(NamedTuple):
    """A batch of `size` pictures of the unit `number` that are not all sound: what is wrong with each that is not."""

    number: int
    size: int
    errors: list[RobustError]


def collate(parts: Sequence[tuple[int, int, Item | RobustError]]) -> Batch | Unsound:
    """The pictures of one unit as a batch, or what is wrong with those that are not sound."""
    numbers, places, items = zip(*parts, strict=True)
    errors = [item for item in items if isinstance(item, RobustError)]
    if errors:
        return Unsound(numbers[0], len(items), errors)
    if len({item.levels.shape for item in items}) > 1:
        error = BadInput(
            "Films of one perturbation differ in their number of frames or in size; expected all alike, as in "
            "ImageNet-P."
        )
        return Unsound(numbers[0], len(items), [error])
    return Batch(
        numbers[0],
        list(places),
        torch.stack([item.levels for item in items]),
        [item.label for item in items],
        [item.texture for item in items],
    )


def make_plan(order: Order) -> Plan:
    """Find the pictures and cut the work into units. Conditions that are not on this machine are left out.

    Raises DataUnavailable when there are none at all, BadInput when a limit is larger than what is there.
    """
    pictures = _find_pictures(order)
    units = []
    for condition, found in pictures.items():
        names = found.names
        places, size = _chosen(found.ids, order), order.experiment.unit_pictures
        for number, first in enumerate(range(0, len(places), size)):
            part = places[first : first + size]
            units.append(Unit(condition, number, part, fingerprint([names[place] for place in part])))
    return Plan(order, pictures, tuple(units))


def fingerprint(names: Sequence[str]) -> str:
    """Twelve hexadecimal digits over names in their order."""
    return hashlib.sha256(json.dumps(list(names)).encode()).hexdigest()[:12]


def _chosen(ids: Sequence[str], order: Order) -> tuple[int, ...]:
    """The places of the pictures that are asked about, ascending where all are, else in the order in which they were
    drawn.
    """
    places = range(0, len(ids), 2 if EVERY_OTHER in order.quirks else 1)
    if order.limit is None:
        return tuple(places)
    if order.limit > len(places):
        raise BadInput(
            f"There are {len(places):,} pictures for {order.experiment.title}; expected a limit of at most that, but "
            f"{order.limit:,} came."
        )
    return tuple(sorted(places, key=lambda place: rank(order.seed, ids[place]))[: order.limit])


def _find_pictures(order: Order) -> dict[str, Pictures]:
    kind, is_mini = order.experiment.pictures, order.experiment.label_space == MINI
    if isinstance(kind, Split):
        places = filtered_hard() if kind.filtered else range(kind.count)
        return {condition: _drawn(kind.name, places, settings(condition)) for condition in order.conditions}
    if isinstance(kind, Conflicts):
        return {
            "": Stimuli(
                drawn_set()
                if is_mini
                else folder_set(find_data_set(CUE_CONFLICT, data_folder(order)).path, seed=0, as_orhan=True)
            )
        }
    folder = images_of(order)
    assert folder is not None  # as only for drawn images and for cue conflicts
    found = {condition: _stored(folder, condition, order.spec) for condition in order.conditions}
    return {condition: pictures for condition, pictures in found.items() if pictures.files}


def _drawn(split: str, places: Sequence[int], words: Mapping[str, str]) -> Drawn:
    corruption = (words["corruption"], int(words["severity"])) if "corruption" in words else None
    return Drawn(split, places, corruption, words.get("perturbation"))


def _stored(folder: Folder | Foolbox, condition: str, spec: ModelSpec) -> Stored:
    where = "/".join(settings(condition).values()) if folder.collection.conditions else None
    if where not in folder.places:
        return Stored(folder, (), spec.preprocess_for(folder.collection.centre_crop_only))
    files = tuple((id, path, label) for id, path, label in folder.files(where) if label is not None)
    return Stored(folder, files, spec.preprocess_for(folder.collection.centre_crop_only))
