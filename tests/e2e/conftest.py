"""A real server on a free port and Debian's Chromium, offline; every page that a test opens is watched for errors and
strangers.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "tests" / "shots"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Streamlit probes /<page>/_stcore/… on a deep link and falls back: two harmless 404s.
HARMLESS = re.compile(r"/[\w-]+/_stcore/(health|host-config)$")
START_SECONDS = 30
REAL = ("Real SqueezeNet", "Real MobileNet")
WIDE = {"width": 1280, "height": 900}
PATIENCE_MS = 60_000


def pytest_collection_modifyitems(items):
    """A browser on a busy machine may miss a click: a test in it has a second try, which pytest's summary counts."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """`streamlit run app.py` with its own cache folder; `models` are chosen in every link that names none."""

    models: tuple[str, ...] = ()
    script = "app.py"

    def __init__(self, cache: Path, log: Path, **environment: str):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.log = log
        address = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        self._command = [sys.executable, "-m", "streamlit", "run", self.script, *address]
        self._variables = {
            **os.environ,
            "ROBUST_LAB_CACHE": str(cache),
            "TORCH_HOME": str(cache),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._begin()

    def _begin(self) -> None:
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=self.log.open("a"), stderr=subprocess.STDOUT, env=self._variables
        )

    def restart(self) -> None:
        """End the process and begin another at the same address, which knows nothing of the first one's visitors."""
        self.stop()
        self._begin()
        self.wait()

    def wait(self) -> "Server":
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).status == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium with one profile for all visits, so that it reads and compiles the scripts of a server once."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: apt-get install chromium, or name one in CHROMIUM")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, args=ARGUMENTS
        )
        yield context
        context.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Starts a server over a cache folder; all are stopped at the end, and none may have logged a traceback."""
    servers = []

    def start(cache: Path, **environment: str) -> Server:
        server = Server(cache, tmp_path_factory.mktemp("server") / "log", **environment)
        servers.append(server)
        return server.wait()

    yield start
    for server in servers:
        server.stop()
    for server in servers:
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-3000:]


class Visit:
    """A page of its own, and whatever went wrong on it."""

    def __init__(
        self,
        browser,
        url: str,
        models: tuple[str, ...] = (),
        *,
        viewport: dict[str, int] = WIDE,
        color_scheme: str = "light",
        reduced_motion: str = "no-preference",
    ):
        self.url, self.models = url, models
        self.page = browser.new_page()
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        self.page.set_default_timeout(PATIENCE_MS)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type == "error" and not HARMLESS.search(message.location.get("url") or ""):
            self.problems.append(f"console: {message.text} {message.location.get('url')}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:")):
            self.problems.append(f"a request leaves the machine: {request.url}")

    def open(self, path: str = "/") -> "Visit":
        chosen = urlencode([("models", title) for title in self.models]) if "models=" not in path else ""
        self.page.goto(self.url + path + (("&" if "?" in path else "?") + chosen if chosen else ""))
        self.page.wait_for_selector("h1")
        return self

    def settle(self) -> "Visit":
        """Wait until no script runs."""
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
        )
        return self

    def close(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        if not self.page.is_closed():
            self.page.screenshot(path=SHOTS / f"{name}.png")
            assert self.page.get_by_test_id("stException").count() == 0
            self.page.close()
        assert not self.problems, self.problems


def settle(page) -> None:
    """Wait until no script runs: a page that runs anew takes the file behind a download button away."""
    page.wait_for_function("document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'")


def fits_in_both_looks(page) -> None:
    """A page that was opened in the dark is no wider than its window, in the light and in the dark again."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{look}: {page.url}"


def open_list(box) -> None:
    """Open the list of this combobox. An open one closes when what is around it scrolls, and a click may scroll; so
    that comes first, and ends.
    """
    box.hover()  # scrolls to it, and tries again while the page still draws
    box.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    box.click()
    box.page.get_by_role("option").first.wait_for()


@pytest.fixture(scope="session")
def real_cache(tmp_path_factory):
    """A cache folder with two real models."""
    return import_real(tmp_path_factory.mktemp("cache"))


def import_real(cache: Path) -> Path:
    """Two real models into the folder `cache`, by the command that users have; the test is skipped without them."""
    if "ROBUST_LAB_TEST_DATA" not in os.environ:
        pytest.skip("ROBUST_LAB_TEST_DATA names no folder with real weights")
    weights = Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights"
    models = [
        ("squeezenet1_0", "Real SqueezeNet", "squeezenet1_0_*.pth"),
        ("mobilenet_v2", "Real MobileNet", "mobilenet_v2_*.safetensors"),
    ]
    for architecture, title, pattern in models:
        command = [sys.executable, "-m", "robust_core", "models", "import", str(next(weights.glob(pattern)))]
        options = ["--architecture", architecture, "--key", architecture + "_real", "--title", title]
        subprocess.run(
            command + options, check=True, env={**os.environ, "ROBUST_LAB_CACHE": str(cache)}, capture_output=True
        )
    return cache


@pytest.fixture(scope="session")
def server(serve, real_cache):
    """A server with two real models beside those that are always there."""
    server = serve(real_cache)
    server.models = REAL
    return server


@pytest.fixture(scope="session")
def fresh(serve, tmp_path_factory):
    """A server with an empty cache: what comes with the project is ready."""
    return serve(tmp_path_factory.mktemp("fresh"))


@pytest.fixture
def visit(browser, request):
    """Opens visits; at the end each leaves a screenshot and must have had no problem."""
    visits = []

    def start(server: Server, **options) -> Visit:
        visits.append(Visit(browser, server.url, server.models, **options))
        return visits[-1]

    yield start
    for number, one in enumerate(visits):
        one.close(f"{request.node.name}-{number}" if number else request.node.name)
