"""A zip archive's directory is read within bounds, and only where there is one for every reader."""

import io
import struct
import zipfile

import pytest

from robust_core.models import archives
from robust_core.models.archives import BadZipFile, TooLarge, entries, read_entry
from tests.models.weight_files import saved, some_state


def archive(names=("a/data.pkl", "a/version"), comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, name)
        file.comment = comment
    return stream.getvalue()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "archive"


def test_what_torch_writes_is_listed_and_read(tmp_path):
    saved(tmp_path, some_state())
    held = {entry.filename: entry for entry in entries(tmp_path / "saved.pth")}
    assert {"saved/data.pkl", "saved/version", "saved/data/0"} <= held.keys()
    assert read_entry(tmp_path / "saved.pth", held["saved/version"], 100) == b"3\n"
    assert len(read_entry(tmp_path / "saved.pth", held["saved/data.pkl"], 10)) == 10


def two_directories() -> bytes:
    """The end names a directory that is not the one before it, as a reader that trusts the offset and one that counts
    back differ.
    """
    content = bytearray(archive())
    other = archive(["b/data.pkl"])
    return other[:-22] + bytes(content)


def lying_locator() -> bytes:
    """A locator of a 64-bit end that points elsewhere than before itself."""
    content = archive()
    end = content[-22:]
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, *struct.unpack("<LL", end[12:20]))
    return content[:-22] + record + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + end


REFUSED = {
    "empty": b"",
    "short": b"PK\x05\x06",
    "cut short": archive()[:-5],
    "something behind it": archive() + b"\0",
    "a comment": archive(comment=b"PK\x05\x06 and more"),
    "something before it": b"#!/bin/sh\n" + archive(),
    "two directories": two_directories(),
    "a locator that lies": lying_locator(),
    "a directory of noise": archive()[:-60] + bytes(60 - 22) + archive()[-22:],
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_two_readers_could_read_differently_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(BadZipFile):
        entries(path)


def test_a_directory_beyond_the_bound_is_not_read(path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_DIRECTORY_BYTES", 100)
    path.write_bytes(archive())
    with pytest.raises(TooLarge, match="its directory has 0 MB"):
        entries(path)
