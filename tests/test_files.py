from pathlib import Path
from unittest.mock import Mock

import pytest

from robust_core.files import delete_stale_files, read_record, replacing, unchanged_record, write_record


def test_a_record_comes_back_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "new" / "record.json"
    write_record(path, {"title": "Größe", "bytes": 3})
    write_record(path, {"title": "Größe", "bytes": 4})
    assert read_record(path) == {"title": "Größe", "bytes": 4}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b'{"cut', b"[1]", b"\xff\xfe"])
def test_a_damaged_record_is_empty(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    assert read_record(path) == {}


def test_a_missing_record_is_empty(tmp_path):
    assert read_record(tmp_path / "none.json") == {}


def test_a_failed_replacement_keeps_the_old_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail_half_way() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"ne")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_deleted_and_nothing_else(tmp_path):
    path = tmp_path / "file [1]"
    kept = {path, tmp_path / ".file [1].lock", tmp_path / f".file 1.{'a' * 32}"}
    for one in kept:
        one.touch()
    writer = replacing(path)  # never left, as if the process had ended in the block
    left = writer.__enter__()
    left.touch()
    delete_stale_files(path)
    assert not left.exists()
    assert set(tmp_path.iterdir()) == kept


def test_an_unchanged_record_is_read_once_and_a_changed_one_again(tmp_path, monkeypatch):
    path, read, read_text = tmp_path / "record.json", [], Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda one, **how: read.append(one) or read_text(one, **how))
    assert unchanged_record(path) == {}
    for value in (1, 2):  # as long as each other, and perhaps written in one tick of the clock
        write_record(path, {"value": value})
        assert [unchanged_record(path), unchanged_record(path)] == [{"value": value}] * 2
    assert read == [path, path]
    path.unlink()
    assert unchanged_record(path) == {}


def test_a_record_that_could_not_be_read_for_a_moment_is_read_the_next_time(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_record(path, {"value": 1})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", Mock(side_effect=OSError("too many open files")))
        assert unchanged_record(path) == {}
    assert unchanged_record(path) == {"value": 1}
