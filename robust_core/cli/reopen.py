"""The command that runs a report again."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.recordings import reopening
from robust_core.recordings.reopening import EXACT, TOLERANCE, Comparison, Reported

MOST_SHOWN = 40  # numbers that agree; one that does not is always shown
WIDTH = 64
HEADER = ("number", "reported", "now", "agrees")


def run(options: Namespace) -> int:
    """Run every result of the report again and print each number beside what was reported; 1 where one disagrees."""
    every = [_run_one(one) for one in reopening.read(options.report, options.images)]
    found = [one for of_result in every for one in of_result]
    write_table(options.out, [asdict(one) for one in found])
    wrong = sum(not one.agrees for one in found)
    print(f"\n{wrong:,} of {len(found):,} do not agree." if wrong else f"\nAll {len(found):,} agree.")
    return 1 if wrong else 0


def _run_one(reported: Reported) -> list[Comparison]:
    result = follow(reported.title, reopening.run_again(reported))
    found = list(reopening.compare(reported, result))
    print(f"{reported.title}\n{EXACT if reopening.is_same_machine(reported, result) else TOLERANCE}")
    for one in reopening.versions_that_differ(reported, result):
        print(f"  {_said(one.what)} was {_said(one.reported)}, is {_said(one.now)}")
    _print(found)
    return found


def _print(found: list[Comparison]) -> None:
    """Those that do not agree, and the first numbers that do."""
    numbers = [one for one in found if one.agrees and one.is_telling][:MOST_SHOWN]
    shown = [one for one in found if not one.agrees or one in numbers]
    rows = [HEADER]
    rows += [
        (_said(one.what, 2 * WIDTH), _said(one.reported), _said(one.now), "yes" if one.agrees else "NO")
        for one in shown
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    if len(shown) < len(found):
        print(f"and {len(found) - len(shown):,} more that agree")


def _said(value: Any, most: int = WIDTH) -> str:
    """A value in a cell; a report is anybody's, and what cannot be seen is not printed."""
    is_short = isinstance(value, float) and value == float(f"{value:g}")
    text = "–" if value is None else f"{value:g}" if is_short else str(value)
    printable = "".join(one if one.isprintable() else "?" for one in text)
    return printable if len(printable) <= most else f"{printable[: most - 1]}…"
