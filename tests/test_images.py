import dataclasses
import hashlib
import warnings
import zipfile
import zlib
from io import BytesIO

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from torchvision.datasets.folder import pil_loader

from robust_core import images
from robust_core.errors import BadImage, BadInput
from robust_core.image_files import decoding
from robust_core.image_files.decoding import MAX_FILE_BYTES
from robust_core.images import (
    LabelledImage,
    Preprocess,
    decode,
    decode_as_reference,
    shown_name,
    to_pixels,
    to_rgb,
)
from robust_core.labels import IMAGENET
from tests import image_file_samples as files
from tests.audit import outside
from tests.image_file_samples import ALPHA, GREY, LOSSLESS, LOSSY, NOISE, RGB, encode, grey_as_rgb, on_white

pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL"
)  # Pillow warns of the damage that these files have on purpose


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_files_give_the_known_pixels(kind):
    data, expected = LOSSLESS[kind]
    np.testing.assert_array_equal(decode(data, "x.jpg").rgb, expected)


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_files_come_close(kind):
    data, colour = LOSSY[kind]
    assert np.abs(decode(data, "x.png").rgb.astype(int) - colour).max() <= 6


def test_an_image_is_described_by_its_bytes_and_cannot_be_changed():
    data = encode(RGB, "PNG")
    image = decode(data, "photos/garden.png", label=3, source="a test")
    assert (image.label, image.name, image.source, image.label_space) == (3, "garden.png", "a test", IMAGENET)
    assert image.digest == hashlib.sha256(data).hexdigest()
    assert image.rgb.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        image.rgb[0, 0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        image.label = 4


@pytest.mark.parametrize("label", [-1, 1000])
def test_a_label_outside_the_thousand_classes_is_refused(label):
    with pytest.raises(BadInput, match=f"from 0 to 999; got {label}"):
        decode(encode(RGB, "PNG"), "x.png", label=label)


TURNED = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: lambda stored: np.rot90(stored, 1),
}


@pytest.mark.parametrize("number", TURNED)
@pytest.mark.parametrize(
    ("file_format", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("JPEG", {"quality": 95})]
)
def test_exif_orientation_is_applied(number, file_format, options):
    block = Image.Exif()
    block[0x0112] = number
    stored = decode(encode(RGB, file_format, **options), "x").rgb
    np.testing.assert_array_equal(
        decode(encode(RGB, file_format, exif=block, **options), "x").rgb, TURNED[number](stored)
    )


@pytest.mark.parametrize("mode", ["I;16", "L", "LA", "P", "RGBA"])
def test_exif_orientation_is_applied_in_every_mode(mode):
    odd = {"I;16": Image.fromarray(files.SIXTEEN_BITS), "LA": files.GREY_ALPHA, "P": files.paletted_with_alpha()}
    image = odd.get(mode) or Image.fromarray(NOISE).convert(mode)
    upright, turned = encode(image, "PNG"), encode(image, "PNG", exif=files.exif(files.orientation(6)))
    np.testing.assert_array_equal(decode(turned, "x").rgb, TURNED[6](decode(upright, "x").rgb))


def test_an_exif_block_that_cannot_be_rewritten_still_turns_the_image():
    unit_as_text = (0x0128, 2, b"\2\0\0\0")
    data = encode(RGB, "JPEG", exif=files.exif(files.orientation(6), unit_as_text))
    assert decode(data, "x").rgb.shape == (20, 24, 3)


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\0\0",
        b"Exif\0\0nonsense",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        files.exif((0x0112, 2, b"6\0\0\0")),
        files.exif(files.orientation(9)),
    ],
)
def test_a_broken_exif_block_is_ignored(block):
    assert decode(encode(RGB, "PNG", exif=block), "x").rgb.tobytes() == RGB.tobytes()


@pytest.mark.parametrize(
    ("file_format", "options"), [("PNG", {}), ("JPEG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})]
)
def test_an_embedded_profile_is_converted_to_srgb(file_format, options):
    red = Image.new("RGB", (20, 20), (255, 0, 0))
    seen = decode(encode(red, file_format, icc_profile=files.SWAPPED_PROFILE, **options), "x").rgb
    assert np.abs(seen.astype(int) - (0, 0, 255)).max() <= 3


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_a_grey_profile_is_converted_too(mode):
    levels = np.maximum(GREY, 64)  # darker than this, LittleCMS interpolates coarsely
    alpha = ALPHA if mode == "LA" else np.full_like(ALPHA, 255)
    bands = [Image.fromarray(levels), Image.fromarray(alpha)]
    image = {"L": bands[0], "LA": Image.merge("LA", bands), "I;16": Image.fromarray(levels.astype(np.uint16) * 257)}[
        mode
    ]
    srgb = 255 * (1.055 * (levels / 255) ** (1 / 2.4) - 0.055)  # IEC 61966-2-1, of a linear level
    seen = decode(encode(image, "PNG", icc_profile=files.linear_grey_profile()), "x").rgb
    assert np.abs(seen - (255 + (grey_as_rgb(srgb) - 255) * alpha[..., None] / 255)).max() < 1.5


def test_a_profile_leaves_transparency_where_it_is():
    data = encode(NOISE, "PNG", icc_profile=files.SRGB_PROFILE)
    np.testing.assert_array_equal(decode(data, "x").rgb, on_white(RGB, ALPHA))


BROKEN_PROFILES = {
    "rubbish": b"rubbish" * 40,
    "cut short": files.SRGB_PROFILE[:300],
    "half cut short": files.SRGB_PROFILE[:-50],
}


@pytest.mark.parametrize("profile", BROKEN_PROFILES.values(), ids=BROKEN_PROFILES)
def test_a_broken_profile_is_ignored(profile):
    np.testing.assert_array_equal(decode(encode(RGB, "PNG", icc_profile=profile), "x").rgb, RGB)


def test_a_profile_for_other_channels_is_ignored():
    np.testing.assert_array_equal(
        decode(encode(GREY, "PNG", icc_profile=files.SWAPPED_PROFILE), "x").rgb, grey_as_rgb(GREY)
    )
    np.testing.assert_array_equal(
        decode(encode(files.CMYK, "TIFF", icc_profile=files.SWAPPED_PROFILE), "x").rgb, files.CMYK_RGB
    )


def zip_archive() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.png", encode(RGB, "PNG"))
    return buffer.getvalue()


NO_IMAGES = {
    "text": b"just a line of text\n",
    "HTML": b"<!doctype html><html><img src=x onerror=alert(1)></html>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>',
    "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
    "ZIP": zip_archive(),
    "one byte": b"\0",
    "zeros": bytes(5000),
    "PNG signature": b"\x89PNG\r\n\x1a\n",
    "JPEG start": b"\xff\xd8\xff\xe0",
    "GIF signature": b"GIF89a",
    "WebP of nothing": b"RIFF\x04\0\0\0WEBP",
    "TIFF pointing nowhere": b"II*\0\xff\xff\xff\x7f",
    "PNG without a size": b"\x89PNG\r\n\x1a\n" + files.png_chunk(b"IHDR", b"") + files.png_chunk(b"IEND", b""),
    "PPM, which is not on the list": encode(RGB, "PPM"),
    "ICO, which is not on the list": encode(Image.new("RGB", (32, 32)), "ICO"),
    "EPS, which is a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n",
}


@pytest.mark.parametrize("kind", NO_IMAGES)
def test_what_is_no_image_is_refused_whatever_its_name_says(kind):
    with pytest.raises(
        BadImage,
        match=r"^holiday\.png is (not a whole PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or AVIF image\.$|damaged|an? )",
    ):
        decode(NO_IMAGES[kind], "holiday.png")


def test_an_empty_file_is_refused():
    with pytest.raises(BadImage, match=r"^a\.png is empty\.$"):
        decode(b"", "a.png")


def test_a_file_of_more_than_25_mb_is_refused_and_one_of_25_mb_is_not():
    data = encode(RGB, "PNG")
    assert decode(data.ljust(MAX_FILE_BYTES, b"\0"), "a.png").rgb.shape == RGB.shape
    with pytest.raises(BadImage, match=r"^a\.png is larger than 25 MB\.$"):
        decode(data.ljust(MAX_FILE_BYTES + 1, b"\0"), "a.png")


BOMBS = {
    "PNG": files.png(30000, 30000, 8, 2, b""),
    "PNG of 40.005 megapixels": files.png(8001, 5000, 8, 2, b""),
    "BMP": files.bmp_header(30000, 30000),
    "BMP upside down": files.bmp_header(30000, -30000),
    "GIF screen": files.gif_header((60000, 60000), (20, 20)),
    "GIF frame beyond its screen": files.gif_header((20, 20), (60000, 60000)),
    "JPEG": files.jpeg_with_size(60000, 60000),
    "TIFF": files.tiff(30000, 30000, zlib.compress(b"")),
    "TIFF tile beyond the image": files.tiff(32, 32, zlib.compress(bytes(2**20)), tile_px=16384),
    "WebP": files.webp_header(16383, 16383),
    "WebP below Pillow's own limit": files.webp_header(8001, 5000),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_before_any_pixel_is_decoded(kind, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("pixels were decoded"))
    with pytest.raises(BadImage, match=r"^a\.png is larger than 40 megapixels\.$"):
        decode(BOMBS[kind], "a.png")


def test_forty_megapixels_are_not_too_many():
    assert decode(encode(Image.new("L", (8000, 5000)), "PNG"), "a.png").rgb.shape == (5000, 8000, 3)


def test_a_jpeg_of_very_many_scans_is_refused():
    assert decode(files.jpeg_with_scans(decoding.MAX_JPEG_SCANS), "a.jpg").rgb.shape == (24, 20, 3)
    with pytest.raises(BadImage, match="more than 100 scans"):
        decode(files.jpeg_with_scans(decoding.MAX_JPEG_SCANS + 1), "a.jpg")


@pytest.mark.parametrize("size", [(15, 300), (300, 15), (1, 1)])
def test_an_image_under_16_px_a_side_is_refused(size):
    with pytest.raises(BadImage, match=rf"^a\.png is {size[0]} × {size[1]} px; expected at least 16 px a side\.$"):
        decode(encode(Image.new("RGB", size), "PNG"), "a.png")


@pytest.mark.parametrize("kind", {**LOSSLESS, **LOSSY})
def test_the_reference_reads_what_torchvisions_loader_reads(kind, tmp_path):
    data = (LOSSLESS | LOSSY)[kind][0]
    (tmp_path / "file").write_bytes(data)
    try:
        expected = np.array(pil_loader(str(tmp_path / "file")))
    except ValueError:  # Pillow converts a few odd modes to RGB only by a detour, which no reference takes
        with pytest.raises(BadImage):
            decode_as_reference(data, "x", label=None, source="a test")
        return
    np.testing.assert_array_equal(decode_as_reference(data, "x", label=None, source="a test").rgb, expected)


def test_the_reference_ignores_orientation_and_profile():
    data = encode(RGB, "PNG", exif=files.exif(files.orientation(6)), icc_profile=files.SWAPPED_PROFILE)
    image = decode_as_reference(data, "photos/val.png", label=3, source="a test")
    np.testing.assert_array_equal(image.rgb, RGB)
    assert (image.label, image.name, image.source) == (3, "val.png", "a test")
    assert image.digest == decode(data, "x").digest


@pytest.mark.parametrize(
    "data", [b"", b"text", BOMBS["PNG"], encode(Image.new("RGB", (15, 15)), "PNG"), LOSSLESS["PNG RGB"][0][:-40]]
)
def test_the_reference_refuses_with_the_same_sentence(data):
    with pytest.raises(BadImage) as as_people:
        decode(data, "a.png")
    with pytest.raises(BadImage) as as_reference:
        decode_as_reference(data, "a.png", label=None, source="a test")
    assert str(as_reference.value) == str(as_people.value)


WHOLE = {
    kind: LOSSLESS[kind][0]
    for kind in ["PNG RGB", "PNG RGBA", "APNG", "WebP lossless", "WebP animated", "BMP 24 bits", "GIF palette"]
}
WHOLE |= {
    kind: LOSSLESS[kind][0] for kind in ["GIF animated", "TIFF raw", "TIFF LZW", "TIFF deflate", "TIFF several pages"]
}
WHOLE |= {kind: LOSSY[kind][0] for kind in ["JPEG", "JPEG progressive", "JPEG of two images (MPO)", "WebP lossy"]}


def decoded_or_none(data: bytes) -> LabelledImage | None:
    """The image, or None when it is refused as it should be; any other error passes through."""
    try:
        return decode(data, "folder/fuzz.png")
    except BadImage as error:
        if not str(error).startswith("fuzz.png is "):
            raise
        return None


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_cut_anywhere_is_refused_or_had_lost_no_pixel(kind):
    data = WHOLE[kind]
    whole = decode(data, "cut").rgb
    answers = [decoded_or_none(data[:length]) for length in range(0, len(data), 3)]
    assert all(answer is None or np.array_equal(answer.rgb, whole) for answer in answers)
    assert answers.count(None) > len(answers) / 4


MUTABLE = sorted(
    [
        *WHOLE.values(),
        LOSSLESS["TIFF palette and alpha"][0],
        LOSSLESS["TIFF CMYK"][0],
        encode(RGB, "PNG", icc_profile=files.SRGB_PROFILE),
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    start=st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF89a", b"II*\0", b"MM\0*", b"RIFF\0\0\0\0WEBPVP8 "]
    ),
    rest=st.binary(max_size=300),
)
def test_random_bytes_give_an_image_or_a_refusal(start, rest):
    image = decoded_or_none(start + rest)
    assert image is None or image.rgb.shape[2] == 3


@settings(max_examples=300, deadline=None, derandomize=True)
@example(data=MUTABLE[0], edits=[])
@given(data=st.sampled_from(MUTABLE), edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
def test_mutated_files_give_an_image_or_a_refusal(data, edits):
    mutated = bytearray(data)
    for position, value in edits:
        mutated[position % len(mutated)] = value
    with outside() as done:
        image = decoded_or_none(bytes(mutated))
    assert done == [], "an upload is never written to disk"
    assert image is None or (image.rgb.shape[2] == 3 and min(image.rgb.shape[:2]) >= 16)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cat.jpg", "cat.jpg"),
        ("/srv/data/secret/cat.jpg", "cat.jpg"),
        (r"C:\Users\me\cat.jpg", "cat.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\x1b[31mc\r\nd.png", "ab[31mc d.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("Zoë  über \u2028 Straße 写真.png", "Zoë über Straße 写真.png"),
        ("lone surrogate \udc80.png", "lone surrogate .png"),
        ("", "image"),
        ("folder/", "image"),
        ("\x00\x07", "image"),
    ],
)
def test_names_are_made_safe_to_show(name, shown):
    assert shown_name(name) == shown


def test_long_names_keep_their_beginning_and_end():
    shown = shown_name("a" * 500 + "-the-end.jpeg")
    assert len(shown) == images.MAX_NAME_LENGTH
    assert shown.startswith("aaa")
    assert shown.endswith("…e-end.jpeg"[-11:])


def test_a_refusal_never_shows_the_folders_of_a_name():
    with pytest.raises(BadImage) as refusal:
        decode(b"x", "/srv/secret/cat.jpg")
    assert "secret" not in str(refusal.value)


def make_image(width: int, height: int) -> LabelledImage:
    return decode(
        encode(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8), "PNG"), "noise.png"
    )


def preprocess(resize: int | None, crop: int, interpolation: str = "bilinear") -> Preprocess:
    return Preprocess(resize, crop, interpolation, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.mark.parametrize("size", [(300, 200), (200, 301), (257, 256), (64, 64), (17, 333), (640, 481)])
@pytest.mark.parametrize(
    ("resize", "crop", "interpolation"),
    [(256, 224, "bilinear"), (232, 224, "bilinear"), (238, 224, "bicubic"), (64, 64, "bilinear")],
)
def test_pixels_equal_torchvisions_preset_bit_for_bit(size, resize, crop, interpolation):
    torch = pytest.importorskip("torch")
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms._presets import ImageClassification

    image = make_image(*size)
    preset = ImageClassification(
        crop_size=crop, resize_size=resize, mean=(0,) * 3, std=(1,) * 3, interpolation=InterpolationMode(interpolation)
    )
    pixels = to_pixels(image, preprocess(resize, crop, interpolation))
    assert pixels.shape == (3, crop, crop)
    assert pixels.dtype == torch.float32
    assert torch.equal(pixels, preset(Image.fromarray(image.rgb)))


def test_without_resizing_the_centre_is_cropped_as_it_is():
    image = make_image(300, 226)
    pixels = to_pixels(image, preprocess(None, 224))
    np.testing.assert_array_equal(np.rint(pixels.numpy() * 255), image.rgb[1:225, 38:262].transpose(2, 0, 1))


def test_an_image_smaller_than_the_crop_is_refused():
    with pytest.raises(BadInput, match=r"noise\.png is 300 × 223 px; expected at least 224 px a side"):
        to_pixels(make_image(300, 223), preprocess(None, 224))


def test_a_strip_that_would_grow_beyond_all_bounds_is_refused():
    assert to_pixels(make_image(16, 5000), preprocess(256, 224)).shape == (3, 224, 224)
    with pytest.raises(BadInput, match="too long and narrow"):
        to_pixels(make_image(16, 10000), preprocess(256, 224))


def test_nothing_global_is_left_changed():
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, warnings.filters[:]
    decode(encode(RGB, "PNG"), "x")
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, warnings.filters)


def test_pixels_become_the_nearest_of_255_levels():
    levels = torch.tensor([0.0, 0.4, 0.6, 254.5 + 1e-3]).view(1, 1, 1, 4).expand(2, 3, 1, 4) / 255
    assert to_rgb(levels).shape == (2, 1, 4, 3)
    assert to_rgb(levels)[0, 0, :, 0].tolist() == [0, 0, 1, 255]
