"""A lesson of one's own: states of pages saved with “Add to lesson”, or any lesson taken over; scenes can be changed,
moved and removed.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from robust_core.errors import RobustError
from robust_core.lesson.bets import Word
from robust_core.lesson.scenes import LONGEST_TEXT, MOST_MINUTES, Lesson, Scene
from robust_core.ui import words
from robust_core.ui.lesson import bet_form

# In the session.
SCENES, TITLE, ABOUT, CHOSEN, REMOVED = "own_scenes", "own_title", "own_about", "own_scene", "own_removed"
FIRST_TITLE = "My lesson"
WHAT = "Keep this page as it is now as a scene of a lesson of your own"
EMPTY = (
    "Open any page in the state that you want to show, press **Share**, then **Add to lesson**. Or choose a lesson and "
    "press **Make it my own**."
)


def add(page: str, state: Mapping[str, tuple[str, ...]], title: str) -> None:
    """Keep the state of a page, to be made a scene of."""
    taken = {scene.key for scene in _scenes()}
    key = next(key for number in range(1, len(taken) + 2) if (key := f"scene-{number}") not in taken)
    scene = Scene(key, title, 5, page, "What do you expect?", Word(), dict(state))
    st.session_state[SCENES] = [*_scenes(), scene]


def take_over(lesson: Lesson) -> None:
    """Make a lesson one's own, in place of the one before; scenes that were saved stay, after its own."""
    keys = {scene.key for scene in lesson.scenes}
    saved = [scene for scene in _scenes() if scene.key not in keys]
    st.session_state.update({SCENES: [*lesson.scenes, *saved], TITLE: lesson.title, ABOUT: lesson.about})


def choose() -> Lesson | None:
    """The lesson of the saved scenes, which can be edited; None where there is none."""
    if not _scenes():
        st.info(EMPTY)
        _show_put_back()
        return None
    title = st.text_input("Title", FIRST_TITLE, key=TITLE, max_chars=LONGEST_TEXT, persist_state="session")
    about = st.text_area("About", key=ABOUT, max_chars=LONGEST_TEXT, persist_state="session")
    _edit(*_chosen())
    st.caption("It stays in this tab alone: download it below as TOML to keep it, and choose the file to go on.")
    try:
        return Lesson(title, tuple(_scenes()), about)
    except RobustError as error:
        st.error(words.plain(str(error)))
        return None


def _chosen() -> tuple[int, Scene]:
    """The scene that is to be changed, with its place."""
    scenes = {scene.key: scene for scene in _scenes()}
    if st.session_state.get(CHOSEN) not in scenes:
        st.session_state[CHOSEN] = next(iter(scenes))
    key = st.selectbox("Scene to change", list(scenes), format_func=lambda key: scenes[key].title, key=CHOSEN)
    return list(scenes).index(key), scenes[key]


def _edit(place: int, scene: Scene) -> None:
    """The fields of a scene, each of which counts at once; one that does not fit leaves the scene as it was."""
    form = bet_form.form_of(scene)
    said = _texts(scene)
    make_bet = form.fields(scene)
    with st.container(horizontal=True):
        _show_moves(place, scene)
    try:
        changed = replace(scene, bet=make_bet(), **said)
    except RobustError as error:
        st.error(words.plain(f"Not kept: {error}"))
        return
    if changed != scene:
        st.session_state[SCENES] = [changed if one.key == scene.key else one for one in _scenes()]
        st.rerun()


def _texts(scene: Scene) -> dict[str, str | int]:
    """What is said about the scene besides its bet."""
    longest, key = LONGEST_TEXT, scene.key
    return {
        "title": st.text_input("Title", scene.title, longest, key=f"title_{key}"),
        "question": st.text_area("Question", scene.question, max_chars=longest, key=f"question_{key}"),
        "minutes": int(st.number_input("Minutes", 1, MOST_MINUTES, scene.minutes, key=f"minutes_{key}")),
        "stays": st.text_input("What stays", scene.stays, longest, key=f"stays_{key}"),
        "notes": st.text_area("Notes for you alone", scene.notes, max_chars=longest, key=f"notes_{key}"),
    }


def _show_moves(place: int, scene: Scene) -> None:
    last = place == len(_scenes()) - 1
    for title, icon, disabled, to in (
        ("Move up", "arrow_upward", not place, place - 1),
        ("Move down", "arrow_downward", last, place + 1),
        ("Remove", "delete", False, None),
    ):
        shown = {"key": f"{title}_{scene.key}", "icon": f":material/{icon}:", "disabled": disabled}
        st.button(title, on_click=_move, args=(scene, to), **shown)
    _show_put_back()


def _show_put_back() -> None:
    """The way back for the scene that was removed last."""
    removed: tuple[int, Scene] | None = st.session_state.get(REMOVED)
    if removed is not None:
        title = words.plain(f"Put back “{removed[1].title}”")
        st.button(title, key="put_back", icon=":material/undo:", on_click=_move, args=(removed[1], removed[0]))


def _move(scene: Scene, to: int | None) -> None:
    """Put a scene at the place `to`; None removes it."""
    scenes = _scenes()
    rest = [one for one in scenes if one.key != scene.key]
    if to is None:
        st.session_state[REMOVED] = scenes.index(scene), scene
    else:
        rest.insert(to, scene)
        if len(rest) > len(scenes):  # it was put back
            st.session_state.update({REMOVED: None, CHOSEN: scene.key})
    st.session_state[SCENES] = rest


def _scenes() -> list[Scene]:
    return list(st.session_state.get(SCENES, []))
