"""Folders and files of images on the disk: what lies there, and one file read; nothing about what the folders
mean.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from robust_core.errors import BadImage, BadInput
from robust_core.image_files.decoding import MAX_FILE_BYTES
from robust_core.images import LabelledImage, decode, decode_as_reference, shown_name

IMAGE_SUFFIXES = (
    ".jpeg",
    ".jpg",
    ".png",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".gif",
    ".heic",
    ".heif",
    ".hif",
    ".avif",
)
VIDEO_SUFFIX = ".mp4"
MOST_NAMED = 5

_WATCHED: ContextVar[dict[Path, int | None] | None] = ContextVar("what a scan looks at", default=None)

# What systems leave in folders, in lower case: Synology and QNAP, macOS, Linux, Windows.
SYSTEM_NAMES = {
    "@eadir",
    "#recycle",
    "@recycle",
    "__macosx",
    "lost+found",
    "$recycle.bin",
    "system volume information",
    "thumbs.db",
    "desktop.ini",
}


@dataclass(frozen=True)
class Listing:
    """The content of one folder, sorted by name: its subfolders, and its files by the slug that names them in a URL.

    `links`, `hidden` (what systems leave behind too) and `others` count the entries that are left out; `readable` is
    False for a folder that could not be opened.
    """

    folders: tuple[str, ...]
    images: Mapping[str, str]
    videos: Mapping[str, str]
    links: int = 0
    hidden: int = 0
    others: int = 0
    readable: bool = True


def listing(folder: Path) -> Listing:
    """The subfolders, image files and videos of `folder`; empty when it is gone or cannot be read.

    Hidden entries, what systems leave behind and symbolic links are left out, the latter so that nothing outside the
    folder can be reached through it. The listing is kept until the folder's modification time changes, which the file
    system sets when an entry is added, removed or renamed.
    """
    modified = modified_ns(folder)
    try:
        return Listing((), {}, {}, readable=False) if modified is None else _listing_at(folder, modified)
    except OSError:
        return Listing((), {}, {}, readable=False)


def modified_ns(path: Path) -> int | None:
    """When a file or folder was changed last; None when it is gone or cannot be read."""
    modified = _stat_ns(path)
    watched = _WATCHED.get()
    if watched is not None:
        watched[path] = modified
    return modified


@contextmanager
def watched() -> Iterator[dict[Path, int | None]]:
    """All that the block asks `modified_ns` and `listing` about, with the answers: as long as they are the same, so is
    what the block has found.
    """
    asked: dict[Path, int | None] = {}
    token = _WATCHED.set(asked)
    try:
        yield asked
    finally:
        _WATCHED.reset(token)


def unchanged(asked: Mapping[Path, int | None]) -> bool:
    """Whether the answers that `watched` gave are still right; a stat each, and nothing is read."""
    return all(_stat_ns(path) == modified for path, modified in asked.items())


def read_file(path: Path, label: int | None, source: str = "a folder of yours") -> LabelledImage:
    """The image in one file of a data set, read as the benchmarks' loaders read it.

    Raises BadImage when it cannot be opened or is not a sound image.
    """
    return decode_as_reference(read_bytes(path), path.name, label=label, source=source)


def read_own(path: Path) -> LabelledImage:
    """The image in a file of the user's own, upright and in sRGB; raises BadImage as `read_file` does."""
    return decode(read_bytes(path), path.name, source="a folder of yours")


def read_bytes(path: Path) -> bytes:
    """The file's content, or its beginning when it is so large that it will be refused; raises BadImage when it cannot
    be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadImage(f"{shown_name(path.name)} cannot be opened.") from error


def url_slug(name: str) -> str:
    """`name` itself where it can stand in a URL as it is, else 12 hexadecimal digits of its hash."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) else hash_slug(name)


def shown_path(path: Path, root: Path) -> str:
    """The path of a file below `root` as it may be shown, its own name where it lies elsewhere."""
    parts = path.relative_to(root).parts if path.is_relative_to(root) else (path.name,)
    return "/".join(map(shown_name, parts or (path.name,)))


@contextmanager
def named_below(root: Path, path: Path) -> Iterator[None]:
    """What is raised about the file at `path` names it with its path below `root`, since one file name may lie in many
    folders.
    """
    try:
        yield
    except BadInput as error:
        name, below, sentence = shown_name(path.name), shown_path(path, root), str(error)
        kind = BadImage if isinstance(error, BadImage) else BadInput
        raise kind(
            f"{below}{sentence.removeprefix(name)}" if sentence.startswith(name) else f"{below}: {sentence}"
        ) from error


def faults(sentences: Sequence[str]) -> BadImage:
    """One error for all images that cannot be read: the first `MOST_NAMED` in their own words, and how many more there
    are.
    """
    more = len(sentences) - MOST_NAMED
    rest = [f"{more:,} more cannot be read either."] if more > 0 else []
    return BadImage(" ".join([*sentences[:MOST_NAMED], *rest]))


def _stat_ns(path: Path) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _listing_at(folder: Path, modified_ns: int) -> Listing:
    with os.scandir(folder) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    visible = [entry for entry in entries if not entry.name.startswith(".") and entry.name.lower() not in SYSTEM_NAMES]
    plain = [entry for entry in visible if not entry.is_symlink()]
    folders = tuple(entry.name for entry in plain if entry.is_dir(follow_symlinks=False))
    files = [entry.name for entry in plain if entry.is_file(follow_symlinks=False)]
    images, videos = _by_slug(files, IMAGE_SUFFIXES), _by_slug(files, (VIDEO_SUFFIX,))
    others = len(plain) - len(folders) - len(images) - len(videos)
    return Listing(
        folders, images, videos, links=len(visible) - len(plain), hidden=len(entries) - len(visible), others=others
    )


def _by_slug(names: list[str], suffixes: tuple[str, ...]) -> dict[str, str]:
    return {hash_slug(name): name for name in names if name.lower().endswith(suffixes)}


def hash_slug(name: str) -> str:
    """Twelve hexadecimal digits that stand for `name` in a URL."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
