import math

import pytest

from robust_core.plots.log_axes import around, log_axis, ticks


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((1, 10), [1, 2, 5, 10]),
        ((3, 40), [5, 10, 20]),
        ((0.02, 0.5), [0.02, 0.05, 0.1, 0.2, 0.5]),
        ((1, 3000), [1, 3, 10, 30, 100, 300, 1000, 3000]),
        ((1, 30000), [1, 10, 100, 1000, 10000]),
    ],
)
def test_numbers_are_round_and_few(ends, expected):
    assert ticks(*ends) == pytest.approx(expected)


def test_an_axis_has_its_numbers_written_out():
    axis = log_axis(500, 5_000)
    assert axis["ticktext"] == ["500", "1,000", "2,000", "5,000"]
    assert axis["range"] == pytest.approx([math.log10(500), math.log10(5_000)])


def test_its_ends_are_a_little_beyond_what_it_shows():
    assert around([2, math.inf, 0, 5], 2) == (1, 10)
    assert around([]) == (1, 10)
