"""Which folders are collections: a scan through the data folder that tells data sets by their layouts and names, and
says what is none.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from robust_core.corruptions import IMAGENET_C_19
from robust_core.data.collection import Collection
from robust_core.data.datasets import IMAGENET_C, DataSet, data_set_called, data_sets_at
from robust_core.data.image_folder import Folder
from robust_core.data.label_lists import images_by_class
from robust_core.data.layouts import CLASS_OF_WNID, GROUPED, OWN, PLAIN, Layout, by_class_name
from robust_core.data.left_out import LINKS_ADVICE, counted
from robust_core.data.listings import Listing, listing, shown_path, unchanged, url_slug, watched
from robust_core.errors import DataUnavailable
from robust_core.images import shown_name
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.models.catalogue import list_models

DEEPEST, MOST_FOLDERS, MOST_REMARKS = 6, 1_000, 8
MOST_SCANS = 4
FEW, CHECKED_SECONDS = 500, 1
OWN_SOURCE = "a folder of yours"
NOT_RECOGNISED = "holds nothing that is recognised."
UNDERSTOOD = (
    "understood are <wnid>/<image>, <corruption>/<severity 1-5>/<wnid>/<image>, "
    "and published sets under their own names, such as val, imagenet-a or imagenetv2-matched-frequency-format-val"
)


def find_folders(root: Path) -> tuple[Folder, ...]:
    """The collections in `root` itself and below it, no two with the same title."""
    return _numbered(_scan(root).found)


def find_data_set(row: DataSet, root: Path) -> Folder:
    """The folder of the data set `row`: `root` itself or one below it. Raises DataUnavailable when none holds it."""
    if not root.is_dir():
        raise DataUnavailable(f"There is no folder called {root.name}; expected one with {row.title} in it.")
    scan = _scan(root)
    found = next((folder for folder in scan.found if folder.row is row), None)
    if found is None:
        expected = (
            f"There is no folder of {row.title}; expected one called {' or '.join(row.folders)} with "
            f"{row.pattern} below it."
        )
        raise DataUnavailable(" ".join([expected, *scan.remarks(row)]))
    return found


def misplaced(root: Path, called: str = "The data folder") -> tuple[str, ...]:
    """Sentences about what lies below `root` and is not offered: data sets in no layout of theirs, folders in none at
    all, and links.

    `called` is what `root` is called in them.
    """
    return _scan(root, called).all_remarks


def _numbered(folders: Sequence[Folder]) -> tuple[Folder, ...]:
    times: Counter[str] = Counter()
    numbered = []
    for folder in folders:
        title = folder.collection.title
        times[title] += 1
        unique = title if times[title] == 1 else f"{title} ({times[title]})"
        numbered.append(replace(folder, collection=replace(folder.collection, title=unique)))
    return tuple(numbered)


def _scan(root: Path, called: str = "The data folder") -> "_Scan":
    """The scan of `root`, made anew only where something that it looked at has changed; a page asks several times
    in a run.
    """
    spaces = tuple(dict.fromkeys(spec.label_space for spec in list_models()))
    key = (root, called, spaces)
    with _lock:
        scan = _scans.pop(key, None)
        if scan is None or not scan.holds():
            scan = _Scan(root, called, spaces)
        _scans[key] = scan
        while len(_scans) > MOST_SCANS:
            del _scans[next(iter(_scans))]
        return scan


class _Scan:
    """One scan of a data folder: down `DEEPEST` levels, into `MOST_FOLDERS` folders, and into no class folder.

    What lies below a collection is looked at in the data folder itself alone, and beside plain images. `named` are the
    folders called like a data set that they do not hold, and `strange` those in which nothing is recognised.
    """

    def __init__(self, root: Path, called: str, spaces: Sequence[LabelSpace]):
        self.root, self.called, self.count = root, called, 0
        self.by_class_name = {by_class_name(space): space for space in spaces if space not in (IMAGENET, MINI)}
        self.named: dict[tuple[str, ...], DataSet] = {}
        self.strange: list[tuple[str, ...]] = []
        self.above = (root.parent.name, root.name) if data_set_called(root.name) else (root.name,)
        with watched() as self.looked_at:
            self.found = self._search(())
            self.all_remarks = tuple(self.remarks())
        self.checked = time.monotonic()

    def holds(self) -> bool:
        """Whether nothing that it looked at has changed; where that is much, it is looked at again once a second."""
        if len(self.looked_at) > FEW and time.monotonic() - self.checked < CHECKED_SECONDS:
            return True
        self.checked = time.monotonic()
        return unchanged(self.looked_at)

    def remarks(self, row: DataSet | None = None) -> Iterator[str]:
        """What is said about folders that are not offered, those called like the data set `row` alone where one is
        given.
        """
        for parts, named in self.named.items():
            if row in (None, named):
                yield self._about(
                    parts,
                    f"holds nothing in the layout of {named.title}; expected {named.pattern} below it.",
                    always=True,
                )
        if row is not None:
            return
        strange = [parts for parts in self.strange if not any(named[: len(parts)] == parts for named in self.named)]
        sentences = filter(None, (self._about(parts, NOT_RECOGNISED) for parts in strange))
        for number, sentence in enumerate(islice(sentences, MOST_REMARKS)):
            yield sentence if number else sentence.replace(NOT_RECOGNISED, f"{NOT_RECOGNISED[:-1]}: {UNDERSTOOD}.", 1)
        if next(sentences, None):
            yield "There are more folders in which nothing is recognised."
        if () not in strange and (links := counted(listing(self.root).links, "link", "links")):
            yield f"{self.called} holds {links}. {LINKS_ADVICE}"
        if self.count >= MOST_FOLDERS:
            yield (
                f"Only the first {MOST_FOLDERS:,} folders were looked into; a data folder nearer to the images "
                "shows the rest."
            )

    def _search(self, parts: tuple[str, ...]) -> list[Folder]:
        """The collections in the folder at `parts` below the root, and in its subfolders."""
        path, before = self.root.joinpath(*parts), len(self.strange)
        self.count += 1
        found = self._recognised(path, parts)
        if found and not parts and found.row:
            self.above = ("",)  # what lies beside its images is not the data set once more
        here = [found] if found else []
        explained = found.layout.parts(path) if found else set()
        is_whole = found and parts and found.layout is not PLAIN
        for name in listing(path).folders if not is_whole and len(parts) < DEEPEST else ():
            if name not in explained and name not in CLASS_OF_WNID and self.count < MOST_FOLDERS:
                here += self._search((*parts, name))
        self._note(path, parts, here)
        if not here and (parts or not self.strange):
            self.strange[before:] = [parts]  # one sentence for all that lies below it
        return here

    def _note(self, path: Path, parts: tuple[str, ...], here: Sequence[Folder]) -> None:
        named = data_set_called(path.name)
        if (
            named in data_sets_at((*self.above, *parts))
            and named not in [folder.row for folder in here]
            and all(folder.row is None for folder in here)
        ):
            self.named[parts] = named

    def _recognised(self, path: Path, parts: tuple[str, ...]) -> Folder | None:
        """The collection that a folder is: a known data set if it is called so, else a set of the user's own; None when
        it holds no images.
        """
        known = [(layout, row) for row in data_sets_at((*self.above, *parts)) for layout in row.layouts]
        own = [(layout, None) for layout in (*self.by_class_name, *OWN) if layout is not PLAIN or len(parts) < 2]
        tried: dict[Layout, DataSet | None] = {}
        for layout, row in (*known, *own):
            tried.setdefault(layout, row)
        for layout, row in tried.items():
            if places := layout.places(path):
                row = row or (IMAGENET_C if layout is GROUPED and _is_imagenet_c(places, parts) else None)
                return Folder(
                    self._collection(row, layout, parts, tuple(filter(None, places))),
                    self.root,
                    path,
                    layout,
                    places,
                    row,
                )
        return None

    def _collection(
        self, row: DataSet | None, layout: Layout, parts: tuple[str, ...], conditions: tuple[str, ...]
    ) -> Collection:
        return Collection(
            key=f"own-{url_slug('/'.join(parts))}" if parts else "own",
            title=row.title if row else "/".join(map(shown_name, parts)) or "Own images",
            source=row.source if row else OWN_SOURCE,
            labelled=layout.labelled,
            label_subset=row.label_subset if row else "imagenet",
            centre_crop_only=row.centre_crop_only if row else layout is GROUPED,
            as_reference=layout is not PLAIN,  # images by class are read and counted as others read and count them
            conditions=conditions,
            label_space=self.by_class_name.get(layout, IMAGENET),
        )

    def _about(self, parts: tuple[str, ...], sentence: str, *, always: bool = False) -> str:
        """What is said about a folder and what it holds; nothing about one without files and links unless `always`."""
        path = self.root.joinpath(*parts)
        seen = list(islice(_listings(path), MOST_FOLDERS + 1))
        links = sum(one.links for one in seen)
        files = (
            counted(sum(len(one.images) for one in seen), "image", "images"),
            counted(sum(len(one.videos) for one in seen), "video", "videos"),
            counted(sum(one.others for one in seen), "file of another type", "files of other types"),
            counted(links, "link", "links"),
            counted(
                sum(not one.readable for one in seen), "folder that cannot be opened", "folders that cannot be opened"
            ),
        )
        if not always and not any(files):
            return ""
        folders = counted(sum(len(one.folders) for one in seen), "folder", "folders")
        held = ", ".join(filter(None, (folders, *files))) if any(files) else ""
        trouble = images_by_class(path).trouble
        name = f"The folder {shown_path(path, self.root)}" if parts else self.called
        rest = (f"It holds {held}." if held else "", trouble, LINKS_ADVICE if links else "")
        return " ".join(filter(None, (f"{name} {sentence}", *rest)))


_lock = threading.Lock()
_scans: dict[tuple[Path, str, tuple[LabelSpace, ...]], _Scan] = {}  # the one that was asked for last at the end


def _listings(folder: Path, deepest: int = 3) -> Iterator[Listing]:
    """The listings of a folder and of those below it."""
    found = listing(folder)
    yield found
    for name in found.folders if deepest else ():
        yield from _listings(folder / name, deepest - 1)


def _is_imagenet_c(places: Mapping[str | None, str], parts: tuple[str, ...]) -> bool:
    """Whether corruptions in a folder of another name are those of ImageNet-C: all are called so, in its groups or
    right in the data folder.
    """
    grouped = any(place.count("/") > 1 for place in places.values())
    return (grouped or not parts) and all(place.split("/")[-2] in IMAGENET_C_19 for place in places.values())
