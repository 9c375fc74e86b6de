"""What code under test does to the outside: files written, programs started, connections made, code run (PEP 578)."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FORBIDDEN = (
    "exec",
    "os.exec",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.system",
    "socket.connect",
    "subprocess.Popen",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_records: dict[int, list[str]] = {}


@contextmanager
def outside() -> Iterator[list[str]]:
    """The list that is filled, while the block runs, with what this thread does to the outside, in words."""
    _records[threading.get_ident()] = []
    try:
        yield _records[threading.get_ident()]
    finally:
        del _records[threading.get_ident()]


def _hook(event: str, arguments: tuple) -> None:
    record = _records.get(threading.get_ident()) if _records else None
    if record is not None and (event in FORBIDDEN or (event == "open" and arguments[2] & WRITING)):
        record.append(f"{event} {arguments[0]!r}")


sys.addaudithook(_hook)  # cannot be taken back, and costs one look at an empty dictionary
