import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from robust_core.events import Progress
from robust_core.models import digests
from tests.models.weight_files import sha256
from tests.outcomes import events_and_result


@pytest.fixture
def file(weights_folder):
    path = weights_folder / "file.pth"
    path.write_bytes(b"content")
    return path


def test_a_file_is_read_once_and_then_remembered(file, monkeypatch):
    assert digests.recall(file) is None
    assert digests.sha256(file) == sha256(b"content")
    monkeypatch.setattr("hashlib.file_digest", None)
    assert digests.sha256(file) == sha256(b"content")


def test_a_changed_file_is_read_again(file):
    digests.sha256(file)
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(0, 1))
    assert digests.recall(file) is None
    assert digests.sha256(file) == sha256(b"CONTENT")


def test_hashing_reads_the_file_whatever_is_remembered(file):
    digests.remember(file, "0" * 64)
    assert events_and_result(digests.hashing(file)) == ([Progress(7, 7, "bytes", "checking")], sha256(b"content"))


def test_forgetting_one_file_keeps_the_others(file, weights_folder):
    other = weights_folder / "other.pth"
    other.write_bytes(b"other")
    digests.sha256(file)
    digests.sha256(other)
    digests.forget(file)
    assert digests.recall(file) is None
    assert digests.recall(other) == sha256(b"other")


def test_a_lost_memory_only_costs_time(file, weights_folder):
    digests.sha256(file)
    (weights_folder / "digests.json").write_text('{"cut')
    assert digests.sha256(file) == sha256(b"content")


def test_a_memory_that_cannot_be_written_is_done_without(file, monkeypatch):
    def refuse(path, record):
        raise PermissionError

    monkeypatch.setattr(digests, "write_record", refuse)
    assert digests.sha256(file) == sha256(b"content")


def test_threads_that_remember_at_once_lose_nothing(weights_folder):
    paths = [weights_folder / f"{number}.pth" for number in range(40)]
    for path in paths:
        path.write_bytes(path.name.encode())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(digests.sha256, paths))
    assert [digests.recall(path) for path in paths] == [sha256(path.name.encode()) for path in paths]
