import json

import pytest

from robust_core.errors import BadInput
from robust_core.report import block

ENTRY = {
    "study": "predictions",
    "request": None,
    "columns": ["n"],
    "rows": [[1]],
    "versions": {"torch": "2"},
    "machine": "",
    "weights": {"a": "0" * 64},
}


def page(tmp_path, text):
    path = tmp_path / "r.html"
    path.write_text(f"<html>{text}</html>", encoding="utf-8")
    return path


def raw(**content):
    return f"{block.OPENING}{json.dumps({'format': block.FORMAT, 'version': 1} | content)}{block.CLOSING}"


def test_what_was_written_is_read(tmp_path):
    content = {"results": [ENTRY | {"machine": "</script><!-- & \u2028 ε"}]}
    text = block.written(content)
    assert text.count("<") == 2
    assert block.read(page(tmp_path, text))["results"] == content["results"]


def with_entry(**changes):
    return raw(results=[ENTRY | changes])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no report of Robustness Lab"),
        (block.OPENING, "cut short"),
        (block.OPENING + "{" + block.CLOSING, "damaged"),
        (block.OPENING + "[" * 100_000 + block.CLOSING, "damaged"),
        (block.OPENING + '{"a": NaN}' + block.CLOSING, "damaged"),
        (block.OPENING + "[]" + block.CLOSING, "no report"),
        (raw(results=[ENTRY]) * 2, "there twice"),
        (raw(version=2, results=[ENTRY]), "newer Robustness Lab"),
        (raw(version="1", results=[ENTRY]), "damaged"),
        (raw(results=[]), "damaged"),
        (raw(results={}), "damaged"),
        (with_entry(rows=[[1, 2]]), "damaged"),
        (with_entry(rows=[[{}]]), "damaged"),
        (with_entry(columns=[1]), "damaged"),
        (with_entry(versions={"torch": 1}), "damaged"),
        (with_entry(weights={"a": 1}), "damaged"),
        (with_entry(machine=None), "damaged"),
    ],
)
def test_what_is_no_sound_report_is_a_sentence(text, said, tmp_path):
    with pytest.raises(BadInput, match=said):
        block.read(page(tmp_path, text))


def test_files_that_cannot_be_reports(tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    with pytest.raises(BadInput, match="no file"):
        block.read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="no report"):
        block.read(path)
    monkeypatch.setattr(block, "MOST_BYTES", 2)
    with pytest.raises(BadInput, match="which no report has"):
        block.read(path)
