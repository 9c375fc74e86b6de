"""Under which names a server is reached, and what its pages may do to its weights."""

import inspect
import socket

import pytest
from streamlit import config
from streamlit.web.server.starlette.starlette_app import App
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from robust_core import settings
from robust_core.ui.server import hosts

SHIPPED = ["localhost", "127.0.0.1", "::1"]


@pytest.fixture
def listens(monkeypatch):
    """Has the server listen on an address, with these names allowed."""
    monkeypatch.delenv("ROBUST_LAB_TRUSTED_PROXY", raising=False)
    before = {name: config.get_option(name) for name in ("server.address", "server.allowedHosts")}

    def listens(address, names=SHIPPED):
        config.set_option("server.address", address)
        config.set_option("server.allowedHosts", list(names))
        hosts.set_up()

    yield listens
    for name, value in before.items():
        config.set_option(name, value)


def test_the_project_names_the_hosts_of_this_machine_alone():
    import tomllib

    shipped = tomllib.loads((settings.ROOT / ".streamlit" / "config.toml").read_text())
    assert shipped["server"]["allowedHosts"] == SHIPPED


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1"])
def test_a_server_for_this_machine_is_reached_under_its_local_names_alone(listens, address):
    listens(address)
    assert [is_host_allowed(host) for host in ("localhost:8501", "127.0.0.1:8501", "[::1]:8501")] == [True] * 3
    assert not is_host_allowed("evil.example")
    assert not is_host_allowed(f"{socket.gethostname()}:8501")


def test_the_address_that_is_listened_on_is_a_name_without_being_given(listens):
    listens("192.0.2.10")
    assert is_host_allowed("192.0.2.10:8501")
    assert not is_host_allowed("evil.example")
    assert not is_host_allowed("192.0.2.11")


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::", None])
def test_who_listens_everywhere_is_reached_under_all_names_of_the_machine(listens, everywhere):
    listens(everywhere)
    assert is_host_allowed(socket.gethostname())
    assert is_host_allowed(f"{socket.gethostname()}.local:8501")
    assert is_host_allowed("127.0.0.1:8501")
    assert not is_host_allowed("evil.example")


def test_names_that_the_operator_gives_count_and_none_at_all_means_any(listens):
    listens("192.0.2.10", ["lab.example.org"])
    assert is_host_allowed("lab.example.org")
    assert not is_host_allowed("localhost")
    listens("192.0.2.10", [])
    assert is_host_allowed("anything.example")


@pytest.mark.parametrize(
    ("stated", "address", "proxy", "expected"),
    [
        ("on", "0.0.0.0", "", True),
        ("off", "localhost", "", False),
        ("", "localhost", "", True),
        ("", "127.0.0.1", "", True),
        ("", "::1", "", True),
        ("", "192.168.1.10", "", False),
        ("", "0.0.0.0", "", False),
        ("", None, "", False),
        ("", "localhost", "127.0.0.1", False),
    ],
)
@pytest.mark.parametrize(
    ("variable", "allowed"),
    [("ROBUST_LAB_IMPORTS", hosts.imports_allowed), ("ROBUST_LAB_DOWNLOADS", hosts.downloads_allowed)],
)
def test_who_may_change_weights(monkeypatch, listens, variable, allowed, stated, address, proxy, expected):
    listens(address)
    monkeypatch.setenv(variable, stated)
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", proxy)
    assert allowed() is expected


def test_uvicorn_by_itself_listens_where_the_settings_do_not_say(monkeypatch, listens):
    listens("localhost")
    for mode, expected in ((None, True), ("starlette-app", True), ("asgi-server", False), ("asgi-mounted", False)):
        monkeypatch.setattr(config, "_server_mode", mode)
        assert hosts.only_this_machine() is expected
    source = inspect.getsource(App)
    assert '"asgi-server"' in source
    assert '"asgi-mounted"' in source
