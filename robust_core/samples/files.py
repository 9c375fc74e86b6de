"""Folders and files of pictures on the disk: what lies there, and one file read; nothing about what the folders mean."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from robust_core.errors import BadImage
from robust_core.images import MAX_FILE_BYTES, LabelledImage, decode, decode_as_reference, shown_name

PICTURE_SUFFIXES = (".jpeg", ".jpg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".hif", ".avif")
VIDEO_SUFFIX = ".mp4"


@dataclass(frozen=True)
class Listing:
    """The content of one folder, sorted by name: its subfolders, and its files by the word that names them in a URL."""

    folders: tuple[str, ...]
    pictures: Mapping[str, str]
    videos: Mapping[str, str]


def listing(folder: Path) -> Listing:
    """The subfolders, picture files and videos of `folder`; empty when it is gone or cannot be read.

    Hidden entries and symbolic links are left out, so that nothing outside the folder can be reached through it. The answer is
    kept until the folder's modification time changes, which the file system sets when an entry is added, removed or renamed.
    """
    try:
        return _listing_at(folder, folder.stat().st_mtime_ns)
    except OSError:
        return Listing((), {}, {})


def read_file(path: Path, label: int | None, source: str = "a folder of yours") -> LabelledImage:
    """The picture in one file of a data set, read as the benchmarks' loaders read it.

    Raises BadImage when it cannot be opened or is not a sound picture.
    """
    return decode_as_reference(read_bytes(path), path.name, label=label, source=source)


def read_photograph(path: Path) -> LabelledImage:
    """The picture in a file of the user's own, upright and in sRGB; raises BadImage as `read_file` does."""
    return decode(read_bytes(path), path.name, source="a folder of yours")


def read_bytes(path: Path) -> bytes:
    """The file's content, or its beginning when it is so large that it will be refused; raises BadImage when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadImage(f"{shown_name(path.name)} cannot be opened.") from error


def url_word(name: str) -> str:
    """`name` itself where it can stand in a URL as it is, else 12 hexadecimal digits of its hash."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) else _hash_word(name)


@lru_cache(maxsize=4096)
def _listing_at(folder: Path, modified_ns: int) -> Listing:
    with os.scandir(folder) as entries:
        visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
        folders = tuple(entry.name for entry in visible if entry.is_dir(follow_symlinks=False))
        files = [entry.name for entry in visible if entry.is_file(follow_symlinks=False)]
    return Listing(folders, _by_word(files, PICTURE_SUFFIXES), _by_word(files, (VIDEO_SUFFIX,)))


def _by_word(names: list[str], suffixes: tuple[str, ...]) -> dict[str, str]:
    return {_hash_word(name): name for name in names if name.lower().endswith(suffixes)}


def _hash_word(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
