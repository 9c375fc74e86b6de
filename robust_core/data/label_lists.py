"""Lists of labels for images that lie flat in one folder: Kaggle's LOC_val_solution.csv, and the ground truth of
ImageNet's development kit.

The kit numbers the classes by ILSVRC2012_ID, 1 to 1,000, which is not their sorted order; files of the same name whose
numbers are those of the sorted classes are about too. Which numbers a file has is told by the first images, whose
classes are known; where they fit none, `meta.mat` or `map_clsloc.txt` of the kit beside the file says what its numbers
mean, and without it nothing is guessed.
"""

import csv
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from robust_core.data.listings import listing, modified_ns
from robust_core.errors import BadInput
from robust_core.labels import CLASSES, ILSVRC2012_IDS, class_of_wnid

SOLUTION, GROUND_TRUTH = "LOC_val_solution.csv", "ILSVRC2012_validation_ground_truth.txt"
MAPPINGS = ("meta.mat", "map_clsloc.txt")
MAX_BYTES = 25 * 2**20
LEVELS_ABOVE = 4  # from ILSVRC/Data/CLS-LOC/val to what lies beside ILSVRC
KIT_FOLDERS = ("", "data", "devkit/data", "ILSVRC2012_devkit_t12/data")

# The classes of ILSVRC2012_val_00000001 and those after it; the kit's file begins 490, 361, 171.
FIRST_CLASSES = (65, 970, 230, 809, 516, 57, 334, 415, 674, 332)
NUMBERINGS: tuple[Mapping[int, int], ...] = (
    {number: index for index, number in enumerate(ILSVRC2012_IDS)},
    {index: index for index in range(len(CLASSES))},
    {index + 1: index for index in range(len(CLASSES))},
)


@dataclass(frozen=True)
class ListedImages:
    """The images of a flat folder by class, each by its slug in a URL; how many have `no_label`; and why a list
    was not used.
    """

    by_class: Mapping[int, Mapping[str, str]]
    no_label: int = 0
    trouble: str = ""


def images_by_class(folder: Path) -> ListedImages:
    """The images directly in `folder` as the list of labels beside or above it names them; none without such a list."""
    if not listing(folder).images:
        return ListedImages({})
    _watch_for_lists(folder)
    beside = _list_of(folder, int(time.monotonic()))
    written = [modified_ns(path) for path in (folder, *beside)]
    if not beside or None in written:  # gone a moment ago
        return ListedImages({})
    return _sorted_out(folder, beside, tuple(written))


@lru_cache(maxsize=256)
def _list_of(folder: Path, _second: int) -> tuple[Path, ...]:
    """The list of labels for `folder`, and what lies beside it to say what its numbers mean; looked for once a second,
    not once a class.
    """
    file = next(_lists(folder), None)
    return (file, *(path for name in MAPPINGS if _is_file(path := file.with_name(name)))) if file else ()


@lru_cache(maxsize=16)
def _sorted_out(folder: Path, files: Sequence[Path], _written_ns: tuple[int | None, ...]) -> ListedImages:
    try:
        labels = _solution(files[0]) if files[0].name == SOLUTION else _ground_truth(*files)
    except BadInput as error:
        return ListedImages({}, trouble=str(error))
    by_class: dict[int, dict[str, str]] = {}
    no_label = 0
    for slug, name in listing(folder).images.items():
        label = labels.get(name.rpartition(".")[0])
        no_label += label is None
        if label is not None:
            by_class.setdefault(label, {})[slug] = name
    return ListedImages(by_class, no_label)


def _lists(folder: Path) -> Iterator[Path]:
    """The lists that may be meant, the nearest first."""
    return (path for path in _may_be_lists(folder) if _is_file(path) and not path.parent.is_symlink())


def _watch_for_lists(folder: Path) -> None:
    """Have `watched` notice a list that appears: whatever comes into being in `folder` changes it, what lies above it
    may change for any reason.
    """
    for path in _may_be_lists(folder):
        if not path.is_relative_to(folder):
            modified_ns(path)
        elif path.parent != folder and path.parent.exists():
            modified_ns(path.parent)


def _may_be_lists(folder: Path) -> Iterator[Path]:
    for above in (folder, *folder.parents[:LEVELS_ABOVE]):
        for kit in KIT_FOLDERS:
            yield from (above / kit / name for name in (SOLUTION, GROUND_TRUTH))


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file.name} cannot be opened.") from error
    if len(data) > MAX_BYTES:
        raise BadInput(f"{file.name} is larger than {MAX_BYTES // 2**20} MB.")
    return data.decode("utf-8-sig", errors="replace")


def _solution(file: Path) -> dict[str, int]:
    """The class of each image by its name without a suffix; of several objects in it, all of one class, the first
    speaks.
    """
    rows = csv.DictReader(io.StringIO(_text(file), newline=""))
    try:
        if not {"ImageId", "PredictionString"} <= set(rows.fieldnames or ()):
            raise BadInput(f"{file.name} needs the columns ImageId and PredictionString, as in Kaggle's file.")
        return {row["ImageId"]: class_of_wnid((row["PredictionString"] or "").partition(" ")[0]) for row in rows}
    except csv.Error as error:
        raise BadInput(f"{file.name} cannot be read as CSV: {error}.") from error


def _ground_truth(file: Path, *mappings: Path) -> dict[str, int]:
    """The class of each image ILSVRC2012_val_<number> by its name without a suffix; line k is about number k."""
    words = _text(file).split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
        raise BadInput(f"{file.name} is not ImageNet's: expected one whole number a line.")
    numbers = [int(word) for word in words]
    numbering = _numbering_of(numbers) or (_numbering_in(mappings[0]) if mappings else None)
    if numbering is None:
        raise BadInput(
            f"What the numbers in {file.name} mean is unknown: its first lines are not the classes of the first "
            "images of ImageNet's validation set. "
            f"Put {MAPPINGS[0]} of the development kit beside it, or sort the images into a folder for each class."
        )
    strange = next((number for number in numbers if number not in numbering), None)
    if strange is not None:
        raise BadInput(f"{file.name} names the class {strange}, which is none of the 1,000.")
    return {f"ILSVRC2012_val_{place:08}": numbering[number] for place, number in enumerate(numbers, start=1)}


def _numbering_of(numbers: Sequence[int]) -> Mapping[int, int] | None:
    """The numbering in which the first numbers are the classes of the first images."""
    known = FIRST_CLASSES[: len(numbers)]
    return next(
        (
            one
            for one in NUMBERINGS
            if all(one.get(number) == label for number, label in zip(numbers, known, strict=False))
        ),
        None,
    )


def _numbering_in(mapping: Path) -> dict[int, int]:
    """The class by its ILSVRC2012_ID, from a file of the development kit."""
    try:
        rows = (
            _meta(mapping)
            if mapping.suffix == ".mat"
            else re.findall(r"^(n\d{8}) (\d+) ", _text(mapping), re.MULTILINE)
        )
        return {int(number): class_of_wnid(wnid) for wnid, number in rows}
    except BadInput:
        raise
    except Exception as error:  # SciPy raises nearly anything at a damaged file
        raise BadInput(f"{mapping.name} is not that of ImageNet's development kit.") from error


def _meta(file: Path) -> list[tuple[str, int]]:
    """WordNet id and ILSVRC2012_ID of the classes without children, as in torchvision's datasets/imagenet.py,
    parse_devkit_archive.
    """
    from scipy.io import loadmat  # only a folder that needs it waits for SciPy

    if file.stat().st_size > MAX_BYTES:
        raise BadInput(f"{file.name} is larger than {MAX_BYTES // 2**20} MB.")
    synsets = loadmat(str(file), squeeze_me=True)["synsets"].reshape(-1)
    return [(str(row["WNID"]), int(row["ILSVRC2012_ID"])) for row in synsets if int(row["num_children"]) == 0]
