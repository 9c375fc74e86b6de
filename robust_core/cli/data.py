"""`data`: list the data sets that can be fetched, and fetch them into the folder that the dashboard reads."""

import shlex
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from robust_core import settings
from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data import cloning
from robust_core.data.fetchable import DOWNLOADS, Archive, Download, find_download
from robust_core.data.fetching import fetch, proof
from robust_core.errors import BadInput


def show(options: Namespace) -> None:
    """Every data set with its parts, sizes and licence."""
    for row in DOWNLOADS:
        print(f"{row.key}: {row.title}. Licence: {row.licence}.")
        for archive in row.archives:
            print(f"    {archive.part:18} {_size(archive):>14}")
        if row.repository:
            print(f"    by git, from {row.repository.url}")
        elif not row.archives:
            print("    by hand; `fetch` says how")
    write_table(options.out, [_about(row, archive) for row in DOWNLOADS for archive in row.archives])


def fetch_one(options: Namespace) -> int:
    """Download a data set, check and unpack it; or say how to get it by hand."""
    row, folder = find_download(options.key), _data_folder(options.to)
    if not row.archives and not row.repository:
        _explain_by_hand(row, folder)
        return 0
    archives = row.parts(tuple(options.part))
    _announce(row, archives, folder)
    if not options.yes and not _agreed():
        print("Nothing was downloaded.")
        return 1
    work = {archive.name: fetch(archive, folder, keep_archive=options.keep) for archive in archives}
    if row.repository:
        work[row.repository.folder] = cloning.clone(row.repository, folder)
    for name, part in work.items():
        fetched = follow(name, part)
        print(f"{name}: compared with {fetched.proof}; the images are in {fetched.folder}")
    if folder != settings.data_dir():
        print(f"The dashboard finds them with ROBUST_LAB_DATA={shlex.quote(str(folder))}.")
    return 0


def _announce(row: Download, archives: Iterable[Archive], folder: Path) -> None:
    """Licence, sizes and proofs, before anything is downloaded."""
    print(f"{row.title}, licence: {row.licence}.")
    for archive in archives:
        print(f"  {archive.part}: {_size(archive)} from {archive.url}\n  It will be compared with {proof(archive)}.")
    if row.repository:
        print(
            f"  {row.repository.path} of {row.repository.url}, size unknown\n  It will be compared with "
            f"{cloning.proof(row.repository)}."
        )
    print(f"It goes to {folder}. Unpacking needs about the same room again.")


def _data_folder(asked: Path | None) -> Path:
    folder = asked or settings.data_dir()
    if folder is None:
        raise BadInput("There is no folder to fetch into; expected --to DIR or a folder in ROBUST_LAB_DATA.")
    return folder.expanduser()


def _explain_by_hand(row: Download, folder: Path) -> None:
    print(f"{row.title}, licence: {row.licence}.\nThere is no archive of it to fetch; these commands get it:\n")
    print(row.by_hand.format(folder=shlex.quote(str(folder))))


def _agreed() -> bool:
    try:
        return input("Download? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # no terminal to answer from
        return False


def _about(row: Download, archive: Archive) -> dict[str, object]:
    of_it: dict[str, object] = {
        "part": archive.part,
        "bytes": archive.bytes,
        "about_gb": archive.about_gb,
        "url": archive.url,
    }
    return {"data_set": row.key, "title": row.title, "licence": row.licence} | of_it


def _size(archive: Archive) -> str:
    if archive.bytes is not None:
        return f"{archive.bytes / 1e6:,.0f} MB"
    return "size unknown" if archive.about_gb is None else f"about {archive.about_gb} GB"
