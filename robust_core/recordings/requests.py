"""A request read back from a report, which anybody may have written: only the classes of a table come out of it, and
images by their ids, by their digests, or with the pixels that the report holds.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from robust_core import data, settings
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.scoring import SCORING_RULES
from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.targets import Target
from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.corruptions.condition import Condition
from robust_core.cue_conflict.decisions import RULES
from robust_core.data.image_set import ImageSet
from robust_core.data.listings import listing, read_bytes
from robust_core.data.stimulus_sets import StimulusSet, folder_set, stimulus_folders, synthetic_set
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.edits.boxes import Box
from robust_core.edits.object_edit import ObjectEdit
from robust_core.errors import BadInput, RobustError
from robust_core.images import LabelledImage, decode, decode_as_reference, shown_name
from robust_core.labels import IMAGENET, MINI, POSITIONS, LabelSpace, own_label_space
from robust_core.models.catalogue import get_spec
from robust_core.recordings.field_checks import CHECKS
from robust_core.recordings.studies import STUDIES
from robust_core.studies.request import Request

_PARTS = (AttackConfig, Box, Condition, ObjectEdit, SmoothedSearch, SyntheticUnknown, Target, ThreatModel)
PARTS = {one.__name__: one for one in _PARTS}
CLASSES: dict[str, type] = {one.__name__: one for one in (*PARTS.values(), *STUDIES)}
KEYED: dict[str, Any] = {
    "model": get_spec,
    "scoring_rule": lambda key: _row(SCORING_RULES, key),
    "decision_rule": lambda key: _row({rule.key: rule for rule in RULES}, key),
}
SPACES = {space.key: space for space in (IMAGENET, MINI, POSITIONS)}
MOST_IMAGES, MOST_DEEP = 20_000, 12
DAMAGED = "The report is damaged: its request cannot be read."


class Images:
    """Where the images of a report come from: their ids, the report itself, or `folder` (None: there is none), whose
    files are known by their SHA-256.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._files: dict[str, Path] | None = None

    def image(self, record: Any) -> LabelledImage:
        """The image of a record; raises BadInput where it is nowhere, or is not the one that was reported."""
        said = _checked_record(record)
        candidates = [*self._by_id(said), *_held(said), *self._in_folder(said)]
        found = next((one for one in candidates if one.pixels_sha256 == said["pixels_sha256"]), None)
        if found is None:
            name = shown_name(said["name"])
            raise BadInput(
                f"The image {name} is not the one of the report: its pixels differ."
                if candidates
                else f"The image {name} (SHA-256 {shown_name(said['sha256'][:12])}…) is not here; name the folder "
                "that has its file with --images."
            )
        return replace(
            found,
            name=said["name"],
            source=said["source"],
            digest=said["sha256"],
            label=said["label"],
            label_space=_space(said["classes"]),
            centre_crop_only=said["centre_crop_only"],
        )

    def image_set(self, record: Any) -> ImageSet:
        """The set of a record."""
        _require(isinstance(record, dict) and isinstance(record.get("images"), list))
        _require(0 < len(record["images"]) <= MOST_IMAGES)
        _require(all(isinstance(record.get(name), str) for name in ("title", "rule")))
        images = [self.image(one) for one in record["images"]]
        classes = record.get("classes")
        _require(classes is None or (isinstance(classes, list) and all(type(one) is int for one in classes)))
        made = ImageSet.of(images, record["title"], record["rule"])
        return replace(made, classes=None if classes is None else tuple(classes))

    def stimuli(self, record: Any) -> StimulusSet:
        """The stimuli of a record; raises BadInput where they are not here, or others."""
        _require(isinstance(record, dict) and record.get("kind") in ("synthetic", "folder"))
        if record["kind"] == "synthetic":
            made = synthetic_set()
            if made.identity["key_sha256"] != record.get("sha256"):
                raise BadInput("The synthetic stimuli of the report are drawn by another version of Mini.")
            return made
        ids, title, seed = record.get("ids"), record.get("title"), record.get("seed")
        _require(isinstance(ids, list) and isinstance(title, str) and type(seed) is int)
        root = settings.data_dir()
        folder = self.folder or (stimulus_folders(root).get(title) if root is not None and root.is_dir() else None)
        if folder is None:
            raise BadInput(f"The stimuli in {title} are not here; name their folder with --images.")
        either = [folder_set(folder, seed=seed, as_orhan=as_orhan) for as_orhan in (False, True)]
        found = next((one for one in either if list(one.ids) == ids), None)
        if found is None:
            raise BadInput(f"The stimuli in {folder.name} are not those of the report.")
        return found

    def _by_id(self, said: Mapping[str, Any]) -> list[LabelledImage]:
        try:
            return [data.read(said["id"])] if said["id"] else []
        except RobustError:  # a collection that is not here; its file may be
            return []

    def _in_folder(self, said: Mapping[str, Any]) -> list[LabelledImage]:
        """As people see it, and as benchmarks read it."""
        if self.folder is None:
            return []
        if self._files is None:
            self._files = {hashlib.sha256(read_bytes(one)).hexdigest(): one for one in _files_below(self.folder)}
        path = self._files.get(said["sha256"])
        if path is None:
            return []
        content, name = read_bytes(path), said["name"]
        return [decode(content, name), decode_as_reference(content, name, label=None, source="")]


def request_of(plain: Any, images: Images) -> Request:
    """The request; raises BadInput for what is none, and where a model or an image is not here."""
    found = _restored(plain, images)
    _require(isinstance(found, Request))
    return found


def options_of(plain: Any) -> dict[str, Any]:
    """The options by which a result counts."""
    found = _restored(plain, Images(None))
    _require(isinstance(found, dict) and all(isinstance(name, str) for name in found))
    return found


def _restored(plain: Any, images: Images, depth: int = 0) -> Any:
    _require(depth < MOST_DEEP)
    if isinstance(plain, list):
        return tuple(_restored(one, images, depth + 1) for one in plain)
    if not isinstance(plain, dict):
        return plain
    if "class" in plain:
        return _instance(plain, images, depth)
    _require(len(plain) == 1)
    ((kind, value),) = plain.items()
    if kind == "mapping":
        _require(isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value))
        return {key: _restored(one, images, depth + 1) for key, one in value if isinstance(key, str)}
    if kind in KEYED:
        _require(isinstance(value, str))
        return KEYED[kind](value)
    readers = {"image": images.image, "image_set": images.image_set, "stimuli": images.stimuli}
    _require(kind in readers)
    return readers[kind](value)


def _instance(plain: dict[str, Any], images: Images, depth: int) -> Any:
    kind = CLASSES.get(plain["class"]) if isinstance(plain["class"], str) else None
    given = plain.get("fields")
    if kind is None or not isinstance(given, dict):
        raise BadInput(DAMAGED)
    _require({*given} <= {one.name for one in fields(kind) if one.init})
    parts = {name: _restored(one, images, depth + 1) for name, one in given.items()}
    if issubclass(kind, Request):
        _require(all(CHECKS[name](value) for name, value in parts.items()))
    try:
        return kind(**parts)
    except RobustError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError) as error:  # a field of another kind, or one that lacks
        raise BadInput(DAMAGED) from error


def _held(said: Mapping[str, Any]) -> list[LabelledImage]:
    """The image whose pixels are in the report."""
    if "pixels" not in said:
        return []
    try:
        content = base64.b64decode(said["pixels"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(DAMAGED) from error
    return [decode(content, said["name"])]


def _checked_record(record: Any) -> dict[str, Any]:
    _require(isinstance(record, dict))
    texts = ("name", "source", "sha256", "pixels_sha256", "id")
    _require(all(isinstance(record.get(name), str) for name in texts))
    _require(isinstance(record.get("pixels", ""), str) and isinstance(record.get("centre_crop_only"), bool))
    label = record.get("label")
    _require(label is None or (type(label) is int and label >= 0))
    return record


def _space(plain: Any) -> LabelSpace:
    if isinstance(plain, str):
        _require(plain in SPACES)
        return SPACES[plain]
    _require(isinstance(plain, dict) and isinstance(plain.get("title"), str) and isinstance(plain.get("names"), list))
    _require(all(isinstance(one, str) for one in plain["names"]))
    return own_label_space(plain["title"], plain["names"])


def _files_below(folder: Path, deepest: int = 6) -> Iterator[Path]:
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.")
    content = listing(folder)
    yield from (folder / name for name in content.images.values())
    for name in content.folders if deepest else ():
        yield from _files_below(folder / name, deepest - 1)


def _row(rows: Mapping[str, Any], key: str) -> Any:
    _require(key in rows)
    return rows[key]


def _require(holds: bool) -> None:
    if not holds:
        raise BadInput(DAMAGED)
