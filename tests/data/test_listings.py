import os
import sys

import numpy as np
import pytest
from PIL import Image

from robust_core.data.listings import (
    Listing,
    faults,
    listing,
    named_below,
    read_bytes,
    read_file,
    read_own,
    url_slug,
)
from robust_core.errors import BadImage, BadInput
from robust_core.image_files.decoding import MAX_FILE_BYTES


def test_a_listing_holds_visible_folders_and_image_files_in_order(tmp_path):
    for name in ["b", "a", ".hidden"]:
        (tmp_path / name).mkdir()
    for name in ["2.JPEG", "1.png", "10.webp", ".secret.png", "notes.txt", "Thumbs.db", "png", "film.MP4"]:
        (tmp_path / name).touch()
    found = listing(tmp_path)
    assert found.folders == ("a", "b")
    assert list(found.images.values()) == ["1.png", "10.webp", "2.JPEG"]
    assert list(found.videos.values()) == ["film.MP4"]
    assert (found.hidden, found.others, found.links) == (3, 2, 0)


@pytest.mark.parametrize(
    "name", ["@eaDir", "__MACOSX", "lost+found", "#recycle", "$RECYCLE.BIN", "System Volume Information", ".Trash-1000"]
)
def test_what_systems_leave_behind_is_no_folder_of_anybodys(tmp_path, name):
    (tmp_path / name).mkdir()
    assert listing(tmp_path) == Listing((), {}, {}, hidden=1)


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", ".DS_Store", "._a.JPEG"])
def test_what_systems_leave_behind_is_no_file_of_anybodys(tmp_path, name):
    (tmp_path / name).touch()
    assert listing(tmp_path) == Listing((), {}, {}, hidden=1)


def test_a_folder_that_may_not_be_opened_is_empty_and_says_so(tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert listing(tmp_path) == Listing((), {}, {}, readable=False)


def test_a_fault_names_the_file_below_the_data_folder_and_keeps_its_kind(tmp_path):
    path = tmp_path / "fog" / "3" / "a.JPEG"
    with pytest.raises(BadImage, match=r"^fog/3/a\.JPEG is damaged\.$"), named_below(tmp_path, path):
        raise BadImage("a.JPEG is damaged.")
    with pytest.raises(BadInput, match=r"^fog/3/a\.JPEG: no crop$") as raised, named_below(tmp_path, path):
        raise BadInput("no crop")
    assert type(raised.value) is BadInput
    with pytest.raises(BadImage, match=r"^a\.JPEG is damaged\.$"), named_below(tmp_path / "elsewhere", path):
        raise BadImage("a.JPEG is damaged.")


def test_many_faults_are_one_sentence_each_and_a_count():
    assert str(faults([f"{n} is damaged." for n in range(2)])) == "0 is damaged. 1 is damaged."
    assert str(faults([f"{n} is damaged." for n in range(7)])) == " ".join(
        [*(f"{n} is damaged." for n in range(5)), "2 more cannot be read either."]
    )


def test_symbolic_links_and_pipes_are_left_out(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    for path in (outside, folder):
        path.mkdir()
    (outside / "secret.png").touch()
    (folder / "file.png").symlink_to(outside / "secret.png")
    (folder / "folder").symlink_to(outside)
    (folder / "broken.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.png")
    assert listing(folder) == Listing((), {}, {}, links=3, others=1)


def test_a_folder_that_is_gone_is_empty(tmp_path):
    assert listing(tmp_path / "gone") == Listing((), {}, {}, readable=False)
    (tmp_path / "file").touch()
    assert listing(tmp_path / "file") == Listing((), {}, {}, readable=False)


def test_a_listing_is_read_again_only_when_the_folder_has_changed(tmp_path, monkeypatch):
    (tmp_path / "1.png").touch()
    os.utime(tmp_path, ns=(1, 1))
    first = listing(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda path: pytest.fail("the folder was read again"))
        assert listing(tmp_path) is first
    (tmp_path / "2.png").touch()
    os.utime(tmp_path, ns=(2, 2))
    assert list(listing(tmp_path).images.values()) == ["1.png", "2.png"]


def test_words_for_files_do_not_depend_on_their_neighbours(tmp_path):
    (tmp_path / "b.png").touch()
    os.utime(tmp_path, ns=(1, 1))
    (slug,) = listing(tmp_path).images
    (tmp_path / "a.png").touch()
    os.utime(tmp_path, ns=(2, 2))
    assert listing(tmp_path).images[slug] == "b.png"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_unicode_gets_a_word_and_can_be_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.png"
    with open(path, "wb") as file:
        Image.new("RGB", (16, 16)).save(file, "PNG")
    ((slug, name),) = listing(tmp_path).images.items()
    assert url_slug(slug) == slug
    assert read_file(tmp_path / name, None).name == ".png"


@pytest.mark.parametrize("name", ["val", "imagenet_samples", "ImageNet-A"])
def test_plain_names_stand_in_a_url_as_they_are(name):
    assert url_slug(name) == name


@pytest.mark.parametrize("name", ["", "my photos", "..", "a/b", "a.b", "été", "x" * 41])
def test_other_names_are_hashed(name):
    assert url_slug(name) != name
    assert len(url_slug(name)) == 12
    assert url_slug(name).isalnum()


def test_a_file_is_decoded_with_its_label_and_source(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(grey).save(tmp_path / "ramp.png")
    image = read_file(tmp_path / "ramp.png", 7, "a test")
    assert (image.name, image.label, image.source) == ("ramp.png", 7, "a test")
    np.testing.assert_array_equal(image.rgb[..., 0], grey)


def test_a_file_that_cannot_be_opened_is_named_without_its_path(tmp_path):
    with pytest.raises(BadImage, match=r"^gone\.png cannot be opened\.$"):
        read_file(tmp_path / "gone.png", None)


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(10 * MAX_FILE_BYTES)  # sparse, it takes no room on the disk
    with pytest.raises(BadImage, match=r"^huge\.png is larger than 25 MB\.$"):
        read_file(path, None)
    assert len(read_bytes(path)) == MAX_FILE_BYTES + 1


def test_a_data_set_is_read_as_the_reference_reads_it_and_an_image_as_people_see_it(tmp_path):
    stored = Image.new("RGB", (40, 20))
    turned = Image.Exif()
    turned[0x0112] = 6
    stored.save(tmp_path / "turned.png", exif=turned)
    assert read_file(tmp_path / "turned.png", None).rgb.shape == (20, 40, 3)
    assert read_own(tmp_path / "turned.png").rgb.shape == (40, 20, 3)
