"""What an archive may say about itself before anything of it is believed: how long its headers are, and how deep and
long its names.

tarfile and zipfile read a header or a directory in one piece, however long it says to be, and a few megabytes can
unpack to gigabytes of it. So they get their file behind a `Meter`.
"""

from gzip import GzipFile
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

MOST_HEADER_BYTES = 1 << 20
"""Of one member of a tar with all that comes before it; a long name and its times have a few hundred."""
MOST_DIRECTORY_BYTES = 16 << 20
"""Of a zip, with about 100 bytes for each file: three times that of ImageNet-Sketch, whose zip holds 50,889."""
MOST_DEPTH = 32  # of folders; published sets have at most six, and deleting thousands ends in a RecursionError
MOST_NAME_BYTES = 1024


class HeadersTooLong(Exception):
    """An archive says of its headers that they are longer than they may be."""


class Meter:
    """A file of which no more may be read than was allowed last."""

    def __init__(self, file: BinaryIO | GzipFile):
        self._file = file
        self._left_bytes: int | None = None

    def allow(self, most_bytes: int | None) -> None:
        """From now on reading more than `most_bytes` together raises HeadersTooLong; None allows everything."""
        self._left_bytes = most_bytes

    def read(self, size: int = -1) -> bytes:
        """As a file does; what is not allowed is not read, or not to its end where no `size` is given."""
        if self._left_bytes is None:
            return self._file.read(size)
        data = self._file.read(min(size, self._left_bytes + 1) if size >= 0 else self._left_bytes + 1)
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise HeadersTooLong
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def fault_of_name(name: str) -> str | None:
    """Why no folder takes a member of this name, as the rest of a sentence; None for a name that is fine, by the rules
    of both systems.
    """
    if len(name.encode(errors="surrogatepass")) > MOST_NAME_BYTES:
        return f"holds a name of more than {MOST_NAME_BYTES:,} bytes"
    if max(len(path.parts) for path in (PurePosixPath(name), PureWindowsPath(name))) > MOST_DEPTH:
        return f"nests more than {MOST_DEPTH} folders"
    return None
