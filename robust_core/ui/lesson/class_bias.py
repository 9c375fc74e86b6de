"""What the votes on stimuli and on places come to: the class's shape bias beside the models', and where it tapped."""

import streamlit as st

from robust_core import data
from robust_core.data.stimulus_sets import StimulusImage
from robust_core.lesson.bets import CATEGORIES, Bet, Place, Stimuli
from robust_core.lesson.shown_images import image_of, stimulus_of
from robust_core.lesson.votes import Tally
from robust_core.plots import vote_charts
from robust_core.ui import screen_images, words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.server import script_turns

STIMULUS_PX = 130
PLACES_PX = 420


def show(bet: Stimuli, tally: Tally) -> None:
    """Every stimulus with what the class took it for."""
    rows = []
    for part in range(bet.parts):
        found = _stimulus(bet, part)
        votes = [CATEGORIES[vote] for vote in tally.by_part[part] if isinstance(vote, int)]
        rows.append((found, votes))
    with st.container(horizontal=True):
        for part, (found, votes) in enumerate(rows):
            with st.container(width=STIMULUS_PX):
                content = shown(bet, part)
                if content is not None:
                    st.image(content, width=STIMULUS_PX)
                shape, texture = votes.count(found.stimulus.shape), votes.count(found.stimulus.texture)
                st.caption(
                    f"shape {words.plain(found.stimulus.shape)}: **{shape}**; texture "
                    f"{words.plain(found.stimulus.texture)}: **{texture}**; other: {len(votes) - shape - texture}"
                )


def show_places(bet: Place, tally: Tally) -> None:
    """The image with a dot for each vote."""
    votes = [vote for vote in tally.by_part[0] if isinstance(vote, tuple)]
    uri, aspect = _uri(bet)
    figure = vote_charts.places(votes, uri, aspect, bet.right)
    alt = f"Where the class has tapped; {words.count(len(votes), 'vote')}."
    live_chart(figure, key="class_places", height_px=PLACES_PX, alt=alt, png_name="places")


@script_turns.kept(16)
def _uri(bet: Place) -> tuple[str, float]:
    """The image as an address, and how many times it is as wide as high."""
    rgb = data.read(bet.image).rgb
    return screen_images.screen_uri(rgb), rgb.shape[1] / rgb.shape[0]


@script_turns.kept(128)
def shown(bet: Bet, part: int) -> bytes | None:
    """The image of a part of a bet, which may take a moment to draw; None where it has none."""
    return image_of(bet, part)


@script_turns.kept(128)
def _stimulus(bet: Stimuli, part: int) -> StimulusImage:
    return stimulus_of(bet, part)
