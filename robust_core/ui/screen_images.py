"""Images for the eye: pixels to data URIs, lossless, since a lossy image would change what an attack did.

The image travels in the message itself: Streamlit's media files go when the next run starts, and a browser that asks
a moment later, while somebody moves a slider, gets a 404. Streamlit would also make JPEGs of them.
"""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw

from robust_core.images import Preprocess
from robust_core.ui.server import script_turns

LONGEST_PX = 640  # of an image on the screen
TINY_PX = 128
ENLARGEMENT = 6


def screen_uri(rgb: np.ndarray, longest_side_px: int = LONGEST_PX) -> str:
    """An image for looking at, as a data URI: a large one is made smaller, and a tiny one is enlarged crisply."""
    with script_turns.aside():
        image = Image.fromarray(rgb)
        if max(image.size) <= TINY_PX:
            image = image.resize((image.width * ENLARGEMENT, image.height * ENLARGEMENT), Image.Resampling.NEAREST)
        image.thumbnail((longest_side_px, longest_side_px))
        return webp_uri(np.asarray(image))


def smaller(rgb: np.ndarray, longest_side_px: int = LONGEST_PX) -> np.ndarray:
    """The image, smaller if its longer side is longer than that."""
    if max(rgb.shape) <= longest_side_px:
        return rgb
    image = Image.fromarray(rgb)
    image.thumbnail((longest_side_px, longest_side_px))
    return np.asarray(image)


def with_crop_frame(rgb: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """The image, fainter outside the centre square that a model sees after `preprocess`."""
    height, width, _ = rgb.shape
    seen = Image.new("L", (width, height), 110)
    ImageDraw.Draw(seen).rectangle(_input_box(width, height, preprocess), fill=255)
    return np.asarray(Image.composite(Image.fromarray(rgb), Image.new("RGB", (width, height), "white"), seen))


def input_view(rgb: np.ndarray, preprocess: Preprocess) -> tuple[float, float, float, float]:
    """What a model sees of the image after `preprocess`: left, upper, right and lower edge as fractions of it."""
    height, width, _ = rgb.shape
    left, upper, right, lower = _input_box(width, height, preprocess)
    return left / width, upper / height, right / width, lower / height


def input_share(rgb: np.ndarray, preprocess: Preprocess) -> float:
    """The share of the image that a model sees after `preprocess`: little of a panorama."""
    height, width, _ = rgb.shape
    left, upper, right, lower = _input_box(width, height, preprocess)
    return (right - left) * (lower - upper) / (width * height)


def input_square(rgb: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """The centre square that a model sees after `preprocess`, at its input size (crop, crop, 3); `images.to_levels`
    rounds its edges otherwise.
    """
    height, width, _ = rgb.shape
    box = [max(0, edge) for edge in _input_box(width, height, preprocess)]
    box[2:] = min(box[2], width), min(box[3], height)
    method = Image.Resampling[preprocess.interpolation.upper()]
    return np.asarray(Image.fromarray(rgb).resize((preprocess.crop, preprocess.crop), method, box=tuple(box)))


def _input_box(width: int, height: int, preprocess: Preprocess) -> tuple[float, float, float, float]:
    fraction = preprocess.crop / (preprocess.resize or min(height, width))
    across, down = (width * fraction, height * fraction) if preprocess.squash else (min(height, width) * fraction,) * 2
    return ((width - across) / 2, (height - down) / 2, (width + across) / 2, (height + down) / 2)


def webp_uri(rgb: np.ndarray) -> str:
    """An 8-bit image (H,W,3) as the data URI of a lossless WebP, smaller than a PNG and quicker to make."""
    buffer = io.BytesIO()  # method 0: the default takes twenty times as long and saves a tenth of the bytes
    Image.fromarray(rgb).save(buffer, "WEBP", lossless=True, quality=0, method=0)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def png(rgb: np.ndarray) -> bytes:
    """An 8-bit image (H,W,3) as a PNG file to take away, no pixel changed."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()
