"""Data sets from a shell: list what can be fetched, and fetch it into the folder that the dashboard reads."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from robust_core import settings
from robust_core.errors import BadInput
from robust_core.samples import cloning
from robust_core.samples.downloads import DOWNLOADS, Archive, Download, find_download
from robust_core.samples.fetching import fetch, proof
from robust_core.terminal import follow, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""

    def work() -> int:
        options = _parser().parse_args(arguments)
        return options.run(options)

    return run_command(work, stopped="Stopped. What came of a download is kept for the next attempt.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.samples", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="show every data set with its parts, sizes and licence")
    command.set_defaults(run=_list)

    command = commands.add_parser("fetch", help="download, check and unpack a data set, or say how to get it by hand")
    command.add_argument("key", metavar="DATA-SET", help=", ".join(row.key for row in DOWNLOADS))
    command.add_argument("--part", nargs="+", default=[], metavar="PART", help="for a data set in parts; `list` shows them")
    command.add_argument("--to", type=Path, metavar="DIR", help="default: the folder that ROBUST_LAB_DATA names")
    command.add_argument("--yes", action="store_true", help="do not ask before downloading")
    command.add_argument("--keep", action="store_true", help="keep the archive after unpacking")
    command.set_defaults(run=_fetch)
    return parser


def _list(options: argparse.Namespace) -> int:
    for row in DOWNLOADS:
        print(f"{row.key}: {row.title}. Licence: {row.licence}.")
        for archive in row.archives:
            print(f"    {archive.part:18} {_size(archive):>14}")
        if row.repository:
            print(f"    by git, from {row.repository.url}")
        elif not row.archives:
            print("    by hand; `fetch` says how")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    row, folder = find_download(options.key), _data_folder(options.to)
    if not row.archives and not row.repository:
        _explain_by_hand(row, folder)
        return 0
    archives = row.parts(tuple(options.part))
    print(f"{row.title}, licence: {row.licence}.")
    for archive in archives:
        print(f"  {archive.part}: {_size(archive)} from {archive.url}\n  It will be compared with {proof(archive)}.")
    if row.repository:
        print(f"  {row.repository.path} of {row.repository.url}, size unknown\n  It will be compared with {cloning.proof(row.repository)}.")
    print(f"It goes to {folder}. Unpacking needs about the same room again.")
    if not options.yes and not _agreed():
        print("Nothing was downloaded.")
        return 1
    work = {archive.name: fetch(archive, folder, keep_archive=options.keep) for archive in archives}
    if row.repository:
        work[row.repository.folder] = cloning.clone(row.repository, folder)
    for name, events in work.items():
        fetched = follow(name, events)
        print(f"{name}: compared with {fetched.proof}; the pictures are in {fetched.folder}")
    if folder != settings.data_dir():
        print(f"The dashboard finds them with ROBUST_LAB_DATA={shlex.quote(str(folder))}.")
    return 0


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
    except EOFError:  # nobody is there to answer
        return False


def _size(archive: Archive) -> str:
    if archive.bytes is not None:
        return f"{archive.bytes / 1e6:,.0f} MB"
    return "size unknown" if archive.about_gb is None else f"about {archive.about_gb} GB"


if __name__ == "__main__":
    sys.exit(main())
