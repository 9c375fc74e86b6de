"""Who has the lecturer's desk in this session: who started the class, or brought its secret, which is worth once."""

import streamlit as st

from robust_core.lesson.classroom import Desk
from robust_core.lesson.classrooms import CLASSROOMS
from robust_core.lesson.scenes import Lesson
from robust_core.ui import words

DESK = "lesson_desk"  # in the session, where no browser reads or writes it
CODE, SECRET = "class_code", "lecturer"  # parameters of the link by which a lecturer comes back
LONGEST_CODE = 20  # that is shown
LOST = (
    "This link or code opens no class. It was used already, the class has ended, or the server was restarted: a class "
    "lives in memory alone, and its votes are gone with it."
)


ENDED = (
    "There is no class {code} any more. It has ended, or the server was restarted: a class lives in memory alone, and "
    "its votes are gone with it."
)
ELSEWHERE = "Class {code} goes on, and another tab has its desk. Its recovery code brings the desk here, once."


def desk() -> Desk | None:
    """The desk of this session; None where it has none, or its class is over."""
    found: Desk | None = st.session_state.get(DESK)
    return None if found is None or found.classroom.over else found


def start(lesson: Lesson) -> None:
    """Start a class, whose lecturer this session is. Raises QueueFull where there are too many."""
    st.session_state[DESK] = CLASSROOMS.start(lesson)


def redeem(code: str, secret: str) -> bool:
    """Take the desk of a class for its secret; whether that was the one that is valid."""
    room = CLASSROOMS.find(code)
    found = room.redeem(secret) if room is not None else None
    if found is not None:
        st.session_state[DESK] = found
    return found is not None


def redeem_link() -> None:
    """Take the desk where the link has a secret, which goes out of the address before anything is drawn, and say what
    became of a class that the link names and whose desk is not here. With a desk the link names its class.
    """
    secret = st.query_params.pop(SECRET, None)
    code = named_class()
    if secret is not None and not redeem(code, secret):
        st.error(LOST)
    elif code and desk() is None:
        room = CLASSROOMS.find(code)
        sentence = ENDED if room is None or room.over else ELSEWHERE
        st.warning(sentence.format(code=words.plain(code)))
    if (here := desk()) is not None and code != here.classroom.code:
        st.query_params[CODE] = here.classroom.code


def named_class() -> str:
    """The code of the class that the link names; "" for none."""
    return st.query_params.get(CODE, "")[:LONGEST_CODE]


def leave() -> None:
    """End the class; all that is in memory of it goes."""
    st.query_params.pop(CODE, None)
    found: Desk | None = st.session_state.pop(DESK, None)
    if found is not None:
        found.end()
