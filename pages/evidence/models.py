"""Models: which are ready to predict, which can be fetched, what their publishers say of them, and the user's own."""

import streamlit as st

from robust_core.models.catalogue import list_models
from robust_core.ui import weight_downloads, words
from robust_core.ui.colours import FAMILY_COLOURS
from robust_core.ui.links import note_unknown
from robust_core.ui.models import importing
from robust_core.ui.models.model_table import COLUMNS, ORDER, as_table, facts, overview, ready_first, sources
from robust_core.ui.server import script_turns

REFRESH_SECONDS = 0.5
LARGEST_PX, ROW_PX = 320, 35

st.title("Which models are there?", anchor=False)
specs = ready_first(list_models())
st.markdown(overview(specs))
families = [family for family in FAMILY_COLOURS if any(spec.family == family for spec in specs)]
note_unknown("training", "training", families)
named = ", ".join(st.session_state.get("training") or ()) or "all training"
with st.expander(words.plain(f"Settings: {named}"), icon=":material/tune:", key="model_settings"):
    chosen = st.pills("Training", families, selection_mode="multi", key="training", bind="query-params")
shown = [spec for spec in specs if not chosen or spec.family in chosen]
busy = weight_downloads.any_active()
answer = st.container()
importing.show()
words.show_how_to_read("models")


def look_at_selected_row() -> None:
    rows = st.session_state.get("model_table", {}).get("selection", {}).get("rows")
    if rows and rows[0] < len(shown):
        st.session_state["model"] = shown[rows[0]].title


def show_one() -> None:
    titles = [spec.title for spec in shown]
    note_unknown("model", "model", titles)
    importing.look_at_imported(titles)
    spec = shown[titles.index(st.selectbox("Look at one", titles, key="model", bind="query-params"))]
    weight_downloads.show_actions(spec)
    st.markdown("\n".join(f"- **{name}:** {text}" for name, text in facts(spec).items()))
    with st.expander("Source, licence and hash", icon=":material/verified:", key="model_source"):
        st.markdown("\n".join(f"- **{name}:** {text}" for name, text in sources(spec).items()))


def table() -> None:
    importing.show_progress()
    st.dataframe(
        as_table(shown),
        key="model_table",
        hide_index=True,
        height=min(LARGEST_PX, ROW_PX * (len(shown) + 1) + 3),
        column_order=ORDER,
        column_config=COLUMNS,
        placeholder="",
        selection_mode="single-row",
        on_select=look_at_selected_row,
        alt=f"{words.count(len(shown), 'model')}, those that are ready first",
    )
    weight_downloads.show_message()
    show_one()
    if weight_downloads.any_active() != busy:
        st.rerun()  # so that the refreshing begins or ends, and the sidebar learns of a new model


@st.fragment(run_every=REFRESH_SECONDS if busy else None)
def refreshing() -> None:
    with script_turns.turn():
        table()


with answer:  # run last, since it may refresh itself
    refreshing()
