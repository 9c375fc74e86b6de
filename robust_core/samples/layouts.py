"""How the pictures of a data set lie below its folder: the layouts, as a table. What the pictures are is in `datasets.py`.

A shelf is a folder that holds the pictures themselves; a condition is the path to the shelves of one corruption or perturbation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from robust_core.labels import CATEGORIES, CLASSES
from robust_core.samples.files import listing, url_word

Shelves = Mapping[str, int | None]

_CLASS_OF_WNID = {row.wnid: row.index for row in CLASSES}
_CLASS_OF_NUMBER = {str(row.index): row.index for row in CLASSES}
_SEVERITIES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Layout:
    """One layout: `pattern` in words, `conditions(folder)`, and `shelves(folder or condition)` with the class of each.

    `conditions` is None for a layout that has none. `films` says that a shelf holds videos or folders of frames, not pictures.
    """

    pattern: str
    labelled: bool
    films: bool
    conditions: Callable[[Path], tuple[str, ...]] | None
    shelves: Callable[[Path], Shelves]

    def parts(self, folder: Path) -> set[str]:
        """The names of the subfolders of `folder` that this layout explains; "" stands for the folder itself."""
        return {name.split("/")[0] for name in (self.conditions or self.shelves)(folder)}

    def fits(self, folder: Path) -> bool:
        """Whether anything lies in `folder` as this layout says."""
        return bool(self.parts(folder))

    def entries(self, shelf: Path) -> Mapping[str, str]:
        """The names of the pictures or films on a shelf, by the word that stands for each in a URL."""
        content = listing(shelf)
        return {**content.videos, **{url_word(name): name for name in content.folders}} if self.films else content.pictures


def _itself(folder: Path) -> Shelves:
    return {"": None} if listing(folder).pictures else {}


def _by_wnid(folder: Path) -> Shelves:
    return {name: _CLASS_OF_WNID[name] for name in listing(folder).folders if name in _CLASS_OF_WNID}


def _by_number(folder: Path) -> Shelves:
    found = [name for name in listing(folder).folders if name in _CLASS_OF_NUMBER]
    return {name: _CLASS_OF_NUMBER[name] for name in sorted(found, key=int)}


def _by_category(folder: Path) -> Shelves:
    """Flat as in resnext-wsl's copy, or by shape as in the original."""
    return {**_itself(folder), **dict.fromkeys(name for name in listing(folder).folders if name in CATEGORIES)}


def _corruptions(folder: Path) -> tuple[str, ...]:
    levels = [f"{name}/{level}" for name in listing(folder).folders for level in listing(folder / name).folders if level in _SEVERITIES]
    return tuple(condition for condition in levels if _holds_classes(folder / condition))


def _perturbations(folder: Path) -> tuple[str, ...]:
    return tuple(name for name in listing(folder).folders if _holds_classes(folder / name))


def _holds_classes(folder: Path) -> bool:
    return any(name in _CLASS_OF_WNID for name in listing(folder).folders)


PLAIN = Layout("<picture>", labelled=False, films=False, conditions=None, shelves=_itself)
BY_WNID = Layout("<wnid>/<picture>", labelled=True, films=False, conditions=None, shelves=_by_wnid)
BY_NUMBER = Layout("<class 0-999>/<picture>", labelled=True, films=False, conditions=None, shelves=_by_number)
BY_CATEGORY = Layout("<shape>/<picture>, or <picture>", labelled=False, films=False, conditions=None, shelves=_by_category)
BY_CORRUPTION = Layout(
    "<corruption>/<severity 1-5>/<wnid>/<picture>", labelled=True, films=False, conditions=_corruptions, shelves=_by_wnid
)
FILMS = Layout(
    "<perturbation>/<wnid>/<video>.mp4, or <perturbation>/<wnid>/<film>/<frame>",
    labelled=True,
    films=True,
    conditions=_perturbations,
    shelves=_by_wnid,
)
