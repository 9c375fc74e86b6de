"""How long work looks in a terminal: on stderr, so that what is printed can go through a pipe."""

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from robust_core.events import Progress, result_of

Result = TypeVar("Result")
Show = Callable[[Progress], None]


def follow(name: str, work: Generator[Any, None, Result]) -> Result:
    """Run `work` to its end, show its progress behind `name`, and return its result.

    On a terminal it is a bar that goes when the work is done; elsewhere a line per ten percent, so that a log stays
    short.
    """
    with (_bar if sys.stderr.isatty() else _log)(name) as show:
        return result_of(work, show)


@contextmanager
def _bar(name: str) -> Iterator[Show]:
    from tqdm import tqdm

    with tqdm(desc=name, file=sys.stderr, leave=False, dynamic_ncols=True) as bar:

        def show(event: Progress) -> None:
            bar.unit, bar.unit_scale = ("B", True) if event.unit == "bytes" else (f" {event.unit}", False)
            bar.set_description_str(f"{name}: {event.note}" if event.note else name, refresh=False)
            if event.total != bar.total or event.done < bar.n:  # another phase of the work
                bar.total = event.total
                bar.reset()
            bar.update(event.done - bar.n)

        yield show


@contextmanager
def _log(name: str) -> Iterator[Show]:
    shown = None

    def show(event: Progress) -> None:
        nonlocal shown
        tenth = event.note, int(10 * (event.fraction or 0))
        if tenth != shown:
            percent = "" if event.fraction is None else f" ({event.fraction:.0%})"
            print(f"{name}: {event}{percent}", file=sys.stderr, flush=True)
        shown = tenth

    yield show
