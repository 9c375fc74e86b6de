"""Which pixels of a box are the object's: GrabCut (Rother, Kolmogorov and Blake 2004), as OpenCV has it."""

import numpy as np

from robust_core.edits.boxes import SMALLEST_SHARE, Box
from robust_core.errors import BadInput

SEED = 0
ROUNDS = 5
CUT_AT_PX = 320  # shorter side at which the cut is made: what is larger takes minutes and gains nothing for a model
SPECK_SHARE = 0.002  # of the image: a hole in the object that is smaller is filled
WHOLE_BOX = 0.99


def object_mask(rgb: np.ndarray, box: Box) -> np.ndarray:
    """Whether each pixel of a photo (H, W, 3) uint8 belongs to the object in `box`, its largest connected part: (H, W)
    bool.

    The same photo and box give the same mask, bit for bit. Raises BadInput for a box that does not fit the image, and
    where GrabCut finds nothing, hardly anything, or cannot tell the object from what is around it.
    """
    import cv2

    height, width, _ = rgb.shape
    box.check_in(width, height)
    scale = min(1.0, CUT_AT_PX / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    found = _cut(small, Box.of_percent(box.percent_of(width, height), *size) if scale < 1 else box)  # type: ignore[arg-type]
    whole = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    mask = _tidy(whole)
    _check(mask, box)
    return mask


def _cut(rgb: np.ndarray, box: Box) -> np.ndarray:
    import cv2

    marks = np.zeros(rgb.shape[:2], np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    rectangle = (box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
    cv2.setRNGSeed(SEED)
    cv2.grabCut(np.ascontiguousarray(rgb), marks, rectangle, *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    return (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)


def _tidy(mask: np.ndarray) -> np.ndarray:
    """The largest connected part, without its specks."""
    import cv2

    count, parts, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return mask
    largest = parts == 1 + int(facts[1:, cv2.CC_STAT_AREA].argmax())
    _, holes, sizes, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8), connectivity=4)
    specks = np.flatnonzero(sizes[:, cv2.CC_STAT_AREA] < SPECK_SHARE * mask.size)
    return largest | np.isin(holes, specks[specks > 0])


def _check(mask: np.ndarray, box: Box) -> None:
    if not mask.any():
        raise BadInput("GrabCut finds no object in the box; draw it more closely around the object.")
    if mask.mean() < SMALLEST_SHARE:
        raise BadInput(
            f"GrabCut finds an object of {mask.mean():.1%} of the image; expected {SMALLEST_SHARE:.0%} or more. Draw "
            "the box more closely around it."
        )
    if mask[box.y0 : box.y1, box.x0 : box.x1].mean() > WHOLE_BOX:
        raise BadInput(
            "GrabCut takes the whole box for the object; draw it with some of the background between object and edge."
        )
