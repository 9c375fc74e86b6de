"""How long work looks in a terminal; the dashboard shows the same events in its own way."""

import sys
from collections.abc import Iterable
from typing import Any

from robust_core.events import Progress

INTERRUPTED = 130  # what shells report for a command that Ctrl-C stopped
CLEAR_LINE = "\033[K"


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
