"""A lesson of one's own: states of pages saved with “Add to lesson”, each with a question and a bet."""

from collections.abc import Mapping

import streamlit as st

from robust_core.errors import RobustError
from robust_core.lesson.bets import BETS, Bet, Choice, Number, Word
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.ui import words

SCENES, SAVED = "own_scenes", "own_state"  # in the session
KINDS = {"A choice": Choice.kind, "A number": Number.kind, "A word": Word.kind}
WHAT = "Keep this page as it is now as a scene of a lesson of your own"
EMPTY = "Open any page in the state that you want to show, press **Share**, then **Add to lesson**."


def add(page: str, state: Mapping[str, tuple[str, ...]], title: str) -> None:
    """Keep the state of a page, to be made a scene of."""
    number = len(_scenes()) + 1
    scene = Scene(f"scene-{number}", title, 5, page, "What do you expect?", Word(), dict(state))
    st.session_state[SCENES] = [*_scenes(), scene]


def choose() -> Lesson | None:
    """The lesson of the saved scenes, which can be edited; None where there is none."""
    scenes = _scenes()
    if not scenes:
        st.info(EMPTY)
        return None
    title = st.text_input("Title", "My lesson", key="own_title", max_chars=100)
    for place, scene in enumerate(scenes):
        with st.expander(words.plain(f"{place + 1}. {scene.title}")):
            _edit(place, scene)
    try:
        return Lesson(title, tuple(_scenes()))
    except RobustError as error:
        st.error(words.plain(str(error)))
        return None


def _edit(place: int, scene: Scene) -> None:
    with st.form(f"scene_{place}", border=False):
        title = st.text_input("Title", scene.title, key=f"title_{place}")
        question = st.text_area("Question", scene.question, key=f"question_{place}")
        minutes = st.number_input("Minutes", 1, 60, scene.minutes, key=f"minutes_{place}")
        kinds = list(KINDS)
        kind = st.selectbox("Bet", kinds, list(KINDS.values()).index(scene.bet.kind), key=f"kind_{place}")
        options = st.text_area(
            "Answers of a choice, one a line; * before the right ones", _lines(scene.bet), key=f"options_{place}"
        )
        low, high = st.columns(2)
        lowest = low.number_input("Lowest number", value=getattr(scene.bet, "low", 0.0), key=f"low_{place}")
        highest = high.number_input("Highest number", value=getattr(scene.bet, "high", 100.0), key=f"high_{place}")
        stays = st.text_input("What stays", scene.stays, key=f"stays_{place}")
        notes = st.text_area("Notes for you alone", scene.notes, key=f"notes_{place}")
        keep, drop, up = st.columns(3)
        kept = keep.form_submit_button("Keep", icon=":material/check:")
        dropped = drop.form_submit_button("Remove", icon=":material/delete:")
        moved = up.form_submit_button("Move up", icon=":material/arrow_upward:", disabled=not place)
    if dropped or moved:
        _rearrange(place, remove=dropped)
    if kept:
        try:
            bet = _bet(KINDS[kind], options, lowest, highest)
            changed = Scene(
                scene.key, title, int(minutes), scene.page, question, bet, scene.state, stays=stays, notes=notes
            )
        except RobustError as error:
            st.error(words.plain(str(error)))
            return
        st.session_state[SCENES] = [changed if at == place else one for at, one in enumerate(_scenes())]
        st.rerun()


def _bet(kind: str, options: str, low: float, high: float) -> Bet:
    """The bet that the form describes; raises BadInput for one that is none."""
    if kind == Choice.kind:
        lines = [line.strip() for line in options.splitlines() if line.strip()]
        right = tuple(place for place, line in enumerate(lines) if line.startswith("*"))
        return Choice(tuple(line.removeprefix("*").strip() for line in lines), right)
    if kind == Number.kind:
        return Number(low, high, max((high - low) / 100, 1e-6))
    return BETS[kind]()


def _lines(bet: Bet) -> str:
    if not isinstance(bet, Choice):
        return "Yes\nNo"
    return "\n".join(f"{'* ' * (place in bet.right)}{option}" for place, option in enumerate(bet.options))


def _rearrange(place: int, *, remove: bool) -> None:
    scenes = _scenes()
    one = scenes.pop(place)
    if not remove:
        scenes.insert(place - 1, one)
    st.session_state[SCENES] = scenes
    st.rerun()


def _scenes() -> list[Scene]:
    return list(st.session_state.get(SCENES, []))
