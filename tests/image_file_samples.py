"""Encoded images for the tests, made from scratch: ordinary, odd and hostile ones."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

# 20 x 24 pixels of noise, so that a swapped axis, channel or row shows.
NOISE = np.random.default_rng(0).integers(0, 256, (24, 20, 4), dtype=np.uint8)
RGB = NOISE[..., :3]
GREY = NOISE[..., 0]
ALPHA = NOISE[..., 3]
SEE_THROUGH = int(GREY[0, 0])
CUT_OUT = np.where(ALPHA > 127, 255, 0).astype(np.uint8)
BLACK_OR_WHITE = np.where(GREY > 127, 255, 0).astype(np.uint8)
SIXTEEN_BITS = GREY.astype(np.uint16) * 257
PALETTED_RGB = np.stack([GREY, 255 - GREY, np.full_like(GREY, 7)], axis=2)
GREY_ALPHA = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(ALPHA)])
OTHER_FRAME = Image.fromarray(255 - RGB)

CMYK = Image.new("CMYK", (20, 20))
for column, ink in enumerate([(255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255)]):
    CMYK.paste(ink, (column, 0, column + 1, 20))
CMYK_RGB = np.full((20, 20, 3), 255, np.uint8)
CMYK_RGB[:, :4] = [(0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 0, 0)]


def encode(image: Image.Image | np.ndarray, file_format: str, **options) -> bytes:
    """`image` in one of Pillow's formats."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, file_format, **options)
    return buffer.getvalue()


def grey_as_rgb(grey: np.ndarray) -> np.ndarray:
    """(H, W) as (H, W, 3)."""
    return np.repeat(grey[..., None], 3, axis=2)


def on_white(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`colours` (H, W, 3) over white with `alpha` (H, W), rounded half up: the closed form of compositing."""
    opacity = alpha[..., None].astype(int)
    return np.floor((colours.astype(int) * opacity + 255 * (255 - opacity)) / 255 + 0.5).astype(np.uint8)


def white_where(hidden: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """`colours` (H, W, 3), white where `hidden` (H, W)."""
    return np.where(hidden[..., None], 255, colours)


def paletted(indices: Image.Image | None = None) -> Image.Image:
    """GREY, or the first channel of `indices`, as indices into the colours (i, 255 - i, 7)."""
    image = (indices or Image.fromarray(GREY)).copy()
    image.putpalette([channel for i in range(256) for channel in (i, 255 - i, 7)])
    return image


def paletted_with_alpha() -> Image.Image:
    """The same with the index as the opacity."""
    image = paletted()
    image.info["transparency"] = bytes(range(256))
    return image


def with_first_row(*values: float) -> np.ndarray:
    """GREY as floats up to 255, with these values at the beginning."""
    floats = GREY.astype(np.float32)
    floats[0, : len(values)] = values
    floats[1, 0] = 255
    return floats


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, bits: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG of unfiltered `rows` (each begins with a zero byte); Pillow writes neither 16-bit colour nor bombs."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def png_16_bit_rgb(colours: np.ndarray) -> bytes:
    """(H, W, 3) uint16 as a PNG of 16 bits a channel."""
    height, width, _ = colours.shape
    return png(width, height, 16, 2, b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours))


def bmp_header(width: int, height: int) -> bytes:
    """The header of a 24-bit BMP, without pixels."""
    return (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    )


def gif_header(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """A GIF whose first frame has its own size, with one byte of pixels."""
    screen_part = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6)
    return screen_part + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x01\x00\x00;"


def tiff(width: int, height: int, data: bytes, *, tile_px: int | None = None) -> bytes:
    """An RGB TIFF compressed with deflate: one strip, or one square tile, which may be declared larger than the
    image.
    """
    place, size = (324, 325) if tile_px else (273, 279)
    end = 8 + 2 + 12 * (10 if tile_px else 9) + 4
    tags = {256: width, 257: height, 258: end, 259: 8, 262: 2, 277: 3, place: end + 6, size: len(data)}
    tags |= {322: tile_px, 323: tile_px} if tile_px else {278: height}
    entries = b"".join(
        struct.pack("<HHII", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, tags[tag]) for tag in sorted(tags)
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + struct.pack("<3H", 8, 8, 8) + data


def webp_header(width: int, height: int) -> bytes:
    """A lossless WebP that declares another size than it holds."""
    data = bytearray(encode(RGB, "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9  # 14 bits of width - 1 and 14 bits of height - 1 follow the signature byte
    flags = struct.unpack_from("<I", data, at)[0] & ~0xFFFFFFF
    struct.pack_into("<I", data, at, flags | (width - 1) | (height - 1) << 14)
    return bytes(data)


def jpeg_with_size(width: int, height: int) -> bytes:
    """A JPEG that declares another size than it holds."""
    data = bytearray(encode(RGB, "JPEG"))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def jpeg_with_scans(count: int) -> bytes:
    """A progressive JPEG in which one small scan is repeated, with `count` scans in all."""
    head, *scans = encode(GREY, "JPEG", progressive=True).split(b"\xff\xda")
    return b"\xff\xda".join([head, *scans[:-1], *scans[-2:-1] * (count - len(scans)), scans[-1]])


def premultiplied(grey_alpha: Image.Image) -> bytes:
    """A TIFF of grey and alpha whose ExtraSamples tag (338) says that the grey has been multiplied by the alpha."""
    entry = struct.pack("<HHI", 338, 3, 1)
    data = encode(grey_alpha, "TIFF")
    assert data.count(entry + b"\2") == 1
    return data.replace(entry + b"\2", entry + b"\1")


def exif(*entries: tuple[int, int, bytes]) -> bytes:
    """An EXIF block of raw (tag, type, four bytes of value) with one value each, which need not be sound."""
    packed = b"".join(struct.pack("<HHI", tag, kind, 1) + value for tag, kind, value in sorted(entries))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + bytes(4)


def orientation(number: int) -> tuple[int, int, bytes]:
    """The EXIF entry of an orientation from 1 to 8."""
    return (0x0112, 3, struct.pack("<HH", number, 0))


def linear_grey_profile() -> bytes:
    """An ICC profile of a grey whose levels are linear in light: white point D50, and an empty tone curve, which means
    identity.
    """
    d50 = struct.pack(">3i", 63190, 65536, 54061)
    header = (
        struct.pack(">I4sI4s4s4s12x4s", 188, b"lcms", 0x02400000, b"scnr", b"GRAY", b"XYZ ", b"acsp").ljust(68, b"\0")
        + d50
    )
    table = struct.pack(">I4sII4sII", 2, b"wtpt", 156, 20, b"kTRC", 176, 12)
    return header.ljust(128, b"\0") + table + b"XYZ " + bytes(4) + d50 + b"curv" + bytes(8)


SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# sRGB with the primaries of red and blue exchanged: what the file calls red is blue.
SWAPPED_PROFILE = SRGB_PROFILE.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ").replace(b"____", b"bXYZ")


# Files and the pixels that must come out of them.
LOSSLESS = {
    "PNG RGB": (encode(RGB, "PNG"), RGB),
    "PNG grey": (encode(GREY, "PNG"), grey_as_rgb(GREY)),
    "PNG 1 bit": (encode(Image.fromarray(BLACK_OR_WHITE).convert("1"), "PNG"), grey_as_rgb(BLACK_OR_WHITE)),
    "PNG palette": (encode(paletted(), "PNG"), PALETTED_RGB),
    "PNG palette with transparency": (encode(paletted_with_alpha(), "PNG"), on_white(PALETTED_RGB, GREY)),
    "PNG RGBA": (encode(NOISE, "PNG"), on_white(RGB, ALPHA)),
    "PNG grey and alpha": (encode(GREY_ALPHA, "PNG"), on_white(grey_as_rgb(GREY), ALPHA)),
    "PNG grey with a transparent level": (
        encode(GREY, "PNG", transparency=SEE_THROUGH),
        white_where(GREY == SEE_THROUGH, grey_as_rgb(GREY)),
    ),
    "PNG RGB with a transparent colour": (
        encode(RGB, "PNG", transparency=tuple(map(int, RGB[3, 4]))),
        white_where((RGB[3, 4] == RGB).all(axis=2), RGB),
    ),
    "PNG 16-bit grey": (encode(SIXTEEN_BITS, "PNG"), grey_as_rgb(GREY)),
    "PNG 16-bit grey, all dark": (encode(GREY.astype(np.uint16), "PNG"), grey_as_rgb((GREY > 128).astype(np.uint8))),
    "PNG 16-bit RGB": (png_16_bit_rgb(RGB.astype(np.uint16) * 257), RGB),
    "APNG": (encode(Image.fromarray(RGB), "PNG", save_all=True, append_images=[OTHER_FRAME]), RGB),
    "WebP lossless": (encode(RGB, "WEBP", lossless=True), RGB),
    "WebP lossless with alpha": (encode(NOISE, "WEBP", lossless=True, exact=True), on_white(RGB, ALPHA)),
    "WebP animated": (
        encode(Image.fromarray(RGB), "WEBP", lossless=True, save_all=True, append_images=[OTHER_FRAME]),
        RGB,
    ),
    "BMP 24 bits": (encode(RGB, "BMP"), RGB),
    "BMP palette": (encode(paletted(), "BMP"), PALETTED_RGB),
    "BMP grey": (encode(GREY, "BMP"), grey_as_rgb(GREY)),
    "BMP 1 bit": (encode(Image.fromarray(BLACK_OR_WHITE).convert("1"), "BMP"), grey_as_rgb(BLACK_OR_WHITE)),
    "GIF grey": (encode(GREY, "GIF"), grey_as_rgb(GREY)),
    "GIF palette": (encode(paletted(), "GIF"), PALETTED_RGB),
    "GIF transparent": (
        encode(paletted(), "GIF", transparency=SEE_THROUGH),
        white_where(GREY == SEE_THROUGH, PALETTED_RGB),
    ),
    "GIF animated": (
        encode(Image.fromarray(GREY), "GIF", save_all=True, append_images=[Image.fromarray(255 - GREY)]),
        grey_as_rgb(GREY),
    ),
    "TIFF raw": (encode(RGB, "TIFF"), RGB),
    "TIFF LZW": (encode(RGB, "TIFF", compression="tiff_lzw"), RGB),
    "TIFF deflate": (encode(RGB, "TIFF", compression="tiff_adobe_deflate"), RGB),
    "TIFF packbits": (encode(RGB, "TIFF", compression="packbits"), RGB),
    "TIFF one tile": (tiff(16, 16, zlib.compress(RGB[:16, :16].tobytes()), tile_px=16), RGB[:16, :16]),
    "TIFF several pages": (encode(Image.fromarray(RGB), "TIFF", save_all=True, append_images=[OTHER_FRAME]), RGB),
    "TIFF 1 bit": (encode(Image.fromarray(BLACK_OR_WHITE).convert("1"), "TIFF"), grey_as_rgb(BLACK_OR_WHITE)),
    "TIFF grey and alpha": (encode(GREY_ALPHA, "TIFF"), on_white(grey_as_rgb(GREY), ALPHA)),
    "TIFF grey, premultiplied": (
        premultiplied(Image.merge("LA", [Image.fromarray(GREY & CUT_OUT), Image.fromarray(CUT_OUT)])),
        white_where(CUT_OUT < 255, grey_as_rgb(GREY)),
    ),
    "TIFF palette and alpha": (encode(paletted(GREY_ALPHA), "TIFF"), on_white(PALETTED_RGB, ALPHA)),
    "TIFF 16-bit grey": (encode(SIXTEEN_BITS, "TIFF"), grey_as_rgb(GREY)),
    "TIFF 16-bit grey, big-endian": (
        encode(Image.frombytes("I;16B", (20, 24), SIXTEEN_BITS.astype(">u2").tobytes()), "TIFF"),
        grey_as_rgb(GREY),
    ),
    "TIFF 32-bit integers up to 65535": (encode(SIXTEEN_BITS.astype(np.int32), "TIFF"), grey_as_rgb(GREY)),
    "TIFF 32-bit integers up to 255": (encode(GREY.astype(np.int32), "TIFF"), grey_as_rgb(GREY)),
    "TIFF floats in [0, 1]": (encode(GREY.astype(np.float32) / 255, "TIFF"), grey_as_rgb(GREY)),
    "TIFF floats up to 255, some not finite": (
        encode(with_first_row(np.nan, np.inf, -5), "TIFF"),
        grey_as_rgb(with_first_row(0, 0, 0).astype(np.uint8)),
    ),
    "TIFF CMYK": (encode(CMYK, "TIFF"), CMYK_RGB),
    "16 px a side": (encode(RGB[:16, :16], "PNG"), RGB[:16, :16]),
}

ORANGE = Image.new("RGB", (20, 24), (200, 90, 30))
# Files of one colour, and that colour.
LOSSY = {
    "JPEG": (encode(ORANGE, "JPEG"), (200, 90, 30)),
    "JPEG progressive": (encode(ORANGE, "JPEG", progressive=True), (200, 90, 30)),
    "JPEG grey": (encode(np.full((20, 24), 77, np.uint8), "JPEG"), (77, 77, 77)),
    "JPEG CMYK as Adobe writes it": (encode(Image.new("CMYK", (20, 24), (0, 255, 255, 0)), "JPEG"), (255, 0, 0)),
    "JPEG of two images (MPO)": (
        encode(
            Image.new("RGB", (20, 24), (10, 200, 90)), "MPO", save_all=True, append_images=[Image.new("RGB", (20, 24))]
        ),
        (10, 200, 90),
    ),
    "WebP lossy": (encode(ORANGE, "WEBP"), (200, 90, 30)),
    "TIFF holding JPEG": (encode(ORANGE, "TIFF", compression="jpeg"), (200, 90, 30)),
    "TIFF YCbCr": (encode(ORANGE.convert("YCbCr"), "TIFF"), (200, 90, 30)),
    "TIFF Lab white": (encode(Image.new("LAB", (20, 24), (255, 128, 128)), "TIFF"), (255, 255, 255)),
}
