"""`lesson check`, `show`, `prepare` and `handouts`: lessons in a terminal."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.errors import DataUnavailable
from robust_core.files import replacing
from robust_core.lesson.answers import Answer
from robust_core.lesson.evidence import evidence_of, prepare
from robust_core.lesson.handouts import solution_sheet, timing, worksheet
from robust_core.lesson.lesson_file import read, shipped_lesson
from robust_core.lesson.scenes import Lesson
from robust_core.lesson.student_view import link_of

WORKSHEET, SOLUTIONS = "worksheet.html", "solutions.html"


def check(options: Namespace) -> None:
    """Read a lesson's file and say what is in it; what is wrong is a sentence with its line and field."""
    lesson = _read(options.lesson)
    for scene in lesson.scenes:
        evidence_of(scene)
    print(f"{options.lesson} is a lesson: “{lesson.title}”, {len(lesson.scenes)} scenes, {lesson.minutes} minutes.")


def show(options: Namespace) -> None:
    """Print every scene with the minute at which it begins, its bet and its link."""
    lesson, rows = _chosen(options.lesson), []
    print(f"{lesson.title}: {len(lesson.scenes)} scenes, {lesson.minutes} minutes")
    for number, (minute, scene) in enumerate(timing(lesson), start=1):
        print(
            f"\n{number}. {scene.title} (minute {minute}, {scene.minutes} min, {scene.bet.kind})\n   {scene.question}"
        )
        print(f"   /{link_of(scene)}")
        row = {"scene": scene.key, "title": scene.title, "begins_minute": minute, "minutes": scene.minutes}
        rows.append(row | {"bet": scene.bet.kind, "question": scene.question, "link": link_of(scene)})
    write_table(options.out, rows)


def prepare_all(options: Namespace) -> None:
    """Get the evidence of every scene, and print its answers."""
    lesson = _chosen(options.lesson)
    prepared = follow("preparing", prepare(lesson))
    for scene in lesson.scenes:
        print("\n" + ": ".join(filter(None, (scene.title, prepared[scene.key].trouble))))
        for one in prepared[scene.key].answers:
            print(f"  {one.origin.upper():<9} {one.who}: {one.in_words}; {one.protocol} [{one.source}]")
    rows = [_row(key, answer) for key, one in prepared.items() for answer in one.answers]
    write_table(options.out, rows)


def handouts(options: Namespace) -> None:
    """Write the worksheet and the solution sheet."""
    lesson = _chosen(options.lesson)
    prepared = follow("preparing", prepare(lesson))
    answers = {key: one.answers for key, one in prepared.items()}
    options.to.mkdir(parents=True, exist_ok=True)
    for name, page in ((WORKSHEET, worksheet(lesson)), (SOLUTIONS, solution_sheet(lesson, answers))):
        with replacing(options.to / name) as temporary:
            temporary.write_text(page, encoding="utf-8")
        print(options.to / name)


def _chosen(path: Path | None) -> Lesson:
    return shipped_lesson() if path is None else _read(path)


def _read(path: Path) -> Lesson:
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise DataUnavailable(f"{path} cannot be read: {error.strerror or 'input or output error'}.") from error


def _row(key: str, one: Answer) -> dict[str, Any]:
    return {
        "scene": key,
        "who": one.who,
        "value": one.value,
        "unit": one.unit,
        "low": one.low,
        "high": one.high,
        "n": one.n,
        "origin": one.origin.value,
        "protocol": one.protocol,
        "source": one.source,
    }
