"""The models that all pages share, in the sidebar. They survive page changes and stand in the link."""

from collections.abc import Sequence

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.spec import ModelSpec
from robust_core.ui import menu, weight_downloads, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.loading_ahead import load_ahead

FIRST_MODELS = 3
MAX_MODELS = 8
FIRST_DOWNLOAD = "resnet50"


def show_models() -> None:
    """The models of this world that are ready, by title; the first few are chosen when the world is entered."""
    ready = worlds.ready_models(worlds.world())
    titles = [spec.title for spec in ready]
    note_unknown("models", "model", titles, _why_not_offered)
    first = titles[:FIRST_MODELS]
    if worlds.just_entered("models"):
        st.session_state["models"] = first
    placeholder = "Choose models" if titles else "None is ready"
    chosen = st.multiselect(
        "Models",
        titles,
        default=first,
        key="models",
        bind="query-params",
        persist_state="session",
        max_selections=MAX_MODELS,
        placeholder=placeholder,
    )
    load_ahead([spec for spec in ready if spec.title in chosen])


def chosen_models() -> list[ModelSpec]:
    """What the sidebar's picker holds, in the table's order."""
    chosen = st.session_state.get("models", ())
    return worlds.ready_models(worlds.world(), chosen)


def show_what_is_missing(specs: Sequence[ModelSpec], images: Sequence[LabelledImage]) -> None:
    """The smallest steps forward when there is no model or no image to work with."""
    if not worlds.ready_models(worlds.world()):
        st.info("No ImageNet model is ready on this machine. The smallest steps forward:", icon=":material/download:")
        st.markdown("install the three that come as Python packages, in a terminal in the project's folder:")
        st.code("pip install -r requirements.txt", language="bash")
        weight_downloads.show_actions(get_spec(FIRST_DOWNLOAD))
        st.markdown("or import a weight file of your own, in a terminal in the project's folder:")
        st.code(
            "python -m robust_core models import FILE --architecture resnet50 --key mine --title 'My ResNet-50'",
            language="bash",
        )
        st.page_link(menu.MODELS.page, label="All models", icon=":material/table_rows:")
    elif not specs:
        st.info("Choose at least one model in the sidebar.", icon=":material/arrow_back:")
    elif not images:
        st.info("Choose or upload at least one image above.", icon=":material/arrow_upward:")


def _why_not_offered(title: str) -> str:
    known = next((spec for spec in list_models() if spec.title == title), None)
    if known is None:
        return ""
    return (
        f"{title} belongs to the world {known.label_space.title}."
        if known.label_space != worlds.world()
        else f"{title} is not downloaded on this machine."
    )
