"""What the models answer is computed ahead, one job for the whole lesson, so that no reveal waits."""

import hashlib
from collections.abc import Mapping
from functools import partial

import streamlit as st

from robust_core.jobs import Job, State
from robust_core.lesson import class_shape_bias, evidence, lesson_file
from robust_core.lesson.answers import Answer
from robust_core.lesson.bets import Stimuli
from robust_core.lesson.classroom import Desk, Phase
from robust_core.lesson.evidence import Prepared
from robust_core.lesson.exhibits import Exhibit
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.ui import jobs

SLOT, NETWORKS_SLOT = "lesson:prepare", "lesson:networks:"


def start(lesson: Lesson) -> Job:
    """The job that prepares a lesson."""
    digest = hashlib.sha256(lesson_file.written(lesson).encode()).hexdigest()  # the log names what a job is about
    return jobs.start(SLOT, ("lesson", digest[:12]), partial(evidence.prepare, lesson))


def prepared(lesson: Lesson) -> Mapping[str, Prepared]:
    """What has been prepared, by scene; nothing before it is whole."""
    job = start(lesson)
    return job.result if job.state is State.DONE else {}


def answers(lesson: Lesson) -> dict[str, tuple[Answer, ...]]:
    """What the models answer, by scene; nothing before it is prepared."""
    return {key: one.answers for key, one in prepared(lesson).items()}


def exhibits(desk: Desk) -> tuple[Exhibit, ...]:
    """The images of the scene that is on, those for the reveal at the reveal; none before they are prepared."""
    room = desk.classroom
    found = prepared(room.lesson).get(room.scene.key, Prepared())
    return tuple(one for one in found.exhibits if one.at_once or room.phase is Phase.REVEALED)


def show(lesson: Lesson) -> None:
    """How far it is, while it is not done."""
    job = start(lesson)
    if job.state is State.DONE:
        st.caption(":material/check: The models' answers are prepared.")
    else:
        jobs.show_progress(SLOT, job)


def hand_to(desk: Desk) -> None:
    """Give the class what is ready for the scene that is on; at the reveal of stimuli also what its own votes come
    to.
    """
    room = desk.classroom
    found = answers(room.lesson).get(room.scene.key, ())
    if isinstance(room.scene.bet, Stimuli):
        found = (*_of_votes(desk, room.scene), *found)
    if found and room.answers.get(room.scene.key) != found:
        desk.set_answers(room.scene.key, found)


def _of_votes(desk: Desk, scene: Scene) -> tuple[Answer, ...]:
    """The class's shape bias and how far its mistakes are the networks'; nothing before the reveal, or while the
    networks are asked.
    """
    assert isinstance(scene.bet, Stimuli)
    slot = NETWORKS_SLOT + scene.key
    job = jobs.start(slot, ("lesson networks", scene.bet), partial(class_shape_bias.prepare_networks, scene.bet))
    if desk.classroom.phase is not Phase.REVEALED:
        return ()
    if job.state is not State.DONE:
        jobs.show_progress(slot, job)
        return ()
    return class_shape_bias.answers_of_class(scene.bet, desk.votes(scene.key), job.result)
