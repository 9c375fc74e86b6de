"""What every test of a page has."""

import time

import pytest

from robust_core.jobs import queue
from robust_core.ui import pickers

PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def own_cache(own_cache):
    """The cache folder of its own, asked for or not."""


@pytest.fixture(autouse=True)
def nothing_is_loaded_ahead(monkeypatch):
    """What one test chose is not loaded while the next one runs."""
    monkeypatch.setattr(pickers, "load_ahead", lambda specs: None)


@pytest.fixture(autouse=True)
def quiet_queue():
    """What one test began is over before the next, which may say that nothing runs."""
    yield
    deadline = time.monotonic() + PATIENCE_SECONDS
    while queue("device").active() and time.monotonic() < deadline:
        time.sleep(0.05)
