"""Boxes, and tables of them, line by line."""

import math

import pytest

from robust_core.edits.boxes import Box, read_table
from robust_core.errors import BadInput

HEAD = "file,x0,y0,x1,y1\n"


def test_a_box_in_percent_and_back():
    box = Box.of_percent((10, 20.5, 90, 100), 300, 200)
    assert box == Box(30, 41, 270, 200)
    assert box.percent_of(300, 200) == (10, 20.5, 90, 100)
    assert Box.of((1.4, 2, 30, 40.6)) == Box(1, 2, 30, 41)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((5, 5, 5, 9), "upper left to its lower right corner; got 5, 5, 5, 9"),
        ((5, 9, 8, 2), "upper left to its lower right"),
        ((1, 2, 3), "four numbers of pixels"),
        ("abcd", "four numbers of pixels"),
        ((1, 2, math.inf, 4), "got inf for x1"),
        (None, "four numbers of pixels"),
    ],
)
def test_what_is_no_box_is_refused(given, sentence):
    with pytest.raises(BadInput, match=sentence):
        Box.of(given)


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        (Box(-1, 0, 50, 50), "does not lie in the image, which is 100 × 80 px"),
        (Box(20, 10, 101, 50), "does not lie in the image"),
        (Box(20, 10, 27, 60), "is 7 × 50 px; expected at least 8 px a side and 1% of the image"),
        (Box(20, 10, 28, 18), "is 8 × 8 px"),
        (Box(0, 0, 100, 80), "covers the whole image"),
    ],
)
def test_a_box_that_does_not_fit_the_image_is_refused(box, sentence):
    with pytest.raises(BadInput, match=sentence):
        box.check_in(100, 80)


def test_a_table_as_spreadsheets_write_it():
    text = "\ufefffile, x0, y0, x1, y1, note\na.jpg, 1, 2, 30, 40, dog\nsub/b.jpg, 5.4, 6, 70, 80,\n"
    assert read_table(text) == {"a.jpg": Box(1, 2, 30, 40), "sub/b.jpg": Box(5, 6, 70, 80)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs the columns file, x0, y0, x1, y1; it has no file, x0, y0, x1, y1"),
        ("file,x0,y0,x1\na,1,2,3\n", "it has no y1"),
        (HEAD, "no line below"),
        (HEAD + "a,1,2,x,4\n", "line 2: Expected a box as four numbers"),
        (HEAD + "a,1,2,,4\n", "line 2: Expected a box"),
        (HEAD + "a,1,2,3\n", "line 2: Expected a box"),
        (HEAD + "a,1,2,3,4\na,1,2,3,4\n", "line 3: a has a box already"),
        (HEAD + ",1,2,3,4\n", "line 2: no file is named"),
        (HEAD + "a,9,2,3,4\n" * 5, "2 more lines cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_names_its_lines(text, sentence):
    with pytest.raises(BadInput, match=sentence):
        read_table(text, "boxes.csv")
