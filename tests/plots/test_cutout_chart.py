"""A photo with its box and outlines: what is drawn where, in percent of the photo."""

from robust_core.plots.cutout_chart import photo_with_box

SQUARE, HOLE = [(10, 10), (90, 10), (90, 90), (10, 90)], [(40, 40), (60, 40), (50, 60)]


def test_the_photo_fills_its_axes_and_the_box_lies_where_it_is():
    layout = photo_with_box("data:x", 1.5, (5, 10, 95, 80), [], "")["layout"]
    (image,) = layout["images"]
    assert (image["x"], image["y"], image["sizex"], image["sizey"], image["layer"]) == (0, 0, 100, 100, "below")
    assert (layout["xaxis"]["range"], layout["yaxis"]["range"]) == ([0, 100], [100, 0])
    assert layout["yaxis"]["scaleratio"] == 1 / 1.5, "a percent of the height is as long as it is in the photo"
    assert all((box["x0"], box["y0"], box["x1"], box["y1"]) == (5, 10, 95, 80) for box in layout["shapes"])
    assert layout["dragmode"] == "select"


def test_outlines_are_closed_and_apart_from_each_other():
    casing, ink = photo_with_box("data:x", 1, (5, 5, 95, 95), [SQUARE, HOLE], "the object")["data"]
    assert ink["x"] == [10, 90, 90, 10, 10, None, 40, 60, 50, 40, None]
    assert ink["y"] == [10, 10, 90, 90, 10, None, 40, 40, 60, 40, None]
    assert casing["x"] == ink["x"]
    assert casing["line"]["width"] > ink["line"]["width"]
    assert (casing["hoverinfo"], ink["name"]) == ("skip", "the object")
