"""From files to images and notes: what is taken, what is told, and that one bad member never loses the others."""

import io
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust_core.data.uploads import File, Held, archive_members, memory, read, reading
from robust_core.events import Progress, result_of
from tests.image_file_samples import encode

WRONG_CRC = "is damaged inside its .zip"


def png(seed: int, size: tuple[int, int] = (20, 24)) -> bytes:
    return encode(np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8), "PNG")


def zipped(members, **options) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def taken(*files: tuple[str, bytes], held: Held | None = None):
    """(images by name, [(name, predicate)]) of these files together."""
    held = Held() if held is None else held
    results = result_of(
        read([File(str(number), name, data) for number, (name, data) in enumerate(files)], held)
    ).values()
    images = {name: held.get(digest) for one in results for digest, name in one.images}
    return images, [(note.name, note.predicate) for one in results for note in one.notes]


def test_files_become_images_with_their_names_and_no_label():
    images, notes = taken(("a.png", png(0)), ("b.png", png(1)))
    assert [(name, image.label) for name, image in images.items()] == [("a.png", None), ("b.png", None)]
    assert notes == []


def test_progress_counts_every_image_of_every_file():
    events = list(
        read([File("0", "a.png", png(0)), File("1", "b.zip", zipped({"x.png": png(1), "y.png": png(2)}))], Held())
    )
    assert [(event.done, event.total) for event in events if isinstance(event, Progress)] == [(0, 3), (1, 3), (2, 3)]


def test_class_folders_label_and_the_others_are_told():
    members = {
        "mine/n01440764/a.png": png(0),
        "Golden_Retriever/b.png": png(1),
        "207/c.png": png(2),
        "holiday/d.png": png(3),
        "e.png": png(4),
    }
    images, notes = taken(("x.zip", zipped(members)))
    assert {name: image.label for name, image in images.items()} == {
        "a.png": 0,
        "b.png": 207,
        "c.png": 207,
        "d.png": None,
        "e.png": None,
    }
    assert [name for name, predicate in notes if "names no class" in predicate] == ["“holiday”"]


def test_a_folder_without_an_image_is_not_told():
    images, notes = taken(("texts.zip", zipped({"letters/notes.txt": b"hello"})))
    assert images == {}
    assert [name for name, _ in notes] == ["notes.txt"]


def test_a_table_labels_files_by_name():
    table = "\ufefffile,class\nphotos/a.png,Golden retriever\nb.png,n01440764\nc.png,holiday\n".encode()
    images, notes = taken(("x.zip", zipped({"labels.csv": table, "a.png": png(0), "b.png": png(1), "c.png": png(2)})))
    assert [image.label for image in images.values()] == [207, 0, None]
    assert notes == []


def test_what_systems_leave_behind_is_passed_over_in_silence():
    left = (
        "__MACOSX/._a.png",
        "._a.png",
        ".DS_Store",
        "n01440764/Thumbs.db",
        ".hidden/x.png",
        "desktop.ini",
        "n01440764/",
    )
    images, notes = taken(("x.zip", zipped(dict.fromkeys(left, b"") | {"a.png": png(0)})))
    assert (list(images), notes) == (["a.png"], [])


def test_the_same_bytes_are_taken_once_and_told_and_the_label_is_kept():
    images, notes = taken(("a.png", png(0)), ("x.zip", zipped({"n01440764/b.png": png(0)})))
    assert len({id(image) for image in images.values()}) == 1
    assert images["a.png"].label == 0
    assert notes == [("b.png", "is a copy of an image that is here already, and was taken once")]


def test_one_damaged_member_loses_no_other():
    data = bytearray(zipped({"a.png": png(0), "b.png": png(1), "c.png": png(2)}))
    data[data.index(png(1)) + 60] ^= 255
    images, notes = taken(("x.zip", bytes(data)))
    assert list(images) == ["a.png", "c.png"]
    assert notes == [("b.png", WRONG_CRC)]


def test_a_zip_in_a_zip_is_told_and_not_opened():
    images, notes = taken(("x.zip", zipped({"inner.zip": zipped({"c.png": png(2)}), "b.png": png(1)})))
    assert list(images) == ["b.png"]
    assert notes == [("inner.zip", "is a .zip inside a .zip, which is not opened")]


def test_an_encrypted_member_is_told():
    data = bytearray(zipped({"a.png": png(0), "b.png": png(1)}))
    for header, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(header) + flags] |= 1  # of a.png
    images, notes = taken(("x.zip", bytes(data)))
    assert list(images) == ["b.png"]
    assert notes == [("a.png", "is encrypted")]


@pytest.mark.parametrize(
    "data", [b"PK\3\4 and no more", zipped({"a.png": png(0)})[:-30], zipped({"a.png": png(0)})[40:]]
)
def test_a_zip_that_is_cut_short_is_told(data):
    images, notes = taken(("x.zip", data), ("good.png", png(1)))
    assert list(images) == ["good.png"]
    assert [name for name, _ in notes] == ["x.zip"]


def test_an_empty_zip_is_told():
    assert taken(("x.zip", zipped({}))) == ({}, [("x.zip", "holds no files")])


def test_a_zip64_is_read(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    data = zipped({"a.png": png(0), "b.png": png(1)})
    assert b"PK\6\6" in data
    assert list(taken(("x.zip", data))[0]) == ["a.png", "b.png"]


def test_a_bomb_is_not_unpacked_further_than_its_size_allows(monkeypatch):
    unpacked = []
    monkeypatch.setattr(
        zipfile.ZipExtFile,
        "read",
        lambda file, n, read=zipfile.ZipExtFile.read: (unpacked.append(len(data := read(file, n))), data)[1],
    )
    bomb = zipped({f"{number}.png": bytes(30 * 2**20) for number in range(40)}, compression=zipfile.ZIP_DEFLATED)
    images, notes = taken(("x.zip", bomb))
    assert images == {}
    assert len(notes) == 40
    assert sum("unpacks to more than" in predicate for _, predicate in notes) > 20
    assert sum(unpacked) < archive_members.MAX_EXPANSION * len(bomb) + 26 * 2**20
    assert max(unpacked) <= 25 * 2**20 + 1


def test_a_member_that_says_it_is_small_is_not_read_further():
    data = bytearray(zipped({"a.png": bytes(2**20)}, compression=zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\1\2") + 24
    data[at : at + 4] = (100).to_bytes(4, "little")
    assert taken(("x.zip", bytes(data))) == ({}, [("a.png", WRONG_CRC)])


def test_too_many_entries_are_refused_before_a_parser_sees_them(monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert taken(("x.zip", zipped_before({f"{n}.png": b"" for n in range(4)}))) == (
        {},
        [("x.zip", "has more than 3 entries")],
    )


def zipped_before(members, archive_class=zipfile.ZipFile) -> bytes:
    buffer = io.BytesIO()
    with archive_class(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_names_are_shown_without_folders_and_control_characters():
    images, _ = taken(
        ("x.zip", zipped({"../../etc/pass\u202ewd\n.png": png(0), "C:\\a\\b.png": png(1), "/abs.png": png(2)}))
    )
    assert list(images) == ["passwd .png", "b.png", "abs.png"]


def test_at_most_so_many_images_and_the_rest_is_named(monkeypatch):
    monkeypatch.setattr(reading, "MAX_IMAGES", 2)
    images, notes = taken(*((f"{n}.png", png(n)) for n in range(4)))
    assert list(images) == ["0.png", "1.png"]
    assert notes == [(f"{n}.png", "was left out, since a session takes at most 2 images") for n in (2, 3)]


def test_reading_ends_after_its_time(monkeypatch):
    monkeypatch.setattr(reading, "MAX_SECONDS", -1)
    assert taken(("a.png", png(0)))[1] == [("a.png", "was left out, since reading took longer than -1 s")]


def test_the_memory_of_a_session_is_bounded(monkeypatch):
    monkeypatch.setattr(memory, "MAX_SESSION_BYTES", 3 * 20 * 24 * 3)
    held = Held()
    images, notes = taken(*((f"{n}.png", png(n)) for n in range(5)), held=held)
    assert list(images) == ["0.png", "1.png", "2.png"]
    assert held.bytes == 3 * 20 * 24 * 3
    assert len(notes) == 2


def test_where_the_process_is_full_the_largest_session_gives_its_oldest(monkeypatch):
    one = 20 * 24 * 3
    large, small, new = Held(), Held(), Held()
    taken(*((f"{n}.png", png(n)) for n in range(4)), held=large)
    taken(("s.png", png(9)), held=small)
    others = memory._bytes_of_all() - 5 * one
    monkeypatch.setattr(memory, "MAX_PROCESS_BYTES", others + 5 * one)
    assert taken(("n.png", png(8)), held=new)[1] == []
    assert (large.bytes, small.bytes, new.bytes) == (3 * one, one, one)
    _, notes = taken(("more.png", png(20)), held=large)
    assert notes == [("more.png", "was left out, since this server has no memory left for uploads")]


def test_a_session_that_is_gone_takes_nothing():
    before = memory._bytes_of_all()
    held = Held()
    taken(("a.png", png(0)), held=held)
    assert memory._bytes_of_all() == before + 20 * 24 * 3
    del held
    assert memory._bytes_of_all() == before


def test_only_what_is_wanted_stays():
    held = Held()
    images, _ = taken(("a.png", png(0)), ("b.png", png(1)), held=held)
    held.keep_only({images["b.png"].digest})
    assert (len(held), held.bytes) == (1, 20 * 24 * 3)


MEMBER_NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
HOSTILE = zipped(
    {"n01440764/a.png": png(0), "labels.csv": b"file,class\na.png,1", "b.png": png(1), "c.txt": b"text"},
    compression=zipfile.ZIP_DEFLATED,
)


@settings(max_examples=int(os.environ.get("MUTATIONS", 150)), deadline=None)
@given(st.data())
def test_mutated_archives_raise_nothing_and_write_nothing(data):
    mutated = bytearray(HOSTILE)
    for _ in range(data.draw(st.integers(1, 6))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(mutated)))
    images, notes = taken(
        ("x.zip", bytes(mutated[:cut]) if data.draw(st.booleans()) else bytes(mutated)), ("good.png", png(7))
    )
    assert "good.png" in images
    assert all(name.isprintable() and "/" not in name for name in [*images, *(name for name, _ in notes)])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(MEMBER_NAMES, st.booleans()), min_size=1, max_size=8, unique_by=lambda one: one[0]))
def test_whatever_members_are_called_names_are_shown_safely(members):
    files = {
        name: png(number) if good else b"no image" for number, (name, good) in enumerate(members) if name.split("\0")[0]
    }
    images, notes = taken(("x.zip", zipped(files)), ("good.png", png(99)))
    assert "good.png" in images
    assert all(name.isprintable() and "/" not in name for name in [*images, *(name for name, _ in notes)])


def test_a_member_without_a_name_loses_no_other():
    data = zipped({"no name": png(0), "b.png": png(1)}).replace(b"no name", bytes(7))
    images, _ = taken(("x.zip", data))
    assert "b.png" in images


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a/" * 33 + "x.png", "nests more than 32 folders"),
        ("a\\" * 33 + "x.png", "nests more than 32 folders"),
        ("é" * 600 + ".png", "holds a name of more than 1,024 bytes"),
        ("a/" * 30_000 + "x.png", "holds a name of more than 1,024 bytes"),
    ],
)
def test_a_zip_whose_names_are_deeper_or_longer_than_any_is_refused(name, fault):
    assert taken(("x.zip", zipped({"a.png": png(0), name: png(1)}))) == ({}, [("x.zip", fault)])
