"""Where pictures come from: the photographs inside Foolbox, and the user's own folder (ROBUST_LAB_DATA).

A collection is a set of pictures of one origin, a sample is one picture of it. The id of a sample says how it was found:
`foolbox/03`, `own-val/n01440764/6c3f0b1d9a27`, `own-imagenet-c/fog/3/n01440764/6c3f0b1d9a27`. Pictures of the user's are named
by a hash of their file name, and an id is only looked up in the listings of folders, never joined to a path. So no id leads
out of a collection, and no path of the server's leaves this package.

Read on in `collection.py` (the data), `foolbox.py` and `folders.py` (the two origins), `files.py` (the disk).
"""

from robust_core import settings
from robust_core.errors import UnknownName
from robust_core.images import LabelledImage
from robust_core.samples.collection import Collection, Sample
from robust_core.samples.files import read_file
from robust_core.samples.folders import Folder, find_folders, labelled_files
from robust_core.samples.foolbox import Foolbox

__all__ = ["Collection", "Sample", "labelled_files", "list_classes", "list_collections", "list_missing", "list_samples", "read", "read_file"]


def list_collections() -> tuple[Collection, ...]:
    """All collections that hold pictures at this moment, the bundled one first."""
    return tuple(origin.collection for origin in _origins().values())


def list_missing() -> tuple[str, ...]:
    """One sentence for each place that should hold pictures and does not."""
    sentences = []
    if not Foolbox().files():
        sentences.append("Foolbox is not installed, so its twenty labelled photographs are missing; install it with pip install foolbox.")
    root = settings.data_dir()
    if root is not None and not root.is_dir():
        sentences.append("ROBUST_LAB_DATA names a folder that does not exist.")
    return tuple(sentences)


def list_classes(collection_key: str, *, condition: str | None = None) -> tuple[int, ...]:
    """The ImageNet classes that a collection holds, ascending; empty where the labels are unknown.

    Raises UnknownName for an unknown collection or a condition that it does not have.
    """
    origin = _origin(collection_key)
    origin.collection.check_condition(condition)
    return origin.classes(condition)


def list_samples(collection_key: str, *, condition: str | None = None, label: int | None = None) -> tuple[Sample, ...]:
    """The pictures of a collection by class and file name; only those of class `label` when it is given.

    Raises UnknownName for an unknown collection or a condition that it does not have.
    """
    origin = _origin(collection_key)
    origin.collection.check_condition(condition)
    return tuple(origin.samples(condition, label))


def read(sample_id: str) -> LabelledImage:
    """The picture with this id; raises UnknownName when there is none, BadImage when its file is not a sound picture."""
    return _origin(sample_id.split("/")[0]).read(sample_id)


def _origins() -> dict[str, Foolbox | Folder]:
    bundled = Foolbox()
    root = settings.data_dir()
    origins = [*([bundled] if bundled.files() else []), *(find_folders(root) if root is not None else [])]
    return {origin.collection.key: origin for origin in origins}


def _origin(collection_key: str) -> Foolbox | Folder:
    origins = _origins()
    if collection_key not in origins:
        raise UnknownName("collection of pictures", collection_key, origins)
    return origins[collection_key]
