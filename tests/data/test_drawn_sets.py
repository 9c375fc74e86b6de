import pytest

from robust_core import data
from robust_core.data.drawn_sets import SEEDS_EACH, collection_images, synthetic_images
from robust_core.data.synthetic import NAMES
from robust_core.labels import IMAGENET, MINI


def photos():
    return next(one for one in data.list_collections() if one.key == "foolbox")


def test_mini_takes_the_categories_in_turn_and_leaves_one_out():
    assert synthetic_images(18, 0).names == (*NAMES, *NAMES[:2])
    without = synthetic_images(15, 0, avoid=3)
    assert without.names == (*NAMES[:3], *NAMES[4:])
    assert all(image.label_space == MINI and image.label != 3 for image in without)


def test_mini_draws_one_category_alone():
    cars = synthetic_images(3, 2, label=6)
    assert {image.label for image in cars} == {6}
    assert len({image.digest for image in cars}) == 3
    assert "all of the category car" in cars.rule


def test_sets_of_two_seeds_share_no_image():
    one, other = (set(synthetic_images(SEEDS_EACH, seed).ids) for seed in (0, 1))
    assert not one & other
    assert set(synthetic_images(5, 0).ids) < one


def test_a_smaller_set_is_the_beginning_of_a_larger_one():
    small, large = (collection_images(photos(), n, 0, IMAGENET) for n in (4, 16))
    assert large.ids[:4] == small.ids
    assert small.rule.startswith("4 of the 20 images of ")
    assert collection_images(photos(), 16, 1, IMAGENET).ids != large.ids


def test_the_class_that_an_attack_wants_is_left_out():
    label = collection_images(photos(), 1, 0, IMAGENET)[0].label
    without = collection_images(photos(), 20, 0, IMAGENET, avoid=label)
    assert len(without) < 20
    assert all(image.label != label for image in without)


@pytest.mark.parametrize("n", [20, 40])
def test_no_more_are_taken_than_there_are(n):
    assert len(collection_images(photos(), n, 0, IMAGENET)) == 20
