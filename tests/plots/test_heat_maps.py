import re

import numpy as np
import pytest

from robust_core.plots import heat_maps
from tests.ui.test_colours import contrast


def hex_of(colour):
    return "#" + "".join(f"{round(255 * part):02X}" for part in colour)


def ink(number):
    return re.fullmatch(r"<span style='color:(#\w{6})'>.*</span>", number).group(1)


def test_colours_run_through_viridis():
    assert [hex_of(heat_maps.colour_of(value, -1, 1)) for value in (-1, 1, 5, -5)] == [
        "#440154",
        "#FDE725",
        "#FDE725",
        "#440154",
    ]
    assert hex_of(heat_maps.colour_of(3 / 9, 0, 1)) == "#31688E"
    assert hex_of(heat_maps.colour_of(3.5 / 9, 0, 1)) == "#2C758E", "half-way between two stops"


def test_every_number_can_be_read_on_its_cell():
    values = np.linspace(0, 1, 2001)
    (numbers,) = heat_maps.cells([values], 0, 1, ".2f")["text"]
    faint = [
        value
        for value, number in zip(values, numbers, strict=True)
        if contrast(ink(number), hex_of(heat_maps.colour_of(value, 0, 1))) < 4.5
    ]
    assert faint == []
    assert {ink(number) for number in numbers} == {"#000000", "#FFFFFF"}
    teal = next(number for value, number in zip(values, numbers, strict=True) if value > 0.443)
    assert ink(teal) == "#FFFFFF", "on dark teal"


def test_an_empty_cell_has_no_number_and_no_form_writes_none():
    trace = heat_maps.cells([[1.0, None]], 0, 2, ".0f")
    assert trace["z"] == [[1.0, None]]
    assert [bool(number) for number in trace["text"][0]] == [True, False]
    assert trace["text"][0][0].endswith(">1</span>")
    without = heat_maps.cells([[1.0]], 0, 2, "")
    assert (without["text"], without["texttemplate"]) == ([[""]], "")


@pytest.mark.parametrize("value", [-3.0, 0.0, 100.0])
def test_a_map_of_one_value_is_drawn(value):
    trace = heat_maps.cells([[value]], value, value, ".0f")
    assert (trace["zmin"], trace["zmax"]) == (value, value + 1), "a scale needs two ends"
    assert ink(trace["text"][0][0]) == "#FFFFFF"
