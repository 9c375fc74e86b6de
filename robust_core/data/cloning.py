"""One folder of a git repository into the user's folder, by git itself; a generator that returns Fetched."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from robust_core.data.fetchable import Repository
from robust_core.data.fetching import Fetched
from robust_core.errors import BadInput, DataUnavailable
from robust_core.events import Progress

POLL_SECONDS = 0.25
NOBODY_TO_ASK = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}


def clone(repository: Repository, data_folder: Path) -> Generator[Progress, None, Fetched]:
    """Bring the folder of `repository`, and no other file of it, below `data_folder`.

    What is there already is never replaced, and nothing half-done stays. Raises BadInput when something is in the way,
    DataUnavailable when there is no git or the commit cannot be had.
    """
    target = data_folder / repository.folder
    if target.exists():
        raise BadInput(f"{target} is there already; nothing was replaced. Delete or move it to fetch it again.")
    if shutil.which("git") is None:
        raise DataUnavailable(f"Git is not installed, and it has to fetch {repository.url}.")
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{repository.folder}.", dir=data_folder) as staging:
            for command in _commands(repository):
                yield from _run(["git", "-C", staging, *command], repository)
            (Path(staging) / repository.path).rename(target)
    except OSError as error:
        raise DataUnavailable(f"{data_folder} cannot be written: {error.strerror or error}.") from error
    return Fetched(target, proof(repository))


def proof(repository: Repository) -> str:
    """What the files are compared with, in words."""
    return f"the hash of commit {repository.commit[:10]}"


def _commands(repository: Repository) -> tuple[tuple[str, ...], ...]:
    """One commit without its history, and of that commit the one folder."""
    return (
        ("init", "--quiet"),
        ("remote", "add", "origin", repository.url),
        ("sparse-checkout", "set", repository.path),
        ("fetch", "--quiet", "--depth", "1", "--filter=blob:none", "origin", repository.commit),
        ("checkout", "--quiet", repository.commit),
    )


def _run(command: list[str], repository: Repository) -> Generator[Progress, None, None]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=os.environ | NOBODY_TO_ASK)
        try:
            while process.poll() is None:
                yield Progress(0, None, "", "cloning")
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip().splitlines()
            raise DataUnavailable(
                f"{repository.url} did not come: {reason[-1] if reason else 'git failed'}. Try again."
            )
