"""The menu: one line per page, one section per folder of pages/."""

import streamlit as st

from robust_core.settings import ROOT

PAGES = ROOT / "pages"


def what_if() -> st.Page:
    """What does each model answer about this picture?"""
    return st.Page(PAGES / "live" / "what_if.py", title="What if", icon=":material/visibility:", default=True)


def pgd_steps() -> st.Page:
    """How does accuracy fall as the attack takes more steps?"""
    return st.Page(PAGES / "live" / "pgd_steps.py", title="PGD steps", icon=":material/trending_down:")


def models() -> st.Page:
    """Every model, and whether it is ready."""
    return st.Page(PAGES / "evidence" / "models.py", title="Models", icon=":material/table_rows:")


def sections() -> dict[str, list[st.Page]]:
    """What `st.navigation` shows."""
    return {"Live": [what_if(), pgd_steps()], "Evidence": [models()]}
