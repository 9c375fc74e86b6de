"""The shipped nginx configuration, run as it is but for ports and names: a class comes in through it, uploads pass, and
a visitor stays with one server.
"""

import gzip
import http.client
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.conftest import ROOT, Server, free_port
from tests.faults.client import Client
from tests.faults.doors import Uploader, address, half_requests, session_id, visits, websocket

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
CLASS = 31
MB = 2**20
AROUND = """
daemon off; worker_processes 1; error_log {folder}/error.log; pid {folder}/pid; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/robust-lab.conf;
}}
"""
pytestmark = pytest.mark.skipif(not NGINX, reason="no nginx on this machine: apt-get install nginx-light")


class Proxy:
    """nginx with the shipped file in front of servers at these ports."""

    def __init__(self, folder: Path, *ports: int):
        folder.mkdir()
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.log, self.asked = folder / "error.log", folder / "robust-lab.log"
        shipped = (ROOT / ".deploy" / "nginx.conf").read_text()
        servers = "\n".join(f"server 127.0.0.1:{one};" for one in ports)
        changed = shipped.replace("server 127.0.0.1:8501;", servers).replace("listen 80;", f"listen 127.0.0.1:{port};")
        changed = changed.replace("/var/log/nginx/", f"{folder}/")
        assert changed.count(servers) == 1
        (folder / "robust-lab.conf").write_text(changed)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
        self.process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])

    def wait(self) -> "Proxy":
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5)
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that trusts a proxy on this machine, and is reached under its addresses."""
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder / "cache", folder / "log", OMP_NUM_THREADS="1", ROBUST_LAB_TRUSTED_PROXY="127.0.0.1").wait()
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="module")
def proxy(server, tmp_path_factory):
    """nginx before that server."""
    proxy = Proxy(tmp_path_factory.mktemp("nginx") / "run", address(server.url)[1])
    yield proxy.wait()
    proxy.process.terminate()
    proxy.process.wait(10)


@pytest.mark.parametrize("way", ["direct", "through nginx"])
def test_a_class_behind_one_address_comes_in(server, proxy, way):
    for one in visits({"direct": server, "through nginx": proxy}[way].url, CLASS):
        one.close()


def test_what_was_asked_is_logged_without_a_lecturers_secret(proxy):
    urllib.request.urlopen(f"{proxy.url}/lesson?class_code=ABCDE&lecturer=a-secret").read()
    deadline = time.monotonic() + 10  # nginx writes its line after the answer
    while '"GET /lesson" 200' not in (lines := proxy.asked.read_text()):
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)
    assert "secret" not in lines + proxy.log.read_text()


def test_a_visitor_counts_by_the_own_address_and_forges_none(proxy):
    """All come from this machine through nginx, which says so; what they say themselves does not count."""
    within = visits(proxy.url, 64)
    with pytest.raises(InvalidStatus):
        websocket(proxy.url, additional_headers={"X-Forwarded-For": "203.0.113.9"})
    for one in within:
        one.close()


def test_who_is_trusted_speaks_for_many(server):
    """As a proxy would that stands before visitors from two addresses."""
    for one in visits(server.url, 100, lambda number: {"X-Forwarded-For": f"203.0.113.{number % 2}"}):
        one.close()


def test_a_page_works_and_half_requests_keep_nobody_out(proxy):
    with half_requests(proxy.url, 300):
        visitor = Client(proxy.url, "models", "world=ImageNet")
        assert "are ready" in visitor.words
        visitor.close()


def test_pages_behind_a_proxy_change_no_weights(proxy):
    visitor = Client(proxy.url, "models", "world=ImageNet")
    assert "Whoever runs this server imports weights" in visitor.words
    visitor.close()


def test_an_upload_passes_and_lies_on_no_disk_on_its_way(proxy):
    visitor = websocket(proxy.url)
    uploader = Uploader(proxy.url, session_id(visitor))
    assert uploader.put("whole", os.urandom(24 * MB))[0] == 204
    sender = uploader.begin("half", os.urandom(8 * MB))
    time.sleep(1)
    workers = psutil.Process(proxy.process.pid).children()
    assert not [
        file
        for worker in workers
        for file in worker.open_files()
        if file.path.startswith(str(proxy.log.parent / "body"))
    ]
    sender.close()
    visitor.close()


def test_other_addresses_take_no_large_bodies(proxy):
    connection = http.client.HTTPConnection(*address(proxy.url), timeout=10)
    connection.request("POST", "/", bytes(100_000))
    assert connection.getresponse().status == 413
    connection.close()


def test_scripts_come_compressed(proxy):
    page = urllib.request.urlopen(proxy.url, timeout=10).read().decode()
    script = next(part.split('"')[0] for part in page.split('src="./')[1:] if part.startswith("static/"))
    asked = urllib.request.Request(f"{proxy.url}/{script}", headers={"Accept-Encoding": "gzip"})
    answer = urllib.request.urlopen(asked, timeout=30)
    assert answer.headers["Content-Encoding"] == "gzip"
    content = answer.read()
    assert len(gzip.decompress(content)) > 2 * len(content)


def test_a_visitor_stays_with_one_server(tmp_path):
    """Two servers that say who they are: a visitor with a cookie is always sent to the same, and visitors differ."""
    from tests.loopback import serving

    with serving(b"one") as one, serving(b"two") as two:
        proxy = Proxy(tmp_path / "run", address(one.url)[1], address(two.url)[1]).wait()
        try:
            found = [visits_of_one(proxy.url) for _ in range(20)]
        finally:
            proxy.process.terminate()
            proxy.process.wait(10)
    assert all(len(set(answers)) == 1 for answers in found), found
    assert {answers[0] for answers in found} == {b"one", b"two"}


def visits_of_one(url: str) -> list[bytes]:
    """What a browser that keeps its cookie gets at five requests."""
    first = urllib.request.urlopen(url, timeout=10)
    cookie = first.headers["Set-Cookie"].split(";")[0]
    again = urllib.request.Request(url, headers={"Cookie": cookie})
    answers = [urllib.request.urlopen(again, timeout=10) for _ in range(4)]
    assert not any("lab_visitor" in (answer.headers["Set-Cookie"] or "") for answer in answers)
    return [first.read(), *(answer.read() for answer in answers)]
