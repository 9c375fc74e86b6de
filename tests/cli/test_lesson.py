"""`lesson`: a file is checked, shown, prepared and printed."""

from dataclasses import replace

import pytest

from robust_core.cli import main
from robust_core.lesson.lesson_file import shipped_lesson, written
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
KEPT = ("misleading", "learned")  # a scene with recorded evidence, and one without any


@pytest.fixture
def short(tmp_path):
    """A lesson of two scenes, as a file."""
    lesson = shipped_lesson()
    file = tmp_path / "short.toml"
    file.write_text(written(replace(lesson, scenes=tuple(one for one in lesson.scenes if one.key in KEPT))))
    return file


def test_a_lesson_is_checked(short, capsys):
    assert main(["lesson", "check", str(short)]) == 0
    assert "“Is it robust?”, 2 scenes, 6 minutes." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("minutes = 4", "minutes = 0", "scene 1, minutes: minutes must be a whole number from 1"),
        ('evidence = "misleading"', 'evidence = "misleadin"', "misleading"),
    ],
)
def test_what_is_wrong_in_a_file_is_a_sentence(short, capsys, before, after, said):
    assert before in short.read_text()
    short.write_text(short.read_text().replace(before, after))
    assert main(["lesson", "check", str(short)]) == 1
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main(["lesson", "check", str(tmp_path / "none.toml")]) == 1
    assert "none.toml cannot be read" in capsys.readouterr().err


def test_the_shipped_lesson_is_shown_with_the_minute_of_each_scene(tmp_path, capsys):
    file = tmp_path / "scenes.csv"
    assert main(["lesson", "show", "--out", str(file)]) == 0
    assert "12. What did we learn? (minute 58, 2 min, word)" in capsys.readouterr().out
    rows = read_rows(file)
    assert [row["begins_minute"] for row in rows][-2:] == ["53", "58"]
    assert rows[0]["link"].startswith("what_if?")


def test_numbers_are_prepared_and_written(short, tmp_path, capsys):
    file = tmp_path / "numbers.csv"
    assert main(["lesson", "prepare", "--lesson", str(short), "--out", str(file)]) == 0
    printed = capsys.readouterr()
    assert "PUBLISHED ResNeXt-101 32x8d: 10.2% [9.5, 10.9]" in printed.out
    assert "2 of 2 scenes" in printed.err
    rows = read_rows(file)
    assert {row["scene"] for row in rows} == {"misleading"}
    assert {row["origin"] for row in rows} == {"cached", "published"}
    assert all(row["source"] and row["protocol"] and row["n"] for row in rows)


def test_handouts_are_two_files(short, tmp_path, capsys):
    folder = tmp_path / "handouts"
    assert main(["lesson", "handouts", "--lesson", str(short), "--to", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["solutions.html", "worksheet.html"]
    assert "10.2%" not in (folder / "worksheet.html").read_text()
    assert "10.2% [9.5, 10.9]" in (folder / "solutions.html").read_text()
    assert str(folder / "worksheet.html") in capsys.readouterr().out
