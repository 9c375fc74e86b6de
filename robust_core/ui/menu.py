"""The menu: one line per page, one section per folder of pages/."""

import streamlit as st

from robust_core.settings import ROOT

PAGES = ROOT / "pages"


def story() -> st.Page:
    """What did the paper find, and where can each finding be seen?"""
    return st.Page(PAGES / "start" / "story.py", title="Story", icon=":material/auto_stories:", default=True)


def what_if() -> st.Page:
    """What does each model predict for this image?"""
    return st.Page(PAGES / "live" / "what_if.py", title="What if", icon=":material/visibility:")


def pgd_steps() -> st.Page:
    """How does accuracy fall as the attack takes more steps?"""
    return st.Page(PAGES / "live" / "pgd_steps.py", title="PGD steps", icon=":material/trending_down:")


def shape_or_texture() -> st.Page:
    """Does each model vote for the shape or for the texture?"""
    return st.Page(PAGES / "live" / "shape_or_texture.py", title="Shape or texture", icon=":material/texture:")


def attributions() -> st.Page:
    """Where does each model look, and can the maps be believed?"""
    return st.Page(PAGES / "live" / "attributions.py", title="Attributions", icon=":material/center_focus_strong:")


def features() -> st.Page:
    """Which images excite a unit or a class of each network?"""
    return st.Page(PAGES / "live" / "features.py", title="Features", icon=":material/blur_on:")


def benchmarks() -> st.Page:
    """What was published and computed about every model?"""
    return st.Page(PAGES / "evidence" / "benchmarks.py", title="Benchmarks", icon=":material/leaderboard:")


def models() -> st.Page:
    """Every model, and whether it is ready."""
    return st.Page(PAGES / "evidence" / "models.py", title="Models", icon=":material/table_rows:")


def sections() -> dict[str, list[st.Page]]:
    """What `st.navigation` shows."""
    return {
        "Start": [story()],
        "Live": [what_if(), pgd_steps(), shape_or_texture(), attributions(), features()],
        "Evidence": [benchmarks(), models()],
    }
