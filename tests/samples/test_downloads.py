import re
from urllib.parse import urlsplit

import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.samples.datasets import DATA_SETS
from robust_core.samples.downloads import DOWNLOADS, find_download

ARCHIVES = [archive for row in DOWNLOADS for archive in row.archives]


def test_the_rows_have_keys_of_their_own_and_say_their_licence():
    assert [row.key for row in DOWNLOADS][:2] == ["imagenet-a", "imagenet-c"]
    assert len({row.key for row in DOWNLOADS}) == len(DOWNLOADS)
    assert all(row.licence for row in DOWNLOADS)
    assert all([bool(way) for way in (row.archives, row.by_hand, row.repository)].count(True) == 1 for row in DOWNLOADS)


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive.name)
def test_every_archive_can_be_fetched_and_checked(archive):
    assert urlsplit(archive.url).scheme == "https"
    assert archive.data_set in DATA_SETS
    assert archive.md5 or archive.sha256
    assert archive.md5 is None or re.fullmatch(r"[0-9a-f]{32}", archive.md5)
    assert archive.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", archive.sha256)
    assert archive.bytes is None or archive.about_gb is None


def test_files_have_names_of_their_own():
    assert len({archive.name for archive in ARCHIVES}) == len(ARCHIVES) == 15
    assert {"imagenet-c-noise.tar", "imagenet-p-noise.tar", "imagenet-sketch-all.zip"} < {
        archive.name for archive in ARCHIVES
    }


def test_no_hash_stands_twice():
    hashes = [digest for archive in ARCHIVES for digest in (archive.md5, archive.sha256) if digest]
    assert len(set(hashes)) == len(hashes)


def test_only_what_one_loader_alone_states_is_unconfirmed():
    assert {archive.data_set.title for archive in ARCHIVES if archive.hash_unconfirmed} == {"ImageNet-P"}


def test_parts_are_chosen_by_name():
    imagenet_c = find_download("imagenet-c")
    assert [archive.part for archive in imagenet_c.parts(("weather", "noise", "weather"))] == ["weather", "noise"]
    assert sum(len(archive.adds) for archive in imagenet_c.archives) == 19
    assert find_download("imagenet-a").parts(()) == find_download("imagenet-a").archives
    with pytest.raises(UnknownName, match="no part of ImageNet-C called 'nois'; the nearest are noise"):
        imagenet_c.parts(("nois",))
    with pytest.raises(BadInput, match="choose with --part from noise, blur, weather, digital, extra"):
        imagenet_c.parts(())


def test_an_unknown_data_set_names_the_nearest():
    with pytest.raises(UnknownName, match="no data set to fetch called 'imagenet-b'; the nearest are imagenet-"):
        find_download("imagenet-b")
