import gzip
import tarfile
import zipfile
from collections import namedtuple
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from robust_core.data import unpacking
from robust_core.data.unpacking import unpack
from robust_core.errors import BadInput
from robust_core.events import Progress
from tests.anything import bounded, made_or_refused
from tests.data.archive_files import content, image, member, tar, zipped

FILES = {f"set/n0144076{number}/x {number}.png": image(number) for number in range(4)}


@pytest.fixture
def place(tmp_path):
    """`place(data)` unpacks into a folder and returns what lies there; nothing may lie beside it in the end."""
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)

    def run(data: bytes) -> dict[str, bytes]:
        (tmp_path / "archive").write_bytes(data)
        list(unpack(tmp_path / "archive", folder))
        return content(folder)

    yield run
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} <= {"archive", "deep"}
    assert list((tmp_path / "deep").iterdir()) == [folder]
    assert not any(path.is_symlink() for path in folder.rglob("*"))


HONEST = {
    "tar": tar(FILES),
    "tar.gz": tar(FILES, mode="w:gz"),
    "zip": zipped(FILES),
    "zip deflated": zipped(FILES, zipfile.ZIP_DEFLATED),
    "zip without modes": zipped(FILES, mode=0),
    "tar with folders": tar(FILES, member("set/n01440764", tarfile.DIRTYPE)),
    "tar with dots": tar({f"./{name}": data for name, data in FILES.items()}),
}


@pytest.mark.parametrize("kind", HONEST)
def test_honest_archives_are_unpacked(place, kind):
    assert place(HONEST[kind]) == FILES


HOSTILE = {
    "a name with ..": tar({"../evil.png": image(1)}),
    "a name with .. inside": tar({"set/../../evil.png": image(1)}),
    "an absolute name": tar({"/tmp/evil-of-robustness-lab.png": image(1)}),
    "a name with backslashes": tar({"..\\evil.png": image(1)}),
    "a name with a drive": tar({"C:evil.png": image(1)}),
    "a symbolic link": tar(FILES, member("set/link", tarfile.SYMTYPE, "/etc")),
    "a symbolic link inside": tar(FILES, member("set/link", tarfile.SYMTYPE, "n01440760")),
    "a hard link": tar(FILES, member("set/link", tarfile.LNKTYPE, "../../archive")),
    "a character device": tar(FILES, member("set/null", tarfile.CHRTYPE)),
    "a block device": tar(FILES, member("set/disk", tarfile.BLKTYPE)),
    "a pipe": tar(FILES, member("set/pipe", tarfile.FIFOTYPE)),
    "zip: a name with ..": zipped({"../evil.png": image(1)}),
    "zip: an absolute name": zipped({"/tmp/evil-of-robustness-lab.png": image(1)}),
    "zip: a symbolic link": zipped({"link": b"/etc" * 2000}, mode=0o120777),
    "zip: a device": zipped({"null": bytes(5000)}, mode=0o020666),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused(place, kind):
    with pytest.raises(
        BadInput,
        match=r"^archive holds a (link|device|name that leads out of the folder) \(.+\), so it was not unpacked\.$",
    ):
        place(HOSTILE[kind])
    assert not Path("/tmp/evil-of-robustness-lab.png").exists()


BOMBS = {
    "tar.gz": tar({"zeros.png": bytes(10**7)}, mode="w:gz"),
    "zip": zipped({"zeros.png": bytes(10**7)}, zipfile.ZIP_DEFLATED),
    "zip of many files": zipped({f"{number}": b"" for number in range(3000)}),
}


@pytest.mark.parametrize("pack", [zipped, lambda files: tar(files)])
def test_folders_nested_without_end_are_refused_before_deleting_them_fails(place, pack):
    with pytest.raises(BadInput, match=r"^archive nests more than 32 folders \(.+\), so it was not unpacked\.$"):
        place(pack({"a/" * 400 + "x.png": image(1)}))


@pytest.mark.parametrize("pack", [zipped, tar])
def test_a_name_that_is_longer_than_any_is_refused(place, pack):
    longest = "/".join(["é" * 100] * 5)
    assert place(pack({f"{longest}/x.png": image(1)})) == {f"{longest}/x.png": image(1)}
    with pytest.raises(
        BadInput, match=r"^archive holds a name of more than 1,024 bytes \(.+\), so it was not unpacked"
    ):
        place(pack({f"{longest}/{'x' * 200}.png": image(1)}))


def block(kind: bytes, size: int, extended: bool = False) -> bytes:
    """The header of a tar's member; `extended` says that a header of the old sparse format goes on."""
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    data = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    data[482] = extended
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])  # the checksum, with itself as spaces
    return bytes(data)


ZEROS = bytes(8 << 20)
MORE_SPARSE = (bytes(504) + b"\1").ljust(512, b"\0")
LONG_HEADERS = {
    "of pax": block(tarfile.XHDTYPE, len(ZEROS)) + ZEROS,
    "of pax for all": block(tarfile.XGLTYPE, len(ZEROS)) + ZEROS,
    "a long name": block(tarfile.GNUTYPE_LONGNAME, len(ZEROS)) + ZEROS,
    "a long link": block(tarfile.GNUTYPE_LONGLINK, len(ZEROS)) + ZEROS,
    "sparse without end": block(tarfile.GNUTYPE_SPARSE, 0, extended=True) + MORE_SPARSE * 4096,
    "many of pax": (block(tarfile.XHDTYPE, 400_000) + ZEROS[:400_384]) * 4,
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", LONG_HEADERS)
def test_headers_longer_than_any_are_refused_before_they_are_read(place, kind, packed):
    data = tar({"x.png": image(1)})[:-10_240] + LONG_HEADERS[kind] + tar(FILES)
    with pytest.raises(BadInput, match=r"^archive has longer headers than any data set, so it was not unpacked\.$"):
        place(gzip.compress(data, 1) if packed else data)


def test_a_directory_longer_than_any_is_refused_before_it_is_read(place, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_DIRECTORY_BYTES", 5000)
    assert place(HONEST["zip"]) == FILES
    with pytest.raises(BadInput, match=r"^archive has longer headers than any data set"):
        place(zipped({f"{number}": b"" for number in range(200)}))


def test_the_bounds_leave_room_for_published_sets(place):
    """As ImageNet-Sketch: 50,889 names of some sixty bytes, with 46 bytes around each in the directory."""
    assert unpacking.MOST_DIRECTORY_BYTES > 50_889 * (46 + 60) * 2
    assert place(tar({f"{'long ' * 30}/{number}.png": image(1) for number in range(3)}))


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused(place, tmp_path, kind):
    with pytest.raises(BadInput, match="takes more room than 10 times its own size"):
        place(BOMBS[kind])
    assert sum(len(data) for data in content(tmp_path / "deep").values()) < 10**6


def test_more_than_the_disk_has_free_is_refused_before_it_is_written(place, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(10**6, 10**6 - 9000, 9000))
    with pytest.raises(BadInput, match="takes more room than what the disk has free"):
        place(HONEST["tar"])
    assert len(content(tmp_path / "deep")) == 1


def encrypted() -> bytes:
    """A zip whose directory says that its file is encrypted: bit 0 of the flags, 8 bytes after the entry's
    signature.
    """
    data = bytearray(zipped({"x.png": image(1)}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


DAMAGED = {
    "nothing": b"",
    "text": b"not found" * 1000,
    "a tar.gz cut short": HONEST["tar.gz"][:-3000],
    "a tar cut short": HONEST["tar"][:8000],
    "a zip with a wrong checksum": HONEST["zip"].replace(image(2), image(3), 1),
    "a zip that is encrypted": encrypted(),
    "a file below a file": tar({"x.png": image(1), "x.png/y.png": image(2)}),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_archives_are_refused(place, kind):
    with pytest.raises(BadInput, match=r"^archive (is damaged|cannot be unpacked|holds an encrypted file)"):
        place(DAMAGED[kind])


def test_progress_counts_bytes_of_the_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "BEAT_SECONDS", -1)
    (tmp_path / "folder").mkdir()
    (tmp_path / "archive").write_bytes(HONEST["tar"])
    events = list(unpack(tmp_path / "archive", tmp_path / "folder"))
    assert len(events) == len(FILES)
    assert all(isinstance(event, Progress) and event.total == len(HONEST["tar"]) for event in events)
    assert [event.done for event in events] == sorted({event.done for event in events})


SMALL = {f"set/{number}.png": image(number)[:300] for number in range(3)}
WHOLE = [
    tar(SMALL),
    tar({f"long/{'é' * 60}/{name}": data for name, data in SMALL.items()}),
    *(tar(SMALL, mode=f"w:{kind}") for kind in ("gz", "bz2", "xz")),
    *(zipped(SMALL, kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)),
]


def unpacked_or_refused(data: bytes) -> dict[str, bytes] | None:
    """What lies in the folder, None when the archive was refused; whatever it says, nothing lies beside the folder and
    nothing is a link.
    """
    with TemporaryDirectory() as place:
        archive, folder = Path(place, "archive"), Path(place, "deep", "folder")
        folder.mkdir(parents=True)
        archive.write_bytes(data)
        unpacked = made_or_refused(lambda: list(unpack(archive, folder)))
        assert {path.name for path in Path(place).iterdir()} == {"archive", "deep"}
        assert list(folder.parent.iterdir()) == [folder]
        assert not any(path.is_symlink() for path in folder.rglob("*"))
        return None if unpacked is None else content(folder)


NAMES = st.lists(
    st.sampled_from(["a", "b.png", "..", ".", "", " ", "C:", "é\u202e", "x" * 300, "nul\0"]), min_size=1, max_size=4
)


@bounded
@example(
    parts=[""], separator="/", kind=tarfile.REGTYPE, as_zip=True
)  # zipfile itself raises IndexError at a file without a name
@given(
    parts=NAMES,
    separator=st.sampled_from(["/", "\\"]),
    kind=st.sampled_from(
        [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, b"?"]
    ),
    as_zip=st.booleans(),
)
def test_whatever_a_member_is_called_nothing_leaves_the_folder(parts, separator, kind, as_zip):
    name = separator.join(parts)
    lies = unpacked_or_refused(
        zipped({name: b"1", **SMALL}) if as_zip else tar(SMALL, member(name, kind, "/etc/passwd"))
    )
    assert lies is None or SMALL.items() <= lies.items()


@bounded
@given(
    data=st.sampled_from(WHOLE),
    edits=st.lists(
        st.tuples(st.integers(-400, 1200), st.sampled_from([0, 1, 46, 47, 128, 255])), min_size=1, max_size=6
    ),
)
def test_mutated_archives_are_unpacked_or_refused(data, edits):
    mutated = bytearray(data)
    for position, value in edits:
        mutated[position % len(mutated)] = value
    unpacked_or_refused(bytes(mutated))


def test_a_member_of_negative_size_ends_and_is_refused():
    """A size below zero sends a reader of tar files backwards."""
    data = bytearray(tar({"x.png": b"x" * 600}))
    data[124:136] = b"\xff" * 4 + (-1024).to_bytes(8, "big", signed=True)  # the size, in base 256
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])  # the checksum, with itself as spaces
    assert unpacked_or_refused(bytes(data)) is None
