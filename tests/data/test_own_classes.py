"""Folders called as the classes of a user's own model are labelled sets of that label space."""

import numpy as np
import pytest
from PIL import Image

from robust_core.data import discovery, draw, labelled, list_classes, list_collections, list_samples, read
from robust_core.data.uploads import File, Held
from robust_core.data.uploads import read as read_uploads
from robust_core.events import result_of
from robust_core.labels import IMAGENET, MINI, own_label_space
from tests.models.rows import tiny_spec

FLOWERS = own_label_space("flowers", ["daisy", "dandelion", "sun flower"])


@pytest.fixture
def data(tmp_path, monkeypatch):
    for number, name in enumerate(("daisy", "Sun-Flower", "__MACOSX")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.fromarray(np.full((32, 32, 3), 40 * number, np.uint8)).save(tmp_path / "photos" / name / "a.png")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    from dataclasses import replace

    spec = replace(tiny_spec(tmp_path / "weights"), label_space=FLOWERS)
    monkeypatch.setattr(discovery, "list_models", lambda: (spec,))
    return tmp_path


def test_class_folders_are_found_by_name_whatever_their_case(data):
    collection = next(one for one in list_collections() if one.label_space == FLOWERS)
    assert collection.title == "photos"
    assert collection.labelled
    assert list_classes(collection.key) == (0, 2)
    first, second = list_samples(collection.key)
    assert (first.label, second.label) == (0, 2)
    image = read(second.id)
    assert (image.label, image.label_space) == (2, FLOWERS)
    assert (image.rgb == 40).all()
    assert {one.label for one in draw(collection.key, 2, 0)} == {0, 2}


def test_a_command_reads_the_same_labels(data):
    found = labelled.labelled_images(data / "photos")
    assert [found.read(file).label for file in found.files] == [0, 2]
    assert found.read(found.files[0]).label_space == FLOWERS


def test_a_label_of_ones_own_is_nothing_in_imagenet_unless_its_class_is_one_of_imagenets():
    assert IMAGENET.index_of(0, FLOWERS) is None
    assert MINI.index_of(0, FLOWERS) is None
    fish = own_label_space("fish", ["n01440764", "sardine"])
    assert IMAGENET.index_of(0, fish) == 0
    assert IMAGENET.index_of(1, fish) is None


def test_folders_in_an_archive_name_classes_of_the_world_that_is_looked_at(tmp_path):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, name in enumerate(("dandelion", "golden retriever", "nothing")):
            png = io.BytesIO()
            Image.fromarray(np.full((32, 32, 3), 40 * number, np.uint8)).save(png, "PNG")
            archive.writestr(f"{name}/{number}.png", png.getvalue())
    held = Held()
    taken = result_of(read_uploads([File("1", "photos.zip", buffer.getvalue())], held, FLOWERS))
    labels = [(held.get(digest).label, held.get(digest).label_space) for digest, _ in taken["1"].images]
    assert labels == [(1, FLOWERS), (207, IMAGENET), (None, IMAGENET)]
