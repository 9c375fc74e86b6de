"""The script that draws our figures is the published one, and knows each of their traces."""

import ast
import hashlib
import re
from pathlib import Path

from robust_core.plots import plotly_bundle

TRACE_TYPES = {"scatter", "bar", "heatmap"}
CODE = Path(plotly_bundle.__file__).parents[1]


def test_it_is_the_published_file_behind_the_hint():
    hint, published = plotly_bundle.script().split(b"\n", 1)
    assert hint + b"\n" == plotly_bundle.HINT
    assert hashlib.sha256(published).hexdigest() == plotly_bundle.SHA256
    assert f"plotly.js (cartesian - minified) v{plotly_bundle.VERSION}".encode() in published[:200]
    assert "MIT License" in (CODE / "plots" / "plotly-cartesian.LICENSE").read_text()


def test_it_draws_the_traces_that_figures_are_made_of():
    drawn = set(re.findall(r'moduleType:"trace",name:"(\w+)"', plotly_bundle.script().decode()))
    assert drawn >= TRACE_TYPES
    assert traces_in_the_code() == TRACE_TYPES


def traces_in_the_code() -> set[str]:
    """The types of all literal traces: those dictionaries that have a type beside points or cells."""
    found = set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Dict):
                keys = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if is_text(key)}
                if "type" in keys and keys.keys() & {"mode", "x", "y", "z"} and is_text(keys["type"]):
                    found.add(keys["type"].value)
    return found


def is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
