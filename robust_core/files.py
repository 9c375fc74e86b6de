"""Files that appear whole or not at all, and small JSON records written that way."""

import glob
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

TOKEN_DIGITS = len(uuid4().hex)
MOST_RECORDS = 1024  # that are kept in memory, some kilobytes each


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it takes the place of `path` when the block ends well, else it is
    deleted.

    Makes the folder when there is none. Raises OSError when the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def delete_stale_files(path: Path) -> None:
    """Delete the temporary files of processes that were killed while they were `replacing` the file at `path`; nobody
    may be at it now.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.{'?' * TOKEN_DIGITS}"):
        left.unlink(missing_ok=True)


def read_record(path: Path) -> dict:
    """The JSON object in the file at `path`; empty when there is no such file or it holds something else."""
    try:
        return _record_in(path)
    except (OSError, ValueError):
        return {}


def unchanged_record(path: Path) -> Mapping:
    """The same, which nobody may change: a second call reads the file again only if it was replaced or written to."""
    try:
        stat = os.stat(path)
        return _record_once(os.fspath(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except (OSError, ValueError):  # which is not remembered
        return {}


@lru_cache(maxsize=MOST_RECORDS)
def _record_once(path: str, *_state: int) -> Mapping:
    return _record_in(Path(path))


def _record_in(path: Path) -> dict:
    record = json.loads(path.read_text(encoding="utf-8"))
    return record if isinstance(record, dict) else {}


def write_record(path: Path, record: dict) -> None:
    """Write `record` as JSON to `path`, replacing what was there; raises OSError when the folder cannot be written."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1), encoding="utf-8")
