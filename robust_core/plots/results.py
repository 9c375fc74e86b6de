"""Plotly figures of the door's results. Colours are those of the dashboard, near Okabe and Ito's colour-blind safe
palette.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from pandas import DataFrame
from plotly.subplots import make_subplots

COLOURS = ("#0B73B0", "#B57910", "#059D6F", "#C6639E", "#697386", "#896BBE", "#D35D00", "#1B90B5", "#8F791D", "#4E8D82")
HOVER = (
    "{rows} %{{y}}, {columns} %{{x}}: %{{z:.1f}}% [%{{customdata[0]:.1f}}%, %{{customdata[1]:.1f}}%], "
    "n = %{{customdata[2]}}<extra></extra>"
)
PROFILE_PX = 220  # of a row of small charts
LAYOUT = {"template": "plotly_white", "margin": {"l": 60, "r": 20, "t": 40, "b": 50}}


def curves(frame: DataFrame, by: Sequence[str], x: str, y: str, x_title: str, y_title: str) -> go.Figure:
    """A line for each group of `by`, with the band from low_percent to high_percent where the frame has them."""
    figure = go.Figure()
    for number, (names, group) in enumerate(frame.groupby(list(by), sort=False)):
        colour, title = COLOURS[number % len(COLOURS)], ", ".join(map(str, names))
        if "low_percent" in group:
            figure.add_trace(_band(group, x, colour, title))
        figure.add_scatter(
            x=group[x],
            y=group[y],
            name=title,
            legendgroup=title,
            mode="lines+markers",
            line={"color": colour},
            showlegend=True,
        )
    return figure.update_layout(**LAYOUT, xaxis_title=x_title, yaxis={"title": y_title, "range": [-2, 102]})


def curve_panels(
    frame: DataFrame, panel: str, titles: Mapping[str, str], by: Sequence[str], x: str, y: str, x_title: str
) -> go.Figure:
    """A chart beside the other for each value of `panel`, called as `titles` say, in which lines are as in `curves`."""
    figure = make_subplots(1, len(titles), subplot_titles=list(titles.values()), shared_yaxes=True)
    for column, value in enumerate(titles, start=1):
        for trace in curves(frame[frame[panel] == value], by, x, y, x_title, "").data:
            figure.add_trace(trace.update(showlegend=trace.showlegend and column == 1), row=1, col=column)
    return figure.update_xaxes(title=x_title).update_yaxes(range=[-2, 102]).update_layout(**LAYOUT)


def _band(
    group: DataFrame, x: str, colour: str, title: str, low: str = "low_percent", high: str = "high_percent"
) -> go.Scatter:
    return go.Scatter(
        x=[*group[x], *group[x][::-1]],
        y=[*group[low], *group[high][::-1]],
        legendgroup=title,
        mode="lines",
        fill="toself",
        fillcolor=colour,
        opacity=0.15,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def grids(frame: DataFrame, rows: str, columns: str, value: str) -> go.Figure:
    """A heat map for each model, from 0 to 100%, which says interval and n of each cell."""
    models = list(frame["model"].unique())
    figure = make_subplots(1, len(models), subplot_titles=models, shared_yaxes=True)
    for number, model in enumerate(models, start=1):
        its = frame[frame["model"] == model]
        table, low, high, n = (
            its.pivot_table(index=rows, columns=columns, values=name, sort=False)
            for name in (value, "low_percent", "high_percent", "n")
        )
        cells = go.Heatmap(
            z=table.to_numpy(),
            x=[str(one) for one in table.columns],
            y=list(table.index),
            zmin=0,
            zmax=100,
            texttemplate="%{z:.0f}",
            customdata=np.dstack([low, high, n]),
            hovertemplate=HOVER.format(rows=rows, columns=columns),
        )
        figure.add_trace(cells.update(colorscale="Viridis", showscale=number == 1), row=1, col=number)
    return figure.update_yaxes(autorange="reversed").update_layout(**LAYOUT)


def bars(frame: DataFrame, label: str, value: str, title: str) -> go.Figure:
    """A bar for each row, with its interval where the frame has them."""
    error = None
    if "low_percent" in frame:
        above, below = frame["high_percent"] - frame[value], frame[value] - frame["low_percent"]
        error = {"type": "data", "array": above.to_numpy(), "arrayminus": below.to_numpy()}
    bar = go.Bar(x=frame[label], y=frame[value], error_y=error, marker_color=COLOURS[0])
    return go.Figure(bar).update_layout(**LAYOUT, yaxis={"title": title, "range": [0, 100]})


def grouped_bars(frame: DataFrame, group: str, label: str, value: str, title: str) -> go.Figure:
    """For each label a bar of every group, by colour, with the intervals from low_percent to high_percent."""
    figure = go.Figure()
    for number, (name, rows) in enumerate(frame.groupby(group, sort=False)):
        ends = {"array": rows["high_percent"] - rows[value], "arrayminus": rows[value] - rows["low_percent"]}
        figure.add_bar(
            x=rows[label],
            y=rows[value],
            name=name,
            error_y={"type": "data"} | {end: size.to_numpy() for end, size in ends.items()},
            marker_color=COLOURS[number % len(COLOURS)],
            showlegend=True,
        )
    return figure.update_layout(**LAYOUT, barmode="group", yaxis={"title": title, "range": [0, 100]})


def points(frame: DataFrame, group: str, value: str, label: str) -> go.Figure:
    """A point for each row, grouped by colour."""
    figure = go.Figure()
    for number, (name, rows) in enumerate(frame.groupby(group, sort=False)):
        figure.add_scatter(
            x=rows[label],
            y=rows[value],
            name=name,
            mode="markers",
            marker_color=COLOURS[number % len(COLOURS)],
            showlegend=True,
        )
    return figure.update_layout(**LAYOUT, yaxis_title=value)


def frontier(frame: DataFrame, mix: str, images: str, across: str) -> go.Figure:
    """Accuracy on all other images against that on the images `across`, a point for each mix, with both intervals."""
    figure = go.Figure()
    bounds = [f"{name}_percent" for name in ("accuracy", "low", "high")]
    x = frame[frame[images] == across].set_index(mix)[bounds]
    others = [name for name in frame[images].unique() if name != across] or [across]
    for number, name in enumerate(others):
        y = frame[frame[images] == name].set_index(mix)[bounds].loc[x.index]
        figure.add_scatter(
            x=x["accuracy_percent"],
            y=y["accuracy_percent"],
            error_x=_ends(x),
            error_y=_ends(y),
            text=list(x.index),
            name=name,
            mode="lines+markers",
            marker_color=COLOURS[number % len(COLOURS)],
            showlegend=True,
        )
    return figure.update_layout(**LAYOUT, xaxis_title=f"{across} accuracy, %", yaxis_title="accuracy, %")


def _ends(rows: DataFrame) -> dict:
    ends = {"array": rows["high_percent"] - rows["accuracy_percent"]}
    ends["arrayminus"] = rows["accuracy_percent"] - rows["low_percent"]
    return {"type": "data", "thickness": 1} | {end: size.to_numpy() for end, size in ends.items()}


def maps(rgb: np.ndarray, found: Mapping[str, np.ndarray]) -> go.Figure:
    """The image, and beside it each map: blue speaks against the class, red for it; each on the scale of its own
    largest size.
    """
    figure = make_subplots(1, 1 + len(found), subplot_titles=["image", *found])
    figure.add_trace(go.Image(z=rgb), row=1, col=1)
    for place, values in enumerate(found.values(), start=2):
        limit = float(np.abs(values).max()) or 1.0
        figure.add_trace(
            go.Heatmap(z=values, zmin=-limit, zmax=limit, colorscale="RdBu", reversescale=True, showscale=False),
            row=1,
            col=place,
        )
        figure.update_yaxes(autorange="reversed", row=1, col=place)
    axes = {"showticklabels": False, "constrain": "domain"}
    for place in range(1, 2 + len(found)):
        figure.update_yaxes(scaleanchor=f"x{place if place > 1 else ''}", row=1, col=place)
    return figure.update_xaxes(**axes).update_yaxes(**axes).update_layout(**LAYOUT)


def distances_by_queries(frame: DataFrame, y_title: str) -> go.Figure:
    """A line for each model and attack on two log axes, with the interval of each median; none where none is known."""
    figure = go.Figure()
    for number, (names, group) in enumerate(frame.groupby(["model", "attack"], sort=False)):
        known = group.dropna(subset="median_distance_pixel_units")
        colour, title = COLOURS[number % len(COLOURS)], ", ".join(map(str, names))
        bounded = known.dropna(subset=["low_pixel_units", "high_pixel_units"])
        figure.add_trace(_band(bounded, "queries", colour, title, "low_pixel_units", "high_pixel_units"))
        figure.add_scatter(
            x=known["queries"],
            y=known["median_distance_pixel_units"],
            name=title,
            legendgroup=title,
            mode="lines+markers",
            line={"color": colour},
            showlegend=True,
        )
    axes = {"xaxis": {"type": "log", "title": "queries for each image"}, "yaxis": {"type": "log", "title": y_title}}
    return figure.update_layout(**LAYOUT, **axes)


def profiles(frame: DataFrame, titles: Mapping[str, str], x: str, x_title: str) -> go.Figure:
    """A small chart for each measure of `titles`, in each a line for every model over `x`, with the band from low to
    high.
    """
    figure = make_subplots(-(-len(titles) // 2), 2, subplot_titles=list(titles.values()), shared_xaxes=True)
    for place, measure in enumerate(titles):
        at = {"row": place // 2 + 1, "col": place % 2 + 1}
        rows = frame[frame["measure"] == measure]
        for number, (model, group) in enumerate(rows.groupby("model", sort=False)):
            colour = COLOURS[number % len(COLOURS)]
            line = {"color": colour}
            figure.add_trace(_band(group.dropna(subset=["low"]), x, colour, str(model), "low", "high"), **at)
            figure.add_scatter(
                x=group[x],
                y=group["value"],
                name=str(model),
                legendgroup=str(model),
                mode="lines+markers",
                line=line,
                showlegend=place == 0,
                **at,
            )
    rows_in_all = -(-len(titles) // 2)
    figure.update_xaxes(title=x_title, showticklabels=True, row=rows_in_all)
    return figure.update_yaxes(rangemode="tozero").update_layout(**LAYOUT, height=PROFILE_PX * rows_in_all)


def importances(frame: DataFrame) -> go.Figure:
    """A bar for each concept of each model, as wide as its importance, with the interval of the mean over images."""
    figure = go.Figure()
    for number, (model, rows) in enumerate(frame.groupby("model", sort=False)):
        ends = {"array": rows["high"] - rows["value"], "arrayminus": rows["value"] - rows["low"]}
        figure.add_bar(
            x=rows["value"],
            y=[f"concept {one}" for one in rows["concept"]],
            orientation="h",
            name=str(model),
            error_x={"type": "data"} | {end: size.to_numpy() for end, size in ends.items()},
            marker_color=COLOURS[number % len(COLOURS)],
            showlegend=True,
        )
    axes = {"xaxis": {"title": "importance (total Sobol index)", "rangemode": "tozero"}}
    return figure.update_layout(**LAYOUT, **axes, yaxis={"autorange": "reversed", "automargin": True})


def cosines(frame: DataFrame, label: str) -> go.Figure:
    """A dot with its interval for each row, on the axis from the smallest cosine or 0 to 1; where the frame has a
    chance_cosine, that is an open one.
    """
    ends = {"array": frame["high"] - frame["cosine"], "arrayminus": frame["cosine"] - frame["low"]}
    error = {"type": "data"} | {end: size.to_numpy() for end, size in ends.items()}
    figure = go.Figure(go.Scatter(x=frame["cosine"], y=frame[label], error_x=error, mode="markers", name="cosine"))
    figure.update_traces(marker={"color": COLOURS[0], "size": 10}, showlegend=True)
    if "chance_cosine" in frame:
        open_dot = {"color": COLOURS[4], "size": 10, "symbol": "circle-open"}
        chance = "by chance: edges of other images"
        figure.add_scatter(x=frame["chance_cosine"], y=frame[label], mode="markers", name=chance, marker=open_dot)
    axes = {"xaxis": {"title": "cosine", "range": [min(0.0, float(frame["low"].min())) - 0.02, 1]}}
    return figure.update_layout(**LAYOUT, **axes, yaxis={"autorange": "reversed", "automargin": True})
