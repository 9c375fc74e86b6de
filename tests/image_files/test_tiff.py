"""TIFF of every depth: known pixels, or a sentence."""

import itertools
import struct

import numpy as np
import pytest
from PIL import Image

from robust_core.errors import BadImage
from robust_core.images import decode, decode_as_reference
from tests.image_file_samples import encode, grey_as_rgb
from tests.image_files.tiff_files import BLACK_IS_ZERO, RGB, WHITE_IS_ZERO, assemble, tiff

GREY = np.random.default_rng(1).integers(0, 256, (37, 45), dtype=np.uint8)
COLOURS = np.stack([GREY, 255 - GREY, GREY // 2], axis=2)

# A grey as samples that fill each type, or, for floats, 0 to 1.
FILLED = {
    "u1": lambda grey: grey,
    "i1": lambda grey: (grey.astype(int) - 128).astype("i1"),
    "u2": lambda grey: grey.astype("u2") * 257,
    "i2": lambda grey: (grey.astype(int) * 257 - 2**15).astype("i2"),
    "u4": lambda grey: grey.astype("u4") * 0x1010101,
    "i4": lambda grey: (grey.astype("i8") * 0x1010101 - 2**31).astype("i4"),
    "f2": lambda grey: (grey / 255).astype("f2"),
    "f4": lambda grey: (grey / 255).astype("f4"),
    "f8": lambda grey: grey / 255,
}
STORED = list(itertools.product("<>", (False, True), (None, 16)))  # byte order, deflate, tiles


@pytest.mark.parametrize("kind", FILLED)
def test_every_depth_gives_the_same_pixels_whichever_end_is_white(kind):
    for order, deflate, tile_px in STORED:
        for photometric, grey in ((BLACK_IS_ZERO, GREY), (WHITE_IS_ZERO, 255 - GREY)):
            data = tiff(FILLED[kind](grey), photometric, order=order, deflate=deflate, tile_px=tile_px)
            np.testing.assert_array_equal(decode(data, "x.tif").rgb, grey_as_rgb(GREY))


def test_bits_in_the_other_order_within_each_byte():
    """FillOrder (tag 266) 2: the lowest bit comes first."""
    turned = np.packbits(np.unpackbits(GREY, axis=-1).reshape(*GREY.shape, 8)[..., ::-1], axis=-1)[..., 0]
    data = tiff(turned.astype("u2") * 257, tags={266: ("H", (2,))})
    np.testing.assert_array_equal(decode(data, "x.tif").rgb, grey_as_rgb(GREY))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate"])
@pytest.mark.parametrize("kind", ["u2", "i4", "f4"])
def test_deep_samples_compressed_by_libtiff(kind, compression):
    data = encode(Image.fromarray(FILLED[kind](GREY)), "TIFF", compression=compression)
    np.testing.assert_array_equal(decode(data, "x.tif").rgb, grey_as_rgb(GREY))


@pytest.mark.parametrize("kind", ["u2", "f4"])
def test_deep_samples_are_turned_upright_once(kind):
    turned = decode(tiff(FILLED[kind](GREY), tags={274: ("H", (6,))}), "x.tif").rgb
    np.testing.assert_array_equal(turned, grey_as_rgb(np.rot90(GREY, -1)))


def test_pages_after_the_first_change_nothing():
    pages = [Image.fromarray(FILLED["f4"](one)) for one in (GREY, 255 - GREY)]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    np.testing.assert_array_equal(decode(data, "x.tif").rgb, grey_as_rgb(GREY))


@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, WHITE_IS_ZERO])
@pytest.mark.parametrize("order", ["<", ">"])
def test_twelve_packed_bits_reach_white_at_4095(photometric, order):
    values = np.resize(np.arange(4096), (36, 46))
    pairs = values.reshape(36, 23, 2)
    packed = np.stack(
        [pairs[..., 0] >> 4, (pairs[..., 0] & 15) << 4 | pairs[..., 1] >> 8, pairs[..., 1] & 255], axis=2
    ).astype(np.uint8)
    entries = {
        tag: ("I", (value,))
        for tag, value in {256: 46, 257: 36, 258: 12, 259: 1, 262: photometric, 277: 1, 278: 36}.items()
    }
    image = decode(assemble(entries, [packed.tobytes()], order=order), "x.tif")
    share = values / 4095
    np.testing.assert_array_equal(image.rgb, grey_as_rgb(np.rint(255 * (share if photometric else 1 - share))))
    assert image.decoding_note is None


@pytest.mark.parametrize(("order", "deflate", "planes"), itertools.product("<>", (False, True), (False, True)))
def test_sixteen_bit_colours_in_every_layout(order, deflate, planes):
    data = tiff(COLOURS.astype("u2") * 257, RGB, order=order, deflate=deflate, planes=planes)
    np.testing.assert_array_equal(decode(data, "x.tif").rgb, COLOURS)


@pytest.mark.parametrize(("tag", "code"), [(281, "H"), (341, "d")], ids=["MaxSampleValue", "SMaxSampleValue"])
def test_twelve_bits_in_sixteen_reach_white_where_a_tag_says_so(tag, code):
    for order, deflate in itertools.product("<>", (False, True)):
        for expected_rgb, photometric in ((GREY, BLACK_IS_ZERO), (COLOURS, RGB)):
            values = np.rint(expected_rgb / 255 * 4095).astype("u2")
            tags = {tag: (code, (4095,) * (3 if photometric == RGB else 1))}
            image = decode(tiff(values, photometric, order=order, deflate=deflate, tags=tags), "x.tif")
            np.testing.assert_array_equal(
                image.rgb, expected_rgb if expected_rgb is COLOURS else grey_as_rgb(expected_rgb)
            )
            assert image.decoding_note is None


def test_twelve_bits_in_sixteen_are_dark_and_said_to_be_where_no_tag_says_so():
    for expected_rgb, photometric in ((GREY, BLACK_IS_ZERO), (COLOURS, RGB)):
        image = decode(tiff(expected_rgb.astype("u2") * 16, photometric), "x.tif")
        assert image.rgb.max() <= 16
        assert "0 to 65,535 was assumed. None is above 4,0" in image.decoding_note
    assert decode(tiff(GREY.astype("u2") * 257), "x.tif").decoding_note is None


def test_sample_values_that_are_only_measured_are_used_and_told():
    image = decode(tiff(200 + GREY.astype("u2") * 10, tags={280: ("H", (200,)), 281: ("H", (2750,))}), "x.tif")
    np.testing.assert_array_equal(image.rgb, grey_as_rgb(GREY))
    assert (
        image.decoding_note
        == "The smallest and largest sample that the file names, 200 and 2,750, were taken as black and white."
    )


def test_a_range_that_a_float_file_states_is_not_assumed():
    image = decode(tiff((GREY / 255 * 8 - 3).astype("f4"), tags={340: ("d", (-3.0,)), 341: ("d", (5.0,))}), "x.tif")
    np.testing.assert_array_equal(image.rgb, grey_as_rgb(GREY))
    assert image.decoding_note is None


UNREADABLE = {
    "32-bit float samples in 3 channels": tiff((COLOURS / 255).astype("f4"), RGB),
    "16-bit signed samples in 3 channels": tiff(COLOURS.astype("i2"), RGB),
    "64-bit unsigned samples": tiff(GREY.astype("u8")),
    "compression 34712": tiff(GREY, tags={259: ("H", (34712,))}),
    "16-bit unsigned samples in 3 channels": tiff(
        COLOURS.astype("u2"), RGB, deflate=True, planes=True, tags={281: ("H", (4095,))}
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_layout_that_cannot_be_read_is_named(what):
    with pytest.raises(BadImage) as refusal:
        decode(UNREADABLE[what], "x.tif")
    assert (
        str(refusal.value)
        == f"x.tif is a TIFF with {what}, which cannot be read here; save it as PNG, or as TIFF of 8 or 16 bits."
    )


def below(width: int, height: int, photometric: int) -> bytes:
    """A directory, to be put at byte 8, of an image whose pixels are not there."""
    entries = ((256, width), (257, height), (262, photometric))
    return struct.pack("<H", 3) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries) + bytes(4)


RAW = {
    "DNG": tiff(COLOURS, RGB, tags={50706: ("I", (0x0401,))}),
    "NEF or ARW: a mosaic below": tiff(
        COLOURS, RGB, tags={254: ("I", (1,)), 330: ("I", (8,))}, after=below(6000, 4000, 32803)
    ),
    "an image below that is larger": tiff(COLOURS, RGB, tags={330: ("I", (8,))}, after=below(6000, 4000, RGB)),
    "CR2": tiff(COLOURS, RGB, after=b"CR\2\0"),
}


@pytest.mark.parametrize(
    "read", [decode, lambda data, name: decode_as_reference(data, name, label=None, source="a test")]
)
@pytest.mark.parametrize("kind", RAW)
def test_no_thumbnail_is_shown_for_a_camera_raw_file(kind, read):
    with pytest.raises(BadImage, match=r"^x\.dng is a camera RAW file; develop it and save it as JPEG or PNG\.$"):
        read(RAW[kind], "x.dng")


def test_a_thumbnail_before_the_image_is_not_taken_for_it():
    with pytest.raises(BadImage, match="first image is only a thumbnail"):
        decode(tiff(COLOURS, RGB, tags={254: ("I", (1,))}), "x.tif")


def test_a_pyramid_whose_first_image_is_the_largest_is_read():
    data = tiff(COLOURS, RGB, tags={330: ("I", (8,))}, after=below(22, 18, RGB))
    np.testing.assert_array_equal(decode(data, "x.tif").rgb, COLOURS)


@pytest.mark.parametrize("kind", ["u2", "i2", "i4", "f4"])
def test_the_reference_clips_deep_greys_as_pillow_does(kind):
    values = GREY.astype(kind) * 2
    seen = decode_as_reference(tiff(values), "x.tif", label=None, source="a test")
    np.testing.assert_array_equal(seen.rgb, grey_as_rgb(np.minimum(values, 255)))
    assert seen.decoding_note is None
