"""The cells of a heat map as plain Plotly JSON: their colours, and numbers in black or white, whichever can be read on
each.
"""

from collections.abc import Sequence

# Viridis as Plotly has it, in ten equal steps; stated, so that what is written on a colour can be chosen to suit it.
VIRIDIS = ("#440154", "#482878", "#3E4989", "#31688E", "#26828E", "#1F9E89", "#35B779", "#6ECE58", "#B5DE2B", "#FDE725")
NUMBER_WEIGHT = 600  # between dark and light, black and white are equally faint: bold ones are read
NUMBER_PX = 14  # live_chart.js leaves numbers out where cells are too narrow for them
WHITE_UP_TO = (
    0.1833  # relative luminance up to which white has a contrast of 4.5:1; on dark teal it is read more easily
)


def cells(values: Sequence[Sequence[float | None]], low: float, high: float, form: str) -> dict:
    """A trace of `values` on Viridis from `low` to `high`, or a little beyond where these are one, without axes.

    Each cell has its number in the format `form`, "" for none.
    """
    high = high if high > low else low + max(1.0, 1e-6 * abs(low))
    numbers = [
        ["" if value is None or not form else _number(value, low, high, form) for value in row] for row in values
    ]
    return {
        "type": "heatmap",
        "z": [[None if value is None else float(value) for value in row] for row in values],
        "zmin": low,
        "zmax": high,
        "colorscale": [[place / (len(VIRIDIS) - 1), colour] for place, colour in enumerate(VIRIDIS)],
        "text": numbers,
        "texttemplate": "%{text}" if form else "",
        "textfont": {"size": NUMBER_PX, "weight": NUMBER_WEIGHT},
        "xgap": 1,
        "ygap": 1,
    }


def colour_of(value: float, low: float, high: float) -> tuple[float, float, float]:
    """The colour of a value as red, green and blue from 0 to 1, as Plotly mixes it."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    place, part = divmod(share * (len(VIRIDIS) - 1), 1)
    ends = [VIRIDIS[int(place)], VIRIDIS[min(int(place) + 1, len(VIRIDIS) - 1)]]
    below, above = ([int(end[i : i + 2], 16) / 255 for i in (1, 3, 5)] for end in ends)
    red, green, blue = (one + part * (other - one) for one, other in zip(below, above, strict=True))
    return red, green, blue


def _number(value: float, low: float, high: float, form: str) -> str:
    luminance = sum(
        weight * (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4)
        for weight, x in zip((0.2126, 0.7152, 0.0722), colour_of(value, low, high), strict=True)
    )
    return f"<span style='color:{'#000000' if luminance > WHITE_UP_TO else '#FFFFFF'}'>{value:{form}}</span>"
