"""Heat maps of fractions with an interval each, as plain Plotly JSON, which may still be filling."""

from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.plots import heat_maps
from robust_core.plots.charts import in_lines, literal

NAME_LETTERS = 14  # in a line: on a phone longer ones would leave no room for cells


@dataclass(frozen=True)
class Cell:
    """A fraction from 0 to 1, None where there is none, and in words what it is, with its n and interval."""

    value: float | None
    words: str


def accuracy_map(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    titles: tuple[str, str, str],
) -> dict:
    """A heat map on the scale 0 to 1, rows from the top; a cell that is None is not there yet. `titles` are those of
    rows, columns and scale.
    """
    rows_title, columns_title, scale_title = titles
    values = [[None if cell is None else cell.value for cell in row] for row in cells]
    axis = {"fixedrange": True, "automargin": True, "type": "category", "showgrid": False, "zeroline": False}
    trace = heat_maps.cells(values, 0, 1, ".0%") | {
        "x": [in_lines(one, NAME_LETTERS) for one in columns],
        "y": [in_lines(one, NAME_LETTERS) for one in rows],
        "customdata": [["" if cell is None else literal(cell.words) for cell in row] for row in cells],
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "colorbar": {"title": {"text": scale_title, "side": "right"}, "thickness": 10, "tickformat": ".0%"},
    }
    return {
        "data": [trace],
        "layout": {
            "margin": {"l": 4, "r": 4, "t": 8, "b": 40},
            "xaxis": axis | {"title": {"text": columns_title}, "range": [-0.5, len(columns) - 0.5]},
            "yaxis": axis | {"title": {"text": rows_title}, "range": [len(rows) - 0.5, -0.5]},
        },
    }
