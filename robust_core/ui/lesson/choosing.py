"""Before the class: which lesson, how long, and the button that starts; or the code that brings a lecturer back."""

import pandas as pd
import streamlit as st

from robust_core.errors import QueueFull, RobustError
from robust_core.lesson import handouts, lesson_file
from robust_core.lesson.lesson_file import shipped_lesson
from robust_core.lesson.scenes import Lesson
from robust_core.ui import links, words
from robust_core.ui.lesson import handing_out, own_lesson, role

SHIPPED, OWN, FILE = "The shipped lesson", "Your own", "From a file"
SOURCES = (SHIPPED, OWN, FILE)


def show() -> None:
    """The whole page without a class; once there is one, the page begins anew."""
    if role.desk() is not None:
        st.rerun()
    left, right = st.columns([5, 2], gap="large")
    with left:
        lesson = _choose_lesson()
        if lesson is not None:
            st.subheader(words.plain(lesson.title), anchor=False)
            if lesson.about:
                st.write(words.plain(lesson.about))
            _show_take_over(lesson)
    with right:
        _show_start(lesson)
        _show_way_back()
    if lesson is not None:
        _show_scenes(lesson)
        handing_out.show(lesson)


def _choose_lesson() -> Lesson | None:
    links.note_unknown("lesson_from", "lesson", SOURCES)
    fixed = {"default": SHIPPED, "key": "lesson_from", "bind": "query-params", "required": True}
    source = st.segmented_control("Lesson", SOURCES, persist_state="session", **fixed)
    if source == SHIPPED:
        return shipped_lesson()
    return own_lesson.choose() if source == OWN else _from_file()


def _from_file() -> Lesson | None:
    sent = st.file_uploader("A lesson as TOML", type="toml", key="lesson_file", max_upload_size=1)
    if sent is None:
        st.caption(f"Under “{SHIPPED}” a button gives that lesson as TOML, so that you see how such a file looks.")
        return None
    try:
        return lesson_file.read(sent.getvalue())
    except RobustError as error:
        st.error(words.plain(f"{sent.name}: {error}"))
        return None


def _show_take_over(lesson: Lesson) -> None:
    if st.session_state["lesson_from"] != OWN:
        st.button(
            "Make it my own",
            key="take_over",
            icon=":material/edit:",
            on_click=_take_over,
            args=(lesson,),
            help="Change, move and remove its scenes, and add states of pages.",
        )


def _take_over(lesson: Lesson) -> None:
    own_lesson.take_over(lesson)
    st.session_state["lesson_from"] = OWN


def _show_start(lesson: Lesson | None) -> None:
    st.button(
        "Start a class",
        key="start_class",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=lesson is None,
        on_click=_start,
        args=(lesson,),
    )
    st.caption("Students join by code or QR code, without an account. Everything stays in memory until the class ends.")
    if refused := st.session_state.pop("class_refused", ""):
        st.error(words.plain(refused))


def _start(lesson: Lesson) -> None:
    try:
        role.start(lesson)
    except QueueFull as error:
        st.session_state["class_refused"] = str(error)


def _show_way_back() -> None:
    named = role.named_class()
    with (
        st.expander("Back to a class", expanded=bool(named), icon=":material/key:"),
        st.form("way_back", border=False),
    ):
        code = st.text_input("Code of the class", named[:5], max_chars=5, key="back_code")
        secret = st.text_input("Recovery code", type="password", max_chars=64, key="back_secret")
        if st.form_submit_button("Take the desk"):
            if role.redeem(code, secret):
                st.rerun()
            st.error(role.LOST)


def _show_scenes(lesson: Lesson) -> None:
    rows = [
        {
            "from": f"{minute}′",
            "scene": words.plain(scene.title),
            "bet": words.plain(scene.question),
            "min": scene.minutes,
        }
        for minute, scene in handouts.timing(lesson)
    ]
    st.table(pd.DataFrame(rows, index=range(1, len(rows) + 1)))
    st.caption(f"{words.count(len(lesson.scenes), 'scene')}, {lesson.minutes} minutes.")
