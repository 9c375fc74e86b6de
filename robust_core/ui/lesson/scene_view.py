"""The scene that is on, as the room sees it: question, what can be bet, and the image that it is about."""

from collections.abc import Sequence

import streamlit as st

from robust_core.lesson.bets import Bet, Choice, Number, Place, Stimuli
from robust_core.lesson.classroom import Desk, Phase
from robust_core.lesson.scene_images import SceneImage
from robust_core.lesson.scenes import Scene
from robust_core.lesson.student_view import link_of
from robust_core.ui import words
from robust_core.ui.lesson import class_bias

IMAGE_PX, SMALL_PX = 270, 150


def show(desk: Desk) -> None:
    """Everything of the scene but what is revealed."""
    room = desk.classroom
    scene = room.scene
    st.caption(f"{room.place + 1} of {len(room.lesson.scenes)} · {words.count(scene.minutes, 'minute')}")
    st.header(words.plain(scene.title), anchor=False)
    if room.phase is Phase.REVEALED:
        st.markdown(words.plain(scene.question))
    else:
        st.markdown(f"### {words.plain(scene.question)}")
        _show_images(list(room.images_shown.values()), IMAGE_PX)
        _show_bet(scene.bet)
        show_link(scene)


def show_link(scene: Scene) -> None:
    """The page in the state that the scene is about."""
    st.markdown(f"[:material/open_in_new: Open the page of this scene](./{link_of(scene)})")


def show_revealed_images(desk: Desk) -> None:
    """All images of the scene with what they turn out to be; small, so that the numbers stand beneath."""
    _show_images(list(desk.classroom.images_shown.values()), SMALL_PX, named=True)


def _show_images(images: Sequence[SceneImage], width_px: int, *, named: bool = False) -> None:
    if not images:
        return
    with st.container(horizontal=True):
        for image in images:
            said = f"{image.title}. {image.label}" if named and image.label else image.title
            with st.container(width=width_px, gap="xxsmall"):
                st.image(image.rgb, width=width_px, output_format="PNG")
                st.markdown(f":small[{words.plain(said)}]")  # no caption, which presenting folds away


def _show_bet(bet: Bet) -> None:
    if isinstance(bet, Choice):
        st.markdown("\n".join(f"- {words.plain(option)}" for option in bet.options))
    elif isinstance(bet, Number):
        low, high = map(words.plain, bet.ends)
        st.markdown(f"A number from **{low}** to **{high}**.")
    elif isinstance(bet, Place):
        content = class_bias.shown(bet, 0)
        if content is not None:
            st.image(content, "Tap the place on your phone.", width=IMAGE_PX)
    elif isinstance(bet, Stimuli):
        st.markdown(f"**{bet.count} images**, each for **{bet.shown_ms} ms**, on the phones. What is it?")
    else:
        st.markdown("One word each, on the phones.")
