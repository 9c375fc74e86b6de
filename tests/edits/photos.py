"""Photos whose object is known: a textured disc on textured ground."""

import numpy as np

from robust_core.edits.boxes import Box

WIDTH_PX, HEIGHT_PX = 240, 180
CENTRE_PX, RADIUS_PX = (110, 84), 40
BOX = Box(58, 32, 162, 136)


def disc_photo(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A photo (H, W, 3) uint8 and its disc (H, W) bool: reddish on greenish, both with grain and a gradient."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:HEIGHT_PX, :WIDTH_PX]
    disc = (columns - CENTRE_PX[0]) ** 2 + (rows - CENTRE_PX[1]) ** 2 < RADIUS_PX**2
    slope = 30 * columns[..., None] / WIDTH_PX
    colours = np.where(disc[..., None], (190, 60, 50), (60, 130, 70)) + slope
    return (colours + rng.normal(0, 8, colours.shape)).clip(0, 255).round().astype(np.uint8), disc
