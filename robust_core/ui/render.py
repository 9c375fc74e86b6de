"""Pictures for the eye: pixels to PNG, lossless, since a lossy picture would change what an attack did."""

import io

import numpy as np
from PIL import Image


def png(rgb: np.ndarray, longest_side_px: int | None = None) -> bytes:
    """A PNG of an 8-bit picture (H,W,3), made smaller for the screen when its longer side exceeds `longest_side_px`."""
    picture = Image.fromarray(rgb)
    if longest_side_px and max(picture.size) > longest_side_px:
        picture.thumbnail((longest_side_px, longest_side_px))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
