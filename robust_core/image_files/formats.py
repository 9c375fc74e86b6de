"""Which formats are read, and which reader opens a file; told by its content, never by its name."""

import io
from functools import cache

from PIL import Image, UnidentifiedImageError, features
from PIL.ImageFile import ImageFile

from robust_core.errors import BadImage
from robust_core.image_files import tiff
from robust_core.image_files.foreign import what_it_is

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
READ = "PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or AVIF"

AVIF_BRANDS = {b"avif", b"avis"}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
MAX_BRANDS = 32
DECODING_THREADS = 2  # for one file; a page may decode a dozen, and several visitors at once

# Where a file says by which curve light became samples (ITU-T H.273, "transfer characteristics"): AVIF and HEIF, and
# PNG.
CURVE_AT = {b"colrnclx": 2, b"cICP": 1}
HDR_CURVES = {16: "PQ", 18: "HLG"}


def open_image(data: bytes, name: str, *, deep: bool) -> ImageFile:
    """The first (in HEIF: the primary) image of a file, not loaded yet; deep TIFFs are read as `tiff.open_tiff` says.

    Raises BadImage for what is not on the list, with what it is where we know, and for formats whose decoder is not
    installed; for a broken file whatever Pillow raises.
    """
    try:
        if data[:4] in tiff.MAGIC:
            return tiff.open_tiff(data, name, deep=deep)
        return Image.open(io.BytesIO(data), formats=_formats(data, name))
    except (UnidentifiedImageError, SyntaxError) as error:
        known = what_it_is(data)
        raise BadImage(
            f"{name} is {known.title}; {known.advice}." if known else f"{name} is not a whole {READ} image."
        ) from error


def untold_brightness(data: bytes) -> str | None:
    """A sentence where samples are brightness on an HDR curve, which nothing here maps to that of a screen; else
    None.
    """
    for mark, offset in CURVE_AT.items():
        found = data.find(mark, 0, 2**16)
        if found >= 0:
            at = found + len(mark) + offset
            curve = int.from_bytes(data[at : at + 2]) if mark == b"colrnclx" else data[at] if at < len(data) else 0
            if curve in HDR_CURVES:
                return (
                    f"Stored as HDR ({HDR_CURVES[curve]}) and shown without tone mapping, so it looks paler than it is."
                )
    return None


def _formats(data: bytes, name: str) -> tuple[str, ...]:
    brands = _brands(data)
    if brands & AVIF_BRANDS:
        if not features.check("avif"):
            raise BadImage(
                f"{name} is an AVIF image, which this installation of Pillow cannot read; save it as PNG or JPEG."
            )
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = DECODING_THREADS  # Pillow's default is one for each core
        return ("AVIF",)
    if brands & HEIF_BRANDS:
        if not _heif_is_there():
            raise BadImage(
                f"{name} is a HEIC image, which needs the package pillow-heif; install it, or save the image as PNG "
                "or JPEG."
            )
        return ("HEIF",)
    return FORMATS


def _brands(data: bytes) -> set[bytes]:
    """The brands that a file of the ISO base media family (HEIF, AVIF, MP4) names for itself; none for other files."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4]), 16 + 4 * MAX_BRANDS, len(data))
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}


@cache
def _heif_is_there() -> bool:
    """Whether Pillow reads HEIF; makes it do so, which waits for the first such file since most sessions bring none."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=DECODING_THREADS)
    return True
