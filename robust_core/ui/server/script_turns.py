"""Scripts of all sessions take turns.

A rerun is tens of milliseconds of Python, in which many small calls let go of the interpreter and want it back. Thirty
at once hand it to and fro: each waited 1.4 s where, one after the other, it takes what it takes
(tests/bench/RESULTS.md, "A class of thirty").
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.Lock()
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Nobody else's script runs within this; a part of a script that has its turn already goes on."""
    if _has_turn():
        yield
        return
    with _turn:
        _mine.turn = True
        try:
            yield
        finally:
            _mine.turn = False


@contextmanager
def aside() -> Iterator[None]:
    """While this script waits for something, others have their turn."""
    if not _has_turn():
        yield
        return
    _mine.turn = False
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
        _mine.turn = True


def _has_turn() -> bool:
    return getattr(_mine, "turn", False)
