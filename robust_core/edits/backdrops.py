"""A photo without its object, and what else may lie behind it."""

from collections.abc import Callable

import numpy as np

FILLED_AT_PX = 128  # shorter side: a large hole has nothing in it but what its rim says, and small is quick
RIM_PX = 5  # of the photo, at a shorter side of 512: shadows and colours of the object around it go, too
RADIUS_PX = 4
TILE_PERCENT = 8
BLUR_PERCENT = 6
SEED = 0


def without_object(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The photo (H, W, 3) uint8 with the pixels of `mask` (H, W) bool and a rim around them filled from their
    surroundings (Telea 2004).

    The filling is made small and enlarged, so that it is smooth: it continues colours, not textures.
    """
    import cv2

    height, width, _ = rgb.shape
    rim = max(2, round(RIM_PX * min(height, width) / 512))
    hole = cv2.dilate(mask.astype(np.uint8), np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    scale = min(1.0, FILLED_AT_PX / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small_hole = (cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    filled = cv2.inpaint(small, small_hole, RADIUS_PX, cv2.INPAINT_TELEA)
    filled = np.clip(cv2.resize(filled.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), 0, 255)
    share = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), rim / 3)[..., None]
    share = np.maximum(share, mask[..., None])
    return np.round(rgb * (1 - share) + filled * share).astype(np.uint8)


def backdrop(kind: str, own: np.ndarray) -> np.ndarray:
    """The background of this kind of `object_edit.PHOTO_BACKGROUNDS`, as large as the photo without its object, `own`
    (H, W, 3) uint8; "" is that itself.
    """
    return BACKDROPS[kind](own)


def _blurred(own: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(own, (0, 0), BLUR_PERCENT / 100 * min(own.shape[:2]))


def _mean_colour(own: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.round(own.mean((0, 1))).astype(np.uint8), own.shape)


def _checks(own: np.ndarray) -> np.ndarray:
    rows, columns = (np.arange(side) // _tile_px(own) for side in own.shape[:2])
    return _grey((rows[:, None] + columns) % 2 * 255)


def _stripes(own: np.ndarray) -> np.ndarray:
    height, width, _ = own.shape
    return _grey((np.arange(height)[:, None] + np.arange(width)) // _tile_px(own) % 2 * 255)


def _noise(own: np.ndarray) -> np.ndarray:
    return np.random.default_rng(SEED).integers(0, 256, own.shape, np.uint8)


def _tile_px(own: np.ndarray) -> int:
    return max(1, round(TILE_PERCENT / 100 * min(own.shape[:2])))


def _grey(levels: np.ndarray) -> np.ndarray:
    return np.repeat(levels.astype(np.uint8)[..., None], 3, axis=2)


BACKDROPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": lambda own: own,
    "grey": lambda own: np.full_like(own, 128),
    "mean colour": _mean_colour,
    "blurred": _blurred,
    "checks": _checks,
    "stripes": _stripes,
    "noise": _noise,
}
