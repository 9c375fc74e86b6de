"""The command that runs a report again."""

from argparse import Namespace
from typing import Any

from robust_core.cli.progress import follow
from robust_core.recordings import reopening
from robust_core.recordings.reopening import EXACT, TOLERANCE, Comparison, Reported

MOST_SHOWN = 40  # numbers that agree; one that does not is always shown
WIDTH = 72


def run(options: Namespace) -> int:
    """Run every result of the report again and print each number beside what was reported; 1 where one disagrees."""
    every = [_run_one(one) for one in reopening.read(options.report, options.images)]
    found = [one for of_result in every for one in of_result]
    wrong = reopening.disagreements(found)
    if wrong:
        print(f"\n{len(wrong):,} of {len(found):,} do not agree.")
        return 1
    print(f"\nAll {len(found):,} agree.")
    return 0


def _run_one(reported: Reported) -> list[Comparison]:
    result = follow(reported.title, reopening.run_again(reported))
    found = list(reopening.compare(reported, result))
    print(f"{reported.title}\n{EXACT if reopening.is_same_machine(reported, result) else TOLERANCE}")
    for one in reopening.versions_that_differ(reported, result):
        print(f"  differs: {one.what} was {_said(one.reported)}, now {_said(one.now)}")
    _print(found)
    return found


def _print(found: list[Comparison]) -> None:
    agree = [one for one in found if one.agrees][:MOST_SHOWN]
    shown = [one for one in found if not one.agrees or one in agree]
    rows = [("number", "reported", "now", "agrees")]
    rows += [(one.what, _said(one.reported), _said(one.now), "yes" if one.agrees else "NO") for one in shown]
    widths = [min(WIDTH, max(len(row[place]) for row in rows)) for place in range(4)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    if len(shown) < len(found):
        print(f"and {len(found) - len(shown):,} more that agree")


def _said(value: Any) -> str:
    if isinstance(value, float):
        return repr(value) if value != round(value, 4) else f"{value:g}"
    text = "–" if value is None else str(value)
    printable = "".join(one if one.isprintable() else "?" for one in text)
    return printable if len(printable) <= WIDTH else f"{printable[: WIDTH - 1]}…"
