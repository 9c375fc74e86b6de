import os
import subprocess
import sys

import pytest

from robust_core import settings
from robust_core.errors import BadInput

LIMITS = {
    "ROBUST_LAB_QUEUE": (settings.queue_length, 1000),
    "ROBUST_LAB_QUEUE_EACH": (settings.queue_length_each, 100),
    "ROBUST_LAB_JOB_SECONDS": (settings.job_seconds, None),
}
EVERY = pytest.mark.parametrize("name", LIMITS)


@EVERY
def test_a_limit_has_a_default_and_can_be_set(name, monkeypatch):
    read, default = LIMITS[name]
    for nothing in (None, ""):
        monkeypatch.delenv(name, raising=False) if nothing is None else monkeypatch.setenv(name, nothing)
        assert read() == default
    monkeypatch.setenv(name, "7")
    assert read() == 7


@EVERY
@pytest.mark.parametrize("wrong", ["0", "-3", "1.5", "many", "²"])
def test_a_wrong_limit_is_named_with_what_was_expected(name, wrong, monkeypatch):
    monkeypatch.setenv(name, wrong)
    with pytest.raises(BadInput, match=f"{name} must be a whole number from 1 on; got '?{wrong}'?\\."):
        LIMITS[name][0]()


@pytest.mark.parametrize(("answer", "allowed"), [("", True), ("on", True), ("off", False)])
def test_downloads_are_allowed_unless_they_are_off(answer, allowed, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", answer)
    assert settings.downloads_allowed() is allowed


def test_no_other_word_forbids_or_allows_downloads(monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "no")
    with pytest.raises(BadInput, match="must be on or off; got 'no'"):
        settings.downloads_allowed()


def test_every_variable_is_documented(monkeypatch):
    for name in (*LIMITS, "ROBUST_LAB_DOWNLOADS", "ROBUST_LAB_CACHE", "ROBUST_LAB_DATA", "ROBUST_LAB_DEVICE"):
        assert name in settings.__doc__


@pytest.mark.parametrize("wrong", [{"ROBUST_LAB_QUEUE_EACH": "none"}, {"ROBUST_LAB_DOWNLOADS": "no"}])
def test_a_server_with_a_wrong_limit_does_not_start(wrong):
    start = [sys.executable, "-c", "import asyncio, app; asyncio.run(app.lifespan(app.app).__aenter__())"]
    ended = subprocess.run(start, cwd=settings.ROOT, env={**os.environ, **wrong}, capture_output=True, text=True)
    assert ended.returncode == 1
    assert f"BadInput: {next(iter(wrong))} must be " in ended.stderr
