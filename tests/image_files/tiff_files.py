"""TIFFs written by hand, in every layout that a camera, a scanner or a program may choose."""

import struct
import zlib
from collections.abc import Mapping

import numpy as np

KINDS = {"u": 1, "i": 2, "f": 3}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
CODES = {"H": 3, "I": 4, "d": 12}


def tiff(
    values: np.ndarray,
    photometric: int = BLACK_IS_ZERO,
    *,
    order: str = "<",
    deflate: bool = False,
    tile_px: int | None = None,
    planes: bool = False,
    tags: Mapping[int, tuple[str, tuple]] | None = None,
    after: bytes = b"",
) -> bytes:
    """`values` (H, W) or (H, W, 3) in their own type; `tags` are further ones by number, as struct code and values;
    `after` follows the header.
    """
    height, width = values.shape[:2]
    channels = values.shape[2] if values.ndim == 3 else 1
    chunks = [_packed(part, order, deflate) for part in _parts(values, tile_px, planes)]
    bits, kind = 8 * values.dtype.itemsize, KINDS[values.dtype.kind]
    entries = {
        256: ("I", (width,)),
        257: ("I", (height,)),
        258: ("H", (bits,) * channels),
        259: ("H", (8 if deflate else 1,)),
        262: ("H", (photometric,)),
    }
    entries |= {277: ("H", (channels,)), 284: ("H", (2 if planes else 1,)), 339: ("H", (kind,) * channels)}
    entries |= {322: ("I", (tile_px,)), 323: ("I", (tile_px,))} if tile_px else {278: ("I", (height,))}
    return assemble(entries | dict(tags or {}), chunks, tiled=tile_px is not None, order=order, after=after)


def assemble(
    entries: Mapping[int, tuple[str, tuple]],
    chunks: list[bytes],
    *,
    tiled: bool = False,
    order: str = "<",
    after: bytes = b"",
) -> bytes:
    """A TIFF of one directory: header, `after`, chunks of pixels, the values of long tags, directory."""
    where, sizes = (324, 325) if tiled else (273, 279)
    body, places = bytearray(8) + after, []
    for chunk in chunks:
        places.append(len(body))
        body += chunk + bytes(len(chunk) % 2)
    entries = dict(entries) | {where: ("I", tuple(places)), sizes: ("I", tuple(map(len, chunks)))}
    directory = b""
    for tag, (code, content) in sorted(entries.items()):
        packed = struct.pack(order + code * len(content), *content)
        if len(packed) > 4:
            packed, place = struct.pack(order + "I", len(body)), packed
            body += place
        directory += struct.pack(order + "HHI", tag, CODES[code], len(content)) + packed.ljust(4, b"\0")
    struct.pack_into(order + "2sHI", body, 0, b"II" if order == "<" else b"MM", 42, len(body))
    return bytes(body) + struct.pack(order + "H", len(entries)) + directory + bytes(4)


def _parts(values: np.ndarray, tile_px: int | None, planes: bool) -> list[np.ndarray]:
    layers = [values[..., channel] for channel in range(values.shape[2])] if planes else [values]
    if tile_px is None:
        return layers
    height, width = values.shape[:2]
    padding = ((0, -height % tile_px), (0, -width % tile_px))
    padded = [np.pad(layer, padding + ((0, 0),) * (layer.ndim - 2)) for layer in layers]
    corners = [(row, column) for row in range(0, height, tile_px) for column in range(0, width, tile_px)]
    return [layer[row : row + tile_px, column : column + tile_px] for layer in padded for row, column in corners]


def _packed(values: np.ndarray, order: str, deflate: bool) -> bytes:
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    return zlib.compress(data) if deflate else data
