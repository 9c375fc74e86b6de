"""One file for each recorded request, found by the request's key: the result, when it was made and on what machine."""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core import settings
from robust_core.files import replacing

if TYPE_CHECKING:
    from robust_core.studies.request import Request

FOLDER = "cache/recordings"
KEY_DIGITS = 16
MOST_READ = 64  # whose results are kept in memory


@dataclass(frozen=True, eq=False)
class Recording:
    """The `result` of a request as it was made on the day `made_on` (ISO) by `machine`."""

    result: Any
    made_on: str
    machine: str


def path_of(request: "Request") -> Path:
    """Where a request's recording lies, if there is one."""
    digest = hashlib.sha256(json.dumps(request.key, sort_keys=True).encode()).hexdigest()
    return settings.shipped(FOLDER) / f"{request.study}-{digest[:KEY_DIGITS]}.bin"


def find(request: "Request", only: str = "") -> Recording | None:
    """The recording of exactly this request, or the first thing of the class `only` in it; None where there is none."""
    path = path_of(request)
    return _read(path, path.stat().st_mtime_ns, only) if path.exists() else None


def write(request: "Request", result: Any, made_on: str) -> Path:
    """Record the result of a request that was run on this machine; raises OSError where the file cannot be written."""
    from robust_core.recordings.codec import to_bytes

    head = json.dumps({"made_on": made_on, "machine": this_machine()}).encode()
    with replacing(path := path_of(request)) as temporary:
        temporary.write_bytes(head + b"\n" + to_bytes(result))
    return path


def this_machine() -> str:
    """The kind of processor and how many cores of it, and the version of torch."""
    import torch

    return f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}"


@lru_cache(MOST_READ)
def _read(path: Path, _mtime_ns: int, only: str) -> Recording:
    from robust_core.recordings.codec import from_bytes

    head, _, content = path.read_bytes().partition(b"\n")
    return Recording(from_bytes(content, only), **json.loads(head))
