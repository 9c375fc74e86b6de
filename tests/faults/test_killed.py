"""SIGTERM in the middle of a write: what was written is whole or absent, the next run goes on, and clears away what the
last one left.
"""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
import torch

from robust_core import settings
from robust_core.benchmark import runner
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import own_store
from robust_core.events import result_of
from robust_core.models import checkpoints, digests, weights
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.imports import import_file, imported
from robust_core.models.spec import ModelSpec
from tests.faults.conftest import PATIENCE_SECONDS
from tests.faults.folders import files_in
from tests.loopback import serving
from tests.models.weight_files import TWO_LAYERS, row_of, sha256

PROCESSES = multiprocessing.get_context("forkserver")  # its server imports torch once
PROCESSES.set_forkserver_preload([__name__])
CONFIG = RunConfig("mini_p", "mini_resnext", limit=1)  # 10 units
SOUND_WRITES = 2


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def write_a_unit_by_half() -> None:
    write, left = Path.write_bytes, [SOUND_WRITES]

    def write_bytes(path: Path, content: bytes) -> None:
        if not left[0]:
            write(path, content[: len(content) // 2])
            terminate()
        left[0] -= 1
        write(path, content)

    Path.write_bytes = write_bytes
    result_of(runner.run(CONFIG))


def store_by_half(file: Path) -> None:
    def write_safetensors(path: Path, state: dict) -> None:
        path.write_bytes(bytes(1000))
        terminate()

    checkpoints.write_safetensors = write_safetensors
    ARCHITECTURES["two_layers"] = TWO_LAYERS
    import_file(file, "two_layers", "mine", "Mine")


def fetch_and_stop_before_the_check(row: ModelSpec) -> None:
    digests.hashing = lambda _path: terminate()
    result_of(weights.download(row))


def in_a_process(work, cache, *arguments) -> None:
    """What a new process does first, then `work`."""
    torch.set_num_threads(1)
    os.environ.update(ROBUST_LAB_CACHE=str(cache), TORCH_HOME=str(cache), NO_PROXY="*")
    work(*arguments)


def terminated(work, *arguments) -> None:
    """Run `work` in a process of its own, which must end by SIGTERM."""
    process = PROCESSES.Process(target=in_a_process, args=(work, settings.cache_dir(), *arguments))
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGTERM


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")


def test_a_benchmark_goes_on_with_the_unit_that_was_being_written():
    terminated(write_a_unit_by_half)
    units = {path: path.read_bytes() for path in own_store().rglob("units/[!.]*.npz")}
    assert len(units) == SOUND_WRITES
    assert len(list(own_store().rglob("units/.*"))) == 1, "the half that was written"
    status = result_of(runner.run(CONFIG))
    assert (status.done, status.total, status.computed) == (10, 10, 8)
    assert {path: path.read_bytes() for path in units} == units
    assert not [name for name in files_in(own_store()) if name.startswith(".")]


def test_an_import_counts_for_nothing_and_the_next_one_clears_away_its_half(weight_file):
    terminated(store_by_half, weight_file)
    assert imported() == ()
    (half,) = files_in(settings.weights_dir())
    assert half.startswith(".mine.safetensors.")
    row = import_file(weight_file, "two_layers", "mine", "Mine")
    assert imported() == (row,)
    assert files_in(settings.weights_dir()) == ["digests.json", "mine.json", "mine.safetensors"]


def test_a_download_is_checked_and_not_fetched_again():
    body = os.urandom(20_000)
    with serving(body) as server:
        row = row_of(server.url, sha256(body), len(body))
        terminated(fetch_and_stop_before_the_check, row)
        assert weights.find(row) is None
        assert result_of(weights.download(row)).sha256 == sha256(body)
    assert server.asked[1]["Range"] == f"bytes={len(body)}-"
    assert files_in(settings.weights_dir()) == ["digests.json", row.weights.name]
