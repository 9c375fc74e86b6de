"""SHA-256 of weight files, each computed once and then remembered by path, size and modification time.

The memory is `digests.json` in the weights folder. It only saves time: when it is lost or cannot be written, files are
read again.
"""

import hashlib
import threading
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from robust_core import settings
from robust_core.events import Progress
from robust_core.files import read_record, unchanged_record, write_record

CHUNK_BYTES = 4 << 20

_lock = threading.Lock()


def sha256(path: Path) -> str:
    """The SHA-256 of the file at `path`, 64 hex digits, from memory or else by reading the file; raises OSError."""
    known = recall(path)
    if known is not None:
        return known
    digest = of_content(path)
    remember(path, digest)
    return digest


def of_content(path: Path) -> str:
    """The SHA-256 of what the file at `path` holds now, neither looked up nor remembered; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashing(path: Path) -> Generator[Progress, None, str]:
    """Read the file at `path` through, whatever the memory says, and return its SHA-256; raises OSError."""
    total = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            yield Progress(file.tell(), total, "bytes", "checking")
    return digest.hexdigest()


def recall(path: Path) -> str | None:
    """The remembered SHA-256 of the file at `path`; None when nobody read it or it changed since. Raises OSError."""
    remembered = unchanged_record(_memory()).get(str(path), {})
    return remembered.get("sha256") if remembered.items() >= _state(path).items() else None


def remember(path: Path, digest: str) -> None:
    """Keep `digest` for the file at `path` as it is now."""
    with _lock, suppress(OSError):
        write_record(_memory(), read_record(_memory()) | {str(path): _state(path) | {"sha256": digest}})


def forget(path: Path) -> None:
    """Drop what is remembered about the file at `path`."""
    with _lock, suppress(OSError):
        memory = read_record(_memory())
        if memory.pop(str(path), None):
            write_record(_memory(), memory)


def _memory() -> Path:
    return settings.weights_dir() / "digests.json"


def _state(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}
