"""What is chosen is loaded before it is asked, once, and only where that costs little."""

from dataclasses import replace

import pytest

from robust_core.jobs import JobQueue, Room
from robust_core.models.catalogue import get_spec
from robust_core.models.pool import shared_pool
from robust_core.ui import loading_ahead
from robust_core.ui.loading_ahead import MOST_BYTES, load_ahead

WAIT_SECONDS = 20
MINI = get_spec("mini_resnext")
LARGE = replace(MINI, architecture=replace(MINI.architecture, parameters=MOST_BYTES))


@pytest.fixture
def jobs(monkeypatch):
    """A queue of the test's own, for a visitor of a server that has PyTorch and no model."""
    made = JobQueue("ahead", Room(9, 9, 9))
    monkeypatch.setattr(loading_ahead, "queue", lambda name: made)
    monkeypatch.setattr(loading_ahead, "subscriber", lambda: "visitor")
    monkeypatch.setattr(loading_ahead.warmup, "all_here", lambda: True)
    shared_pool().free_idle()
    yield made
    made.close()


def test_a_chosen_model_is_loaded_with_the_copy_that_will_serve(jobs):
    load_ahead([MINI])
    job = jobs.find(MINI.key)
    assert job.finished.wait(WAIT_SECONDS)
    assert job.error is None
    with shared_pool().use(MINI.key) as model:
        assert model.copies.memory_bytes > 0


def test_one_that_is_there_is_not_loaded_again_and_one_that_has_left_is(jobs):
    load_ahead([MINI])
    first = jobs.find(MINI.key)
    assert first.finished.wait(WAIT_SECONDS)
    load_ahead([MINI])
    assert jobs.find(MINI.key) is first
    shared_pool().free_idle()
    load_ahead([MINI])
    assert jobs.find(MINI.key) is not first


@pytest.mark.parametrize(("spec", "here"), [(LARGE, True), (MINI, False)], ids=["large", "early"])
def test_a_large_one_waits_until_it_is_asked_and_all_wait_for_pytorch(jobs, monkeypatch, spec, here):
    monkeypatch.setattr(loading_ahead.warmup, "all_here", lambda: here)
    load_ahead([spec])
    assert jobs.find(spec.key) is None
