"""Cells of CSV files that a spreadsheet shows and does not compute: the one place through which every table is written.

A name that somebody gave to a model, a file or a folder stands in tables, and a cell that begins with = + - or @ is a
formula to Excel and LibreOffice (OWASP, "CSV Injection"). Before such a text stands an apostrophe, as for people who
type one; numbers stay numbers.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import pandas

_COMPUTED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")
_AFTER_COMMA = re.compile(r"(?<=[,;])[=+\-@＝＋－＠]")


def shown(cell: Any) -> Any:
    """The cell as it is written; anything but a text that would be computed stays as it is."""
    is_text = isinstance(cell, str) and _COMPUTED.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_text else cell


def read_back(cell: str) -> str:
    """The text of which `shown` made `cell`."""
    return cell[1:] if cell.startswith("'") and _COMPUTED.match(cell) else cell


def write_rows(file: TextIO, rows: Iterable[Iterable[Any]]) -> None:
    """Write `rows`, the names of the columns among them, to a file that was opened with newline=""."""
    csv.writer(file, lineterminator="\n").writerows([shown(cell) for cell in row] for row in rows)


def of_frame(frame: "pandas.DataFrame") -> str:
    """A table of pandas's as CSV, without its index."""
    from pandas.api.types import is_numeric_dtype

    written = frame.copy(deep=False)
    for column in frame.columns:
        if not is_numeric_dtype(frame[column]):
            written[column] = frame[column].map(shown)
    return written.rename(columns=shown).to_csv(index=False)


def heading(facts: Mapping[str, Any]) -> str:
    """A line that says `facts` in JSON above a table; `pandas.read_csv(path, skiprows=1)` leaves it out.

    JSON writes a space behind its own commas, so that only one inside a text could begin a cell that is computed.
    """
    text = json.dumps(facts, ensure_ascii=False)
    return f"# {_AFTER_COMMA.sub(_escaped, text)}\n"


def _escaped(found: re.Match) -> str:
    return rf"\u{ord(found[0]):04x}"
