"""Whose word is taken for where a visitor comes from, and what counts as one address."""

import pytest
import uvicorn
import uvicorn.config

from robust_core.ui.server import proxies
from tests.ui.server.asgi import run


def client_behind(peer: str, forwarded: str | None) -> str:
    """The address that the app sees when `peer` connects and says that it speaks for `forwarded`."""
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope = {"type": "http", "client": (peer, 4000), "headers": headers, "scheme": "http"}
    run(proxies.TrustedProxies(app, trusted_hosts="127.0.0.1")(scope, None, None))
    return seen[0]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "seen"),
    [
        ("", "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.0/8, 127.0.0.1", "10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "198.51.100.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("fd00::/8", "fd00::1", "2001:db8::9", "2001:db8::9"),
    ],
)
def test_only_a_trusted_proxy_says_where_a_visitor_comes_from(monkeypatch, trusted, peer, forwarded, seen):
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", trusted)
    assert client_behind(peer, forwarded) == seen


def test_uvicorn_wraps_the_app_in_it(monkeypatch):
    monkeypatch.setattr(uvicorn.config, "ProxyHeadersMiddleware", uvicorn.config.ProxyHeadersMiddleware)
    proxies.set_up()

    async def app(_scope, _receive, _send): ...

    config = uvicorn.Config(app)
    config.load()
    assert isinstance(config.loaded_app, proxies.TrustedProxies)


@pytest.mark.parametrize(
    ("host", "trusted"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.1.2.3", False), ("fd00::1", False), ("", False)],
)
def test_who_is_trusted(monkeypatch, host, trusted):
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", "10.0.0.0/8")
    assert proxies.is_trusted(host) is trusted


@pytest.mark.parametrize(
    ("host", "household"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(host, household):
    assert proxies.household(host) == household
