"""Models: every row of the table, what its publisher says of it, and whether it is ready to predict."""

import streamlit as st

from robust_core.models.catalogue import list_models
from robust_core.ui import weight_downloads, words
from robust_core.ui.colours import FAMILY_COLOURS
from robust_core.ui.links import note_unknown
from robust_core.ui.models import importing
from robust_core.ui.models.model_table import as_table, facts
from robust_core.ui.server import script_turns

REFRESH_SECONDS = 0.5
PUBLISHED = "PUBLISHED: accuracy on ImageNet's 50,000 validation images, as the publisher states it; 95% interval below"
COLUMNS = {
    "Model": st.column_config.TextColumn(width="medium", pinned=True),
    "Top-1 %": st.column_config.NumberColumn(format="%.2f", help=PUBLISHED),
    "Top-5 %": st.column_config.NumberColumn(format="%.2f", help=PUBLISHED),
    "Parameters, M": st.column_config.NumberColumn(format="%.1f"),
    "Download, MB": st.column_config.NumberColumn(format="%.0f"),
    "Memory, MB": st.column_config.NumberColumn(format="%.0f", help="What the float32 parameters take once loaded"),
}

st.title("Which models are there?", anchor=False)
st.write("Which models can predict here, where they come from, and what their publishers say of them.")
words.show_how_to_read("models")
importing.show()
specs = list_models()
families = [family for family in FAMILY_COLOURS if any(spec.family == family for spec in specs)]
note_unknown("training", "training", families)
chosen = st.pills("Training", families, selection_mode="multi", key="training", bind="query-params")
shown = [spec for spec in specs if not chosen or spec.family in chosen]
busy = weight_downloads.any_active()


def look_at_selected_row() -> None:
    rows = st.session_state.get("model_table", {}).get("selection", {}).get("rows")
    if rows and rows[0] < len(shown):
        st.session_state["model"] = shown[rows[0]].title


def show_one() -> None:
    titles = [spec.title for spec in shown]
    note_unknown("model", "model", titles)
    spec = shown[titles.index(st.selectbox("Look at one", titles, key="model", bind="query-params"))]
    weight_downloads.show_actions(spec)
    st.markdown("\n".join(f"- **{name}:** {text}" for name, text in facts(spec).items()))


def table() -> None:
    importing.show_progress()
    st.dataframe(
        as_table(shown),
        key="model_table",
        hide_index=True,
        height=380,
        column_config=COLUMNS,
        placeholder="",
        selection_mode="single-row",
        on_select=look_at_selected_row,
    )
    weight_downloads.show_message()
    show_one()
    if weight_downloads.any_active() != busy:
        st.rerun()  # so that the refreshing begins or ends, and the sidebar learns of a new model


@st.fragment(run_every=REFRESH_SECONDS if busy else None)
def refreshing() -> None:
    with script_turns.turn():
        table()


refreshing()
