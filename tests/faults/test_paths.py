"""No path of the server reaches the browser: not on a page, not in what is said of a fault, not in a response to an odd
address.
"""

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from robust_core import settings
from robust_core.models import pool
from robust_core.ui.server import warmup
from tests.data.folders import DALMATIAN, put
from tests.e2e.conftest import Server
from tests.faults.client import Client
from tests.faults.sent import all_strings
from tests.faults.test_answers import FAULTS as RESPONSE_FAULTS
from tests.faults.test_disk import WHILE_DOWNLOADING
from tests.faults.test_names import asked_everything
from tests.pages.opening import PAGES, button, models_page, open_page, run_until, state_of

SETTINGS = {"pgd_steps": {"n": "2", "steps": "3"}, "features": {"experiment": "Input gradient"}}
ODD = (
    *(
        "/nowhere",
        "/static/nowhere.js",
        "/media/nowhere.png",
        "/component/nowhere/index.html",
        "/component/../../app.py",
        "/app/static/../../app.py",
    ),
    *(
        "/%2e%2e/%2e%2e/etc/passwd",
        "/media/%2e%2e%2f%2e%2e%2fapp.py",
        "/static/..%2f..%2f..%2fapp.py",
        "/_stcore/nowhere",
        "/_stcore/upload_file/a/b",
    ),
    *(
        "/_stcore/bidi-components/nowhere/x.js",
        "/_stcore/bidi-components/live_chart/../../../app.py",
        "/%00",
        "/" + "a" * 5000,
        "//etc/passwd",
        "/~root",
    ),
    *(
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
        "/_stcore/stream",
        "/robust_core/ui/shell.py",
        "/.git/config",
        "/models?world=%00",
    ),
)


def paths() -> list[str]:
    """Where things lie on this server: the project, its cache folder, the data folder."""
    return [str(path) for path in (settings.ROOT, settings.cache_dir(), settings.data_dir()) if path is not None]


def check(app) -> None:
    assert not app.exception, app.exception[0]
    for place, text in all_strings(app):
        for path in paths():
            assert path not in text, f"{path} in {place}: {text[:500]!r}"


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    """A folder of images, one of them damaged, and one of a known data set that lies wrongly."""
    folder = tmp_path / "images of mine"
    put(folder / "imagenet-a" / DALMATIAN / "one.png", 90)
    put(folder / "zoo" / "two.png", 120)
    (folder / "zoo" / "a damaged one.png").write_bytes(b"no image")
    (folder / "imagenet-c").mkdir()
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    return folder


@pytest.mark.parametrize("world", ["Mini", "ImageNet"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_sends_a_path(page, world, own_cache, ready, data):
    warmup.wait()
    app = open_page(PAGES[page], world=world, **SETTINGS.get(page, {}))
    check(app)
    if any(one.key == "source" for one in app.selectbox):
        app.selectbox(key="source").set_value("zoo").run()
    check(asked_everything(app))


def test_no_view_of_the_benchmarks_sends_a_path(own_cache, data):
    views = re.findall(r'"([^"]+)": \w+\.show', PAGES["benchmarks"].read_text())
    assert "Run" in views
    for view in views:
        app = open_page(PAGES["benchmarks"], world="Mini", view=view)
        assert app.pills(key="view").value == view
        check(app)


def test_a_damaged_image_is_named_without_its_folder(own_cache, ready, data):
    app = open_page(world="ImageNet", source="zoo", images="a damaged one.png")
    assert "a damaged one.png is not a whole" in app.error[0].value
    check(app)


@pytest.mark.parametrize("fault", RESPONSE_FAULTS, ids=lambda fault: fault.name)
def test_no_fault_of_an_answer_sends_a_path(fault, fused, fuse, monkeypatch):
    warmup.wait()
    fault.inject(monkeypatch, fuse)
    app = run_until(open_page(world="ImageNet"), lambda app: len(app.error) == 2)
    check(app)


@pytest.mark.parametrize("fault", WHILE_DOWNLOADING, ids=lambda fault: fault.name)
def test_no_fault_of_a_download_sends_a_path(fault, downloadable, monkeypatch):
    _, server = downloadable
    app = models_page()
    fault.inject(monkeypatch, server)
    button(app, "Download").click().run()
    check(run_until(app, lambda app: state_of(app).startswith("failed: ")))


def test_an_error_of_the_operating_system_sends_no_path(fused, monkeypatch):
    """What no code expects, with a path in its own words."""

    def unreadable(*_arguments):
        raise PermissionError(13, "Permission denied", str(settings.cache_dir() / "weights" / "x"))

    warmup.wait()
    monkeypatch.setattr(pool, "load_network", unreadable)
    check(run_until(open_page(world="ImageNet"), lambda app: app.error))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with folders of its own, whose log says nothing of a mistake at the end."""
    folder = tmp_path_factory.mktemp("server")
    put(folder / "data" / "zoo" / "one.png", 90)
    server = Server(folder / "cache", folder / "log", ROBUST_LAB_DATA=str(folder / "data"), OMP_NUM_THREADS="1").wait()
    server.folder = folder
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text()


def no_path_in(content: bytes, server) -> None:
    for path in (settings.ROOT, server.folder):
        assert str(path).encode() not in content


@pytest.mark.parametrize("address", ODD)
def test_no_answer_to_an_odd_address_has_a_path_or_a_file_of_the_server(address, server):
    try:
        response = urllib.request.urlopen(server.url + address, timeout=20)
    except urllib.error.HTTPError as refusal:
        response = refusal
    content = response.read()
    no_path_in(content + str(response.headers).encode(), server)
    for secret in (b"root:x:", b"st.App(", b"[core]", b"set_page_config"):
        assert secret not in content


@pytest.mark.parametrize("page", PAGES)
def test_nothing_that_a_session_receives_has_a_path(page, server):
    visitor = Client(server.url, page, "world=Mini")
    visitor.run().close()
    assert visitor.elements
    no_path_in(visitor.received, server)
