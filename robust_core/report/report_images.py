"""Images within a report, without loss."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

SMALL_PX = 128  # images that are smaller are shown larger, pixel by pixel


@dataclass(frozen=True, eq=False)
class ReportImage:
    """An image beside numbers: `rgb` (H,W,3) uint8, what is written below it, what it shows in words for whoever does
    not see it, and the `group` of which it is one.
    """

    rgb: np.ndarray
    caption: str
    alt: str
    group: str = ""

    @property
    def is_small(self) -> bool:
        """Whether its pixels should be seen as squares."""
        return max(self.rgb.shape[:2]) < SMALL_PX


def webp(rgb: np.ndarray) -> bytes:
    """The image (H,W,3) uint8 as a WebP file without loss."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", lossless=True, exact=True, quality=60)
    return file.getvalue()


def base64_of(rgb: np.ndarray) -> str:
    """The file in base64."""
    return base64.b64encode(webp(rgb)).decode("ascii")
