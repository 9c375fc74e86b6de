"""The labelled images of one folder that a command is pointed at, told by the same rules as the collections of the
dashboard.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from robust_core.data.collection import SUBSETS
from robust_core.data.datasets import VAL, data_set_called
from robust_core.data.discovery import find_folders, misplaced
from robust_core.data.image_folder import Folder
from robust_core.data.layouts import BY_WNID
from robust_core.data.listings import faults, named_below
from robust_core.data.selection import select
from robust_core.errors import BadInput
from robust_core.images import LabelledImage

FEW = 5


@dataclass(frozen=True)
class LabelledImages:
    """The images of `folder` under `condition`: each file with its class index, by class and file name; `ids` are
    theirs within the collection.
    """

    folder: Folder
    condition: str | None
    files: tuple[tuple[Path, int], ...]
    ids: tuple[str, ...]

    @property
    def title(self) -> str:
        """What they are called."""
        return " ".join(filter(None, (self.folder.title, self.condition)))

    @property
    def classes_compared(self) -> tuple[int, ...] | None:
        """The classes among which the data set's protocol looks for the prediction; None for all."""
        return SUBSETS.get(self.folder.collection.label_subset)

    @property
    def centre_crop_only(self) -> bool:
        """Whether the images are stored at a model's input size, so that their protocol forbids resizing."""
        return self.folder.collection.centre_crop_only

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which data set was recognised, how many images it has, and what is left out."""
        classes = len({label for _, label in self.files})
        images = "1 image" if len(self.files) == 1 else f"{len(self.files):,} images"
        return (
            f"{self.title}: {images} of {classes:,} {'class' if classes == 1 else 'classes'}.",
            *self.folder.left_out(self.condition),
        )

    def read(self, file: tuple[Path, int]) -> LabelledImage:
        """The image in one of `files`. Raises BadImage, naming its path below the folder, when it is not sound."""
        path, label = file
        with named_below(self.folder.root, path):
            return next(self.folder.frames_of(path, label))

    def draw(self, n: int, seed: int) -> list[LabelledImage]:
        """At most `n` of the images, by `SELECTION_RULE`: those of a page and of a benchmark with the same seed.

        Raises BadImage as `read_all` does.
        """
        return self.read_all(self.files[place] for place in select(self.ids, n, seed))

    def read_all(self, files: Iterable[tuple[Path, int]]) -> list[LabelledImage]:
        """The images in some of `files`. Raises BadImage that names the first of those that are not sound, and how many
        more there are.
        """
        images, sentences = [], []
        for file in files:
            try:
                images.append(self.read(file))
            except BadInput as error:
                sentences.append(str(error))
        if sentences:
            raise faults(sentences)
        return images


def labelled_images(path: Path) -> LabelledImages:
    """The labelled images in a folder: a data set, a folder around one, one condition of ImageNet-C, or class folders.

    Of several sets the validation set of ImageNet is taken. Raises BadInput when there are no labelled images, when
    nothing says which of several sets or conditions is meant, and for frame sequences.
    """
    if not path.is_dir():
        raise BadInput(
            f"{path} is a file; expected a folder of images." if path.is_file() else f"There is no folder {path}."
        )
    folder, condition = _condition_of(path) or (_labelled_set(path), None)
    if folder.collection.conditions and condition is None:
        first = folder.places[folder.collection.conditions[0]]
        raise BadInput(
            f"{folder.title} has {len(folder.collection.conditions)} conditions; name the folder of one, such as "
            f"{folder.path / first}."
        )
    found = [(id, file, label) for id, file, label in folder.files(condition) if label is not None]
    ids = tuple(folder.collection.id_within(image_id, condition) for image_id, _, _ in found)
    return LabelledImages(folder, condition, tuple((file, label) for _, file, label in found), ids)


def _condition_of(path: Path) -> tuple[Folder, str] | None:
    """The data set of which the folder at `path` is a condition."""
    for above in path.resolve().parents[:4]:
        if data_set_called(above.name):
            for folder in find_folders(above):
                condition = next(
                    (name for name, place in folder.places.items() if name and folder.path / place == path.resolve()),
                    None,
                )
                if condition and not folder.sequences:
                    return folder, condition
    return None


def _labelled_set(path: Path) -> Folder:
    found = find_folders(path)
    labelled = [folder for folder in found if folder.collection.labelled and not folder.sequences]
    chosen = labelled if len(labelled) == 1 else [folder for folder in labelled if folder.row is VAL][:1]
    if chosen:
        return chosen[0]
    if labelled:
        titles = ", ".join(folder.collection.title for folder in labelled[:FEW]) + (
            ", …" if len(labelled) > FEW else ""
        )
        raise BadInput(
            f"There are {len(labelled)} sets of labelled images in this folder: {titles}. Name the folder of one."
        )
    unlabelled = f"What it holds is not labelled: {', '.join(folder.title for folder in found[:FEW])}." if found else ""
    sentences = [
        f"There are no images with labels in this folder; expected {BY_WNID.pattern} below it, or another layout of "
        "a data set that is known."
    ]
    empty = "" if any(path.iterdir()) else "It is empty."
    raise BadInput(" ".join(filter(None, [*sentences, empty, unlabelled, *misplaced(path, "It")])))
