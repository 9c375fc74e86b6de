"""A cue conflict of one's own: the shape of one image in the texture of another, by the features of a model that
is here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.data.stimulus_sets import StimulusImage
from robust_core.images import LabelledImage, to_rgb
from robust_core.jobs import Job, State
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies import own_stimuli
from robust_core.studies.own_stimuli import StyleTransferRequest
from robust_core.studies.predictions import true_label
from robust_core.ui import image_strip, jobs, links, prediction_cards, screen_images, words, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.shape_or_texture.stimulus import UNKNOWN

if TYPE_CHECKING:  # torch comes with the first image that is made, not with the page
    from robust_core.cue_conflict.style_transfer import StyleSettings

SLOT = "cue_made:"
MAX_SEED = 9_999
MAX_STEPS = 300
PUBLISHED_SET = (
    "The published set was made with VGG-19 (Geirhos et al. 2019); another network's features make other images."
)


@dataclass(frozen=True, eq=False)
class Recipe:
    """What is made: two images and what they are called, the model whose features say what shape and texture are, and
    how.
    """

    spec: ModelSpec
    shape: LabelledImage
    texture: LabelledImage
    shape_called: str | None
    texture_called: str | None
    settings: "StyleSettings"

    @property
    def request(self) -> StyleTransferRequest:
        """Everything that determines the image."""
        return StyleTransferRequest((self.spec,), self.shape, self.texture, self.settings)


def can_make() -> bool:
    """Whether a model is here whose features make a conflict."""
    return worlds.world() == IMAGENET and bool(_able())


def choose_recipe() -> Recipe | None:
    """What the controls describe; None, after a word on why, where a model or a second image is missing."""
    able = _able()
    chosen = image_strip.choose_images().images
    images = {f"{number}. {_title(image)}": image for number, image in enumerate(chosen, start=1)}
    if not able:
        st.info(
            "No model on this machine can make a conflict. Get a VGG, AlexNet or SqueezeNet on the Models page.",
            icon=":material/info:",
        )
        return None
    if len(images) < 2:
        st.info(
            "Choose at least two images under “More”: one gives the shape, another the texture.",
            icon=":material/arrow_back:",
        )
        return None
    left, right = st.columns(2)
    with left:
        shape, shape_called = _choose_part("shape", images, 0)
    with right:
        texture, texture_called = _choose_part("texture", images, 1)
    return Recipe(_choose_model(able), shape, texture, shape_called, texture_called, _choose_settings())


def start(recipe: Recipe | None) -> Job | None:
    """The job that makes it, once the button was pressed for exactly this; a link alone makes nothing."""
    if recipe is not None and st.session_state.get("cue_made_for") == recipe.request.key:
        return jobs.start(SLOT, recipe.request.key, partial(own_stimuli.stylise, recipe.request))
    jobs.keep_only(SLOT, ())
    if recipe is not None:
        ask = partial(st.session_state.update, cue_made_for=recipe.request.key)
        st.button("Make it", key="make", type="primary", icon=":material/brush:", on_click=ask)
    return None


def show_making(job: Job) -> None:
    """The image as it is so far, and how long it takes yet."""
    if job.state is State.DONE:
        return
    left, right = st.columns([1, 2], vertical_alignment="center")
    preview = next((event for event in reversed(job.events) if hasattr(event, "pixels")), None)
    if preview is not None:
        left.image(screen_images.screen_uri(to_rgb(preview.pixels)[0]), width="stretch", alt="the conflict so far")
    with right:
        jobs.show_progress(SLOT, job)


def made(recipe: Recipe, job: Job | None) -> StimulusImage | None:
    """The finished conflict, or None."""
    if job is None or job.state is not State.DONE:
        return None
    name = f"{recipe.shape.name} in the texture of {recipe.texture.name}"
    like = replace(recipe.shape, label=None, name=name, source=f"made here with the features of {recipe.spec.title}")
    image = own_stimuli.as_image(job.result.pixels, like)
    return StimulusImage(Stimulus(image.digest, name, recipe.shape_called, recipe.texture_called), image, None)


def show_download(recipe: Recipe, stimulus_image: StimulusImage) -> None:
    """The image to take away, under a name by which a folder of stimuli is recognised."""
    cues = (recipe.shape_called or "unknown", recipe.texture_called or "unknown")
    file = f"{cues[0]}1-{cues[1]}1.png"
    st.download_button(
        "PNG",
        partial(screen_images.png, stimulus_image.image.rgb),
        file,
        "image/png",
        key="made_png",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption(
        f"{favours(recipe.spec)} {PUBLISHED_SET} This one: {describe(recipe.settings)}; stored at its input size."
    )


def favours(spec: ModelSpec) -> str:
    """Who is no fair judge of what is made, as a sentence."""
    return f"An image made with the features of {words.plain(spec.title)} favours {words.plain(spec.title)}."


def describe(settings: "StyleSettings") -> str:
    """The settings in one line."""
    return f"strength {settings.strength:g}, {settings.steps} steps, seed {settings.seed}"


def _able() -> dict[str, ModelSpec]:
    from robust_core.cue_conflict.style_transfer import can_style

    return {spec.title: spec for spec in worlds.ready_models(IMAGENET) if can_style(spec)}


def _title(image: LabelledImage) -> str:
    return image.name if image.label is None else f"{image.label_space.names[image.label]} ({image.name})"


def _choose_part(cue: str, images: dict[str, LabelledImage], first: int) -> tuple[LabelledImage, str | None]:
    """The image that gives `cue` and its category: its own label's, unless the user says otherwise."""
    titles = list(images)
    title = st.selectbox(f"The {cue} of", titles, index=first, key=f"{cue}_of")
    prediction_cards.show_decoding_note(images[title])
    own = true_label(images[title], MINI)
    options: Sequence[str] = (UNKNOWN, *NAMES)
    called = st.selectbox(
        f"which is called ({cue})",
        options,
        index=0 if own is None else own + 1,
        key=f"{cue}_called:{images[title].digest}",
    )
    return images[title], None if called == UNKNOWN else called


def _choose_model(able: dict[str, ModelSpec]) -> ModelSpec:
    note_unknown("features", "model that can give its features", list(able))
    chosen = st.selectbox(
        "By the features of",
        list(able),
        key="features",
        bind="query-params",
        help=PUBLISHED_SET,
        persist_state="session",
    )
    st.caption(f":material/info: {favours(able[chosen])}")
    return able[chosen]


def _choose_settings() -> "StyleSettings":
    from robust_core.cue_conflict.style_transfer import DEFAULT, StyleSettings

    meaning = "0 returns the shape's own image; 1 asks for the texture alone"
    with st.popover("Strength and steps", icon=":material/tune:"):
        strength = links.number(
            st.slider,
            "Strength of the texture",
            0.0,
            1.0,
            DEFAULT.strength,
            0.05,
            key="style_strength",
            help=meaning,
            persist_state="session",
        )
        steps = links.number(
            st.slider, "Steps", 10, MAX_STEPS, DEFAULT.steps, 10, key="style_steps", persist_state="session"
        )
        st.markdown("**Reproducibility**")
        seed = links.number(
            st.number_input, "Seed", 0, MAX_SEED, DEFAULT.seed, key="style_seed", persist_state="session"
        )
    settings = StyleSettings(strength, steps, seed)
    st.caption(describe(settings))
    return settings
