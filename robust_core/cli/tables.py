"""What --out writes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robust_core import csv_cells
from robust_core.files import replacing
from robust_core.intervals import Interval


def write_table(path: Path | None, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `rows` as CSV, whole or not at all, with the columns in the order in which rows have them; None for `path`
    writes nothing.
    """
    if path is None:
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv_cells.write_rows(file, [columns, *([row.get(name, "") for name in columns] for row in rows)])


def percents(name: str, interval: Interval | None) -> dict[str, float | str | None]:
    """Four columns: a share in percent with the ends of its 95% interval, and by which method these are; None where
    nothing was counted.
    """
    columns = (f"{name}_percent", f"{name}_low_percent", f"{name}_high_percent", f"{name}_interval")
    if interval is None:
        return dict.fromkeys(columns)
    ends = (100 * interval.estimate, 100 * interval.low, 100 * interval.high)
    return dict(zip(columns, (*ends, interval.method), strict=True))
