import os
import subprocess
import sys
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from robust_core import settings
from robust_core.errors import WeightsUnavailable
from robust_core.events import Progress, result_of
from robust_core.models import digests, transfer, weights
from robust_core.models.records import read_record
from robust_core.models.repairs import data_parallel
from tests.loopback import serving
from tests.models.weight_files import row_of, saved, sha256, some_state
from tests.outcomes import events_and_result

NAME = "tiny-weights.pth"


@pytest.fixture
def body(tmp_path):
    return saved(tmp_path, some_state())


@pytest.fixture
def server(weights_folder, body):
    with serving(body) as loopback:
        yield loopback


@pytest.fixture
def row(server, body):
    return row_of(server.url, sha256(body), len(body))


@pytest.fixture
def hub_file(weights_folder, body):
    path = Path(torch.hub.get_dir()) / "checkpoints" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    return path


def files_in(folder):
    """The visible files; lock files are hidden and stay."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_download_is_checked_put_in_place_and_found(row, body, weights_folder):
    assert weights.find(row) is None
    assert not weights.present(row)
    progress, ready = events_and_result(weights.download(row))
    assert progress
    assert all(isinstance(event, Progress) and event.unit == "bytes" for event in progress)
    assert ready == weights.WeightsReady("two_layers", weights_folder / NAME, sha256(body), "the whole SHA-256")
    assert weights.find(row) == ready.path
    assert weights.present(row)
    assert files_in(weights_folder) == ["digests.json", NAME]


def test_what_is_here_is_not_downloaded_again(row, server):
    first = result_of(weights.download(row))
    assert events_and_result(weights.download(row)) == ([], first)
    assert len(server.asked) == 1


def test_a_published_prefix_is_enough_and_said(row, body):
    row = replace(row, weights=replace(row.weights, sha256=sha256(body)[:8].upper()))
    assert (
        result_of(weights.download(row)).proof == "the first 8 digits of the SHA-256, which is all that was published"
    )


def test_a_wrong_file_is_deleted_and_said(row, weights_folder):
    row = replace(row, weights=replace(row.weights, sha256="0" * 64))
    with pytest.raises(
        WeightsUnavailable,
        match="SHA-256 begins with .* not with 00000000; they were deleted. Try again, or download http",
    ):
        result_of(weights.download(row))
    assert files_in(weights_folder) == []


def test_without_a_published_hash_the_size_decides_and_the_hash_is_kept(row, body, weights_folder):
    nameless = replace(row, weights=replace(row.weights, sha256=None))
    with pytest.raises(WeightsUnavailable, match=f"{len(body):,} bytes, not {len(body) + 1:,}"):
        result_of(weights.download(replace(row, weights=replace(nameless.weights, bytes=len(body) + 1))))
    ready = result_of(weights.download(nameless))
    assert ready.proof == "the published size; nobody published a hash"
    assert digests.recall(ready.path) == ready.sha256 == sha256(body)


def test_a_row_about_which_nothing_was_published(row, body):
    row = replace(row, weights=replace(row.weights, sha256=None, bytes=None))
    ready = result_of(weights.download(row))
    assert (ready.sha256, ready.proof) == (sha256(body), "nothing; nobody published a hash or a size")


@pytest.mark.parametrize("status", [403, 404, 416, 500])
def test_a_refusal_says_what_to_do_and_names_no_folder_of_the_server(row, server, tmp_path, status):
    server.status = status
    with pytest.raises(
        WeightsUnavailable, match=f"answered {status}.*by hand into the weights folder .cache/weights. as {NAME}"
    ) as caught:
        result_of(weights.download(row))
    assert str(tmp_path) not in str(caught.value)


def test_a_broken_download_is_never_used_and_gone_on_with(row, server, body, weights_folder):
    server.cut_after = len(body) // 2
    with pytest.raises(WeightsUnavailable, match="broke off"):
        result_of(weights.download(row))
    assert weights.find(row) is None
    server.cut_after = None
    assert result_of(weights.download(row)).sha256 == sha256(body)
    assert server.asked[1]["Range"] == f"bytes={len(body) // 2}-"
    assert files_in(weights_folder) == ["digests.json", NAME]


def test_a_cancelled_download_is_never_used_and_gone_on_with(row, server, body, monkeypatch):
    monkeypatch.setattr(transfer, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(weights, "PACE_SECONDS", 0)
    server.stall_after = len(body) // 2
    events = weights.download(row)
    while next(events).done < len(body) // 2:
        pass
    events.close()
    assert weights.find(row) is None
    server.stall_after = None
    assert result_of(weights.download(row)).sha256 == sha256(body)


def test_a_full_disk(row, weights_folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(10, 10, 0))
    with pytest.raises(WeightsUnavailable, match="0 MB free"):
        result_of(weights.download(row))
    assert files_in(weights_folder) == []


def test_a_weights_folder_that_cannot_be_made(row, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsUnavailable, match="The weights folder .cache/weights. cannot be written"):
        result_of(weights.download(row))


def test_shipped_and_imported_files_have_no_address(weights_folder):
    row = row_of("cache/mini/none.safetensors")
    assert not weights.downloadable(row)
    with pytest.raises(WeightsUnavailable, match="cannot be downloaded"):
        weights.download(row)


def test_threads_that_download_one_file_at_once_ask_once(row, server, body):
    with ThreadPoolExecutor(4) as pool:
        readies = list(pool.map(lambda _: result_of(weights.download(row)), range(4)))
    assert {ready.sha256 for ready in readies} == {sha256(body)}
    assert len(server.asked) == 1


def test_another_process_downloads_the_same_file(row, server, body, weights_folder, monkeypatch):
    """The other process holds the lock until it is told to go; meanwhile this one reports that it waits."""
    monkeypatch.setattr(weights, "BEAT_SECONDS", 0.01)
    hold = "import sys, filelock\nwith filelock.FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(weights_folder / f".{NAME}.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        events = weights.download(row)
        assert next(events).note == "waiting for another download of this file"
        (weights_folder / NAME).touch()
        with pytest.raises(WeightsUnavailable, match="are being downloaded"):
            weights.remove(row)
        other.stdin.close()
        assert result_of(events).sha256 == sha256(body)


def test_a_file_in_the_folder_of_torch_hub_is_checked_once(row, hub_file, monkeypatch):
    assert weights.present(row)
    assert weights.find(row) == hub_file
    monkeypatch.setattr("hashlib.file_digest", None)
    assert weights.find(row) == hub_file


def test_a_wrong_file_in_the_folder_of_torch_hub_is_not_used(row, hub_file, body):
    hub_file.write_bytes(b"another file")
    assert weights.find(row) is None
    assert not weights.present(row)
    hub_file.write_bytes(body)
    assert weights.find(row) == hub_file


@pytest.mark.parametrize("variables", [{"TORCH_HOME": "~/elsewhere"}, {"XDG_CACHE_HOME": "/somewhere"}, {}])
def test_the_folder_of_torch_hub_is_where_torch_says(monkeypatch, variables):
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(weights._hub_dir()) == os.path.join(torch.hub.get_dir(), "checkpoints")


def test_a_shipped_file_is_found_in_the_checkout(weights_folder, body, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED_CACHE", tmp_path / "cache")
    path = tmp_path / "cache" / "mini" / "shipped.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    row = row_of("cache/mini/shipped.safetensors", sha256(body), len(body))
    assert weights.find(row) == path
    assert not weights.remove(row)
    assert path.exists()


def test_verify_reads_the_file_again(row, body, weights_folder):
    with pytest.raises(WeightsUnavailable, match="not on this machine"):
        result_of(weights.verify(row))
    result_of(weights.download(row))
    progress, ready = events_and_result(weights.verify(row))
    assert progress[0].note == "checking"
    assert ready.sha256 == sha256(body)


@pytest.mark.parametrize("published", [True, False])
def test_verify_notices_what_changed_in_silence(row, body, weights_folder, published):
    row = row if published else replace(row, weights=replace(row.weights, sha256=None))
    path = result_of(weights.download(row)).path
    stat = path.stat()
    path.write_bytes(body[:-1] + b"?")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    for _ in range(2):
        with pytest.raises(WeightsUnavailable, match="remove them and get them again"):
            result_of(weights.verify(row))
    if published:
        assert weights.find(row) is None
        assert not weights.present(row)


def test_remove_deletes_own_files_and_leaves_the_folder_of_torch_hub(row, server, body, hub_file, weights_folder):
    assert not weights.removable(row)
    assert not weights.remove(row)
    (weights_folder / NAME).write_bytes(body)
    assert weights.find(row) == weights_folder / NAME
    assert weights.removable(row)
    assert weights.remove(row)
    assert weights.find(row) == hub_file
    assert files_in(weights_folder) == ["digests.json"]
    assert list(read_record(weights_folder / "digests.json")) == [str(hub_file)]


def test_remove_deletes_a_partial_download_too(row, server, body, weights_folder):
    server.cut_after = len(body) // 2
    with pytest.raises(WeightsUnavailable):
        result_of(weights.download(row))
    assert weights.remove(row)
    assert files_in(weights_folder) == []


def test_nothing_comes_more_often_than_the_eye_sees(row, server, monkeypatch):
    monkeypatch.setattr(transfer, "CHUNK_BYTES", 16)
    monkeypatch.setattr(weights, "PACE_SECONDS", 3600)
    (first,), ready = events_and_result(weights.download(row))
    assert isinstance(first, Progress)
    assert isinstance(ready, weights.WeightsReady)


def test_no_thread_and_no_lock_is_left_behind(row):
    result_of(weights.download(row))
    for thread in threading.enumerate():
        if thread.name.startswith("download"):
            thread.join(timeout=5)
            assert not thread.is_alive()
    with weights._lock(row.weights).acquire(timeout=0):
        pass


def test_another_thread_may_close_a_download(row, server, body):
    server.stall_after = len(body) // 2
    events = weights.download(row)
    with ThreadPoolExecutor(1) as worker:
        worker.submit(next, events).result()
        events.close()
        with weights._lock(row.weights).acquire(timeout=0):
            pass


def test_the_state_is_read_and_repaired(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": {f"module.{key}": tensor for key, tensor in some_state().items()}}, path)
    state = weights.read_state(row_of("https://example.invalid/weights.pth", repair=data_parallel), path)
    assert all(torch.equal(state[key], tensor) for key, tensor in some_state().items())
    with pytest.raises(WeightsUnavailable, match="Two Layers is another container than expected"):
        weights.read_state(row_of("https://example.invalid/weights.pth"), path)
