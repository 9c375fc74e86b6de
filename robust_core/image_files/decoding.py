"""One image file, however odd or hostile, to pixels: Pillow does the decoding, this module decides what is let in and
makes every kind of file the same kind of image.
"""

import io
import re
from contextlib import suppress
from typing import cast

import numpy as np
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin

from robust_core.errors import BadImage
from robust_core.image_files.formats import open_image, untold_brightness
from robust_core.image_files.sample_range import Samples, to_eight_bits, too_dark
from robust_core.image_files.tiff import DeepTiff

MAX_FILE_BYTES = 25 * 2**20
MAX_PIXELS = 40_000_000
MAX_JPEG_SCANS = 100
MIN_SIDE_PX = 16

# A start-of-scan marker with the length that 1 to 4 components give it (ITU-T T.81, B.2.3).
_JPEG_SCAN = re.compile(rb"\xff\xda\x00[\x08\x0a\x0c\x0e]")

_SIXTEEN_BIT_MODES = ("I;16", "I;16L", "I;16B")

# The modes in which colours are not RGB; a profile inside the file speaks about these channels.
_NATIVE_MODES = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}


def decoded(data: bytes, name: str, *, as_people_see: bool) -> tuple[np.ndarray, str | None]:
    """The pixels (H, W, 3) uint8 of the image file `name`, and what had to be assumed, in words, if anything had.

    `as_people_see` makes it upright and sRGB and scales deep samples; otherwise it is Pillow's `convert("RGB")`. Raises
    BadImage for what is empty, no image, damaged, or too large or small.
    """
    if not data:
        raise BadImage(f"{name} is empty.")
    if len(data) > MAX_FILE_BYTES:
        raise BadImage(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB.")
    image, note = _loaded(data, name, as_people_see)
    return np.array(image), note


def _loaded(data: bytes, name: str, as_people_see: bool) -> tuple[Image.Image, str | None]:
    try:
        image = open_image(data, name, deep=as_people_see)
        _refuse_unreasonable_size(image, data, name)
        sixteen_bits = any(";16" in str(tile.args) for tile in image.tile)
        image.load()
        _refuse_unreasonable_size(image, data, name)  # a HEIF may turn out to have another size than it declared
        return _as_people_see(image, data, name, sixteen_bits) if as_people_see else (image.convert("RGB"), None)
    except BadImage:
        raise
    except Image.DecompressionBombError as error:
        raise BadImage(f"{name} is larger than {MAX_PIXELS // 10**6} megapixels.") from error
    except (
        Exception
    ) as error:  # a broken file makes Pillow raise nearly anything: struct.error, KeyError, AssertionError, ...
        raise BadImage(f"{name} is damaged or cut short, so its pixels cannot be read.") from error


def _refuse_unreasonable_size(image: Image.Image, data: bytes, name: str) -> None:
    """Refuse by the header alone, before any memory goes to pixels."""
    width, height = image.size
    if width * height > MAX_PIXELS or _tile_pixels(image) > MAX_PIXELS:
        raise BadImage(f"{name} is larger than {MAX_PIXELS // 10**6} megapixels.")
    if min(width, height) < MIN_SIDE_PX:
        raise BadImage(f"{name} is {width} × {height} px; expected at least {MIN_SIDE_PX} px a side.")
    if image.format in ("JPEG", "MPO") and len(_JPEG_SCAN.findall(data)) > MAX_JPEG_SCANS:
        # Each scan of 60 bytes can cost a pass over the whole image, so that a small file may take hours.
        raise BadImage(f"{name} is a JPEG of more than {MAX_JPEG_SCANS} scans, which no camera writes.")


def _tile_pixels(image: Image.Image) -> int:
    """The size of one tile of a TIFF, which may be declared far larger than the image and is decoded as a whole."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(TiffImagePlugin.TILEWIDTH, 0) * tags.get(TiffImagePlugin.TILELENGTH, 0)


def _as_people_see(image: Image.Image, data: bytes, name: str, sixteen_bits: bool) -> tuple[Image.Image, str | None]:
    _make_upright(image)
    deep = getattr(image, "samples", None) or (Samples("u2") if image.mode in _SIXTEEN_BIT_MODES else None)
    if deep is not None:
        image, note = _in_eight_bits(image, deep, name)
    else:
        note = untold_brightness(data)
        if sixteen_bits and note is None:  # of which Pillow keeps the high bytes
            note = too_dark(256 * int(np.asarray(image.convert("RGB")).max()) + 255)
    return _rgb_on_white(image), note


def _make_upright(image: Image.Image) -> None:
    """Apply the EXIF orientation in place; a broken EXIF block is ignored, since it does not spoil the pixels."""
    # Pillow turns the image first, and raises nearly anything while it rewrites the rest of the block
    with suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _rgb_on_white(image: Image.Image) -> Image.Image:
    if image.mode == "La":  # premultiplied grey, which Pillow converts to nothing but LA
        image = image.convert("LA")
    colours = _in_srgb(image)
    if not image.has_transparency_data:
        return colours
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(colours, mask=image.convert("RGBA").getchannel("A"))
    return canvas


def _in_eight_bits(image: Image.Image, samples: Samples, name: str) -> tuple[Image.Image, str | None]:
    """Deep samples scaled to 8 bits, where Pillow's own conversion would clip them at 255; one transparent level
    becomes an alpha channel.
    """
    values = image.values() if isinstance(image, DeepTiff) else np.asarray(image)
    levels, note = to_eight_bits(values, samples, name)
    shallow = Image.fromarray(levels)
    if "transparency" in image.info:
        shallow.putalpha(Image.fromarray(np.where(values == image.info["transparency"], 0, 255).astype(np.uint8)))
    shallow.info["icc_profile"] = image.info.get("icc_profile")
    return shallow, note


def _in_srgb(image: Image.Image) -> Image.Image:
    """The colours of `image` without its alpha, by its ICC profile where it has a sound one."""
    native = image.convert(_NATIVE_MODES.get(image.mode, "RGB"))
    embedded = image.info.get("icc_profile")
    if embedded:
        with suppress(ImageCms.PyCMSError, OSError):  # a profile that is broken, or made for other channels than these
            profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
            converted = ImageCms.profileToProfile(native, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return cast(Image.Image, converted)  # None only where it converts in place
    return native.convert("RGB")
