"""What all commands share: how they end, how long work looks in a terminal, and which numbers they take."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from robust_core.errors import BadInput, RobustError
from robust_core.events import Progress

INTERRUPTED = 130  # what shells report for a command that Ctrl-C stopped
NO_READER = 141  # and for one whose reader was gone, such as `head`
CLEAR_LINE = "\033[K"


def run_command(work: Callable[[], int | None], *, stopped: str = "Stopped.", complain: Callable[[RobustError], None] | None = None) -> int:
    """Do the work of a command and return its exit code, 0 where it returns none.

    A RobustError is printed, by `complain` if given, and ends with 1; Ctrl-C is answered with `stopped`. When nothing reads what is
    printed any more, the command ends without a word, as other tools do.
    """
    try:
        try:
            return work() or 0
        except RobustError as error:
            (complain or print_error)(error)
            return 1
        except KeyboardInterrupt:
            print(f"\n{stopped}", file=sys.stderr)
            return INTERRUPTED
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        return NO_READER


def print_error(error: RobustError) -> None:
    """Its sentence, where errors go."""
    print(error, file=sys.stderr)


def whole_number(option: str, number: int, least: int, most: int | None = None) -> int:
    """`number` itself; raises BadInput, naming the option, unless it lies between `least` and `most`."""
    if number < least or (most is not None and number > most):
        raise BadInput(f"{option} must be a whole number from {least} {'on' if most is None else f'to {most:,}'}; got {number}.")
    return number


def follow(name: str, events: Iterable[Any]) -> Any:
    """Run `events` to the end, print their progress behind `name`, and return the result, which is the last event.

    On a terminal one line rewrites itself; elsewhere there is a line per ten percent, so that a log stays short.
    """
    rewriting, result, shown = sys.stdout.isatty(), None, None
    try:
        for result in events:
            if not isinstance(result, Progress):
                continue
            percent = "" if result.fraction is None else f" ({result.fraction:.0%})"
            tenth = result.note, int(10 * (result.fraction or 0))
            if rewriting:
                print(f"\r{CLEAR_LINE}{name}: {result}{percent}", end="", flush=True)
            elif tenth != shown:
                print(f"{name}: {result}{percent}", flush=True)
            shown = tenth
    finally:
        if rewriting:
            print(f"\r{CLEAR_LINE}", end="", flush=True)
    return result
