"""The lecturer's desk: how students come in, how many have bet, and what moves the class."""

import io
import time
from urllib.parse import urlencode, urlsplit

import streamlit as st

from robust_core import csv_cells
from robust_core.lesson.classroom import Desk, Phase
from robust_core.ui import sharing, words
from robust_core.ui.components.class_counter import class_counter
from robust_core.ui.lesson import handing_out, role
from robust_core.ui.server import class_door, hosts
from robust_core.ui.server.job_watch import Watch

WATCH, ENDING = "lesson_watch", "lesson_ending"  # in the session
QR_PX = 210
COLUMNS = ("scene", "part", "seat", "name", "vote", "answer", "right", "seconds")
NEXT_STEP = {
    Phase.OPEN: ("Lock", ":material/lock:", Phase.LOCKED),
    Phase.LOCKED: ("Reveal", ":material/visibility:", Phase.REVEALED),
}


def show(desk: Desk) -> None:
    """The whole desk."""
    address = join_address(desk.classroom.code)
    st.markdown(f"# {desk.classroom.code}")
    st.caption(words.plain(address.partition("//")[2].rpartition("/")[0]))
    class_counter(_watch(desk), key="class_counter")
    with st.container():  # its number of elements changes; what follows keeps its place, and an open menu stays open
        _show_steps(desk)
    with st.container(horizontal=True):
        _show_scenes(desk)
        _show_notes(desk)
        _show_class(desk)
        with st.popover("Join", icon=":material/qr_code_2:"):
            show_door(address)


def join_address(code: str) -> str:
    """Where students come in, as this browser knows the server."""
    return f"{sharing.app_address()}{class_door.FOLDER}/{code}"


def show_door(address: str) -> None:
    """How students come in: QR code and address."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(sharing.qr_code(address), width=QR_PX)
        with st.container(width="stretch"):
            st.markdown("**Join with your phone**")
            st.code(address, language=None, wrap_lines=True)
            if hosts.is_local(urlsplit(address).hostname or ""):
                st.caption(sharing.ONLY_HERE)


def _watch(desk: Desk) -> Watch:
    """What the counter looks at: the numbers of this class as they stand."""
    watch: Watch | None = st.session_state.get(WATCH)
    if watch is None or getattr(watch.live, "desk", None) is not desk:
        watch = st.session_state[WATCH] = Watch({}, _Numbers(desk))
    return watch


class _Numbers:
    """The numbers of a class, to be asked for on any thread."""

    def __init__(self, desk: Desk):
        self.desk = desk

    def __call__(self) -> dict:
        room = self.desk.classroom
        scene = room.scene
        return {
            "here": room.seats,
            "bet": room.tally(scene.key).n,
            "seconds": time.monotonic() - room.since,
            "minutes": scene.minutes,
            "standing": f"{room.place} {room.phase} {room.free_roam} {room.leaderboard} {room.over}",
        }


def _show_steps(desk: Desk) -> None:
    room = desk.classroom
    if room.phase in NEXT_STEP:
        title, icon, phase = NEXT_STEP[room.phase]
        st.button(
            title, key="class_step", icon=icon, type="primary", width="stretch", on_click=desk.set_phase, args=(phase,)
        )
    last = room.place == len(room.lesson.scenes) - 1
    with st.container(horizontal=True):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            width="stretch",
            disabled=not room.place,
            on_click=desk.go,
            args=(room.place - 1,),
        )
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            width="stretch",
            type="primary" if room.phase is Phase.REVEALED and not last else "secondary",
            disabled=last,
            on_click=desk.go,
            args=(room.place + 1,),
        )
    if last and room.phase is Phase.REVEALED:
        st.caption("That was the last scene. **Class** has the votes as CSV, and ends the class.")
    if room.phase is not Phase.OPEN:
        st.button(
            "Open the bets again",
            icon=":material/lock_open:",
            width="stretch",
            on_click=desk.set_phase,
            args=(Phase.OPEN,),
        )


def _show_scenes(desk: Desk) -> None:
    room = desk.classroom
    with st.popover("Scenes", icon=":material/list:"):
        for place, scene in enumerate(room.lesson.scenes):
            st.button(
                words.plain(f"{place + 1}. {scene.title}"),
                key=f"go_{place}",
                type="primary" if place == room.place else "tertiary",
                on_click=desk.go,
                args=(place,),
            )


def _show_notes(desk: Desk) -> None:
    scene = desk.classroom.scene
    with st.popover("Notes", icon=":material/speaker_notes:"):
        st.caption(
            "Phones never get these. Where the room sees this screen, read them on your own phone: the recovery code "
            "brings the desk there."
        )
        if scene.misconception:
            st.markdown(f"**Aimed at:** {words.plain(scene.misconception)}")
        st.markdown(words.plain(scene.notes) if scene.notes else "This scene has no notes.")


def _show_class(desk: Desk) -> None:
    room = desk.classroom
    with st.popover("Class", icon=":material/groups:"):
        free = st.toggle("Students may roam", room.free_roam, help="Phones get a link to the scene's page.")
        if free != room.free_roam:
            desk.let_roam(free=free)
        shown = st.toggle("Show the leaderboard", room.leaderboard)
        if shown != room.leaderboard:
            desk.show_leaderboard(shown=shown)
        st.download_button(
            "Votes as CSV",
            lambda: votes_csv(desk),
            f"votes_{room.code}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        handing_out.show(room.lesson)
        st.divider()
        _show_recovery(desk)
        st.divider()
        _show_end()


def _show_recovery(desk: Desk) -> None:
    st.caption("To come back after a reload, or on another device: this code, once. Keep it off the projector.")
    if st.toggle("Show the recovery code", key="show_recovery"):
        st.code(desk.recovery, language=None)
        st.caption("Or this address:")
        asked = urlencode({role.CODE: desk.classroom.code, role.SECRET: desk.recovery})
        st.code(f"{sharing.app_address()}/lesson?{asked}", language=None, wrap_lines=True)


def _show_end() -> None:
    """Asks once more, since what is gone is gone."""
    if not st.session_state.get(ENDING):
        st.button("End the class", icon=":material/stop_circle:", on_click=_ask_to_end, args=(True,))
        return
    st.write("All phones leave. Votes and seats are deleted at once, and nothing brings them back.")
    with st.container(horizontal=True):
        st.button("End it now", type="primary", icon=":material/stop_circle:", on_click=_end)
        st.button("Not yet", on_click=_ask_to_end, args=(False,))


def _ask_to_end(ending: bool) -> None:
    st.session_state[ENDING] = ending


def _end() -> None:
    _ask_to_end(False)
    role.leave()


def votes_csv(desk: Desk) -> str:
    """Every vote as a row, under the names of its columns."""
    text = io.StringIO()
    csv_cells.write_rows(text, [COLUMNS, *([row[name] for name in COLUMNS] for row in desk.rows())])
    return text.getvalue()
