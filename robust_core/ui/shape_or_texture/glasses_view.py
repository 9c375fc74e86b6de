"""What one sees through the glasses oneself: a stimulus or a corrupted image, and what models decide for there."""

import html
import random
from collections.abc import Sequence

import numpy as np
import streamlit as st

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.cue_conflict.decisions import NAMES, DecisionRule
from robust_core.cue_conflict.votes import Cue, cue_of, cues_of
from robust_core.data.stimulus_sets import StimulusImage, StimulusSet
from robust_core.images import LabelledImage, Preprocess
from robust_core.input_filters.table import InputFilter
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.glasses_responses import GlassesResponses
from robust_core.ui import links, screen_images, words, worlds
from robust_core.ui.colours import model_colours
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns
from robust_core.ui.shape_or_texture import stimulus

DOT = "display:inline-block;width:0.7em;height:0.7em;border-radius:50%"  # of a model's colour
AS_IT_IS = Preprocess(None, None, "bilinear", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


def show_stimulus(looked_at: StimulusImage, row: InputFilter, strength: float | None) -> None:
    """The stimulus through the glasses, with its cues."""
    cues, image = looked_at.stimulus, looked_at.image
    seen = _seen(image, AS_IT_IS, CLEAN, row.key, strength, image.pixels_sha256)
    _show(seen, f"{cues.name}, {row.title.lower()}, {row.at(strength)}")
    st.markdown(f"Shape: :violet[**{cues.shape}**] · texture: :orange[**{cues.texture}**]")


def choose_stimulus(stimuli: StimulusSet, first: int) -> tuple[int, StimulusImage]:
    """The place and the image of one of the set, by its number; that at place `first` at first."""
    key = f"{worlds.world().key}_worn_number"
    stimulus.keep_within(key, stimuli.count)
    title = f"Number of the stimulus (1 to {stimuli.count:,})"
    with st.container(horizontal=True, vertical_alignment="center"):
        number = links.number(
            *(st.number_input, title, 1, stimuli.count, first + 1),
            key=key,
            width=150,
            label_visibility="collapsed",
            persist_state="session",
        )
        other = random.randrange(stimuli.count) + 1
        st.button("Another", icon=":material/shuffle:", on_click=st.session_state.update, args=({key: other},))
    return int(number) - 1, stimuli.at(int(number) - 1)


def first_that_turns(by_model: Sequence[GlassesResponses], rule: DecisionRule) -> int:
    """The place of the first stimulus that a model decides by its shape at one strength and by its texture at another;
    0 where there is none.
    """
    turning = []
    for one in by_model:
        by_strength = [cues_of(decisions, one.stimuli) for decisions in one.decisions[rule.key]]
        turning += [
            place for place, cues in enumerate(zip(*by_strength, strict=True)) if {Cue.SHAPE, Cue.TEXTURE} <= {*cues}
        ][:1]
    return min(turning, default=0)


def show_decisions(
    by_model: Sequence[GlassesResponses],
    rule: DecisionRule,
    at: tuple[InputFilter, float | None, int],
    looked_at: StimulusImage,
) -> None:
    """What each model decides for on the stimulus, where that is known: through the filter, at the strength, at the
    place of `at`.
    """
    row, strength, place = at
    cues, lines = looked_at.stimulus, []
    for one in by_model:
        if one.input_filter != row.key or strength not in one.strengths or one.stimuli[place : place + 1] != (cues,):
            continue
        decided = NAMES[one.decisions[rule.key][one.strengths.index(strength)][place]]
        cue = cue_of(decided, cues)
        follows = "neither" if cue is Cue.OTHER else str(cue)
        dot = f"<span style='{DOT};background:{model_colours()[one.spec.key]}' aria-hidden='true'></span>"
        lines.append(f"<li>{dot} {html.escape(one.spec.title)}: <b>{decided}</b> ({follows})</li>")
    st.html(f"<ul style='list-style:none;margin:0;padding:0'>{''.join(lines)}</ul>")


def show_corrupted(request: GlassesCorruptionRequest, strength: float | None) -> None:
    """The first of the images, under one of the corruptions, through the glasses."""
    conditions = {str(one): one for one in (*request.conditions, CLEAN)}
    note_unknown("worn_under", "corruption", list(conditions))
    if st.session_state.get("worn_under") not in (None, *conditions):
        del st.session_state["worn_under"]
    first = next(iter(conditions))
    chosen = st.selectbox(
        "Image under", list(conditions), index=0, key="worn_under", bind="query-params", persist_state="session"
    )
    spec, condition = request.models[0], conditions[chosen or first]
    image = request.images[0]
    preprocess = spec.preprocess_for(image.centre_crop_only)
    row = request.row
    seen = _seen(image, preprocess, condition, row.key, strength, image.pixels_sha256)
    _show(seen, f"{image.name}, {condition}, {row.title.lower()}, {row.at(strength)}")
    st.caption(f"The first of the images, at the input size of {words.plain(spec.title)}.")


def _show(rgb: np.ndarray, alt: str) -> None:
    with st.container(key="seen_through_glasses"):
        st.image(screen_images.screen_uri(rgb), width="stretch", alt=alt)


@script_turns.kept(64)
def _seen(
    _image: LabelledImage, preprocess: Preprocess, condition: Condition, key: str, strength: float | None, digest: str
) -> np.ndarray:
    from robust_core.images import to_pixels, to_rgb
    from robust_core.input_filters.filters import filtered

    corrupted = condition.apply(to_pixels(_image, preprocess)[None])
    return to_rgb(filtered(corrupted, key, strength))[0]
