"""Lessons as files: what is written is read back, and what is wrong is named with its line and field."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust_core.errors import BadInput
from robust_core.lesson.lesson_file import MOST_BYTES, read, written
from tests.lesson.lessons import LESSON

TEXT = written(LESSON)


def line_of(part, text=TEXT):
    """The number of the first line that begins so."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.startswith(part))


def test_what_is_written_is_read_back():
    assert read(TEXT.encode()) == LESSON
    assert written(read(TEXT.encode())) == TEXT


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("minutes = 5", 'minutes = "five"', "Line {minutes}, scene 1, minutes: expected a whole number; got 'five'."),
        ("minutes = 5", "minutes = 0", "Line {minutes}, scene 1, minutes: minutes must be a whole number from 1"),
        ('kind = "choice"', 'kind = "chioce"', "Line {kind}, scene 1, kind: a bet has a kind, one of choice, number"),
        ('title = "Is it', 'colour = "red"\ntitle = "Is it', "Line 1, colour: there is no such field; expected about"),
        ('question = "What about fog?"\n', "", "scene 1, question: it is missing."),
        ('question = "What about fog?"', 'question = " "', "scene 1, question: question must say something."),
        ("step = 5", "step = -5", "scene 2, step: step must be a number from 0"),
        ("count = 2", "count = 2.5", "scene 4, count: expected a whole number; got 2.5."),
        ('key = "left"', 'key = "fog"', "Line 1, scene: Two scenes have the key 'fog'"),
        ("0.75,\n    0.75", "0.75,\n    7.5", "scene 3, right: A side of the box must be a number from 0 to 1"),
        (
            'world = [\n    "Mini"',
            "world = [\n    3",
            'scene 1, world: expected a list of texts, such as world = ["Mini"]',
        ),
        ('title = "Is it robust?"\n', "", "The lesson has no title"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field(before, after, said):
    assert before in TEXT
    expected = said.format(minutes=line_of("minutes"), kind=line_of("kind"))
    with pytest.raises(BadInput) as refused:
        read(TEXT.replace(before, after, 1).encode())
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The lesson has no title"),
        (b"title =", "This is no TOML"),
        (b'title = "a"\n\xff', "Line 2 is no UTF-8 text"),
        (b'title = "a"\nscene = 3', "Line 2, scene: scenes are tables"),
        (b'title = "a"', "1 to 60 scenes; got 0"),
        (b'title = "a"\n' + b"[[scene]]\n" * 5, "scene 1, key: it is missing"),
        (b'title = "a"\nx = ' + b"[" * 50_000, "This is no TOML"),
        (b"#" * (MOST_BYTES + 1), "at most 256 KiB"),
    ],
)
def test_a_file_that_is_no_lesson_is_refused(content, said):
    with pytest.raises(BadInput, match=said):
        read(content)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.sampled_from(["", "[", '"', "=", "3", "\n", "true", "{}", "[[scene]]", "é"]))
def test_no_change_of_one_place_makes_it_fall_over(place, inserted):
    with suppress(BadInput):
        read((TEXT[:place] + inserted + TEXT[place + 1 :]).encode())
