"""Pictures for the eye: pixels to data URIs, lossless, since a lossy picture would change what an attack did.

The picture travels in the message itself: Streamlit's media files go when the next run starts, and a browser that asks
a moment later, while somebody moves a slider, gets a 404. Streamlit would also make JPEGs of them.
"""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw

from robust_core.models.spec import Preprocess

TINY_PX = 128
ENLARGEMENT = 6


def screen_uri(rgb: np.ndarray, longest_side_px: int = 640) -> str:
    """A picture for looking at, as a data URI: a large one is made smaller, and a tiny one is enlarged crisply."""
    picture = Image.fromarray(rgb)
    if max(picture.size) <= TINY_PX:
        picture = picture.resize((picture.width * ENLARGEMENT, picture.height * ENLARGEMENT), Image.Resampling.NEAREST)
    picture.thumbnail((longest_side_px, longest_side_px))
    return webp_uri(np.asarray(picture))


def smaller(rgb: np.ndarray, longest_side_px: int = 640) -> np.ndarray:
    """The picture, smaller if its longer side is longer than that."""
    if max(rgb.shape) <= longest_side_px:
        return rgb
    picture = Image.fromarray(rgb)
    picture.thumbnail((longest_side_px, longest_side_px))
    return np.asarray(picture)


def with_crop_frame(rgb: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """The picture, fainter outside the centre square that a model sees after `preprocess`."""
    height, width, _ = rgb.shape
    side = min(height, width) * preprocess.crop / (preprocess.resize or min(height, width))
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    seen = Image.new("L", (width, height), 110)
    ImageDraw.Draw(seen).rectangle(box, fill=255)
    return np.asarray(Image.composite(Image.fromarray(rgb), Image.new("RGB", (width, height), "white"), seen))


def webp_uri(rgb: np.ndarray) -> str:
    """An 8-bit picture (H,W,3) as the data URI of a lossless WebP, smaller than a PNG and quicker to make."""
    buffer = io.BytesIO()  # method 0: the default takes twenty times as long and saves a tenth of the bytes
    Image.fromarray(rgb).save(buffer, "WEBP", lossless=True, quality=0, method=0)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def png(rgb: np.ndarray) -> bytes:
    """An 8-bit picture (H,W,3) as a PNG file to take away, no pixel changed."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()
