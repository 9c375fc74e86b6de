"""What all commands share: how they end, and what is wrong with a number before any work begins."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from robust_core import settings
from robust_core.checks import whole
from robust_core.errors import BadInput, RobustError, WeightsUnavailable

INTERRUPTED = 130  # what shells report for a command that Ctrl-C stopped
NO_READER = 141  # and for one whose reader was gone, such as `head`
LEAST = {"n": 1, "seed": 0}


def run_command(work: Callable[[], int | None], *, stopped: str = "Stopped.") -> int:
    """Do the work of a command and return its exit code, 0 where it returns none.

    The sentence of a RobustError goes to stderr and ends with 1; Ctrl-C is answered with `stopped`. When nothing reads
    what is printed any more, the command ends without a word, as other tools do.
    """
    try:
        try:
            return work() or 0
        except RobustError as error:
            print_error(error)
            return 1
        except SystemExit as ended:  # argparse's, after help (0) or usage (2)
            return int(ended.code or 0)
        except KeyboardInterrupt:
            print(f"\n{stopped}", file=sys.stderr)
            return INTERRUPTED
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        return NO_READER


def print_error(error: RobustError) -> None:
    """Its sentence, where errors go; one about weights says where these are looked for."""
    print(error, file=sys.stderr)
    if isinstance(error, WeightsUnavailable):
        print(f"The weights folder is {settings.weights_dir()}.", file=sys.stderr)


def check_options(options: Namespace) -> None:
    """Raise BadInput for an option of the vocabulary that is out of range, or that names a place where nothing can be
    written.
    """
    given = {name: value for name, value in vars(options).items() if value is not None}
    for name in LEAST.keys() & given.keys():
        whole(f"--{name}", given[name], LEAST[name])
    for name in ("out", "to"):
        if name in given and not _can_be_written(given[name], folder=name == "to"):
            expected = "a folder" if name == "to" else "the name of a file, not of a folder,"
            raise BadInput(f"{given[name]} cannot be written; --{name} expects {expected} where you may write.")


@contextmanager
def on_device(name: str | None) -> Iterator[None]:
    """The device that --device names, as long as a command runs; raises BadInput where there is no such device."""
    if name is None:
        yield
        return
    from robust_core.models.device import choose_device

    before = os.environ.get("ROBUST_LAB_DEVICE")
    os.environ["ROBUST_LAB_DEVICE"] = name  # where everything looks for it, worker processes too
    try:
        try:
            choose_device()
        except BadInput as error:
            raise BadInput(str(error).replace("ROBUST_LAB_DEVICE", "--device")) from error
        yield
    finally:
        if before is None:
            del os.environ["ROBUST_LAB_DEVICE"]
        else:
            os.environ["ROBUST_LAB_DEVICE"] = before


def _can_be_written(path: Path, folder: bool) -> bool:
    there = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if there == path.absolute() and not folder:
        return there.is_file() and os.access(there.parent, os.W_OK)
    return there.is_dir() and os.access(there, os.W_OK)
