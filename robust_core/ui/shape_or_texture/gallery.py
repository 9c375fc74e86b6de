"""The images behind the numbers: the matrix of shapes and textures, and a gallery by what decided, one click from any
cell.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image

from robust_core.cue_conflict.decisions import NAMES, DecisionRule
from robust_core.cue_conflict.votes import Cue, cues_of, matrix
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.plots import cue_axis
from robust_core.studies.shape_bias import ModelResponses
from robust_core.ui import screen_images
from robust_core.ui.components.live_chart import Picked, live_chart
from robust_core.ui.server import script_turns
from robust_core.ui.shape_or_texture import stimulus as cue_stimulus
from robust_core.ui.shape_or_texture.votes_run import VotesRun

MATRIX_PX = 470
PER_PAGE = 15
THUMBNAIL_PX = 104
ANY = "any"
DIVIDED = "Disagreement"
WHICH = {"By shape": Cue.SHAPE, "By texture": Cue.TEXTURE, "By neither": Cue.OTHER}


def show_gallery(run: VotesRun, by_model: Sequence[ModelResponses], rule: DecisionRule, stimuli: StimulusSet) -> None:
    """For one model, the matrix and the images that it decides by shape, by texture or by neither, or on which it
    disagrees with another.

    An image can be looked at in the view of one while the page still has the `stimuli` of the run.
    """
    st.subheader("Which images?", anchor=False)
    titles = {spec.title: responses for spec, responses in zip(run.request.models, by_model, strict=True)}
    title = st.selectbox("Model", list(titles), key="gallery_model")
    left, right = st.columns([2, 3])
    with left:
        _show_matrix(title, titles[title], rule)
    with right:
        places = _choose_places(title, titles, rule)
        _show_images(run, titles[title], rule, places, reachable=stimuli.key == run.request.stimuli.key)


def _show_matrix(title: str, responses: ModelResponses, rule: DecisionRule) -> None:
    cells = matrix(responses.decisions(rule), responses.stimuli)
    alt = f"{title}: a heat map of shapes by textures, from all texture to all shape"
    live_chart(
        cue_axis.decision_matrix(cells),
        key="cue_matrix",
        height_px=MATRIX_PX,
        alt=alt,
        png_name="shape_by_texture",
        on_pick=_look_into,
    )
    st.caption(":violet[■] by shape, :orange[■] by texture, grey: a tie, or neither. Click a cell to see its images.")


def _choose_places(title: str, by_model: dict[str, ModelResponses], rule: DecisionRule) -> list[int]:
    """The places of the images that the controls ask for."""
    responses = by_model[title]
    options = [*WHICH, *([DIVIDED] if len(by_model) > 1 else [])]
    which = st.segmented_control("Decided", options, default=None, key="gallery_which")
    cues = cues_of(responses.decisions(rule), responses.stimuli)
    if which == DIVIDED:
        others = [other for other in by_model if other != title]
        other = by_model[st.selectbox("with which model", others, key="gallery_other")]
        theirs = cues_of(other.decisions(rule), other.stimuli)
        kept = [{mine, its} == {Cue.SHAPE, Cue.TEXTURE} for mine, its in zip(cues, theirs, strict=True)]
    else:
        kept = [which is None or cue is WHICH[which] for cue in cues]
    left, right = st.columns(2)
    shape = left.selectbox("Shape", (ANY, *NAMES), key="gallery_shape")
    texture = right.selectbox("Texture", (ANY, *NAMES), key="gallery_texture")
    fits = [shape in (ANY, one.shape) and texture in (ANY, one.texture) for one in responses.stimuli]
    return [place for place, (keep, fit) in enumerate(zip(kept, fits, strict=True)) if keep and fit]


def _show_images(
    run: VotesRun, responses: ModelResponses, rule: DecisionRule, places: Sequence[int], *, reachable: bool
) -> None:
    pages = max(1, -(-len(places) // PER_PAGE))
    page = 1
    if pages > 1:
        st.session_state["gallery_page"] = min(st.session_state.get("gallery_page", 1), pages)
        page = int(st.number_input(f"Page (1 to {pages})", 1, pages, key="gallery_page"))
    st.caption(
        f"{len(places)} of {run.request.n:,} images. Below each is the model's decision; press it to open the image."
    )
    decisions = responses.decisions(rule)
    with st.container(horizontal=True, gap="small"):
        for place in places[(page - 1) * PER_PAGE : page * PER_PAGE]:
            stimulus = responses.stimuli[place]
            with st.container(width=THUMBNAIL_PX, gap=None):
                st.image(
                    _thumbnail(run.request.stimuli.key, place, run.request.stimuli.at),
                    alt=stimulus.name,
                    caption=f"{stimulus.shape} / {stimulus.texture}",
                    width=THUMBNAIL_PX,
                )
                decision = NAMES[int(decisions[place])]
                look = {"on_click": cue_stimulus.look_at, "args": (place,), "disabled": not reachable}
                if st.button(decision, key=f"look:{place}", width="stretch", type="tertiary", **look):
                    st.rerun()  # the whole page, since the view is chosen outside the part that a click reruns


def _look_into(picked: Picked) -> None:
    st.session_state["gallery_shape"], st.session_state["gallery_texture"] = picked["y"], picked["x"]
    st.session_state["gallery_which"] = None


@script_turns.kept(512)
def _thumbnail(set_key: tuple, place: int, _at) -> str:
    image = Image.fromarray(_at(place).image.rgb)
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return screen_images.webp_uri(np.asarray(image))
