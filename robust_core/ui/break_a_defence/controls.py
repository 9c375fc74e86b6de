"""Which defence is looked at, before which model, and how it is attacked; all of it stands in the link."""

from collections.abc import Sequence

import streamlit as st

from robust_core.defences.table import Defence, fitting
from robust_core.models.spec import ModelSpec
from robust_core.recordings.shipped import DEFENCE_N, DEFENCE_STEPS, LEVELS, defence_images
from robust_core.studies.defence_check import DefenceRequest
from robust_core.ui import links, words, worlds

FIRST_DEFENCE = "logits_x100"
LEVELS_OFFERED = (0.25, 0.5, 1, 2, 4, 8, 16)
MOST_IMAGES, MOST_STEPS, MAX_SEED = 256, 100, 9_999


def choose_model(specs: Sequence[ModelSpec]) -> ModelSpec:
    """The model behind the defence, one of those in the sidebar."""
    titles = {spec.title: spec for spec in specs}
    links.note_unknown("defended_model", "model", list(titles))
    if st.session_state.get("defended_model", specs[0].title) not in titles:
        st.session_state["defended_model"] = specs[0].title
    fixed = {"key": "defended_model", "bind": "query-params", "persist_state": "session"}
    return titles[st.selectbox("Model", list(titles), **fixed)]


def choose_defence(spec: ModelSpec) -> Defence:
    """The defence, among those that can be put before the model; what it does is said below."""
    offered = {row.title: row for row in fitting(spec)}
    links.note_unknown("defence", "defence", list(offered))
    first = next(title for title, row in offered.items() if row.key == FIRST_DEFENCE)
    if st.session_state.get("defence", first) not in offered:
        st.session_state["defence"] = first
    options = list(offered)
    chosen = st.selectbox(
        "Defence", options, options.index(first), key="defence", bind="query-params", persist_state="session"
    )
    return offered[chosen]


def choose_settings(spec: ModelSpec, defence: Defence) -> DefenceRequest:
    """How the defence is attacked."""
    space = worlds.world()
    n = links.number(
        st.slider, "Images (n)", 1, MOST_IMAGES, DEFENCE_N[space], key=f"{space.key}_defence_n", persist_state="session"
    )
    titles = {f"{level:g}/255": level / 255 for level in LEVELS_OFFERED}
    key, first = f"{space.key}_defence_eps", f"{LEVELS[space]:g}/255"
    links.note_unknown(key, "ε", list(titles))
    eps = titles[
        st.select_slider("ε, L∞ (255ths)", list(titles), first, key=key, bind="query-params", persist_state="session")
    ]
    steps = links.number(
        st.slider, "Steps of PGD", 1, MOST_STEPS, DEFENCE_STEPS, key="defence_steps", persist_state="session"
    )
    seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="defence_seed", persist_state="session")
    images = defence_images(space, n)
    st.caption(words.plain(images.rule))
    return DefenceRequest((spec,), images, (defence.key,), "linf", eps, steps, seed)
