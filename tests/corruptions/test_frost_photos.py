"""Where the photos of frost are found, and that other photos are another source."""

import os

import pytest

from robust_core.corruptions import frost_photos
from robust_core.corruptions.frost_photos import PHOTOS, PROCEDURAL_FROST, frost_source


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder of photos, each of which holds its name; no package beside it."""
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    (tmp_path / "frost").mkdir()
    for name in PHOTOS:
        (tmp_path / "frost" / name).write_text(name)
    return tmp_path / "frost"


def test_the_user_folder_comes_first_and_needs_all_five(folder):
    assert frost_source().title == "frost photos of the data folder"
    (folder / PHOTOS[0]).unlink()
    assert frost_source() == PROCEDURAL_FROST
    assert frost_source().protocol == "procedural frost"


def test_an_installed_package_lends_the_photos_of_the_reference_without_being_imported(monkeypatch):
    pytest.importorskip("imagecorruptions")
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    found = frost_source()
    assert found.title == "frost photos of imagecorruptions"
    assert found.is_reference
    assert found.protocol == "frost photos of ImageNet-C"


def test_other_photos_are_another_source_wherever_they_lie(folder):
    first = frost_source()
    assert not first.is_reference
    assert first.protocol == f"frost photos of one's own, SHA-256 {first.photos_sha256[:12]}"
    before = (folder / PHOTOS[4]).stat().st_mtime_ns
    (folder / PHOTOS[4]).write_text("another photo")
    os.utime(folder / PHOTOS[4], ns=(before + 1, before + 1))
    assert frost_source().photos_sha256 != first.photos_sha256
