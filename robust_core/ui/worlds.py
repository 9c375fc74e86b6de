"""The worlds: ImageNet, the synthetic miniature one, and one for each class list of the user's own; models of one world
share their classes.
"""

import random
from collections.abc import Callable, Collection

import streamlit as st

from robust_core.data.synthetic import NAMES, SCENES, read_synthetic, synthetic_id
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.models import weights
from robust_core.models.catalogue import list_models
from robust_core.models.spec import ModelSpec
from robust_core.ui import links, words
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns, warmup

PURPOSE_OF_MINI = (
    "Mini: synthetic images and small networks. See what tagged data and adversarial training change, in miniature."
)
SAME = "the same as the shape"
MAX_SYNTHETIC = 12
MAX_SEED = 99_999


def show_world() -> None:
    """The switch, which begins at ImageNet; Mini says what it is for."""
    spaces = worlds()
    note_unknown("world", "world", list(spaces))
    left = st.session_state.get("world", IMAGENET.title)
    if left not in spaces:
        del st.session_state["world"]
        st.info(words.plain(f"The world “{left}” is gone, as its last model was removed."))
    chosen = st.segmented_control(
        "World", list(spaces), default=IMAGENET.title, key="world", bind="query-params", required=True
    )
    st.session_state["world_chosen"] = spaces[chosen]
    if world() == MINI:
        st.caption(PURPOSE_OF_MINI)


def worlds() -> dict[str, LabelSpace]:
    """Every label space by its title; those of the user's own models come last, and get a number where titles
    repeat.
    """
    spaces = dict.fromkeys((IMAGENET, MINI, *(spec.label_space for spec in list_models())))
    titles: dict[str, LabelSpace] = {}
    for space in spaces:
        title, number = space.title, 2
        while title in titles:
            title, number = f"{space.title} ({number})", number + 1
        titles[title] = space
    return titles


def world() -> LabelSpace:
    """The label space of the world that is looked at."""
    return st.session_state.get("world_chosen", IMAGENET)


def enter(space: LabelSpace) -> None:
    """Look at another world; for callbacks."""
    st.session_state["world"] = next(title for title, one in worlds().items() if one == space)


def just_entered(control: str) -> bool:
    """Whether another world was looked at when `control` was last drawn: choices that begin otherwise in each world
    begin anew, as a link that does not name them says.
    """
    drawn_in = st.session_state.setdefault("drawn_in_world", {})
    before, drawn_in[control] = drawn_in.get(control, world()), world()
    return before != world()


def ready_models(label_space: LabelSpace, titles: Collection[str] | None = None) -> list[ModelSpec]:
    """The models of a world whose weights are here, of these `titles` where they are given."""
    of_world = (spec for spec in list_models() if spec.label_space == label_space)
    return weights.present_among([spec for spec in of_world if titles is None or spec.title in titles])


def show_scene() -> None:
    """Of the images that a set is drawn from."""
    note_unknown("scene", "scene", tuple(SCENES))
    st.segmented_control(
        "Scene", list(SCENES), default="clean", key="scene", bind="query-params", persist_state="session", required=True
    )


def show_synthetic() -> None:
    """What is drawn: shape, texture, scene and a seed to shuffle."""
    note_unknown("shape", "shape", NAMES)
    note_unknown("texture", "texture", (SAME, *NAMES))
    st.selectbox(
        "Shape", NAMES, index=NAMES.index("elephant"), key="shape", bind="query-params", persist_state="session"
    )
    st.selectbox("Texture", (SAME, *NAMES), key="texture", bind="query-params", persist_state="session")
    show_scene()
    left, right = st.columns(2, vertical_alignment="bottom")
    links.number(left.number_input, "Seed of the image", 0, MAX_SEED, 7, key="draw", persist_state="session")
    right.button("Shuffle", key="shuffle", on_click=_shuffle, icon=":material/shuffle:", width="stretch")
    links.number(
        st.slider,
        "Number of images (consecutive seeds)",
        1,
        MAX_SYNTHETIC,
        1,
        key="n_synthetic",
        persist_state="session",
    )


def synthetic_images() -> dict[str, LabelledImage]:
    """The images that the controls describe, by id."""
    ids = [synthetic_id_of(st.session_state["shape"], number) for number in range(st.session_state["n_synthetic"])]
    return {one: _synthetic(one) for one in ids}


def synthetic_id_of(shape: str, number: int = 0) -> str:
    """The id of the image of `shape` that the other controls describe, or of one `number` seeds further on."""
    choice = st.session_state
    texture = shape if choice["texture"] == SAME else choice["texture"]
    return synthetic_id(choice["scene"], shape, texture, int(choice["draw"]) + number)


def draw(image_id: str) -> None:
    """Set the controls to the shape of one image; for callbacks."""
    _, _, st.session_state["shape"], _, _ = image_id.split("/")


def wait_for_torch() -> None:
    """Where a page needs PyTorch for its images: say so until it is there, and end the page's script."""
    if not has_torch(warmup.ready):
        st.stop()


def has_torch(is_here: Callable[[], bool] = warmup.all_ready) -> bool:
    """Whether PyTorch is here, and by default all that comes with it; where not, say so, and draw the page anew as soon
    as it is.
    """
    if is_here():
        return True

    @st.fragment(run_every=0.5)
    def waiting() -> None:
        st.progress(0.0, "Starting PyTorch; this takes a few seconds after the server's start")
        if is_here():
            st.rerun()

    waiting()
    return False


def _shuffle() -> None:
    st.session_state["draw"] = random.randint(0, MAX_SEED)


@script_turns.kept(512)
def _synthetic(sample_id: str) -> LabelledImage:
    return read_synthetic(sample_id)
