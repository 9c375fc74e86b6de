"""Controls of views that are not always drawn keep their value when a view is left: Streamlit forgets it otherwise."""

import ast
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parents[2] / "robust_core" / "ui"
FILES = [
    UI / "conditions.py",
    *(path for part in ("what_if", "features", "shape_or_texture") for path in UI.glob(f"{part}/*.py")),
]


def forgetful(source: str) -> list[int]:
    """The lines of controls that stand in the link and say nothing about keeping their value."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(call, {keyword.arg for keyword in call.keywords}) for call in calls]
    bound = [(call, names) for call, names in named if "bind" in names or ast.unparse(call.func) == "links.number"]
    return [call.lineno for call, names in bound if not names & {"persist_state", None}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_control_in_the_link_keeps_its_value(path):
    assert forgetful(path.read_text()) == []


def test_one_that_forgets_is_found():
    assert forgetful('st.slider("a", 0, 1, key="a", bind="query-params")') == [1]
    assert forgetful('links.number(st.slider, "a", 0, 1, 0, key="a", persist_state="session")') == []
