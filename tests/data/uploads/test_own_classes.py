"""A .zip with a folder for each class: what comes out of it, and what is said about the rest."""

import pytest

from robust_core.data.uploads import File, Held, own_classes, read_own_classes
from robust_core.errors import BadInput
from robust_core.events import result_of
from tests.data.archive_files import image, zipped

FILES = {
    f"photos/{name}/{number}.png": image(9 * place + number) for place, name in enumerate("ba") for number in range(3)
}


def read(files, name="mine.zip"):
    return result_of(read_own_classes(File("1", name, zipped(files)), Held()))


def test_the_innermost_folder_is_the_class_whatever_it_is_called():
    found = read(FILES | {"__MACOSX/photos/b/._0.png": b"", "photos/readme.txt": b""} | {"n01440764/1.png": image(99)})
    labels = [image.label_space.names[image.label] for image in found.images]
    assert sorted(labels) == ["a"] * 3 + ["b"] * 3 + ["tench"]
    assert found.images.title == "mine.zip"
    assert [note for note in found.notes if "readme.txt" in note]


def test_copies_damaged_files_and_those_past_the_limit_are_left_out_and_named(monkeypatch):
    found = read(FILES | {"a/again.png": FILES["photos/a/0.png"], "a/broken.png": b"no image"})
    assert len(found.images) == 6
    assert any("again.png is a copy" in note for note in found.notes)
    assert any(note.startswith("broken.png") for note in found.notes)
    monkeypatch.setattr(own_classes, "MAX_IMAGES", 2)
    found = read(FILES)
    assert len(found.images) == 2
    assert found.notes[-1] == "And 1 more images were left out."


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"1.png": image(1)}, "mine.zip has no folders; expected a .zip with a folder for each class"),
        ({"a/1.png": b"nothing"}, "holds no image that can be read"),
    ],
)
def test_an_archive_without_classes_is_refused_in_a_sentence(files, sentence):
    with pytest.raises(BadInput, match=sentence):
        read(files)


def test_what_is_no_archive_is_refused():
    with pytest.raises(BadInput, match="no folders"):
        result_of(read_own_classes(File("1", "one.png", image(1)), Held()))
    with pytest.raises(BadInput, match="not a .zip archive"):
        result_of(read_own_classes(File("1", "mine.zip", b"text"), Held()))
