"""A logarithmic axis as plain Plotly JSON, with plain numbers where people look for them."""

import math
from collections.abc import Iterable

FEW_POWERS = 4  # of ten: between more of them there is no room for 2 and 5


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
    """1, 2 and 5 times every power of ten from `low` to `high`; only the powers where there are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    leads = (1, 2, 5) if len(powers) <= FEW_POWERS else (1,)
    return [lead * 10.0**power for power in powers for lead in leads if low <= lead * 10.0**power <= high]
