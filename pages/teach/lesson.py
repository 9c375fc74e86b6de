"""Lesson: a class bets before it sees; the lecturer locks, reveals and goes on."""

import streamlit as st

from robust_core.lesson.classroom import Phase
from robust_core.ui import jobs, words
from robust_core.ui.lesson import choosing, desk_view, preparing, reveal, role, scene_view

role.redeem_link()
desk = role.desk()
if desk is None:
    st.title("Predict, lock, reveal", anchor=False)
    st.write("A lesson for a class: everybody bets on a phone before anybody sees. Then the numbers answer.")
    jobs.poll_and_draw(choosing.show)
    words.show_how_to_read("lesson")
    st.stop()

with st.container(key="class_room"):  # style.css puts the desk, which a phone shows first, to the right
    right, left = st.columns([2, 5], gap="large")
with right:
    desk_view.show(desk)


def results() -> None:
    ready = preparing.hand_to(desk)
    if desk.classroom.seats == 0:
        desk_view.show_door(desk_view.join_address(desk.classroom.code))
    scene_view.show(desk)
    if desk.classroom.phase is Phase.REVEALED:
        reveal.show(desk, ready.curves)


with left:
    jobs.poll_and_draw(results)
