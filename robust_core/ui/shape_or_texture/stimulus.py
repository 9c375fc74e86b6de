"""The one stimulus that is looked at: from the set, any image or made here, perhaps with a cue removed."""

import random
from pathlib import Path

import numpy as np
import streamlit as st

from robust_core import settings
from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule
from robust_core.data.stimulus_sets import (
    FETCH,
    StimulusImage,
    StimulusSet,
    folder_set,
    stimulus_folders,
    synthetic_set,
)
from robust_core.images import LabelledImage, Preprocess
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies import own_stimuli
from robust_core.ui import image_source, image_strip, links, pickers, prediction_cards, screen_images, words, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns
from robust_core.ui.shape_or_texture import tabs
from robust_core.ui.true_class import choose_true_class

SET, ANY, MADE = "From the set", "Any image", "Make a conflict"
UNTOUCHED, UNKNOWN = "Nothing", "none of the 16"
MAX_SEED = 9_999
LOOKED_AT_SECONDS = 2  # so long nobody looks into a folder again
STIMULUS_PX = 360
QUIRK = (
    "One image without a conflict, bicycle6-bicycle3.png, was left in; where “bicycle” is predicted, it counts twice"
)


def choose_rule() -> DecisionRule:
    """The rule by which 1,000 classes become 16 categories; in Mini all rules are one."""
    if worlds.world() == MINI:
        return RULES[0]
    titles = {rule.title: rule for rule in RULES}
    note_unknown("rule", "decision rule", list(titles))
    explained = " ".join(f"**{rule.title}**: {rule.source}." for rule in RULES)
    options = {
        "default": RULES[0].title,
        "key": "rule",
        "bind": "query-params",
        "required": True,
        "persist_state": "session",
    }
    return titles[st.segmented_control("Decision", list(titles), help=explained, wrap=True, **options)]


def choose_set() -> StimulusSet | None:
    """The world's set of stimuli; None where the published images are missing."""
    if worlds.world() == MINI:
        return synthetic_set()
    root = settings.data_dir()
    folders = _folders(root) if root else {}
    if not folders:
        return None
    note_unknown("set", "set of stimuli", list(folders))
    folder = folders[
        st.selectbox("Set of stimuli", list(folders), key="set", bind="query-params", persist_state="session")
    ]
    note_unknown("as_orhan", "switch position", links.ON_OR_OFF)
    as_orhan = st.toggle(
        "As Orhan 2019: 1,201 images", key="as_orhan", bind="query-params", help=QUIRK, persist_state="session"
    )
    st.markdown("**Reproducibility**")
    seed = links.number(
        st.number_input, "Seed of the order", 0, MAX_SEED, 0, key="stimuli_seed", persist_state="session"
    )
    return _set(folder, seed, as_orhan)


@script_turns.kept(8, LOOKED_AT_SECONDS)
def _folders(root: Path) -> dict[str, Path]:
    return stimulus_folders(root)


@script_turns.kept(8, LOOKED_AT_SECONDS)
def _set(folder: Path, seed: int, as_orhan: bool) -> StimulusSet:
    return folder_set(folder, seed=seed, as_orhan=as_orhan)


def show_how_to_get_the_set() -> None:
    """Where the published images come from, small; to be shown below what needs none of them."""
    st.caption(
        f":material/download: The 1,200 published stimuli are not on this machine. `{FETCH}` says how to get them; "
        "`ROBUST_LAB_DATA` names the folder above theirs. The world Mini has a set of its own."
    )


def choose_source(stimuli: StimulusSet | None, *, can_make: bool) -> str:
    """Where the stimulus comes from; one can be made where `can_make`, or where the link asks for it."""
    can_make = can_make or MADE in (st.query_params.get("stimulus"), st.session_state.get("stimulus"))
    made = [MADE] if can_make and worlds.world() == IMAGENET else []
    options = [*([SET] if stimuli else []), ANY, *made]
    note_unknown("stimulus", "stimulus", options)
    fixed = {
        "default": options[0],
        "key": "stimulus",
        "bind": "query-params",
        "required": True,
        "persist_state": "session",
    }
    return st.segmented_control("Stimulus", options, label_visibility="collapsed", **fixed)


def choose_from_set(stimuli: StimulusSet, first: int) -> tuple[int, StimulusImage]:
    """The place and the image of one of the set, by its number; that at place `first` at first."""
    title, key = f"Number of the stimulus (1 to {stimuli.count:,})", _number_key()
    keep_within(key, stimuli.count)
    number = links.number(
        st.number_input,
        title,
        1,
        stimuli.count,
        first + 1,
        key=key,
        width=150,
        label_visibility="collapsed",
        persist_state="session",
    )
    st.button("Another", icon=":material/shuffle:", on_click=look_at, args=(random.randrange(stimuli.count),))
    return number - 1, _of_set(stimuli.key, number - 1, stimuli)


@script_turns.kept(64)
def _of_set(key: tuple, place: int, _stimuli: StimulusSet) -> StimulusImage:
    return _stimuli.at(place)


def look_at(place: int) -> None:
    """Make the stimulus at `place` of the set the one that is looked at; to be called before the widgets are drawn."""
    st.session_state.update({"tab": tabs.ONE, "stimulus": SET, _number_key(): place + 1})


def keep_within(key: str, most: int) -> None:
    """A number that was chosen for a larger set becomes the largest of this one."""
    if st.session_state.get(key, 0) > most:
        st.session_state[key] = most


def choose_any(spec: ModelSpec) -> StimulusImage | None:
    """The chosen image as `spec`'s model sees it; a synthetic one comes with its cues. None where there is no
    image.
    """
    image = image_strip.choose_images().image
    if image_source.chosen_source() == image_source.SYNTHETIC:
        chosen = st.session_state
        same = chosen["texture"] in (worlds.SAME, chosen["shape"])
        if same:
            st.button("Give it another texture", on_click=_give_texture, icon=":material/texture:")
        return own_stimuli.synthetic(
            chosen["scene"], chosen["shape"], chosen["shape"] if same else chosen["texture"], int(chosen["draw"])
        )
    if image is None:
        pickers.show_what_is_missing([spec], ())
        return None
    choose_true_class(image)
    return _from_image(image, spec, image.digest, image.label, image.label_space.key, spec.preprocess)


def choose_distortion(stimulus_image: StimulusImage) -> tuple[StimulusImage, str]:
    """The stimulus with the chosen cue taken away, and in words what was done and what stays; untouched at first."""
    from robust_core.cue_conflict.distortions import DISTORTIONS

    titles = {row.title: row for row in DISTORTIONS if stimulus_image.mask is not None or not row.needs_mask}
    note_unknown("distortion", "distortion of this image", [UNTOUCHED, *titles])
    with st.popover("Remove a cue", icon=":material/texture:"):
        title = st.selectbox(
            "Remove a cue", [UNTOUCHED, *titles], key="distortion", bind="query-params", persist_state="session"
        )
        if title == UNTOUCHED:
            return stimulus_image, ""
        row, seed = titles[title], 0
        limits = (row.lowest, row.highest, row.default, row.step)
        parameter = row.parameter.replace("_", " ")
        strength = links.number(
            st.slider, parameter.capitalize(), *limits, key=f"{row.key}_strength", persist_state="session"
        )
        if row.needs_seed:
            st.markdown("**Reproducibility**")
            seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="distortion_seed", persist_state="session")
    done_to_it = f"{title}, {parameter} {strength:g}. {row.explanation} Source: {row.source}. "
    return _without_cue(stimulus_image, row.key, strength, seed, stimulus_image.image.digest), words.plain(done_to_it)


def show_stimulus_image(stimulus_image: StimulusImage, done_to_it: str) -> None:
    """The stimulus, large, with its cues."""
    stimulus = stimulus_image.stimulus
    alt = f"{stimulus.name}. {done_to_it}"
    with st.container(key="shown_image"):
        st.image(_uri(stimulus_image.image.pixels_sha256, stimulus_image.image.rgb), width=STIMULUS_PX, alt=alt)
    if stimulus.is_conflict:
        st.markdown(
            f"Shape: :violet[**{stimulus.shape or UNKNOWN}**] · texture: :orange[**{stimulus.texture or UNKNOWN}**]"
        )
    else:
        st.markdown(f"Shape and texture: **{stimulus.shape}**" if stimulus.shape else "Shape and texture unknown")
    st.caption(f"{words.plain(stimulus.name)}. {done_to_it}Image: {words.plain(stimulus_image.image.source)}.")
    prediction_cards.show_decoding_note(stimulus_image.image)


@script_turns.kept(64)
def _uri(pixels_sha256: str, _rgb: np.ndarray) -> str:
    return screen_images.screen_uri(_rgb)


def _number_key() -> str:
    """Each world has its own set, and remembers its own stimulus."""
    return f"{worlds.world().key}_number"


def _give_texture() -> None:
    st.session_state["texture"] = random.choice([name for name in NAMES if name != st.session_state.get("shape")])


@script_turns.kept(64)
def _from_image(
    _image: LabelledImage, _spec: ModelSpec, digest: str, label: int | None, label_space: str, preprocess: Preprocess
) -> StimulusImage:
    return own_stimuli.from_image(_image, _spec)


@script_turns.kept(64)
def _without_cue(
    _stimulus_image: StimulusImage, distortion: str, strength: float, seed: int, digest: str
) -> StimulusImage:
    return own_stimuli.without_cue(_stimulus_image, distortion, strength, seed)
