"""An archive of images into an empty folder, trusting nothing that it says about itself; a generator of Progress.

Only plain files and folders are let in. At a link, a device, a name that leads out of the folder, or more bytes than an
archive of images can honestly hold, unpacking stops with a sentence. The caller deletes what was written until then.
"""

import gzip
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from time import monotonic
from typing import BinaryIO

from robust_core.data.archive_bounds import (
    MOST_DIRECTORY_BYTES,
    MOST_HEADER_BYTES,
    HeadersTooLong,
    Meter,
    fault_of_name,
)
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import shown_name

BEAT_SECONDS = 0.4
GZIP = b"\x1f\x8b"
BLOCK_BYTES = 4096  # what the smallest file takes on most disks
MAX_EXPANSION = 10  # images and frame sequences are compressed already, so that an archive hardly shrinks them


@dataclass(frozen=True)
class Entry:
    """One thing in an archive: its name as it stands there, its size unpacked, what it is if no plain file or folder,
    and how to write it.
    """

    name: str
    bytes: int
    oddity: str | None
    write_into: Callable[[Path], object]


def unpack(archive: Path, folder: Path) -> Generator[Progress, None, None]:
    """Write the files of a .tar, .tar.gz or .zip into `folder`, which is there and empty; Progress counts bytes of the
    archive.

    Raises BadInput for an archive that is damaged or hostile, or takes more room than `MAX_EXPANSION` times its size or
    than the disk has.
    """
    name, size_bytes = shown_name(archive.name), archive.stat().st_size
    room = (
        (MAX_EXPANSION * size_bytes, f"{MAX_EXPANSION} times its own size"),
        (shutil.disk_usage(folder).free, "what the disk has free"),
    )
    most_bytes, most = min(room)
    taken_bytes, told = 0, float("-inf")
    try:
        with archive.open("rb") as file:
            for entry in _entries(file):
                taken_bytes += BLOCK_BYTES * max(1, -(-entry.bytes // BLOCK_BYTES))
                fault = _fault(entry) or (f"takes more room than {most}" if taken_bytes > most_bytes else None)
                if fault:
                    raise BadInput(f"{name} {fault}, so it was not unpacked.")
                entry.write_into(folder)
                if monotonic() - told > BEAT_SECONDS:
                    told = monotonic()
                    yield Progress(file.tell(), size_bytes, "bytes", "unpacking")
    except BadInput:
        raise
    except HeadersTooLong as error:
        raise BadInput(f"{name} has longer headers than any data set, so it was not unpacked.") from error
    except OSError as error:
        raise BadInput(f"{name} cannot be unpacked ({error.strerror or error}).") from error
    except (
        Exception
    ) as error:  # a damaged archive makes its reader raise nearly anything: zlib.error, EOFError, IndexError, ...
        raise BadInput(f"{name} is damaged, or no .tar, .tar.gz or .zip ({error}).") from error


def _fault(entry: Entry) -> str | None:
    """Why an entry must not be written; None for a plain file or folder inside. Names are judged by the rules of both
    systems.
    """
    if entry.oddity:
        return f"holds {entry.oddity} ({shown_name(entry.name)})"
    if fault := fault_of_name(entry.name):
        return f"{fault} ({shown_name(entry.name)})"
    paths = PurePosixPath(entry.name), PureWindowsPath(entry.name)
    if any(path.anchor or ".." in path.parts for path in paths):
        return f"holds a name that leads out of the folder ({shown_name(entry.name)})"
    return None


def _entries(file: BinaryIO) -> Iterator[Entry]:
    if zipfile.is_zipfile(file):
        yield from _zip_entries(Meter(file))
        return
    file.seek(0)
    is_packed = file.read(len(GZIP)) == GZIP
    file.seek(0)
    with gzip.open(file) if is_packed else nullcontext(file) as plain:
        yield from _tar_entries(Meter(plain))


def _zip_entries(file: Meter) -> Iterator[Entry]:
    file.allow(MOST_DIRECTORY_BYTES)
    with zipfile.ZipFile(file) as archive:
        file.allow(None)
        for info in archive.infolist():
            yield Entry(info.filename, info.file_size, _zip_oddity(info), partial(archive.extract, info))


def _tar_entries(file: Meter) -> Iterator[Entry]:
    file.allow(MOST_HEADER_BYTES)
    with tarfile.open(fileobj=file, mode="r:") as archive:  # type: ignore[call-overload]  # the stubs want more of a file than is used
        while member := archive.next():
            file.allow(None)
            yield Entry(member.name, member.size, _tar_oddity(member), partial(archive.extract, member, filter="data"))
            # tarfile would remember every one of a million members
            archive.members.clear()
            file.allow(MOST_HEADER_BYTES)


def _tar_oddity(member: tarfile.TarInfo) -> str | None:
    if member.issym() or member.islnk():
        return "a link"
    return None if member.isreg() or member.isdir() else "a device"


def _zip_oddity(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 1:
        return "an encrypted file"
    mode = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive was made on a system without modes
    if mode == stat.S_IFLNK:
        return "a link"
    return None if mode in (0, stat.S_IFREG, stat.S_IFDIR) else "a device"
