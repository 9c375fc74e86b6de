"""Folders and files of pictures on the disk: what lies there, and one file read; nothing about what the folders mean."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from robust_core.errors import BadImage
from robust_core.images import MAX_FILE_BYTES, LabelledImage, decode, shown_name

PICTURE_SUFFIXES = (".jpeg", ".jpg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")


@dataclass(frozen=True)
class Listing:
    """The content of one folder, sorted by name: its subfolders, and its picture files by the word that names them in a URL."""

    folders: tuple[str, ...]
    files: Mapping[str, str]


def listing(folder: Path) -> Listing:
    """The subfolders and picture files of `folder`; empty when it is gone or cannot be read.

    Hidden entries and symbolic links are left out, so that nothing outside the folder can be reached through it. The answer is
    kept until the folder's modification time changes, which the file system sets when an entry is added, removed or renamed.
    """
    try:
        return _listing_at(folder, folder.stat().st_mtime_ns)
    except OSError:
        return Listing((), {})


def read_file(path: Path, label: int | None, source: str = "a folder of yours") -> LabelledImage:
    """The picture in one file; raises BadImage when it cannot be opened or is not a sound picture.

    Known difference: EXIF orientation and ICC profiles are applied here, while torchvision's ImageFolder, with which most
    published accuracies were measured, ignores both.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)  # one byte more than allowed is enough to be refused
    except OSError as error:
        raise BadImage(f"{shown_name(path.name)} cannot be opened.") from error
    return decode(data, path.name, label=label, source=source)


def url_word(name: str) -> str:
    """`name` itself where it can stand in a URL as it is, else 12 hexadecimal digits of its hash."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) else _hash_word(name)


@lru_cache(maxsize=4096)
def _listing_at(folder: Path, modified_ns: int) -> Listing:
    with os.scandir(folder) as entries:
        visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
        folders = tuple(entry.name for entry in visible if entry.is_dir(follow_symlinks=False))
        files = [entry.name for entry in visible if entry.is_file(follow_symlinks=False)]
    return Listing(folders, {_hash_word(name): name for name in files if name.lower().endswith(PICTURE_SUFFIXES)})


def _hash_word(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
