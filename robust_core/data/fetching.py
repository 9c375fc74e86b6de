"""One archive of the table into the user's folder: download, check, unpack, put in place; a generator that returns
Fetched.
"""

import hashlib
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from robust_core.data.fetchable import Archive
from robust_core.data.layouts import Layout
from robust_core.data.listings import listing
from robust_core.data.unpacking import unpack
from robust_core.downloads import PartialFile, TransferFailed
from robust_core.downloads import fetch as transfer
from robust_core.errors import BadInput, DataUnavailable
from robust_core.events import Progress

CHUNK_BYTES = 4 << 20
MOST_FOLDERS_AROUND = 2

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True)
class Fetched:
    """The images lie in `folder`; `proof` says in words what the archive was compared with."""

    folder: Path
    proof: str


def fetch(archive: Archive, data_folder: Path, *, keep_archive: bool) -> Generator[Progress, None, Fetched]:
    """Bring `archive` below `data_folder`, to where its data set is looked for.

    A download that broke off is gone on with, and an archive that lies there whole is used. It is deleted in the end
    unless `keep_archive`; what is there already is never replaced. Raises BadInput when something is in the way or the
    archive is damaged or hostile, DataUnavailable when it cannot be had or is not the published one.
    """
    target = data_folder / archive.data_set.folders[0]
    _refuse_existing(target / name for name in archive.adds)
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        with FileLock(data_folder / f".{archive.name}.lock", timeout=0):
            file = data_folder / archive.name
            yield from _download(archive, file)
            yield from _check(archive, file)
            yield from _unpack(archive.data_set.layout, file, target)
            if not keep_archive:
                file.unlink()
    except Timeout as error:
        raise DataUnavailable(f"{archive.name} is being fetched by another process.") from error
    except TransferFailed as error:
        raise DataUnavailable(
            f"{archive.name} did not come: {error}. Try again, or save {archive.url} as {data_folder / archive.name}."
        ) from error
    except OSError as error:
        raise DataUnavailable(f"{data_folder} cannot be written: {error.strerror or error}.") from error
    return Fetched(target, proof(archive))


def proof(archive: Archive) -> str:
    """What an archive is compared with, in words."""
    names = " and ".join(_stated(archive))
    return (
        f"its {names}, unconfirmed since one public loader alone states it"
        if archive.hash_unconfirmed
        else f"its published {names}"
    )


def _download(archive: Archive, file: Path) -> Generator[Progress, None, None]:
    if file.exists():
        return
    partial = PartialFile(file.with_name(f"{file.name}.part"))
    yield from transfer(archive.url, partial, archive.bytes)
    partial.path.rename(file)
    partial.end()


def _check(archive: Archive, file: Path) -> Generator[Progress, None, None]:
    """Compare with every hash that is stated; a wrong file is deleted, since it never becomes the right one."""
    digests = {name: _HASHES[name](usedforsecurity=False) for name in _stated(archive)}
    size_bytes = file.stat().st_size
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            for digest in digests.values():
                digest.update(chunk)
            yield Progress(opened.tell(), size_bytes, "bytes", "checking")
    if {name: digest.hexdigest() for name, digest in digests.items()} == _stated(archive):
        return
    if archive.hash_unconfirmed:
        raise DataUnavailable(
            f"{file.name} does not agree with {proof(archive)}; it was kept as {file}, to be unpacked by hand if you "
            "trust it."
        )
    file.unlink()
    raise DataUnavailable(f"{file.name} came, but does not agree with {proof(archive)}; it was deleted. Try again.")


def _stated(archive: Archive) -> dict[str, str]:
    return {name: digest for name, digest in (("MD5", archive.md5), ("SHA-256", archive.sha256)) if digest}


def _unpack(layout: Layout, file: Path, target: Path) -> Generator[Progress, None, None]:
    """Unpack beside `target`, and put the data set in its place only when it is whole."""
    staging = target.with_name(f".{file.name}.unpacking")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield from unpack(file, staging)
        _put_in_place(_root(layout, file, staging), target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _root(layout: Layout, file: Path, staging: Path) -> Path:
    """The folder in which the data set begins; archives put up to `MOST_FOLDERS_AROUND` around it."""
    level = [staging]
    for _ in range(MOST_FOLDERS_AROUND + 1):
        for folder in level:
            if layout.fits(folder):
                return folder
        level = [folder / name for folder in level for name in listing(folder).folders]
    raise BadInput(f"{file.name} holds nothing in the layout that was expected: {layout.pattern}; it was kept.")


def _put_in_place(root: Path, target: Path) -> None:
    if not target.exists():
        root.rename(target)
        return
    names = listing(root).folders
    _refuse_existing(target / name for name in names)
    for name in names:
        (root / name).rename(target / name)


def _refuse_existing(places: Iterator[Path]) -> None:
    for place in places:
        if place.exists():
            raise BadInput(f"{place} is there already; nothing was replaced. Delete or move it to fetch it again.")
