"""A logarithmic axis as plain Plotly JSON, with plain numbers where people look for them."""

import math
from collections.abc import Iterable

LEADS = ((2.2, (1, 2, 5)), (3.6, (1, 3)), (math.inf, (1,)))  # of the numbers on an axis of at most so many decades


def log_axis(low: float, high: float) -> dict:
    """An axis from `low` to `high`, both above 0, with a number at each of its `ticks`."""
    at = ticks(low, high)
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickvals": at,
        "ticktext": [f"{tick:,.12g}" for tick in at],
        "fixedrange": True,
        "automargin": True,
    }


def around(values: Iterable[float], margin: float = 1.1) -> tuple[float, float]:
    """The ends of an axis that shows the finite ones of `values` above 0, and a little beyond; 1 to 10 for none."""
    known = [value for value in values if 0 < value < math.inf]
    return (min(known) / margin, max(known) * margin) if known else (1.0, 10.0)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, the farther apart the more there are."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    leads = next(its for decades, its in LEADS if math.log10(high / low) <= decades)
    return [lead * 10.0**power for power in powers for lead in leads if low <= lead * 10.0**power <= high]
