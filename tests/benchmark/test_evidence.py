import time

import pytest

from robust_core import settings
from robust_core.benchmark import evidence, stored_runs
from robust_core.benchmark.leaderboard import board_of
from robust_core.results import published, published_tables
from tests.benchmark.finished_runs import number, save_run


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The user's own store, with no shipped runs beside it."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(stored_runs, "stores", lambda: (stored_runs.own_store(),))
    return stored_runs.own_store()


def test_all_published_rows_are_there_and_on_their_boards(store):
    assert len(evidence.rows()) == sum(len(published(table)) for table in published_tables())
    assert {row for rows in evidence.by_board().values() for row in rows} == set(evidence.rows())
    assert all(board_of(rows[0]) == board for board, rows in evidence.by_board().items())
    assert evidence.finished_runs() == ()


def test_the_shipped_runs_are_among_the_stores():
    assert settings.SHIPPED_CACHE / "mini" / "results" in stored_runs.stores()


def test_what_is_shipped_stands_on_boards_too(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    assert sum(map(len, evidence.by_board().values())) == len(evidence.rows())


def test_a_second_look_costs_nothing_and_a_new_run_is_seen(store):
    before = evidence.rows()
    assert evidence.rows() is before
    row = number("somebody")
    run = save_run(store, "somebody", [row], {})
    assert evidence.rows() == (*before, row)
    assert evidence.finished_runs() == (run,)
    assert evidence.rows() is evidence.rows()


def test_a_run_that_was_done_again_is_read_again(store):
    run = save_run(store, "somebody", [number("somebody", value=10.0)], {})
    assert evidence.rows()[-1].value == 10.0
    deadline = time.monotonic() + 10
    written = (run.folder / "results.csv").stat().st_mtime_ns
    while (run.folder / "results.csv").stat().st_mtime_ns == written and time.monotonic() < deadline:
        save_run(store, "somebody", [number("somebody", value=20.0)], {})
    assert evidence.rows()[-1].value == 20.0


def test_a_run_that_is_gone_is_gone(store):
    run = save_run(store, "somebody", [number("somebody")], {})
    assert evidence.rows()[-1].model == "somebody"
    (run.folder / "results.csv").unlink()
    assert evidence.rows()[-1].kind == "published"
