"""What a report says to machines: the requests and their numbers, as JSON in one element of the file.

The file may come from anybody: sizes are bounded, and nothing in it is believed before it was looked at.
"""

import json
import re
from pathlib import Path
from typing import Any

from robust_core.errors import BadInput

FORMAT, VERSION = "robust-lab report", 1
OPENING = '<script type="application/json" id="robust-lab">'
CLOSING = "</script>"
MOST_BYTES = 32_000_000
NEEDED = {"study": str, "columns": list, "rows": list, "versions": dict, "machine": str, "weights": dict}


def written(content: dict[str, Any]) -> str:
    """The element; no name in it can end it early."""
    text = json.dumps({"format": FORMAT, "version": VERSION} | content, ensure_ascii=True, allow_nan=False)
    return f"{OPENING}{text.replace('<', chr(92) + 'u003c')}{CLOSING}\n"


def read(path: Path) -> dict[str, Any]:
    """The content of the report in a file; raises BadInput for what is none, is of a newer version, or damaged."""
    text = _text(path)
    places = [found.end() for found in re.finditer(re.escape(OPENING), text)]
    if not places:
        raise BadInput(f"{path.name} is no report of Robustness Lab.")
    end = text.find(CLOSING, places[0])
    if len(places) > 1 or end < 0:
        raise BadInput(f"{path.name} is damaged: its numbers for machines are cut short or there twice.")
    try:
        content = json.loads(text[places[0] : end], parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is damaged: its numbers for machines cannot be read.") from error
    _check(content, path.name)
    return content


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise BadInput(f"There is no file {path}.")
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path.name} has more than {MOST_BYTES // 10**6} MB, which no report has.")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is no report of Robustness Lab.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _check(content: Any, name: str) -> None:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(f"{name} is no report of Robustness Lab.")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadInput(f"{name} is damaged: its version is {version!r}; expected a whole number.")
    if version > VERSION:
        raise BadInput(
            f"{name} was written by a newer Robustness Lab (report version {version}; this one reads {VERSION}). "
            "Update it to open the report."
        )
    results = content.get("results")
    if not isinstance(results, list) or not results or not all(map(_is_result, results)):
        raise BadInput(f"{name} is damaged: its results lack what every result has.")


def _is_result(result: Any) -> bool:
    if not isinstance(result, dict) or not all(isinstance(result.get(name), kind) for name, kind in NEEDED.items()):
        return False
    width = len(result["columns"])
    texts = (*result["columns"], *result["versions"].values(), *result["versions"], *result["weights"])
    return (
        all(isinstance(one, str) for one in texts)
        and all(isinstance(row, list) and len(row) == width for row in result["rows"])
        and all(one is None or isinstance(one, bool | int | float | str) for row in result["rows"] for one in row)
        and all(one is None or isinstance(one, str) for one in result["weights"].values())
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
