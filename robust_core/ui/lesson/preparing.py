"""What the models answer is computed ahead, one job for the whole lesson, so that no reveal waits."""

import hashlib
from collections.abc import Mapping
from functools import partial

import streamlit as st

from robust_core.jobs import Job, State
from robust_core.lesson import class_shape_bias, evidence, lesson_file
from robust_core.lesson.answers import Answer
from robust_core.lesson.bets import Stimuli
from robust_core.lesson.class_shape_bias import NetworkDecisions
from robust_core.lesson.classroom import Desk, Phase
from robust_core.lesson.evidence import Prepared
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.ui import jobs, words
from robust_core.ui.lesson import role
from robust_core.ui.server import script_turns

SLOT, NETWORKS_SLOT = "lesson:prepare", "lesson:networks:"
ASKED = "lesson_prepared"  # in the session, once somebody has asked


def start(lesson: Lesson) -> Job | None:
    """The job that prepares a lesson; None before somebody asks for it, or starts a class."""
    if role.desk() is None and not st.session_state.get(ASKED):
        return None
    digest = hashlib.sha256(lesson_file.written(lesson).encode()).hexdigest()  # the log names what a job is about
    return jobs.start(SLOT, ("lesson", digest[:12]), partial(evidence.prepare, lesson))


def prepared(lesson: Lesson) -> Mapping[str, Prepared]:
    """What has been prepared, by scene; nothing before it is whole."""
    return _of(start(lesson))


def answers_of(job: Job | None) -> dict[str, tuple[Answer, ...]]:
    """What the models answer, by scene, for any thread; nothing before the job has prepared it."""
    return {key: one.answers for key, one in _of(job).items()}


def _of(job: Job | None) -> Mapping[str, Prepared]:
    return job.result if job is not None and job.state is State.DONE else {}


def show(lesson: Lesson) -> None:
    """The button that asks for it, or how far it is."""
    job = start(lesson)
    if job is None:
        st.button(
            "Prepare the models' answers",
            key="prepare_lesson",
            icon=":material/hourglass_top:",
            on_click=partial(st.session_state.update, {ASKED: True}),
            help="A class prepares them when it starts; before it, for the sheet of solutions.",
        )
    elif job.state is State.DONE:
        st.caption(":material/check: The models' answers are prepared.")
    else:
        jobs.show_progress(SLOT, job)


def hand_to(desk: Desk) -> Prepared:
    """Give the class what is ready for the scene that is on, which is returned; at the reveal of stimuli also what its
    own votes come to.
    """
    room = desk.classroom
    ready = prepared(room.lesson).get(room.scene.key, Prepared())
    if ready.trouble:
        st.warning(words.plain(ready.trouble))
    if ready.images and room.scene.key not in room.images:
        desk.set_images(room.scene.key, ready.images)
    found = ready.answers
    if isinstance(room.scene.bet, Stimuli):
        found = (*_of_votes(desk, room.scene), *found)
    if found and room.answers.get(room.scene.key) != found:
        desk.set_answers(room.scene.key, found)
    return ready


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
    room = desk.classroom
    return _answers_of_class(room.code, scene.key, room.voted, scene.bet, desk, job.result)


@script_turns.kept(32)
def _answers_of_class(
    code: str, scene_key: str, voted: int, _bet: Stimuli, _desk: Desk, _networks: tuple[NetworkDecisions, ...]
) -> tuple[Answer, ...]:
    """What the votes come to, once for as many votes as there are: the intervals take a bootstrap."""
    return class_shape_bias.answers_of_class(_bet, _desk.votes(scene_key), _networks)
