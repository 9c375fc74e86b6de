import hashlib
import os
from dataclasses import replace

import pytest
from filelock import FileLock

from robust_core.data import datasets, foolbox, list_collections, list_samples, read
from robust_core.data.fetchable import Archive
from robust_core.data.fetching import Fetched, fetch
from robust_core.errors import BadInput, RobustError
from robust_core.events import Progress, result_of
from tests.data.archive_files import content, image, tar, zipped
from tests.data.folders import STINGRAY, TENCH
from tests.loopback import Loopback, serving
from tests.outcomes import events_and_result

IN_A = {f"imagenet-a/{TENCH}/{number}.jpg": image(number) for number in range(40)} | {
    "imagenet-a/README.txt": b"read me"
}
FOG = {f"fog/{level}/{TENCH}/x.JPEG": image(level) for level in range(1, 6)}
SNOW = {f"snow/{level}/{TENCH}/x.JPEG": image(level) for level in range(1, 6)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder, not made yet; nothing else may be written."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(foolbox, "_images", tuple)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    yield tmp_path / "data"
    assert {path.name for path in tmp_path.iterdir()} <= {"data"}


def row(server: Loopback, data_set: datasets.DataSet = datasets.IMAGENET_A, suffix: str = ".tar", **changes) -> Archive:
    md5, sha256 = hashlib.md5(server.body).hexdigest(), hashlib.sha256(server.body).hexdigest()
    archive = Archive(
        "all", data_set, f"{server.url}/archive{suffix}?download=1", len(server.body), None, md5, sha256, False, ("",)
    )
    return replace(archive, **changes)


def get(archive: Archive, folder) -> Fetched:
    return result_of(fetch(archive, folder, keep_archive=False))


def visible(folder) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_data_set_is_fetched_to_where_the_browser_finds_it(folder):
    with serving(tar(IN_A)) as server:
        events, fetched = events_and_result(fetch(row(server), folder, keep_archive=False))
    assert fetched == Fetched(folder / "imagenet-a", "its published MD5 and SHA-256")
    assert {event.note for event in events} - {"connecting"} == {"downloading", "checking", "unpacking"}
    assert visible(folder) == {"imagenet-a"}
    (found,) = list_collections()
    assert (found.title, len(list_samples(found.key))) == ("ImageNet-A", 40)
    assert read(list_samples(found.key)[7].id).label == 0


LAYOUTS = {
    "imagenet-r": (datasets.IMAGENET_R, ".tar", tar({f"imagenet-r/{TENCH}/art.jpg": image(1)})),
    "imagenetv2": (
        datasets.IMAGENET_V2_TOP,
        ".tar.gz",
        tar({"imagenetv2-top-images-format-val/7/x.jpeg": image(1)}, mode="w:gz"),
    ),
    "imagenet-sketch": (datasets.IMAGENET_SKETCH, ".zip", zipped({f"sketch/{TENCH}/sketch_0.JPEG": image(1)})),
    "imagenet-c": (datasets.IMAGENET_C, ".tar", tar(FOG)),
    "imagenet-c in folders": (
        datasets.IMAGENET_C,
        ".tar",
        tar({f"ImageNet-C/weather/{name}": data for name, data in FOG.items()}),
    ),
    "imagenet-p": (datasets.IMAGENET_P, ".tar", tar({f"snow/{TENCH}/film.mp4": image(1)})),
    "imagenet-p in a folder": (datasets.IMAGENET_P, ".tar", tar({f"weather/snow/{TENCH}/film.mp4": image(1)})),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_layout_is_recognised_after_fetching(folder, kind):
    data_set, suffix, body = LAYOUTS[kind]
    with serving(body) as server:
        get(row(server, data_set, suffix), folder)
    (found,) = list_collections()
    assert found.title == data_set.title
    assert [list_samples(found.key, condition=condition) for condition in found.conditions or (None,)]
    assert visible(folder) == {data_set.folders[0]}


def test_parts_of_one_data_set_come_together(folder):
    for name, files in [("fog", FOG), ("snow", SNOW)]:
        with serving(tar(files | {"README.txt": b"the same in both"})) as server:
            get(row(server, datasets.IMAGENET_C, part=name, adds=(name,)), folder)
    (found,) = list_collections()
    assert len(found.conditions) == 10
    assert content(folder / "imagenet-c") == FOG | SNOW | {"README.txt": b"the same in both"}


def test_a_broken_download_goes_on_where_it_stopped(folder):
    with serving(tar(IN_A)) as server:
        server.cut_after = 50_000
        with pytest.raises(
            RobustError, match=r"imagenet-a-all\.tar did not come: the connection to 127\.0\.0\.1 broke off"
        ):
            get(row(server), folder)
        assert visible(folder) == {"imagenet-a-all.tar.part", "imagenet-a-all.tar.part.version"}
        server.cut_after = None
        get(row(server), folder)
        assert server.asked[1]["Range"] == "bytes=50000-"
    assert visible(folder) == {"imagenet-a"}


def test_an_archive_that_lies_there_is_used_and_kept_if_so_wished(folder):
    with serving(tar(IN_A)) as server:
        archive = row(server)
        folder.mkdir()
        (folder / archive.name).write_bytes(server.body)
        result_of(fetch(archive, folder, keep_archive=True))
        assert server.asked == []
    assert visible(folder) == {"imagenet-a", "imagenet-a-all.tar"}


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_a_file_with_a_wrong_hash_is_deleted_and_not_unpacked(folder, name):
    with (
        serving(tar(IN_A)) as server,
        pytest.raises(RobustError, match="does not agree with its published MD5 and SHA-256; it was deleted"),
    ):
        get(row(server, **{name: "0" * 32}), folder)
    assert visible(folder) == set()


def test_an_unconfirmed_hash_is_named_so_and_the_file_is_kept(folder):
    with serving(tar(IN_A)) as server:
        unconfirmed = row(server, sha256=None, hash_unconfirmed=True)
        with pytest.raises(
            RobustError, match="its MD5, unconfirmed since one public loader alone states it; it was kept as"
        ):
            get(replace(unconfirmed, md5="0" * 32), folder)
        assert visible(folder) == {"imagenet-a-all.tar"}
        assert get(unconfirmed, folder).proof.startswith("its MD5, unconfirmed")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (tar({f"imagenet-a/{TENCH}/1.jpg": image(1), "../evil.png": image(2)}), "leads out of the folder"),
        (
            tar({f"imagenet-a/{TENCH}/1.jpg": image(1), "imagenet-a/zeros.png": bytes(10**7)}, mode="w:gz"),
            "10 times its own size",
        ),
        (
            tar({"a/b/c/d/n01440764/1.jpg": image(1), "notes.txt": b"notes"}),
            "holds nothing in the layout that was expected: <wnid>/<image>",
        ),
        (b"no archive" * 100, "is damaged"),
    ],
)
def test_a_hostile_or_wrong_archive_leaves_nothing_unpacked(folder, body, sentence):
    with serving(body) as server, pytest.raises(BadInput, match=sentence):
        get(row(server), folder)
    assert visible(folder) == {"imagenet-a-all.tar"}


def test_what_is_there_already_is_not_replaced_and_nothing_is_downloaded(folder):
    with serving(tar(IN_A)) as server:
        get(row(server), folder)
        with pytest.raises(BadInput, match="imagenet-a is there already; nothing was replaced"):
            get(row(server), folder)
        assert len(server.asked) == 1


def test_a_part_whose_folders_are_not_known_beforehand_replaces_nothing_either(folder):
    (folder / "imagenet-c" / "fog").mkdir(parents=True)
    with serving(tar(FOG | SNOW)) as server, pytest.raises(BadInput, match="fog is there already"):
        get(row(server, datasets.IMAGENET_C, adds=()), folder)
    assert visible(folder) == {"imagenet-c", "imagenet-c-all.tar"}
    assert os.listdir(folder / "imagenet-c") == ["fog"]


def test_closing_leaves_no_half_unpacked_folder(folder, monkeypatch):
    monkeypatch.setattr("robust_core.data.unpacking.BEAT_SECONDS", -1)
    with serving(tar(IN_A)) as server:
        events = fetch(row(server), folder, keep_archive=False)
        assert next(event for event in events if isinstance(event, Progress) and event.note == "unpacking")
        events.close()
    assert visible(folder) == {"imagenet-a-all.tar"}


def test_two_do_not_fetch_the_same_at_once(folder):
    folder.mkdir()
    with (
        serving(tar(IN_A)) as server,
        FileLock(folder / ".imagenet-a-all.tar.lock"),
        pytest.raises(RobustError, match="by another process"),
    ):
        get(row(server), folder)


def test_a_folder_that_cannot_be_written_is_said_plainly(folder, tmp_path):
    folder.write_text("a file")
    with (
        serving(tar({f"imagenet-a/{STINGRAY}/1.jpg": image(1)})) as server,
        pytest.raises(RobustError, match="data cannot be written: File exists"),
    ):
        get(row(server), folder)
