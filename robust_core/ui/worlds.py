"""The two worlds: ImageNet, whose weights have to be fetched, and the drawn miniature one, which is always ready."""

import random

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.models import weights
from robust_core.models.catalogue import list_models
from robust_core.models.spec import IMAGENET, MINI, ModelSpec
from robust_core.samples.drawn import NAMES, SCENES, drawn_id, read_drawn
from robust_core.ui import links, warmup
from robust_core.ui.links import note_unknown

WORLDS = {"ImageNet": IMAGENET, "Mini": MINI}
SAME = "the same as the shape"
MAX_DRAWN = 12
MAX_SEED = 99_999


def show_world() -> None:
    """The switch; without ImageNet weights it stands on Mini, and one line says why and how to change that."""
    note_unknown("world", "world", list(WORLDS))
    first = st.session_state.setdefault("first_world", "ImageNet" if ready_models(IMAGENET) else "Mini")  # stays when weights come later
    st.segmented_control("World", list(WORLDS), default=first, key="world", bind="query-params", required=True)
    st.session_state["world_entered"] = st.session_state.get("world_before", world()) != world()
    st.session_state["world_before"] = world()
    if world() == MINI and not ready_models(IMAGENET):
        st.caption("No ImageNet weights are here yet, so this is the drawn world. The Models page gets real ones.")


def world() -> str:
    """The label space of the world that is looked at."""
    return WORLDS[st.session_state.get("world") or "Mini"]


def just_entered() -> bool:
    """Whether another world was looked at before: choices that begin otherwise in each world begin anew, as a link that does not name them says."""
    return st.session_state["world_entered"]


def ready_models(label_space: str) -> list[ModelSpec]:
    """The models of a world whose weights are here."""
    return weights.present_among([spec for spec in list_models() if spec.label_space == label_space])


def show_drawn() -> None:
    """What is drawn: shape, texture, scene and a seed to shuffle."""
    for key, kind, options in (("shape", "shape", NAMES), ("texture", "texture", (SAME, *NAMES)), ("scene", "scene", tuple(SCENES))):
        note_unknown(key, kind, options)
    st.selectbox("Shape", NAMES, index=NAMES.index("elephant"), key="shape", bind="query-params")
    st.selectbox("Texture", (SAME, *NAMES), key="texture", bind="query-params")
    st.segmented_control("Scene", list(SCENES), default="clean", key="scene", bind="query-params", required=True)
    left, right = st.columns(2, vertical_alignment="bottom")
    links.number(left.number_input, "Seed of the picture", 0, MAX_SEED, 7, key="draw")
    right.button("Shuffle", key="shuffle", on_click=_shuffle, icon=":material/shuffle:", width="stretch")
    links.number(st.slider, "How many, by counting the seed up", 1, MAX_DRAWN, 1, key="drawn")


def drawn_pictures() -> list[LabelledImage]:
    """The pictures that the controls describe."""
    choice = st.session_state
    texture = choice["shape"] if choice["texture"] == SAME else choice["texture"]
    return [_drawn(drawn_id(choice["scene"], choice["shape"], texture, int(choice["draw"]) + number)) for number in range(choice["drawn"])]


def wait_for_torch() -> None:
    """Where a page needs PyTorch for its pictures: say so until it is there, and end the page's script."""
    if warmup.ready():
        return

    @st.fragment(run_every=0.5)
    def waiting() -> None:
        st.progress(0.0, "Starting PyTorch; this takes a few seconds after the server's start")
        if warmup.ready():
            st.rerun()

    waiting()
    st.stop()


def _shuffle() -> None:
    st.session_state["draw"] = random.randint(0, MAX_SEED)


@st.cache_resource(max_entries=512, show_spinner=False)
def _drawn(sample_id: str) -> LabelledImage:
    return read_drawn(sample_id)
