"""A gradient for the eye: grey where nothing would change, brighter or darker in each colour where the score would rise
or fall.
"""

import numpy as np

from robust_core.plots.map_images import scale_limit

CLIPPED_AT_PERCENTILE = 99.0


def gradient_image(gradient: np.ndarray) -> tuple[np.ndarray, float]:
    """(H,W,3) uint8 of a signed gradient (H,W,3), and the size of the values that are fully bright or dark: its 99th
    percentile.
    """
    limit = scale_limit([gradient], CLIPPED_AT_PERCENTILE)
    return np.rint(127.5 + 127.5 * np.clip(gradient / limit, -1, 1)).astype(np.uint8), limit
