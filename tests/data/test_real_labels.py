"""ReaL labels: known rows, the counts that the publication states, and which names are a validation image's."""

import time

import pytest

from robust_core.data import real_labels as real
from robust_core.errors import BadInput

# copied by hand from the published list
KNOWN = {1: (), 2: (795, 970), 3: (230, 231), 4: (809,), 50_000: (355,)}


def test_known_images_have_their_labels():
    assert {number: real.real_labels(number) for number in KNOWN} == KNOWN


def test_the_counts_are_the_published_ones():
    labels = [real.real_labels(number) for number in range(1, real.COUNT + 1)]
    assert len(labels) == 50_000
    assert sum(not one for one in labels) == 3_163
    assert sum(len(one) > 1 for one in labels) == 7_443
    assert all(one == tuple(sorted(set(one))) and all(0 <= label < 1000 for label in one) for one in labels)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ILSVRC2012_val_00000001.JPEG", 1),
        ("ILSVRC2012_val_00000003.jpeg", 3),
        ("val/n01751748/ILSVRC2012_val_00000293.JPEG", 293),
        ("C:\\val\\ILSVRC2012_val_00000293.png", 293),
        ("ilsvrc2012_VAL_00050000.jpg", 50_000),
        ("ILSVRC2012_val_00000293_n01440764.JPEG", 293),
        ("n01440764_ILSVRC2012_val_00000293.JPEG", 293),
        ("ILSVRC2012_val_00000293", 293),
        ("ILSVRC2012_val_00000000.JPEG", None),
        ("ILSVRC2012_val_00050001.JPEG", None),
        ("ILSVRC2012_val_000000012.JPEG", None),
        ("ILSVRC2012_val_0000001.JPEG", None),
        ("ILSVRC2012_test_00000001.JPEG", None),
        ("notILSVRC2012_val_00000001.JPEG", None),
        ("ILSVRC2012_val_00000001.JPEG/other.png", None),
        ("n01440764_293.JPEG", None),
        ("", None),
    ],
)
def test_which_names_are_a_validation_images(name, number):
    assert real.val_number(name) == number
    assert real.labels_of(name) == (None if number is None else real.real_labels(number))


@pytest.mark.parametrize("number", [0, -1, 50_001, 1.5, "1"])
def test_another_number_is_refused(number):
    with pytest.raises(BadInput):
        real.real_labels(number)


def test_right_is_what_is_among_the_labels_and_images_without_any_are_left_out():
    names = [f"ILSVRC2012_val_{number:08}.JPEG" for number in (1, 2, 2, 3, 4)] + ["photo.jpg"]
    assert real.real_correct(names, [0, 970, 971, 231, 809, 5]) == [True, False, True, True]
    assert real.real_correct([], []) == []


def test_the_labels_are_read_at_once():
    real._lines.cache_clear()
    started = time.perf_counter()
    real.real_labels(2)
    assert time.perf_counter() - started < 1
