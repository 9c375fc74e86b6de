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
    "ROBUST_LAB_VISITORS_EACH": (settings.visitors_each, 64),
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


PERMISSIONS = {"ROBUST_LAB_DOWNLOADS": settings.downloads_allowed, "ROBUST_LAB_IMPORTS": settings.imports_allowed}


@pytest.mark.parametrize("name", PERMISSIONS)
@pytest.mark.parametrize(("answer", "allowed"), [("", None), ("on", True), ("off", False)])
def test_a_permission_is_given_refused_or_left_open(name, answer, allowed, monkeypatch):
    monkeypatch.setenv(name, answer)
    assert PERMISSIONS[name]() is allowed


@pytest.mark.parametrize("name", PERMISSIONS)
def test_no_other_word_forbids_or_allows(name, monkeypatch):
    monkeypatch.setenv(name, "no")
    with pytest.raises(BadInput, match=f"{name} must be on or off; got 'no'"):
        PERMISSIONS[name]()


@pytest.mark.parametrize(
    ("listed", "networks"),
    [
        ("", ()),
        ("127.0.0.1", ("127.0.0.1/32",)),
        (" 10.1.2.3/8 ,::1,", ("10.0.0.0/8", "::1/128")),
    ],
)
def test_trusted_proxies_are_addresses_and_networks(listed, networks, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", listed)
    assert settings.trusted_proxies() == networks


@pytest.mark.parametrize("wrong", ["proxy.example", "127.0.0.1 10.0.0.1", "10.0.0.0/40", "*"])
def test_a_proxy_that_is_no_address_is_named_with_what_was_expected(wrong, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", wrong)
    with pytest.raises(BadInput, match="must be addresses or networks, separated by commas, such as 127.0.0.1"):
        settings.trusted_proxies()


def test_every_variable_is_documented():
    others = ("ROBUST_LAB_TRUSTED_PROXY", "ROBUST_LAB_CACHE", "ROBUST_LAB_DATA", "ROBUST_LAB_DEVICE")
    for name in (*LIMITS, *PERMISSIONS, *others):
        assert name in settings.__doc__


@pytest.mark.parametrize(
    "wrong",
    [
        {"ROBUST_LAB_QUEUE_EACH": "none"},
        {"ROBUST_LAB_DOWNLOADS": "no"},
        {"ROBUST_LAB_VISITORS_EACH": "0"},
        {"ROBUST_LAB_TRUSTED_PROXY": "proxy.example"},
    ],
)
def test_a_server_with_a_wrong_limit_does_not_start(wrong):
    start = [sys.executable, "-c", "import asyncio, app; asyncio.run(app.lifespan(app.app).__aenter__())"]
    ended = subprocess.run(start, cwd=settings.ROOT, env={**os.environ, **wrong}, capture_output=True, text=True)
    assert ended.returncode == 1
    assert f"BadInput: {next(iter(wrong))} must be " in ended.stderr
