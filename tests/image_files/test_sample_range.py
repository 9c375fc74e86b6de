"""The rule by which deep samples get their black and white: steady under overshoot, told, and refused where nothing is
known.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from robust_core.errors import BadImage
from robust_core.image_files.sample_range import RANGES, Samples, to_eight_bits

GREY = np.random.default_rng(2).integers(0, 256, (40, 50), dtype=np.uint8)
FLOAT = Samples("f4")


def assumed(values, samples=FLOAT):
    return to_eight_bits(np.asarray(values, dtype=samples.dtype), samples, "x.tif")


@pytest.mark.parametrize(
    ("white", "samples"),
    [(1, FLOAT), (255, FLOAT), (65535, FLOAT), (255, Samples("i4")), (65535, Samples("i4")), (65535, Samples("u4"))],
)
@pytest.mark.parametrize("excess", [1e-7, 0.02, 0.5, 1000])
def test_one_sample_above_white_changes_no_other(white, samples, excess):
    values = np.rint(GREY / 255 * white) if samples.dtype[0] != "f" else GREY / 255 * white
    expected, _ = assumed(values, samples)
    np.testing.assert_array_equal(expected, GREY)
    values[0, 0] = white * (1 + excess) if samples.dtype[0] == "f" else white + 1
    np.testing.assert_array_equal(assumed(values, samples)[0].ravel()[1:], GREY.ravel()[1:])


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_the_overshoot_of_a_bicubic_resize_changes_no_range(white):
    edges = np.kron(np.indices((10, 10)).sum(axis=0) % 2, np.ones((4, 4))).astype(np.float32) * white
    resized = np.asarray(Image.fromarray(edges).resize((137, 131), Image.Resampling.BICUBIC))
    assert resized.max() > white * 1.02
    assert resized.min() < 0
    levels, note = assumed(resized)
    np.testing.assert_array_equal(levels, np.rint(255 * (resized.clip(0, white).astype(float) / white)))
    assert f"0 to {white:,} was assumed" in note


def test_a_white_ground_that_was_rounded_up_stays_in_0_to_1():
    values = np.where(GREY > 100, np.float32(1.0000001), GREY / 255)
    assert assumed(values)[1] == "32-bit float samples without a stated range; 0 to 1 was assumed."


def test_what_is_not_finite_is_black_and_counted():
    values = GREY / 255
    values[0, :3] = np.nan, np.inf, -np.inf
    levels, note = assumed(values)
    assert levels[0, :3].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(levels[1:], GREY[1:])
    assert note.endswith("Samples that are not finite (3) were made black.")


def test_black_is_black_and_said_to_be_assumed():
    levels, note = assumed(np.zeros((20, 20)))
    assert levels.max() == 0
    assert note == "32-bit float samples without a stated range; 0 to 1 was assumed."


def test_a_very_dark_image_is_said_to_be():
    assert assumed(GREY / 255 / 1000)[1].endswith("None is above 0.001, so the image may be too dark.")


def test_samples_that_were_clipped_are_counted():
    values = GREY / 255
    values[0] = 1.2
    assert "2.5% of the samples lie outside 0 to 1 and were clipped." in assumed(values)[1]


RADIANCE = np.exp(np.random.default_rng(3).normal(0, 2, (100, 100)))
UNKNOWN = {
    "radiance": (FLOAT, RADIANCE),
    "radiance, brighter": (FLOAT, 100 * RADIANCE),
    "radiance, darker": (FLOAT, RADIANCE / 10),
    "floats up to 2": (FLOAT, GREY / 127),
    "floats up to 1,000": (FLOAT, GREY * 4.0),
    "floats up to a million": (FLOAT, GREY * 4000.0),
    "floats about zero": (FLOAT, GREY / 127.5 - 1),
    "one level of 7": (FLOAT, np.full((20, 20), 7)),
    "12 bits in 32": (Samples("i4"), GREY.astype(int) * 16),
    "Hounsfield units": (Samples("i2"), GREY.astype(int) * 16 - 1024),
    "differences": (Samples("i4"), GREY.astype(int) - 128),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_fits_no_range_is_refused_with_what_to_do(kind):
    samples, values = UNKNOWN[kind]
    with pytest.raises(
        BadImage, match=rf"^x\.tif is an image of {samples.title} samples from .* without a tag that says .*save it as"
    ) as refusal:
        assumed(values, samples)
    assert ("tone-map" in str(refusal.value)) == (samples is FLOAT)


def test_nothing_but_nan_is_refused():
    with pytest.raises(BadImage, match="of which none is finite"):
        assumed(np.full((20, 20), np.nan))


def test_signed_samples_without_negative_ones_begin_at_0():
    levels, note = assumed(np.rint(GREY / 255 * 32767), Samples("i2"))
    np.testing.assert_array_equal(levels, GREY)
    assert note == "16-bit signed samples without a stated range; 0 to 32,767 was assumed."


@settings(max_examples=100, deadline=None, derandomize=True)
@given(dtype=st.sampled_from(list(RANGES)), low=st.floats(-1e4, 1e4), width=st.floats(1, 1e4), seed=st.integers(0, 99))
def test_a_stated_range_maps_its_ends_to_black_and_white_and_is_turned_over_by_white_is_zero(dtype, low, width, seed):
    spread = np.random.default_rng(seed).uniform(0, 1, (16, 16))
    limits = np.iinfo(dtype) if dtype[0] != "f" else np.finfo(dtype)
    values = np.clip(low + spread * width, float(limits.min), float(limits.max)).astype(dtype)
    levels = [
        to_eight_bits(values, Samples(dtype, low, low + width, white_is_zero=turned), "x")[0].astype(int)
        for turned in (False, True)
    ]
    assert np.abs(levels[0] - np.rint(255 * ((values.astype(float) - low) / width).clip(0, 1))).max() == 0
    # a sample between two levels is rounded to the even one both times
    assert np.abs(levels[0] + levels[1] - 255).max() <= 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(white=st.sampled_from([1, 255, 65535]), order=st.permutations(range(16)))
def test_the_range_does_not_depend_on_where_samples_lie(white, order):
    values = (GREY[:16] / 255 * white).astype("f4")
    np.testing.assert_array_equal(assumed(values[list(order)])[0], assumed(values)[0][list(order)])
