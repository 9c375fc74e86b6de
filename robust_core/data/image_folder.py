"""One collection on the disk: its images, and what lies among them and is left out. Which folders are collections is in
`folders.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from robust_core.data.collection import Collection, Sample
from robust_core.data.datasets import DataSet
from robust_core.data.frame_sequences import frames
from robust_core.data.label_lists import images_by_class
from robust_core.data.layouts import BY_LIST, Layout, is_another_class
from robust_core.data.left_out import left_out
from robust_core.data.listings import listing, named_below, read_file, read_own
from robust_core.errors import UnknownName
from robust_core.images import LabelledImage, shown_name
from robust_core.labels import IMAGENET


@dataclass(frozen=True)
class Folder:
    """A collection on disk, whose images lie below `path` as `layout` says; `root` is the data folder, to which what is
    said keeps.

    `places` are the folders of its conditions below `path`, and `row` is the published data set, None for a set of the
    user's own.
    """

    collection: Collection
    root: Path
    path: Path
    layout: Layout
    places: Mapping[str | None, str]
    row: DataSet | None

    @property
    def title(self) -> str:
        """The collection's title; that of a set of the user's own which is the data folder itself is the folder's
        name.
        """
        return (
            shown_name(self.path.resolve().name)
            if self.row is None and self.path == self.root
            else self.collection.title
        )

    @property
    def sequences(self) -> bool:
        """Whether its entries are frame sequences."""
        return self.layout.sequences

    def classes(self, condition: str | None) -> tuple[int, ...]:
        """The classes of which there are images, ascending; empty where the labels are unknown."""
        place = self._place(condition)
        found = self.layout.class_folders(place).items()
        return tuple(label for name, label in found if label is not None and self.layout.holds(place, name, label))

    def samples(self, condition: str | None, label: int | None) -> Iterator[Sample]:
        """The images or frame sequences by class and file name; only those of class `label` when it is given."""
        for sample_id, below, its_label in self._entries(condition, label):
            yield Sample(sample_id, shown_name(below), its_label)

    def files(self, condition: str | None, label: int | None = None) -> Iterator[tuple[str, Path, int | None]]:
        """The id, the path and the class of every image or frame sequence, in the order and with the choice of
        `samples`.
        """
        place = self._place(condition)
        for sample_id, below, its_label in self._entries(condition, label):
            yield sample_id, place / below, its_label

    def left_out(self, condition: str | None) -> tuple[str, ...]:
        """Sentences about what lies among the images of `condition` and is none of them; with None, of conditions,
        about what is none.
        """
        if condition is None and self.collection.conditions:
            return left_out([self.path], self._unexplained())
        place = self._place(condition)
        classes = self.layout.class_folders(place)
        within = [place / name for name in classes if name and self.layout is not BY_LIST]
        beside = [name for name in listing(place).folders if name not in classes]
        beside += [
            f"{one.name}/{name}"
            for one in within
            for name in listing(one).folders
            if is_another_class(name, one.name) and not self.sequences
        ]
        return left_out(
            dict.fromkeys((self.path, place, *within)),
            [*([] if condition is None else self._unexplained()), *beside],
            stray=len(listing(place).images) if within and "" not in classes else 0,
            empty=sum(not self.layout.holds(place, one.name, classes[one.name]) for one in within),
            no_label=images_by_class(place).no_label if self.layout is BY_LIST else 0,
        )

    def read(self, sample_id: str) -> LabelledImage:
        """The image with this id, the first frame of a frame sequence; raises UnknownName when there is none."""
        return next(self.frames(sample_id))

    def frames(self, sample_id: str) -> Iterator[LabelledImage]:
        """The frame sequence with this id, frame by frame, or the one image; raises UnknownName when there is none."""
        path, label = self._find(sample_id)
        with named_below(self.root, path):
            yield from self.frames_of(path, label)

    def frames_of(self, path: Path, label: int | None) -> Iterator[LabelledImage]:
        """The frames of the frame sequence in `path`, or the one image, read as the collection is read."""
        for image in self._decoded(path, label):
            yield replace(image, centre_crop_only=self.collection.centre_crop_only)

    def _decoded(self, path: Path, label: int | None) -> Iterator[LabelledImage]:
        space, source = self.collection.label_space, self.collection.source
        if self.sequences:
            yield from frames(path, label, source)
        elif space != IMAGENET:
            yield replace(read_file(path, None, source), label=label, label_space=space)
        else:
            yield read_file(path, label, source) if self.collection.as_reference else read_own(path)

    def _entries(self, condition: str | None, label: int | None) -> Iterator[tuple[str, str, int | None]]:
        """The id, the path below the place, and the class of every image or frame sequence, or only of those of class
        `label`.
        """
        place = self._place(condition)
        for name, its_label in self.layout.class_folders(place).items():
            if label in (None, its_label):
                folder_id = self._id(condition, name)
                for slug, below in self.layout.entries(place, name, its_label):
                    yield f"{folder_id}/{slug}", below, its_label

    def _find(self, sample_id: str) -> tuple[Path, int | None]:
        """The path and class of an image or frame sequence; an id is that of its class folder and a slug."""
        folder_id, _, slug = sample_id.rpartition("/")
        condition = folder_id.removeprefix(f"{self.collection.key}/").rpartition("/")[0] or None
        self.collection.check_condition(condition)
        place = self._place(condition)
        for name, label in self.layout.class_folders(place).items():
            if self._id(condition, name) == folder_id:
                entries = dict(self.layout.entries(place, name, label))
                if slug in entries:
                    return place / entries[slug], label
        raise UnknownName("image", sample_id, ())

    def _id(self, condition: str | None, name: str) -> str:
        """What the ids of the images in a class folder begin with."""
        return "/".join(filter(None, (self.collection.key, condition, name)))

    def _place(self, condition: str | None) -> Path:
        return self.path / self.places[condition]

    def _unexplained(self) -> list[str]:
        """The folders, to the level of severities, that are no part of any condition."""
        used = {
            "/".join(place.split("/")[:depth])
            for place in self.places.values()
            for depth in range(1, len(place.split("/")) + 1)
        }
        inner = {one.rpartition("/")[0] for one in used}
        below = (f"{one}/{name}" if one else name for one in sorted(inner) for name in listing(self.path / one).folders)
        return [name for name in below if name not in used]
