"""The user's own folders as collections: which data set lies in a folder, told by its layout and its name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from robust_core.errors import DataUnavailable, UnknownName
from robust_core.images import LabelledImage, shown_name
from robust_core.labels import class_of_wnid
from robust_core.samples.collection import Collection, Sample
from robust_core.samples.datasets import DataSet, data_set_called
from robust_core.samples.files import listing, read_file, read_photograph, url_word
from robust_core.samples.films import frames
from robust_core.samples.layouts import BY_CORRUPTION, BY_WNID, PLAIN, Layout


@dataclass(frozen=True)
class Folder:
    """A collection on disk, whose pictures lie below `path` as `layout` says."""

    collection: Collection
    path: Path
    layout: Layout

    def classes(self, condition: str | None) -> tuple[int, ...]:
        """The class indices, ascending; empty where the labels are unknown."""
        return tuple(label for _, label in self._shelves(condition).values() if label is not None)

    def samples(self, condition: str | None, label: int | None) -> Iterator[Sample]:
        """The pictures or films by class and file name; only those of class `label` when it is given."""
        for sample_id, path, its_label in self.files(condition, label):
            yield Sample(sample_id, shown_name(path.name), its_label)

    def files(self, condition: str | None, label: int | None = None) -> Iterator[tuple[str, Path, int | None]]:
        """The id, the path and the class of every picture or film, in the order and with the choice of `samples`."""
        for shelf_id, (shelf, its_label) in self._shelves(condition).items():
            if label in (None, its_label):
                for word, name in self.layout.entries(shelf).items():
                    yield f"{shelf_id}/{word}", shelf / name, its_label

    def read(self, sample_id: str) -> LabelledImage:
        """The picture with this id, the first frame of a film; raises UnknownName when there is none."""
        return next(self.frames(sample_id))

    def frames(self, sample_id: str) -> Iterator[LabelledImage]:
        """The film with this id, frame by frame, or the one picture; raises UnknownName when there is none."""
        path, label = self._find(sample_id)
        if self.layout.films:
            yield from frames(path, label, self.collection.source)
        else:
            yield read_file(path, label, self.collection.source) if self.collection.as_reference else read_photograph(path)

    def _find(self, sample_id: str) -> tuple[Path, int | None]:
        """The path and class of a picture or film; an id is its shelf's id and a word."""
        shelf_id, _, word = sample_id.rpartition("/")
        condition = shelf_id.removeprefix(f"{self.collection.key}/").rpartition("/")[0] or None
        self.collection.check_condition(condition)
        shelves = self._shelves(condition)
        entries = self.layout.entries(shelves[shelf_id][0]) if shelf_id in shelves else {}
        if word not in entries:
            raise UnknownName("picture", sample_id, ())
        shelf, label = shelves[shelf_id]
        return shelf / entries[word], label

    def _shelves(self, condition: str | None) -> dict[str, tuple[Path, int | None]]:
        """Each shelf's path and class, by the beginning that the ids of its pictures share."""
        place = self.path / (condition or "")
        return {
            "/".join(filter(None, (self.collection.key, condition, name))): (place / name, label)
            for name, label in self.layout.shelves(place).items()
        }


def find_folders(root: Path) -> list[Folder]:
    """The collections in `root` itself and in the folders directly below it, no two with the same title."""
    found = [_recognise(key, path) for key, path in _candidates(root).items()]
    folders, times = [], Counter()
    for folder in filter(None, found):
        title = folder.collection.title
        times[title] += 1
        numbered = title if times[title] == 1 else f"{title} ({times[title]})"
        folders.append(replace(folder, collection=replace(folder.collection, title=numbered)))
    return folders


def find_data_set(row: DataSet, root: Path) -> Folder:
    """The folder of the data set `row`: `root` itself or one below it. Raises DataUnavailable when neither holds it."""
    found = next((folder for folder in find_folders(root) if folder.collection.title == row.title), None)
    if found is None:
        names = " or ".join(row.folders)
        raise DataUnavailable(f"There is no folder of {row.title}; expected one called {names} with {row.layout.pattern} below it.")
    return found


def misplaced(root: Path) -> tuple[str, ...]:
    """One sentence for each folder that has the name of a known data set and nothing that lies as it should."""
    return tuple(
        f"The folder {shown_name(path.name)} holds nothing in the layout of {row.title}; expected {row.layout.pattern} below it."
        for path in _candidates(root).values()
        if (row := data_set_called(path.name)) and not row.layout.fits(path)
    )


def labelled_files(folder: Path) -> tuple[tuple[Path, int], ...]:
    """Every picture in `<folder>/<wnid>/` with its class index, in order; raises UnknownName for a subfolder that is no wnid."""
    labels = {wnid: class_of_wnid(wnid) for wnid in listing(folder).folders}
    return tuple((folder / wnid / file, label) for wnid, label in labels.items() for file in listing(folder / wnid).pictures.values())


def _candidates(root: Path) -> dict[str, Path]:
    """Where collections may lie, by the keys that they would have: `root`, and below it what is no part of a data set itself."""
    data_set = _identify("own", root)
    parts = data_set.layout.parts(root) if data_set else ()
    return {"own": root} | {f"own-{url_word(name)}": root / name for name in listing(root).folders if name not in parts}


def _identify(key: str, path: Path) -> DataSet | None:
    """The known data set after which the folder is named, or else a set of the user's own; None when it holds no pictures."""
    known = data_set_called(path.name)
    if known and known.layout.fits(path):
        return known
    title = "Own pictures" if key == "own" else shown_name(path.name)
    layout = next((layout for layout in (BY_WNID, BY_CORRUPTION, PLAIN) if layout.fits(path)), None)
    return layout and DataSet((), layout, title, "a folder of yours", "imagenet", centre_crop_only=layout is BY_CORRUPTION)


def _recognise(key: str, path: Path) -> Folder | None:
    """The collection that a folder is, or None when it holds no pictures."""
    row = _identify(key, path)
    if row is None:
        return None
    collection = Collection(
        key=key,
        title=row.title,
        source=row.source,
        labelled=row.layout.labelled,
        label_subset=row.label_subset,
        centre_crop_only=row.centre_crop_only,
        as_reference=row.layout is not PLAIN,  # pictures by class are read and counted as others read and count them
        conditions=row.layout.conditions(path) if row.layout.conditions else (),
    )
    return Folder(collection, path, row.layout)
