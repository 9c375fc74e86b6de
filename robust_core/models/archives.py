"""The directory of a zip archive, read within bounds and only where every reader finds the same one."""

import struct
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

MOST_DIRECTORY_BYTES = 8 << 20
"""torch.save writes about 100 bytes for each tensor."""


class TooLarge(Exception):
    """A file that would take more memory or time than weights need; the text says what of it is too large."""


# PKWARE's APPNOTE 4.3.16, 4.3.15 and 4.3.14
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")


def entries(path: Path) -> list[ZipInfo]:
    """What the archive at `path` says that it holds; nothing is unpacked.

    Raises BadZipFile when the directory is missing or not where the end of the file says: two readers could find two
    directories then, and what one of them had checked the other would not read. Raises TooLarge when it has more than
    `MOST_DIRECTORY_BYTES`. Raises OSError.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start, length, end = _directory(file, size)
        if start + length != end:
            raise BadZipFile("its directory is not where its end says")
        if length > MOST_DIRECTORY_BYTES:
            raise TooLarge(f"its directory has {length / 1e6:,.0f} MB")
        with ZipFile(file) as archive:
            return archive.infolist()


def read_entry(path: Path, entry: ZipInfo, most_bytes: int) -> bytes:
    """What `entry` holds, unpacked, up to `most_bytes`; raises BadZipFile, zlib.error or OSError."""
    with ZipFile(path) as archive, archive.open(entry) as file:
        return file.read(most_bytes)


def _directory(file, size: int) -> tuple[int, int, int]:
    """Where the directory starts, its length, and where the records begin that end the archive."""
    at = size - _END.size
    signature, *_, length, start, comment = _unpacked(_END, file, at)
    if signature != b"PK\x05\x06" or comment:
        raise BadZipFile("it does not end as an archive does")
    signature, _, at_64, _ = _unpacked(_LOCATOR, file, at - _LOCATOR.size) if at >= _LOCATOR.size else (b"", 0, 0, 0)
    if signature != b"PK\x06\x07":
        return start, length, at
    if at_64 != at - _LOCATOR.size - _END_64.size:
        raise BadZipFile("its end is not where it says")
    signature, *_, length, start = _unpacked(_END_64, file, at_64)
    if signature != b"PK\x06\x06":
        raise BadZipFile("its end is damaged")
    return start, length, at_64


def _unpacked(record: struct.Struct, file, at: int) -> tuple:
    file.seek(max(at, 0))
    content = file.read(record.size)
    if at < 0 or len(content) < record.size:
        raise BadZipFile("it is cut short")
    return record.unpack(content)
