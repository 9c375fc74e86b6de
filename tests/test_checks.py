from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from robust_core.checks import check_pixels, finite, is_finite, set_whole, whole
from robust_core.errors import BadInput
from tests.anything import ANYTHING, HUGE, bounded, made_or_refused

TRUTH_VALUES = [True, np.True_, torch.tensor(True), np.array(True)]


@dataclass(frozen=True)
class Draw:
    n: int

    def __post_init__(self):
        set_whole(self, "n", 1, 7)


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8, np.array, torch.tensor])
@pytest.mark.parametrize("number", [1, 3, 7])
def test_a_whole_number_in_its_range_is_an_int_whatever_it_came_as(kind, number):
    for found in (whole("n", kind(number), 1, 7), whole("n", kind(number), 1), Draw(kind(number)).n):
        assert (type(found), found) == (int, number)


@pytest.mark.parametrize(
    ("number", "most", "range_"),
    [(0, 7, "from 1 to 7"), (8, 7, "from 1 to 7"), (-3, None, "from 1 on"), (5000, 2000, "from 1 to 2,000")],
)
def test_a_whole_number_out_of_range_is_refused_by_name(number, most, range_):
    with pytest.raises(BadInput, match=rf"^--n must be a whole number {range_}; got {number}\.$"):
        whole("--n", number, 1, most)


@pytest.mark.parametrize("number", [*TRUTH_VALUES, 1.0, np.float32(1), "1", None, [1], np.array([1]), Fraction(1)])
def test_what_is_no_whole_number_is_refused(number):
    with pytest.raises(BadInput, match="^n must be a whole number from 1 to 7; got "):
        Draw(number)


@pytest.mark.parametrize("number", [0, 0.5, 1, np.float32(0.5), np.int64(1), Fraction(1, 2)])
def test_a_number_in_its_range_is_a_float(number):
    found = finite("strength", number, 0, 1)
    assert (type(found), found) == (float, number)


@pytest.mark.parametrize("number", [-0.1, 1.1, float("nan"), float("inf"), HUGE, "0.5", None, 1j, True, np.True_])
def test_what_is_no_number_of_the_range_is_refused(number):
    with pytest.raises(BadInput, match=r"^strength must be a number from 0 to 1; got "):
        finite("strength", number, 0, 1)


@bounded
@given(number=ANYTHING | st.sampled_from(TRUTH_VALUES))
def test_whatever_comes_is_a_number_or_a_sentence(number):
    made = made_or_refused(whole, "n", number, -10)
    assert made is None or (type(made) is int and made == number and made >= -10)
    if is_finite(number):
        assert float(number) == number or isinstance(number, int)


WRONG_PIXELS = [
    (torch.zeros(3, 8, 8), r"shape \(B, 3, H, W\), B at least 1; got \(3, 8, 8\)"),
    (torch.zeros(1, 4, 8, 8), r"got \(1, 4, 8, 8\)"),
    (torch.zeros(0, 3, 8, 8), r"got \(0, 3, 8, 8\)"),
    (torch.zeros(1, 3, 0, 8), r"at least 1 px; got \(0, 8\)"),
    (np.zeros((1, 3, 8, 8), np.float32), "must be a tensor .* got ndarray"),
    (None, "got NoneType"),
    (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "float32 in .* got torch.uint8"),
    (torch.full((1, 3, 8, 8), 1.01), "from 1.01 to 1.01"),
    (torch.full((1, 3, 8, 8), -0.1), "from -0.1"),
    (torch.full((1, 3, 8, 8), float("nan")), "nan"),
]


@pytest.mark.parametrize(("pixels", "came"), WRONG_PIXELS)
def test_other_pixels_are_refused_with_what_came(pixels, came):
    with pytest.raises(BadInput, match=came):
        check_pixels(pixels)


def test_pixels_pass_down_to_the_least_side():
    check_pixels(torch.rand(2, 3, 1, 7).requires_grad_())
    check_pixels(torch.ones(1, 3, 32, 40), least_px=32)
    with pytest.raises(BadInput, match=r"at least 32 px; got \(40, 31\)"):
        check_pixels(torch.ones(1, 3, 40, 31), least_px=32)
