"""What the votes on stimuli and on places come to: the class's shape bias beside the models', and where it tapped."""

import io

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from robust_core.data.stimulus_sets import StimulusImage
from robust_core.lesson.bets import CATEGORIES, Bet, Place, Stimuli
from robust_core.lesson.shown_images import image_of, stimulus_of
from robust_core.lesson.votes import Tally
from robust_core.ui import words
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
    content = shown(bet, 0)
    if content is None:
        return
    rgb = np.array(Image.open(io.BytesIO(content)).convert("RGB"))
    votes = [vote for vote in tally.by_part[0] if isinstance(vote, tuple)]
    height, width = rgb.shape[:2]
    figure = go.Figure(go.Image(z=rgb, hoverinfo="skip"))
    dots = {"color": "#D35D00", "size": 14, "line": {"color": "#FFFFFF", "width": 2}}
    figure.add_scatter(
        x=[width * across for across, _ in votes], y=[height * down for _, down in votes], mode="markers", marker=dots
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=PLACES_PX)
    st.plotly_chart(figure, key="class_places", config={"displayModeBar": False})


@script_turns.kept(128)
def shown(bet: Bet, part: int) -> bytes | None:
    """The image of a part of a bet, which may take a moment to draw; None where it has none."""
    return image_of(bet, part)


@script_turns.kept(128)
def _stimulus(bet: Stimuli, part: int) -> StimulusImage:
    return stimulus_of(bet, part)
