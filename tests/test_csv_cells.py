"""Tables as CSV: what a spreadsheet would compute is text, numbers are numbers, and what is read back is what was."""

import ast
import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust_core import csv_cells, results
from robust_core.results import Result
from tests.anything import bounded

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = ("=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "-", "--3", "-3.5 points", "=3")
NUMBERS = (-3.5, -3, 0.1, None, float("nan"), True)
WORDS = ("", "-3.5", "+1e-5", "-0.4%", "ResNet-50", "'quoted'", "a=b", "’=1", " =1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_would_be_computed_has_an_apostrophe(text):
    assert csv_cells.shown(text) == f"'{text}"
    assert csv_cells.read_back(f"'{text}") == text


@pytest.mark.parametrize("cell", [*NUMBERS, *WORDS])
def test_any_other_cell_stays_as_it_is(cell):
    assert csv_cells.shown(cell) is cell
    if isinstance(cell, str):
        assert csv_cells.read_back(cell) == cell


@bounded
@given(text=st.text(st.sampled_from("'=+-@\t\r\n3.e% a"), max_size=8))
def test_every_text_is_read_back_and_none_is_computed(text):
    written = csv_cells.shown(text)
    assert csv_cells.read_back(written) == text
    assert not written.startswith(("=", "@", "\t", "\r", "\n"))
    if written.startswith(("+", "-")):
        float(written.rstrip("%"))


def test_a_frame_keeps_its_numbers_and_shows_its_texts():
    frame = pd.DataFrame(
        {
            "=model": ["=cmd|' /C calc'!A0", "plain", None],
            "drop": [-3.5, 0.1 + 0.2, np.nan],
            "n": [-1, 0, 7],
            "mixed": ["-3.5", -2.0, "@x"],
            "kind": pd.Categorical(["+a", "b", "+a"]),
        }
    )
    before = frame.copy()
    text = csv_cells.of_frame(frame)
    assert frame.equals(before)
    back = list(csv.reader(io.StringIO(text)))
    assert back == [
        ["'=model", "drop", "n", "mixed", "kind"],
        ["'=cmd|' /C calc'!A0", "-3.5", "-1", "-3.5", "'+a"],
        ["plain", "0.30000000000000004", "0", "-2.0", "b"],
        ["", "", "7", "'@x", "'+a"],
    ]
    assert csv_cells.of_frame(frame[["drop", "n"]]) == frame[["drop", "n"]].to_csv(index=False)
    assert csv_cells.of_frame(frame[:0]) == "'=model,drop,n,mixed,kind\n"


def test_what_heads_a_table_is_the_same_json_and_begins_no_cell_that_is_computed():
    facts = {"title": "a,=1;+2,-3,@x, =4", "eps": -3.5, "list": ["=a", "-b"], "é": "\tx"}
    line = csv_cells.heading(facts)
    assert line.endswith("\n")
    assert json.loads(line.removeprefix("# ")) == facts
    for separator in ",;":
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in line.rstrip("\n").split(separator))


def test_stored_results_are_read_back(tmp_path):
    texts = ("=b", "@m", "+c", "-x", -0.5, "'=u", 3, "-p", "cached", "=s")
    row = Result(texts[0], texts[1], results.BenchmarkCondition(""), *texts[3:], low=-1.0, high=None)
    results.write(tmp_path / "results.csv", [row])
    assert results.read(tmp_path / "results.csv", "cached") == (row,)
    cells = list(csv.reader((tmp_path / "results.csv").open(newline="")))[1]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    assert [cell for cell in cells if cell.startswith("-")] == ["-0.5", "-1.0"]


def test_every_table_is_written_here():
    here = ROOT / "robust_core" / "csv_cells.py"
    others = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in (ROOT / "robust_core", ROOT / "pages")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("to_csv", "DictWriter")
        and path != here
        or isinstance(node, ast.Attribute)
        and ast.unparse(node) == "csv.writer"
        and path != here
    ]
    assert others == []
