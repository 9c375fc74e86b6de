import os
from csv import DictReader
from pathlib import Path

import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.labels import CATEGORIES, CLASSES, IMAGENET_A, IMAGENET_R, category_of, class_of_wnid

TEST_DATA = os.environ.get("ROBUST_LAB_TEST_DATA")


def test_the_thousand_classes_are_the_sorted_wnids():
    assert len(CLASSES) == 1000
    assert [row.index for row in CLASSES] == list(range(1000))
    wnids = [row.wnid for row in CLASSES]
    assert wnids == sorted(set(wnids))
    assert all(row.wnid[0] == "n" and row.wnid[1:].isdigit() and len(row.wnid) == 9 for row in CLASSES)


def test_names_are_torchvisions_and_tell_the_classes_apart():
    models = pytest.importorskip("torchvision.models")
    assert [row.name for row in CLASSES] == models.ResNet50_Weights.IMAGENET1K_V2.meta["categories"]
    assert len({row.name for row in CLASSES}) == 1000
    assert all(row.synset for row in CLASSES)


def test_the_sixteen_categories_have_the_published_sizes():
    assert list(CATEGORIES) == sorted(CATEGORIES)
    sizes = {name: len(indices) for name, indices in CATEGORIES.items()}
    assert sizes == {
        "dog": 109,
        "bird": 49,
        "truck": 8,
        "bottle": 7,
        "cat": 6,
        "boat": 5,
        "bear": 4,
        "chair": 4,
        "car": 3,
        "clock": 3,
        "bicycle": 2,
        "elephant": 2,
        "keyboard": 2,
        "airplane": 1,
        "knife": 1,
        "oven": 1,
    }
    indices = [index for members in CATEGORIES.values() for index in members]
    assert len(indices) == len(set(indices)) == 207


def test_no_caller_can_change_the_categories():
    with pytest.raises(TypeError):
        CATEGORIES["dog"] = ()


@pytest.mark.parametrize(
    ("name", "wnid"), [("airliner", "n02690373"), ("brown bear", "n02132136"), ("dalmatian", "n02110341")]
)
def test_known_classes_are_found_by_wnid(name, wnid):
    assert CLASSES[class_of_wnid(wnid)].name == name


@pytest.mark.parametrize("subset", [IMAGENET_A, IMAGENET_R])
def test_the_subsets_are_two_hundred_ascending_classes(subset):
    assert len(subset) == 200
    assert list(subset) == sorted(set(subset))
    assert set(subset) <= set(range(1000))


def test_stingray_is_the_first_class_of_imagenet_a():
    assert CLASSES[IMAGENET_A[0]].name == "stingray"


def test_category_of_agrees_with_the_mapping_and_is_none_elsewhere():
    assert category_of(class_of_wnid("n02690373")) == "airplane"
    assert sum(category_of(index) is None for index in range(1000)) == 793
    assert all(category_of(index) == name for name, indices in CATEGORIES.items() for index in indices)


@pytest.mark.parametrize("index", [-1, 1000])
def test_an_index_outside_the_thousand_is_refused(index):
    with pytest.raises(BadInput, match=rf"from 0 to 999; got {index}"):
        category_of(index)


def test_an_unknown_wnid_names_the_nearest():
    with pytest.raises(UnknownName, match="n01440764"):
        class_of_wnid("n0144076")


@pytest.mark.skipif(not TEST_DATA, reason="ROBUST_LAB_TEST_DATA names no folder")
def test_the_labelled_images_of_the_test_data_agree():
    with (Path(TEST_DATA) / "images" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(DictReader(file))
    assert rows
    for row in rows:
        index = class_of_wnid(row["wnid"])
        assert index == int(row["class_index"])
        assert CLASSES[index].name == row["class_name"]
        assert (category_of(index) or "") == row["category16"]
        assert (index in IMAGENET_A) == (row["in_imagenet_a_200"] == "1")
