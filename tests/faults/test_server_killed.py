"""SIGTERM to a running server: it ends at once, whatever it is at, and the next one takes a page's run up where it
was.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Server, free_port
from tests.faults.client import Client
from tests.faults.conftest import PATIENCE_SECONDS
from tests.faults.folders import files_in

RUN = "world=Mini&view=Run&run_experiment=Mini-C&run_n=32"
SOUND_WRITES = 2
ENDS_WITHIN_SECONDS = 10
HALTING_SERVER = f"""
import os, signal, threading
from pathlib import Path
write, left = Path.write_bytes, [{SOUND_WRITES}]
def write_bytes(path, content):
    if not left[0]:
        write(path, content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait()
    left[0] -= 1
    write(path, content)
Path.write_bytes = write_bytes
from streamlit.web.cli import main
main()
"""


class HaltingServer(Server):
    """The dashboard's own server; in the middle of its third unit it gets SIGTERM, and the write never goes on."""

    def __init__(self, cache: Path, log: Path):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.log = log
        options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        variables = {**os.environ, "ROBUST_LAB_CACHE": str(cache), "TORCH_HOME": str(cache), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", HALTING_SERVER, "run", "app.py", *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=log.open("w"), stderr=subprocess.STDOUT, env=variables
        )


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts servers that share a cache folder, one after the other, and ends what is left of them."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    servers = []

    def start(kind=Server) -> Server:
        servers.append(kind(tmp_path / "cache", tmp_path / f"log{len(servers)}"))
        return servers[-1].wait()

    yield start
    for server in servers:
        server.stop()
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def units(tmp_path):
    """The finished units of the page's run, by path."""
    return lambda: {path: path.read_bytes() for path in (tmp_path / "cache").rglob("units/[!.]*.npz")}


def half_written(cache: Path) -> list[str]:
    return [name for name in files_in(cache) if name.startswith(".")]


def taken_up(server: Server, cache: Path, done: dict[Path, bytes]) -> None:
    """On a new server the run is finished, and what was done before was not done again."""
    written = {path: path.stat().st_mtime_ns for path in done}
    visitor = Client(server.url, "benchmarks", RUN).run(press="Run").run_until(lambda one: "LIVE" in one.words)
    visitor.close()
    assert {path: path.read_bytes() for path in done} == done
    assert {path: path.stat().st_mtime_ns for path in done} == written
    assert len(list(cache.rglob("results.csv"))) == 1
    assert not half_written(cache)


def test_a_server_ended_while_it_computes_leaves_whole_units_only(start, units, tmp_path):
    server = start()
    visitor = Client(server.url, "benchmarks", RUN).run(press="Run").run_until(lambda _: units())
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(ENDS_WITHIN_SECONDS)
    visitor.close()
    assert not list(tmp_path.rglob("results.csv")), "it had not finished"
    taken_up(start(), tmp_path / "cache", units())


def test_a_server_ended_while_a_unit_is_written_leaves_no_half_of_it_for_a_unit(start, units, tmp_path):
    server = start(HaltingServer)
    Client(server.url, "benchmarks", RUN).run(press="Run")
    server.process.wait(PATIENCE_SECONDS)
    assert len(units()) == SOUND_WRITES
    assert len(half_written(tmp_path / "cache")) == 1
    taken_up(start(), tmp_path / "cache", units())
