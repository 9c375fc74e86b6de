"""HEIC and AVIF, and the brightness that is told to be untold."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, features

from robust_core.errors import BadImage
from robust_core.image_files import formats
from robust_core.images import decode, decode_as_reference
from tests.picture_files import encode, png, png_16_bit_rgb, png_chunk

pillow_heif = pytest.importorskip("pillow_heif")
pillow_heif.register_heif_opener()

TWO_COLOURS = np.zeros((64, 96, 3), np.uint8)
TWO_COLOURS[:, :48], TWO_COLOURS[:, 48:] = (200, 30, 30), (30, 30, 200)
PHONE = Image.fromarray(TWO_COLOURS)
NEW_FORMATS = pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])


def new_file(file_format, image=PHONE, **options):
    return encode(image, file_format, quality=95, **options)


def turned(number: int) -> Image.Image:
    """The image with an EXIF orientation, which both writers store in the container as well."""
    image, block = PHONE.copy(), Image.Exif()
    block[0x0112] = number
    image.info["exif"] = block.tobytes()
    return image


def assert_close(rgb, expected):
    assert rgb.shape == expected.shape
    assert np.median(np.abs(rgb.astype(int) - expected)) <= 4


@NEW_FORMATS
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_phones_images_are_read(file_format, mode):
    image = PHONE.convert(mode)
    for read in (
        decode(new_file(file_format, image), "x"),
        decode_as_reference(new_file(file_format, image), "x", label=None, source="a test"),
    ):
        assert_close(read.rgb, np.asarray(image.convert("RGB")))
        assert read.decoding_note is None


@NEW_FORMATS
def test_transparency_lies_on_white(file_format):
    image = PHONE.convert("RGBA")
    image.putalpha(0)
    assert decode(new_file(file_format, image), "x").rgb.min() >= 250


@NEW_FORMATS
def test_orientation_is_applied_once(file_format):
    image = turned(6)
    data = new_file(file_format, image, **({"exif": image.info["exif"]} if file_format == "AVIF" else {}))
    assert_close(decode(data, "x").rgb, np.rot90(TWO_COLOURS, -1))


@NEW_FORMATS
def test_of_several_images_the_first_is_read(file_format):
    assert_close(
        decode(new_file(file_format, save_all=True, append_images=[Image.fromarray(255 - TWO_COLOURS)]), "x").rgb,
        TWO_COLOURS,
    )


def test_ten_bits_are_read_and_an_hdr_curve_is_told():
    buffer = io.BytesIO()
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(96, 64), data=(TWO_COLOURS.astype("<u2") * 257).tobytes())
    deep.save(buffer, quality=95, transfer_characteristics=16)
    image = decode(buffer.getvalue(), "x.hif")
    assert_close(image.rgb, TWO_COLOURS)
    assert "HDR (PQ)" in image.decoding_note


def test_a_png_on_an_hdr_curve_is_told_and_one_of_srgb_is_not():
    data = png_16_bit_rgb(TWO_COLOURS.astype("u2") * 257)
    header = data.index(b"IDAT") - 4
    for curve, told in ((16, "PQ"), (18, "HLG"), (13, None)):
        note = decode(
            data[:header] + png_chunk(b"cICP", bytes([9, curve, 0, 1])) + data[header:], "x.png"
        ).decoding_note
        assert note is None if told is None else told in note


def test_a_transparent_level_of_16_bits_lies_on_white():
    grey = np.arange(400, dtype="u2").reshape(20, 20) * 100
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in grey)
    data = png(20, 20, 16, 0, rows)
    header = data.index(b"IDAT") - 4
    clear = decode(data[:header] + png_chunk(b"tRNS", struct.pack(">H", 300)) + data[header:], "x.png").rgb
    assert clear[0, 3].tolist() == [255] * 3
    assert clear[0, 4].tolist() == [2] * 3


@NEW_FORMATS
def test_a_bomb_is_refused_by_its_header(file_format, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("pixels were decoded"))
    data = bytearray(new_file(file_format))
    struct.pack_into(">II", data, data.index(b"ispe") + 8, 9000, 9000)
    with pytest.raises(BadImage, match=r"^x is larger than 40 megapixels\.$"):
        decode(bytes(data), "x")


@NEW_FORMATS
def test_a_file_cut_anywhere_is_refused(file_format):
    data = new_file(file_format)
    for length in range(0, len(data) - 4, 7):
        with pytest.raises(BadImage, match=r"^x is "):
            decode(data[:length], "x")


def test_without_a_decoder_the_sentence_says_so(monkeypatch):
    monkeypatch.setattr(features, "check", lambda feature: False)
    monkeypatch.setattr(formats, "_heif_is_there", lambda: False)
    with pytest.raises(BadImage, match="is an AVIF image, which this installation of Pillow cannot read"):
        decode(new_file("AVIF"), "x")
    with pytest.raises(BadImage, match="is a HEIC image, which needs the package pillow-heif"):
        decode(new_file("HEIF"), "x")


def test_the_heif_decoder_waits_for_the_first_such_file():
    code = "import sys, robust_core.images; sys.exit('pillow_heif' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
