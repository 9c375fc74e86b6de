"""Every number that this project has: the published tables and what the benchmark runner computed, read once and again
when a run ends.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from robust_core.benchmark import stored_runs
from robust_core.benchmark.leaderboard import Board, boards
from robust_core.results import Result, published, published_tables

Stamp = tuple[tuple[str, int], ...]  # of every computed table: its path and when it was written, in nanoseconds


def rows() -> tuple[Result, ...]:
    """The published rows by table, then the computed ones by run; a second call costs a look at the folders of the
    runs.
    """
    return _gathered(_stamp())[0]


def by_board() -> Mapping[Board, Sequence[Result]]:
    """The same rows by the board that they stand on."""
    return _gathered(_stamp())[1]


def finished_runs() -> tuple[stored_runs.Run, ...]:
    """The runs behind the computed rows."""
    return _gathered(_stamp())[2]


def _stamp() -> Stamp:
    tables = (table for store in stored_runs.stores() for table in stored_runs.tables(store))
    return tuple((str(table), table.stat().st_mtime_ns) for table in tables)


def _finished() -> tuple[stored_runs.Run, ...]:
    return tuple(run for store in stored_runs.stores() for run in stored_runs.finished(store))


@lru_cache(maxsize=1)
def _gathered(
    _stamp: Stamp,
) -> tuple[tuple[Result, ...], Mapping[Board, Sequence[Result]], tuple[stored_runs.Run, ...]]:
    finished = _finished()
    quoted = (row for table in published_tables() for row in published(table))
    computed = (row for run in finished for row in run.results())
    every = (*quoted, *computed)
    return every, boards(every), finished
