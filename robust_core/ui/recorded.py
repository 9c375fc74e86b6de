"""Recorded runs on a page: which models have one, and what is said beside what comes out of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.recordings import store
from robust_core.recordings.store import Recording
from robust_core.studies.request import Request
from robust_core.ui import words
from robust_core.ui.server import script_turns

Asked = TypeVar("Asked")


def find(request: Request, only: str = "") -> Recording | None:
    """As the store's `find`; what is not in memory is read while others have their turn."""
    path = store.path_of(request)
    return _read(path, path.stat().st_mtime_ns, only, request) if path.exists() else None


@script_turns.kept(store.MOST_READ)
def _read(path: Path, mtime_ns: int, only: str, _request: Request) -> Recording | None:
    return store.find(_request, only)


@script_turns.kept(64)
def asked(of: Callable[..., Asked], *about: LabelSpace) -> Asked:
    """A request or a set of the table of recordings, whose images may have to be read or drawn first."""
    return of(*about)


def among(specs: Sequence[ModelSpec], request_of: Callable[[ModelSpec], Request]) -> tuple[ModelSpec, ...]:
    """Those of `specs` whose request has a recording."""
    return tuple(spec for spec in specs if find(request_of(spec)))


def badge(recording: Recording | None) -> str:
    """CACHED for what was recorded, LIVE for what was computed now."""
    return words.BADGES["cached" if recording else "live"]


def when(recording: Recording) -> str:
    """When and where a run was recorded, in a sentence."""
    return f"Recorded on {recording.made_on} ({words.plain(recording.machine)})."


def origin(device: str, recording: Recording | None) -> str:
    """The badge, then where and when, as a sentence begins."""
    said = computed(device, recording)
    return f"{badge(recording)} {said[0].upper()}{said[1:]}"


def computed(device: str, recording: Recording | None) -> str:
    """Where it was computed, and when, if it was recorded: "computed on CPU in float32 on 2026-11-28 (x86_64, …)"."""
    said = f"computed {words.on_device(device)}"
    return f"{said} on {recording.made_on} ({recording.machine})" if recording else said
