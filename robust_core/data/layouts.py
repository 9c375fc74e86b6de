"""How the images of a data set lie below its folder: the layouts, as a table. What the images are is in `datasets.py`.

A class folder holds the images of one class; a condition is one corruption with its severity, or one perturbation, and
its place is the folder in which its class folders lie.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from robust_core.corruptions import CORRUPTIONS, IMAGENET_C_19
from robust_core.data.label_lists import images_by_class
from robust_core.data.listings import hash_slug, listing, url_slug
from robust_core.labels import CATEGORIES, CLASSES, LabelSpace

ClassFolders = Mapping[str, int | None]
Entries = Iterator[tuple[str, str]]

CLASS_OF_WNID = {row.wnid: row.index for row in CLASSES}
CLASS_OF_NUMBER = {str(row.index): row.index for row in CLASSES}
_SEVERITIES = ("1", "2", "3", "4", "5")
_GROUPS = {CORRUPTIONS[name].group for name in IMAGENET_C_19}
_DEEPEST = 3


@dataclass(frozen=True)
class Layout:
    """One layout: `pattern` in words, and how what lies in a folder is found.

    `conditions(folder)` gives the place of each condition below the folder, and is None for a layout without any.
    `class_folders(place)` gives the class of each class folder by its name; "" is the place itself. `entries(place,
    name, label)` gives the files, or the frame sequences, of one of them: the slug of each in a URL, and its path
    below the place.
    """

    pattern: str
    labelled: bool
    sequences: bool
    conditions: Callable[[Path], Mapping[str, str]] | None
    class_folders: Callable[[Path], ClassFolders]
    entries: Callable[[Path, str, int | None], Entries]

    def places(self, folder: Path) -> Mapping[str | None, str]:
        """The place of each condition that holds images; the folder itself is that of None where there are no
        conditions.
        """
        places = self.conditions(folder) if self.conditions else {None: ""}
        return {condition: place for condition, place in places.items() if self._holds_images(folder / place)}

    def parts(self, folder: Path) -> set[str]:
        """The names of the subfolders of `folder` that this layout explains; "" is the folder itself."""
        return {
            place.split("/")[0]
            for place in (self.conditions(folder).values() if self.conditions else self.class_folders(folder))
        }

    def fits(self, folder: Path) -> bool:
        """Whether at least one image lies in `folder` as this layout says."""
        return bool(self.places(folder))

    def _holds_images(self, place: Path) -> bool:
        return any(self.holds(place, name, label) for name, label in self.class_folders(place).items())

    def holds(self, place: Path, name: str, label: int | None) -> bool:
        """Whether anything lies in a class folder."""
        return next(self.entries(place, name, label), None) is not None


def _itself(place: Path) -> ClassFolders:
    return {"": None} if listing(place).images else {}


def _named(classes: Mapping[str, int], place: Path) -> ClassFolders:
    """The subfolders whose names are keys of `classes`, in the order of their classes."""
    found = [name for name in listing(place).folders if name in classes]
    return {name: classes[name] for name in sorted(found, key=classes.__getitem__)}


def _by_category(place: Path) -> ClassFolders:
    """Flat as in resnext-wsl's copy, or by shape as in the original."""
    return {**_itself(place), **dict.fromkeys(name for name in listing(place).folders if name in CATEGORIES)}


def _listed_classes(place: Path) -> ClassFolders:
    """The classes of flat images by a list of labels, under the names that their class folders would have."""
    return {CLASSES[label].wnid: label for label in sorted(images_by_class(place).by_class)}


def _images_in(place: Path, name: str, _label: int | None) -> Entries:
    if not name:
        yield from listing(place).images.items()
        return
    content = listing(place / name)
    for slug, file in content.images.items():
        yield slug, f"{name}/{file}"
    for below in _images_below(place / name) if content.folders else ():
        yield hash_slug(below), f"{name}/{below}"


def _images_below(class_folder: Path, deepest: int = _DEEPEST) -> Iterator[str]:
    """The images in subfolders of a class folder, which belong to its class as in torchvision's ImageFolder, but not in
    one of another class.
    """
    for name in listing(class_folder).folders:
        if deepest and not is_another_class(name, class_folder.name):
            yield from (f"{name}/{file}" for file in listing(class_folder / name).images.values())
            yield from (f"{name}/{below}" for below in _images_below(class_folder / name, deepest - 1))


def is_another_class(name: str, own: str) -> bool:
    """Whether a folder within that of class `own` is named after another class, so that nothing says which of the two
    its images show.
    """
    return name in CLASS_OF_WNID and name != own


def _sequences_in(place: Path, name: str, _label: int | None) -> Entries:
    content = listing(place / name)
    sequences = {**content.videos, **{url_slug(sequence): sequence for sequence in content.folders}}
    return ((slug, f"{name}/{sequence}") for slug, sequence in sequences.items())


def _listed_images(place: Path, _name: str, label: int | None) -> Entries:
    return iter(() if label is None else images_by_class(place).by_class.get(label, {}).items())


def _corruptions(folder: Path, prefix: str = "", deepest: int = 0) -> dict[str, str]:
    """The places of <corruption>/<severity>, and to the depth `deepest` those in folders called as the groups of
    ImageNet-C are.
    """
    here = folder / prefix
    found: dict[str, str] = {}
    for name in (name for name in listing(here).folders if name not in CLASS_OF_WNID):
        path = f"{prefix}/{name}" if prefix else name
        levels = [
            level
            for level in listing(here / name).folders
            if level in _SEVERITIES and _named(CLASS_OF_WNID, here / name / level)
        ]
        found |= {f"{name}/{level}": f"{path}/{level}" for level in levels}
        if deepest and name in _GROUPS and not levels:
            found = _corruptions(folder, path, deepest - 1) | found
    return found


def _perturbations(folder: Path) -> dict[str, str]:
    return {name: name for name in listing(folder).folders if _named(CLASS_OF_WNID, folder / name)}


def by_class_name(space: LabelSpace) -> Layout:
    """The layout of images in folders that are called as the classes of a label space of the user's own; most
    subfolders have to be.
    """
    return Layout(f"<class of {space.title}>/<image>", True, False, None, partial(_called, space), _images_in)


def _called(space: LabelSpace, place: Path) -> ClassFolders:
    folders = listing(place).folders
    found = {name: label for name in folders if (label := space.index_called(name)) is not None}
    return {name: found[name] for name in sorted(found, key=found.__getitem__)} if 2 * len(found) > len(folders) else {}


_by_wnid = partial(_named, CLASS_OF_WNID)

PLAIN = Layout("<image>", False, False, None, _itself, _images_in)
BY_WNID = Layout("<wnid>/<image>", True, False, None, _by_wnid, _images_in)
BY_NUMBER = Layout("<class 0-999>/<image>", True, False, None, partial(_named, CLASS_OF_NUMBER), _images_in)
BY_LIST = Layout(
    "<image> beside LOC_val_solution.csv or ILSVRC2012_validation_ground_truth.txt",
    True,
    False,
    None,
    _listed_classes,
    _listed_images,
)
BY_CATEGORY = Layout("<shape>/<image>, or <image>", False, False, None, _by_category, _images_in)
BY_CORRUPTION = Layout("<corruption>/<severity 1-5>/<wnid>/<image>", True, False, _corruptions, _by_wnid, _images_in)
# What lies by corruption without a group is found too.
GROUPED = Layout(
    "<group>/<corruption>/<severity 1-5>/<wnid>/<image>",
    True,
    False,
    partial(_corruptions, deepest=2),
    _by_wnid,
    _images_in,
)
SEQUENCES = Layout(
    "<perturbation>/<wnid>/<video>.mp4, or <perturbation>/<wnid>/<frame sequence>/<frame>",
    True,
    True,
    _perturbations,
    _by_wnid,
    _sequences_in,
)

OWN = (BY_WNID, GROUPED, BY_LIST, PLAIN)
"""The layouts that a folder of any name may have, in the order in which they are tried."""
