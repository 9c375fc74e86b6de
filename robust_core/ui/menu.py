"""The menu as a table: one row per page, one section per folder of pages/."""

from copy import copy
from dataclasses import dataclass
from functools import cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from robust_core.settings import ROOT

PAGES = ROOT / "pages"


@dataclass(frozen=True)
class Entry:
    """One page: its script, without .py, in a folder of pages/; what it is called and how it looks in the menu.

    A page that `asks_models` has them in the sidebar, and its results can be taken away as Python and as a report. One
    that `opens_with_chart` has Plotly's script sent ahead.
    """

    section: str
    script: str
    title: str
    icon: str
    asks_models: bool = True
    opens_with_chart: bool = False

    @property
    def page(self) -> st.Page:
        """The page as Streamlit knows it; a copy, since Streamlit writes on it which page a visitor is on."""
        return copy(_page(self, in_script=get_script_run_ctx() is not None))


STORY = Entry("Start", "story", "Story", ":material/auto_stories:", asks_models=False)
WHAT_IF = Entry("Live", "what_if", "What if", ":material/visibility:", opens_with_chart=True)
SHAPE_OR_TEXTURE = Entry("Live", "shape_or_texture", "Shape or texture", ":material/texture:", opens_with_chart=True)
ATTRIBUTIONS = Entry("Live", "attributions", "Attributions", ":material/center_focus_strong:")
FEATURES = Entry("Live", "features", "Features", ":material/blur_on:")
PGD_STEPS = Entry("Attack", "pgd_steps", "PGD steps", ":material/trending_down:")
COMPARE_ATTACKS = Entry("Attack", "compare_attacks", "Compare attacks", ":material/compare_arrows:")
SMALLEST_CHANGE = Entry("Attack", "smallest_change", "Smallest change", ":material/straighten:", opens_with_chart=True)
BREAK_A_DEFENCE = Entry("Attack", "break_a_defence", "Break a defence", ":material/shield:")
BENCHMARKS = Entry(
    "Evidence", "benchmarks", "Benchmarks", ":material/leaderboard:", asks_models=False, opens_with_chart=True
)
MIXING_DESK = Entry("Reuse", "mixing_desk", "Mixing desk", ":material/tune:", opens_with_chart=True)
LESSON = Entry("Teach", "lesson", "Lesson", ":material/co_present:", asks_models=False)
TRANSFER_LEARNING = Entry("Reuse", "transfer_learning", "Transfer learning", ":material/school:", opens_with_chart=True)
MODELS = Entry("Evidence", "models", "Models", ":material/table_rows:", asks_models=False)
ENTRIES = (
    STORY,
    WHAT_IF,
    SHAPE_OR_TEXTURE,
    ATTRIBUTIONS,
    FEATURES,
    PGD_STEPS,
    COMPARE_ATTACKS,
    SMALLEST_CHANGE,
    BREAK_A_DEFENCE,
    MIXING_DESK,
    TRANSFER_LEARNING,
    BENCHMARKS,
    MODELS,
    LESSON,
)
PAGES_OF_CHARTS = frozenset(entry.script for entry in ENTRIES if entry.opens_with_chart)


@cache
def _page(entry: Entry, *, in_script: bool) -> st.Page:  # outside of a script Streamlit makes it without its path
    path = PAGES / entry.section.lower() / f"{entry.script}.py"
    return st.Page(path, title=entry.title, icon=entry.icon, default=entry is STORY)


def sections() -> dict[str, list[st.Page]]:
    """What `st.navigation` shows."""
    shown: dict[str, list[st.Page]] = {}
    for entry in ENTRIES:
        shown.setdefault(entry.section, []).append(entry.page)
    return shown


def entry_of(page: st.Page) -> Entry:
    """The row of a page; that of the Story page, whose address is the server's own, for any other."""
    return next((entry for entry in ENTRIES if entry.script == page.url_path), STORY)
