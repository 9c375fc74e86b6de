"""A photo with the box around its object and the outline of what was cut out, as plain Plotly JSON; both axes count
percent of the photo.
"""

from collections.abc import Sequence

Corners = Sequence[tuple[float, float]]
INK, CASING = "#FF2D92", "#FFFFFF"  # seen on dark and on light photos


def photo_with_box(
    uri: str, aspect: float, box: tuple[float, float, float, float], outlines: Sequence[Corners], words: str
) -> dict:
    """The photo at `uri`, `aspect` times as wide as high, with a box (left, upper, right, lower) and outlines in
    percent; dragging draws another box. `words` are what the outline says under the pointer.
    """
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    image = {"source": uri, "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": 100, "sizey": 100}
    left, upper, right, lower = box
    edges = {"type": "rect", "x0": left, "x1": right, "y0": upper, "y1": lower}
    lines = ({"color": CASING, "width": 3}, {"color": "#000000", "width": 1.5, "dash": "dash"})
    return {
        "data": [_outline(outlines, CASING, 4, ""), _outline(outlines, INK, 2, words)],
        "layout": {
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "dragmode": "select",
            "selectdirection": "any",
            "hovermode": "closest",
            "images": [image | {"sizing": "stretch", "layer": "below"}],
            "shapes": [edges | {"line": line} for line in lines],
            "xaxis": axis | {"range": [0, 100]},
            "yaxis": axis | {"range": [100, 0], "scaleanchor": "x", "scaleratio": 1 / aspect, "constraintoward": "top"},
        },
    }


def _outline(outlines: Sequence[Corners], colour: str, width_px: float, words: str) -> dict:
    """Closed lines, with a gap between two of them."""
    across: list[float | None] = []
    down: list[float | None] = []
    for corners in outlines:
        closed = [*corners, corners[0]]
        across += [*(x for x, _ in closed), None]
        down += [*(y for _, y in closed), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": across,
        "y": down,
        "line": {"color": colour, "width": width_px},
        "name": words,
        "hoverinfo": "name" if words else "skip",
    }
