"""The images of an upload: the file itself, or the members of a .zip, read one by one; nothing is unpacked to disk.

A member that is damaged, encrypted or too large is refused alone. The limits hold for what is read, whatever the
archive declares.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from robust_core.data.archive_bounds import fault_of_name
from robust_core.data.uploads.class_folders import class_called, class_of_path
from robust_core.errors import BadImage, BadInput
from robust_core.image_files.decoding import MAX_FILE_BYTES
from robust_core.images import shown_name
from robust_core.labels import IMAGENET, LabelSpace

MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 1000 * 2**20
MAX_EXPANSION = 100  # images are compressed already; flat drawings and bitmaps shrink further, but not so far
MAX_TABLE_BYTES = 2**20
LABELS_TABLE = "labels.csv"
LEFT_BY_SYSTEMS = ("__macosx", "thumbs.db", "desktop.ini")
_DIRECTORY_ENTRY = b"PK\1\2"


@dataclass(frozen=True)
class File:
    """One file as it came: the id that the browser's session gave it, its name and its bytes."""

    id: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Member:
    """One image that a file may hold: its name for people, its class in a label space, the folder that named none, how
    to get its bytes, and the innermost `folder` that it lies in, None for none.

    `read` raises BadImage.
    """

    name: str
    label: int | None
    label_space: LabelSpace
    unknown_folder: str | None
    read: Callable[[], bytes]
    folder: str | None = None


def members_of(file: File, space: LabelSpace = IMAGENET) -> list[Member]:
    """The file itself, or what a .zip holds without folders and what operating systems leave behind.

    Its folders name classes of `space`, or of ImageNet.

    Raises BadInput for an archive that is damaged, has more than `MAX_MEMBERS` entries, or a name that is longer or
    deeper than any.
    """
    if not file.data.startswith((b"PK\3\4", b"PK\5\6")):
        if file.name.lower().endswith(".zip"):
            raise BadInput(f"{shown_name(file.name)} is not a .zip archive, whatever its name says.")
        return [Member(shown_name(file.name), None, space, None, lambda: file.data)]
    if file.data.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:  # before a parser makes an object of each
        raise BadInput(f"{shown_name(file.name)} has more than {MAX_MEMBERS:,} entries.")
    try:
        archive = _Archive(
            zipfile.ZipFile(io.BytesIO(file.data)), space, min(MAX_UNPACKED_BYTES, MAX_EXPANSION * len(file.data))
        )
        fault = archive.fault()
        members = [] if fault else archive.members()
    # a damaged directory makes zipfile raise nearly anything: BadZipFile, struct.error, NotImplementedError, ...
    except Exception as error:
        raise BadInput(f"{shown_name(file.name)} is damaged or not a whole .zip.") from error
    if fault:
        raise BadInput(f"{shown_name(file.name)} {fault}.")
    return members


class _Archive:
    """An open .zip, and how many bytes it may still give."""

    def __init__(self, archive: zipfile.ZipFile, space: LabelSpace, most_bytes: int):
        self._archive, self._space = archive, space
        self._left_bytes = self._most_bytes = most_bytes

    def fault(self) -> str | None:
        """Why nobody packed it by hand, as the rest of a sentence; to be asked before its names are taken apart."""
        return next(filter(None, (fault_of_name(info.filename) for info in self._archive.infolist())), None)

    def members(self) -> list[Member]:
        infos = [
            info
            for info in self._archive.infolist()
            if not info.filename.endswith("/") and not _is_left_by_a_system(_parts(info))
        ]
        tables = [info for info in infos if _parts(info)[-1].lower() == LABELS_TABLE]
        labels = self._labels(tables[0]) if tables else {}
        return [self._member(info, labels) for info in infos if info not in tables]

    def _member(self, info: zipfile.ZipInfo, labels: dict[str, int]) -> Member:
        *folders, name = _parts(info)
        label, space = labels.get(name, class_of_path(folders)), IMAGENET
        own = self._space.index_called(folders[-1]) if folders and self._space != IMAGENET else None
        if own is not None:
            label, space = own, self._space
        unknown = shown_name(folders[-1]) if folders and label is None else None
        return Member(
            shown_name(name),
            label,
            space,
            unknown,
            lambda: self._read(info, shown_name(name), MAX_FILE_BYTES),
            shown_name(folders[-1]) if folders else None,
        )

    def _read(self, info: zipfile.ZipInfo, name: str, most_bytes: int) -> bytes:
        """The bytes of a member; more than `most_bytes` of it are never held."""
        if info.flag_bits & 1:
            raise BadImage(f"{name} is encrypted.")
        if self._left_bytes <= 0:
            raise BadImage(
                f"{name} was left out, since its .zip unpacks to more than {_megabytes(self._most_bytes)} MB."
            )
        try:
            with self._archive.open(info) as file:
                data = file.read(most_bytes + 1)
        except (
            Exception
        ) as error:  # a wrong CRC, a method that is unknown here, nonsense where compressed data should be, ...
            self._left_bytes -= min(info.file_size, most_bytes)  # unpacking may have come that far
            raise BadImage(f"{name} is damaged inside its .zip.") from error
        self._left_bytes -= len(data)
        if data.startswith(b"PK\3\4"):
            raise BadImage(f"{name} is a .zip inside a .zip, which is not opened.")
        return data

    def _labels(self, info: zipfile.ZipInfo) -> dict[str, int]:
        """The classes by file name that a table with the columns file and class, wnid or index gives; what it does not
        say is left out.
        """
        try:
            text = self._read(info, LABELS_TABLE, MAX_TABLE_BYTES).decode("utf-8-sig", "replace")
            rows = list(csv.DictReader(io.StringIO(text)))
        except (BadImage, csv.Error):
            return {}
        named = {
            _last_part(row.get("file") or ""): row.get("wnid") or row.get("index") or row.get("class") or ""
            for row in rows
        }
        found = {name: class_called(word.strip()) for name, word in named.items()}
        return {name: label for name, label in found.items() if label is not None}


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders of a member and its name; some archivers write the folders with backslashes."""
    return PurePosixPath(info.filename.replace("\\", "/")).parts or ("",)


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1].strip()


def _is_left_by_a_system(parts: tuple[str, ...]) -> bool:
    return any(part.lower() in LEFT_BY_SYSTEMS or (part.startswith(".") and part.strip(".")) for part in parts)


def _megabytes(count: int) -> str:
    return f"{max(1, count // 2**20):,}"
