"""The scan of the data folder: made once, and again where something has changed."""

import os
import shutil

import pytest

from robust_core import data
from robust_core.data import discovery, label_lists
from robust_core.data.label_lists import SOLUTION
from tests.data.folders import TENCH, put


@pytest.fixture
def root(own_cache, tmp_path, monkeypatch):
    """A data folder with forty folders of one image each."""
    root = tmp_path / "data"
    for number in range(40):
        put(root / f"folder{number:02}" / "a.png", number)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root))
    monkeypatch.setattr(discovery, "_scans", {})
    return root


@pytest.fixture
def scans(monkeypatch):
    """The folders whose content was read."""
    read = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: read.append(path) or scandir(path))
    return read


def titles() -> set[str]:
    return {one.title for one in data.list_collections() if one.key.startswith("own")}


def made(monkeypatch) -> list:
    """One entry for each scan from now on."""
    scanned, search = [], discovery._Scan._search
    monkeypatch.setattr(
        discovery._Scan,
        "_search",
        lambda self, parts: (scanned.append(parts) if not parts else None) or search(self, parts),
    )
    return scanned


def test_a_folder_is_scanned_once_whoever_asks(root, scans, monkeypatch):
    scanned = made(monkeypatch)
    first = titles()
    assert len(first) == 40
    assert scanned == [()]
    scans.clear()
    for _ in range(20):
        assert titles() == first
        assert data.list_missing() == ()
    assert (scanned, scans) == ([()], [])


CHANGES = {
    "a folder comes": (lambda root: put(root / "new" / "a.png", 1), {"new"}, set()),
    "a folder goes": (lambda root: shutil.rmtree(root / "folder07"), set(), {"folder07"}),
    "a folder is renamed": (lambda root: (root / "folder07").rename(root / "seven"), {"seven"}, {"folder07"}),
    "its only image goes": (lambda root: (root / "folder07" / "a.png").unlink(), set(), {"folder07"}),
}


@pytest.mark.parametrize(("change", "come", "scanned"), CHANGES.values(), ids=CHANGES)
def test_what_changes_is_seen_at_once(root, change, come, scanned):
    before = titles()
    change(root)
    assert titles() == before - scanned | come


def test_an_image_deep_in_a_folder_is_seen_at_once(root):
    (root / "outer" / "inner" / TENCH).mkdir(parents=True)
    before = titles()
    put(root / "outer" / "inner" / TENCH / "a.png", 1)
    assert titles() == before | {"outer/inner"}


def test_a_list_of_labels_is_seen_when_it_comes_and_when_it_goes(root):
    folder = root / "val"
    put(folder / "ILSVRC2012_val_00000001.png", 1)
    (own,) = (one for one in data.list_collections() if one.key == "own-val")
    assert not own.labelled
    for beside in (folder / SOLUTION, root / SOLUTION, root.parent / "devkit" / "data" / SOLUTION):
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(f"ImageId,PredictionString\nILSVRC2012_val_00000001,{TENCH} 1 2 3 4\n")
        look_again()
        (listed,) = (one for one in data.list_collections() if one.key == "own-val")
        assert listed.labelled
        beside.unlink()
        look_again()
        (own,) = (one for one in data.list_collections() if one.key == "own-val")
        assert not own.labelled


def look_again() -> None:
    """A list is looked for once a second."""
    label_lists._list_of.cache_clear()


def test_much_is_looked_at_again_once_a_second(root, scans, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(discovery.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(discovery, "FEW", 10)
    stats = []
    monkeypatch.setattr(discovery, "unchanged", lambda asked: stats.append(len(asked)) or True)
    for _ in range(5):
        titles()
    assert stats == []
    now[0] += 1.5
    for _ in range(5):
        titles()
    assert len(stats) == 1
    assert stats[0] > 40


def test_few_scans_are_kept(own_cache, tmp_path, monkeypatch):
    for number in range(9):
        put(tmp_path / f"data{number}" / "a" / "a.png", 1)
        monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / f"data{number}"))
        assert titles() == {"a"}
    assert len(discovery._scans) <= discovery.MOST_SCANS
