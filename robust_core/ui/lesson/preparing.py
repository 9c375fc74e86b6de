"""What the models answer is computed ahead, one job for the whole lesson, so that no reveal waits."""

from functools import partial

import streamlit as st

from robust_core.jobs import Job, State
from robust_core.lesson import evidence, lesson_file
from robust_core.lesson.classroom import Desk
from robust_core.lesson.evidence import Exhibit, Prepared
from robust_core.lesson.scenes import Lesson
from robust_core.ui import jobs

SLOT = "lesson:prepare"


def start(lesson: Lesson) -> Job:
    """The job that prepares a lesson."""
    return jobs.start(SLOT, ("lesson", lesson_file.written(lesson)), partial(evidence.prepare, lesson))


def prepared(lesson: Lesson) -> Prepared | None:
    """What has been prepared; None before it is whole."""
    job = start(lesson)
    return job.result if job.state is State.DONE else None


def answers(lesson: Lesson) -> dict:
    """What the models answer, by scene; nothing before it is prepared."""
    found = prepared(lesson)
    return dict(found.answers) if found is not None else {}


def exhibits(desk: Desk) -> tuple[Exhibit, ...]:
    """The images of the scene that is on; none before they are prepared."""
    found = prepared(desk.classroom.lesson)
    return tuple(found.exhibits.get(desk.classroom.scene.key, ())) if found is not None else ()


def show(lesson: Lesson) -> None:
    """How far it is, while it is not done."""
    job = start(lesson)
    if job.state is State.DONE:
        st.caption(":material/check: The models' answers are prepared.")
    else:
        jobs.show_progress(SLOT, job)


def hand_to(desk: Desk) -> None:
    """Give the class what is prepared, once for each scene."""
    room = desk.classroom
    for key, found in answers(room.lesson).items():
        if room.answers.get(key) != found:
            desk.set_answers(key, found)
