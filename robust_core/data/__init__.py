"""Where images come from: Mini, the photos inside Foolbox, and the user's own folder (ROBUST_LAB_DATA).

A collection is a set of images of one origin, a sample is one image of it, or one frame sequence of ImageNet-P. The id
of a sample says how it was found: `foolbox/03`, `own-val/n01440764/6c3f0b1d9a27`,
`own-imagenet-c/fog/3/n01440764/6c3f0b1d9a27`. Images of the user's are named by a hash of their file name, and an id is
only looked up in the listings of folders, never joined to a path. So no id leads out of a collection, and no path of
the server's leaves this package.

image_set.py                   what a study takes: images in an order, by a rule
collection.py, datasets.py     collections and samples; the data sets that are known by name
selection.py, drawn_sets.py    which of them are taken where only some are; sets drawn so, with the rule in words
layouts.py, label_lists.py     how data sets lie below a folder
discovery.py, image_folder.py  which folders are collections; one of them (left_out.py: what is none of it)
listings.py                    one folder on the disk, one file read; frame_sequences.py: ImageNet-P's
labelled.py                    one folder that a command names
real_labels.py                 what people found in each validation image, by its file name
foolbox.py, synthetic.py       the photos inside Foolbox; the images of Mini, which lie nowhere
sample_boxes.py                where the objects of those photos are; edited_photos.py: photos with their object edited
stimulus_sets.py               sets of cue-conflict stimuli; unknown_sets.py: images that show nothing
uploads/                       what visitors bring
fetchable.py                   data sets that can be fetched, by fetching.py (unpacking.py, archive_bounds.py) and
                               cloning.py
"""

from dataclasses import replace
from pathlib import Path

from robust_core import settings
from robust_core.checks import whole
from robust_core.data.collection import Collection, Sample
from robust_core.data.discovery import find_folders, misplaced
from robust_core.data.foolbox import Foolbox
from robust_core.data.image_folder import Folder
from robust_core.data.labelled import LabelledImages, labelled_images
from robust_core.data.listings import read_file
from robust_core.data.selection import SELECTION_RULE, select
from robust_core.data.synthetic import read_synthetic
from robust_core.errors import UnknownName
from robust_core.images import LabelledImage

__all__ = [
    "SELECTION_RULE",
    "Collection",
    "LabelledImages",
    "Sample",
    "draw",
    "find_origins",
    "is_sample",
    "labelled_images",
    "left_out",
    "list_classes",
    "list_collections",
    "list_missing",
    "list_samples",
    "read",
    "read_file",
    "read_frames",
]


def list_collections() -> tuple[Collection, ...]:
    """All collections that hold images at this moment, the bundled one first."""
    return tuple(origin.collection for origin in find_origins(settings.data_dir()).values())


def list_missing() -> tuple[str, ...]:
    """What is said of each place that should hold images and does not, and of each folder that holds something and is
    not offered.
    """
    sentences = []
    if not Foolbox().by_id():
        sentences.append(
            "Foolbox is not installed, so its twenty labelled images are missing; install it with pip install foolbox."
        )
    root = settings.data_dir()
    if root is not None and not root.is_dir():
        sentences.append("ROBUST_LAB_DATA names a folder that does not exist.")
    return (*sentences, *(misplaced(root) if root is not None else ()))


def list_classes(collection_key: str, *, condition: str | None = None) -> tuple[int, ...]:
    """The ImageNet classes that a collection holds, ascending; empty where the labels are unknown.

    Raises UnknownName for an unknown collection or a condition that it does not have.
    """
    origin = _origin(collection_key)
    origin.collection.check_condition(condition)
    return origin.classes(condition)


def list_samples(collection_key: str, *, condition: str | None = None, label: int | None = None) -> tuple[Sample, ...]:
    """The images of a collection by class and file name; only those of class `label` when it is given.

    Raises UnknownName for an unknown collection or a condition that it does not have.
    """
    origin = _origin(collection_key)
    origin.collection.check_condition(condition)
    return tuple(origin.samples(condition, label))


def left_out(collection_key: str, *, condition: str | None = None) -> tuple[str, ...]:
    """Sentences about what lies among the images of a collection and is none of them: links, other files, other
    folders.

    Raises UnknownName for an unknown collection or a condition that it does not have.
    """
    origin = _origin(collection_key)
    origin.collection.check_condition(condition)
    return origin.left_out(condition)


def draw(
    collection_key: str, n: int, seed: int, *, condition: str | None = None, label: int | None = None
) -> tuple[Sample, ...]:
    """`n` images without replacement, by `SELECTION_RULE`; the result depends on `seed` and on what the collection
    holds alone.

    Raises UnknownName as `list_samples` does, and BadInput unless `n` is between 1 and the number of images and
    `seed` >= 0.
    """
    seed = whole("seed", seed, 0)
    samples = list_samples(collection_key, condition=condition, label=label)
    n = whole("n", n, 1, len(samples))
    collection = _origin(collection_key).collection
    places = select([collection.id_within(sample.id, condition) for sample in samples], n, seed)
    return tuple(samples[place] for place in places)


def read(sample_id: str) -> LabelledImage:
    """The image with this id, the first frame of a frame sequence; `mini/…` is drawn, `mini/test/…` of Mini's test set.

    Raises UnknownName when there is none, BadImage when its file is not sound, or a video that cannot be read here.
    """
    if sample_id.startswith("mini/"):
        return read_synthetic(sample_id)
    return replace(_origin_of(sample_id).read(sample_id), sample_id=sample_id)


def is_sample(name: str) -> bool:
    """Whether `name` is no file or folder, but begins as the id of an image does: with a collection that is here, or
    with Mini.
    """
    key, slash, _ = name.partition("/")
    known = bool(slash) and (key == "mini" or key in find_origins(settings.data_dir()))
    return known and not Path(name).expanduser().exists()


def read_frames(sample_id: str) -> tuple[LabelledImage, ...]:
    """All frames of the frame sequence with this id, in order; an image is a frame sequence of one frame. Raises as
    `read` does.
    """
    return tuple(_origin_of(sample_id).frames(sample_id))


def find_origins(root: Path | None) -> dict[str, Foolbox | Folder]:
    """What every collection is read from, by its key: the bundled images, and the folders in the data folder
    `root`.
    """
    bundled = Foolbox()
    origins: list[Foolbox | Folder] = [
        *([bundled] if bundled.by_id() else []),
        *(find_folders(root) if root is not None else []),
    ]
    return {origin.collection.key: origin for origin in origins}


def _origin_of(sample_id: str) -> Foolbox | Folder:
    return _origin(sample_id.split("/")[0])


def _origin(collection_key: str) -> Foolbox | Folder:
    origins = find_origins(settings.data_dir())
    if collection_key not in origins:
        raise UnknownName("collection of images", collection_key, origins)
    return origins[collection_key]
