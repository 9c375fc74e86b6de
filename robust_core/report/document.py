"""A report: results as one HTML file that needs nothing else, for readers, printers and `robust-lab reopen`."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from robust_core.report import block
from robust_core.report.charts import asset, packed_figures, scripts
from robust_core.report.offered import Result
from robust_core.report.plain import request_to_plain, to_plain
from robust_core.report.room import Room
from robust_core.report.sections import section
from robust_core.report.tables import plain_table, rows_of
from robust_core.report.words import words_of

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
COMMAND = "robust-lab reopen REPORT.html"
Run = tuple[str, str]
SAFE_LINKS = ("http://", "https://")


def write(
    results: "Result | Sequence[Result]",
    link: str = "",
    *,
    requests: Sequence[Any] = (),
    recorded: Sequence[Run | None] = (),
) -> str:
    """The report of one or several results as HTML of at most 10 MB, which opens offline and fetches nothing.

    link      of the page that shows the same, http or https; others are left out
    requests  those that the results came of, in their order, where the results do not know them, as recorded ones
    recorded  the day (ISO) and the machine of each result that was recorded before; None for one of today

    Results that differ in their models alone are shown as one, those of one day together.
    """
    given = _together(results, requests, recorded)
    first, *others = dict.fromkeys(words_of(_study(result)).title for result, _, _ in given)
    title = " and ".join([first, *(one[0].lower() + one[1:] for one in others)])
    room = Room()
    figures = packed_figures([result.figure() for result, _, _ in given], room)
    heading = "Result" if len(given) == 1 else ""  # the report's own title says the rest
    sections = "".join(section(result, number, room, heading) for number, (result, _, _) in enumerate(given))
    entries = [_entry(result, request, room, machine) for result, request, (_, machine) in given]
    days = [day for _, _, (day, _) in given]
    content = block.written({"made_on": max(days), "link": _safe(link), "results": entries})
    question = " ".join(dict.fromkeys(words_of(_study(result)).question for result, _, _ in given))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)} · Robustness Lab report</title>
<style>
{asset("report.css")}</style>
</head>
<body>
<header>
<p class="quiet">Robustness Lab report</p>
<h1>{escape(title)}</h1>
<p class="lead">{escape(question)}</p>
<p class="quiet">{escape(_made(days, entries))}</p>
</header>
<main>
{sections}{_left_out(room)}{_models(entries)}{_runs(entries)}{_check(entries, link)}</main>
<footer><p class="quiet">This file is complete: it opens without a network and fetches nothing.</p></footer>
{content}{scripts(figures)}</body>
</html>
"""


def _together(
    results: "Result | Sequence[Result]", requests: Sequence[Any], recorded: Sequence[Run | None]
) -> list[tuple[Any, Any, Run]]:
    """The results with their requests and runs, those that differ in their models alone as one."""
    every: list[Any] = list(results) if isinstance(results, Sequence) else [results]
    asked = list(requests) or [one.provenance.asked for one in every]
    today = date.today().isoformat(), ""
    runs = [run or today for run in recorded or [None] * len(every)]
    groups: list[tuple[list[Any], list[Any], Run]] = []
    for result, request, run in zip(every, asked, runs, strict=True):
        group = next((one for one in groups if one[2] == run and one[0][0].can_join(result)), None)
        if group is None:
            groups.append(([result], [request], run))
        else:
            group[0].append(result)
            group[1].append(request)
    return [(first.joined(rest), _joined_request(its), run) for (first, *rest), its, run in groups]


def _joined_request(requests: Sequence[Any]) -> Any:
    if any(one is None for one in requests):
        return None
    first, *rest = requests
    return first.for_models([spec for one in (first, *rest) for spec in one.models])


def _entry(result: Result, request: Any, room: Room, machine: str) -> dict[str, Any]:
    """What machines are told about one result."""
    provenance, frame = result.provenance, result.frame
    if {"model", "weights_sha256"} <= {*frame}:
        weights = dict(zip(frame["model"], frame["weights_sha256"], strict=True))
    else:  # rows of several models at once
        weights = {} if request is None else {spec.name: spec.weights.sha256 for spec in request.models}
    known = request is not None and not any(spec.is_wrapped for spec in request.models)
    return {
        "study": _study(result),
        "request": request_to_plain(request, room) if known else None,
        "options": to_plain(dict(result.options)),
        "identity": dict(provenance.request),
        "images_sha256": provenance.images_sha256,
        "versions": dict(provenance.versions),
        "machine": provenance.machine or machine,
        "weights": {str(name): one if isinstance(one, str) else None for name, one in weights.items()},
        "columns": [str(name) for name in frame.columns],
        "rows": rows_of(frame),
    }


def _study(result: Result) -> str:
    return result.provenance.request.get("study", "")


def _made(days: Sequence[str], entries: Sequence[dict[str, Any]]) -> str:
    runs = zip(days, (entry["machine"] for entry in entries), strict=True)
    said = dict.fromkeys(f"on {day} ({machine})" if machine else f"on {day}" for day, machine in runs)
    return f"Computed {' and '.join(said)}."


def _left_out(room: Room) -> str:
    if not room.left_out:
        return ""
    said = "1 image" if room.left_out == 1 else f"{room.left_out} images"
    return f'<p class="quiet">{said} did not fit into the file.</p>\n'


def _models(entries: Sequence[dict[str, Any]]) -> str:
    weights = {name: sha256 for one in entries for name, sha256 in one["weights"].items()}
    if not weights:
        return ""
    rows = [(name, sha256 or "not published") for name, sha256 in weights.items()]
    table = plain_table(("model", "SHA-256 of the weights"), rows, "Models, and the hash of their weights")
    return f"<section><h2>Models</h2>{table}</section>\n"


def _runs(entries: Sequence[dict[str, Any]]) -> str:
    """Seeds and versions."""
    seeds = sorted(dict.fromkeys(seed for one in entries for seed in _seeds(one["identity"])))
    versions = {name: version for one in entries for name, version in one["versions"].items()}
    rows = [("seeds", ", ".join(map(str, seeds)) or "none"), *versions.items()]
    return (
        f"<section><h2>Seeds and versions</h2>{plain_table(('what', 'value'), rows, 'Seeds and versions')}</section>\n"
    )


def _seeds(plain: Any) -> set[int]:
    """Every seed in a request."""
    if isinstance(plain, dict):
        own = {plain["seed"]} if isinstance(plain.get("seed"), int) else set()
        return own.union(*map(_seeds, plain.values()))
    return set().union(*map(_seeds, plain)) if isinstance(plain, list) else set()


def _check(entries: Sequence[dict[str, Any]], link: str) -> str:
    again = (
        f"<p>This command runs the same again and compares every number:</p><pre><code>{escape(COMMAND)}</code></pre>"
        if any(one["request"] for one in entries)
        else "<p>This report cannot be run again by a command: it is of a network or images that it does not name.</p>"
    )
    held = (
        "<p>For that, this file holds the pixels of your images.</p>"
        if any(_holds_pixels(one["request"]) for one in entries)
        else ""
    )
    safe = escape(_safe(link))
    page = f'<p>The page that shows the same: <a href="{safe}">{safe}</a></p>' if safe else ""
    return f"<section><h2>How to check this</h2>{again}{held}{page}</section>\n"


def _holds_pixels(plain: Any) -> bool:
    if isinstance(plain, dict):
        return "pixels" in plain or any(map(_holds_pixels, plain.values()))
    return isinstance(plain, list) and any(map(_holds_pixels, plain))


def _safe(link: str) -> str:
    return link if link.startswith(SAFE_LINKS) else ""
