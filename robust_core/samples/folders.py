"""The user's own folders as collections: which data set lies in a folder, told by its layout and its name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from robust_core.errors import UnknownName
from robust_core.images import LabelledImage, shown_name
from robust_core.labels import CLASSES, class_of_wnid
from robust_core.samples.collection import Collection, Sample
from robust_core.samples.files import listing, read_file, url_word

_WNIDS = {row.wnid for row in CLASSES}
_SEVERITIES = ("1", "2", "3", "4", "5")

# What a folder's name says about the pictures by class in it; the key and the conditions are those of the folder found.
_DATA_SETS = {
    "val": Collection(
        key="own-val",
        title="ImageNet validation set",
        source="ImageNet validation set (ILSVRC 2012), under ImageNet's terms of use",
        labelled=True,
        label_subset="imagenet",
        centre_crop_only=False,
    ),
    "imagenet-a": Collection(
        key="own-imagenet-a",
        title="ImageNet-A",
        source="ImageNet-A (hendrycks/natural-adv-examples), whose protocol compares its 200 classes only",
        labelled=True,
        label_subset="imagenet_a",
        centre_crop_only=False,
    ),
    "imagenet-c": Collection(
        key="own-imagenet-c",
        title="ImageNet-C",
        source="ImageNet-C (hendrycks/robustness), stored at 224 px and cropped without resizing",
        labelled=True,
        label_subset="imagenet",
        centre_crop_only=True,
    ),
}


@dataclass(frozen=True)
class Folder:
    """A collection on disk: pictures lie in the folder itself, or in <wnid>/, or in <corruption>/<severity>/<wnid>/."""

    collection: Collection
    path: Path

    def classes(self, condition: str | None) -> tuple[int, ...]:
        """The class indices, ascending; empty where the labels are unknown."""
        return tuple(label for _, label in self._shelves(condition).values() if label is not None)

    def samples(self, condition: str | None, label: int | None) -> Iterator[Sample]:
        """The pictures by class and file name; only those of class `label` when it is given."""
        for shelf_id, (path, its_label) in self._shelves(condition).items():
            if label in (None, its_label):
                for word, file in listing(path).files.items():
                    yield Sample(f"{shelf_id}/{word}", shown_name(file), its_label)

    def read(self, sample_id: str) -> LabelledImage:
        """The picture with this id; raises UnknownName when there is none."""
        condition = "/".join(sample_id.split("/")[1:3]) if self.collection.conditions else None
        self.collection.check_condition(condition)
        shelf_id, _, word = sample_id.rpartition("/")
        shelves = self._shelves(condition)
        if shelf_id not in shelves or word not in listing(shelves[shelf_id][0]).files:
            raise UnknownName("picture", sample_id, ())
        path, label = shelves[shelf_id]
        return read_file(path / listing(path).files[word], label, self.collection.source)

    def _shelves(self, condition: str | None) -> dict[str, tuple[Path, int | None]]:
        """The folders that hold the pictures themselves and their class, by the beginning that the ids of these pictures share."""
        path = self.path / (condition or "")
        prefix = "/".join(filter(None, (self.collection.key, condition)))
        if not self.collection.labelled:
            return {prefix: (path, None)}
        return {f"{prefix}/{wnid}": (path / wnid, class_of_wnid(wnid)) for wnid in listing(path).folders if wnid in _WNIDS}


def find_folders(root: Path) -> list[Folder]:
    """The collections in `root` itself and in the folders directly below it."""
    below = {f"own-{url_word(name)}": root / name for name in listing(root).folders if name not in _WNIDS}
    found = [_recognise(key, path) for key, path in [("own", root), *below.items()]]
    return [folder for folder in found if folder is not None]


def labelled_files(folder: Path) -> tuple[tuple[Path, int], ...]:
    """Every picture in `<folder>/<wnid>/` with its class index, in order; raises UnknownName for a subfolder that is no wnid."""
    labels = {wnid: class_of_wnid(wnid) for wnid in listing(folder).folders}
    return tuple((folder / wnid / file, label) for wnid, label in labels.items() for file in listing(folder / wnid).files.values())


def _recognise(key: str, path: Path) -> Folder | None:
    """The collection that a folder is, or None when it holds no pictures."""
    content = listing(path)
    by_class = not _WNIDS.isdisjoint(content.folders)
    conditions = () if by_class else _conditions(path)
    labelled = by_class or bool(conditions)
    stored_at_crop_size = bool(conditions)  # the layout of ImageNet-C, whose pictures are 224 px
    known = _DATA_SETS.get(path.name.lower())
    if known and labelled and known.centre_crop_only == stored_at_crop_size:
        return Folder(replace(known, key=key, conditions=conditions), path)
    if labelled or content.files:
        title = "Own pictures" if key == "own" else shown_name(path.name)
        return Folder(Collection(key, title, "a folder of yours", labelled, "imagenet", stored_at_crop_size, conditions), path)
    return None


def _conditions(path: Path) -> tuple[str, ...]:
    """The "<corruption>/<severity>" below a folder in the layout of ImageNet-C; empty for any other folder."""
    found = [f"{name}/{level}" for name in listing(path).folders for level in listing(path / name).folders if level in _SEVERITIES]
    return tuple(found) if found and not _WNIDS.isdisjoint(listing(path / found[0]).folders) else ()
