"""An object cut out of its photo, edited, and pasted over the photo without it."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from robust_core.edits.backdrops import backdrop, without_object
from robust_core.edits.boxes import Box
from robust_core.edits.masks import object_mask
from robust_core.edits.object_edit import ObjectEdit

WORKING_PX = 512  # shorter side: a larger photo is made that small first, which is more than models look at
MOST_PIXELS = 2 * WORKING_PX**2  # of a panorama
EDGE_PX = 1.0  # standard deviation of the soft edge
View = tuple[float, float, float, float]  # left, upper, right and lower edge as fractions of a photo


@dataclass(frozen=True, eq=False)
class Cutout:
    """A photo (H, W, 3) uint8, how much of each pixel is the object's (H, W) float32 from 0 to 1, and the photo without
    it (H, W, 3) uint8.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    background: np.ndarray

    def edited(self, edit: ObjectEdit) -> np.ndarray:
        """The photo with its object edited (H, W, 3) uint8. `UNEDITED` is the control: the object pasted back where it
        was, over the photo without it.

        The object is resized and turned about its own centre. What comes to lie outside the photo is lost.
        """
        colours = _hue_turned(self.rgb, edit.hue_degrees)
        layer = np.dstack([colours * self.alpha[..., None], self.alpha])
        if not edit.stays:
            layer = self._moved(layer, edit)
        share = layer[..., 3:]
        behind = backdrop(edit.background, self.background)
        return np.round(layer[..., :3] + behind * (1 - share)).clip(0, 255).astype(np.uint8)

    def visible_share(self, edit: ObjectEdit, view: View) -> float:
        """How much of the edited object lies in `view`, which is a part of the photo, to about a hundredth."""
        height, width = self.alpha.shape
        across, down = self._matrix(edit) @ self._points
        left, upper, right, lower = view
        inside = (across >= left * width) & (across < right * width) & (down >= upper * height)
        return float((inside & (down < lower * height)).mean())

    @cached_property
    def outlines(self) -> tuple[np.ndarray, ...]:
        """The lines around the object, outer and inner ones, as corners (n, 2) in fractions of width and height."""
        import cv2

        mask = (self.alpha > 0.5).astype(np.uint8)
        found, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
        height, width = mask.shape
        return tuple((one[:, 0] + 0.5) / (width, height) for one in found)

    @cached_property
    def _points(self) -> np.ndarray:
        """Pixels of the object as (x, y, 1): (3, about 2,000)."""
        rows, columns = np.nonzero(self.alpha > 0.5)
        every = max(1, len(rows) // 2000)
        return np.stack([columns[::every], rows[::every], np.ones_like(rows[::every])]).astype(float)

    @cached_property
    def centre_px(self) -> tuple[float, float]:
        """The object's centre of gravity (x, y), in pixels from the centre of the first one."""
        weight = float(self.alpha.sum())
        across = float((self.alpha.sum(0) * np.arange(self.alpha.shape[1])).sum())
        down = float((self.alpha.sum(1) * np.arange(self.alpha.shape[0])).sum())
        return across / weight, down / weight

    def _moved(self, layer: np.ndarray, edit: ObjectEdit) -> np.ndarray:
        """A layer (H, W, channels) float32 after its object was resized, turned and moved."""
        import cv2

        if edit.zoom < 1:  # against aliasing
            layer = cv2.GaussianBlur(layer, (0, 0), (1 / edit.zoom - 1) / 2)
        height, width = self.alpha.shape
        return cv2.warpAffine(layer, self._matrix(edit), (width, height), flags=cv2.INTER_LINEAR)

    def _matrix(self, edit: ObjectEdit) -> np.ndarray:
        """Where each pixel of the object goes, as an affine matrix (2, 3)."""
        import cv2

        matrix = cv2.getRotationMatrix2D(self.centre_px, -edit.rotation_degrees, edit.zoom)
        matrix[:, 2] += min(self.alpha.shape) / 100 * np.array([edit.right_percent, edit.down_percent])
        return matrix


def cut_out(rgb: np.ndarray, box: Box) -> Cutout:
    """Cut the object in `box` out of a photo (H, W, 3) uint8, which is made smaller first where its shorter side is
    longer than `WORKING_PX` or it has more than `MOST_PIXELS`; raises BadInput as `object_mask` does.
    """
    import cv2

    height, width, _ = rgb.shape
    box.check_in(width, height)
    scale = min(WORKING_PX / min(height, width), sqrt(MOST_PIXELS / (height * width)))
    if scale < 1:
        size = (round(width * scale), round(height * scale))
        edges = box.x0 * scale, box.y0 * scale, min(size[0], box.x1 * scale), min(size[1], box.y1 * scale)
        rgb, box = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), Box.of(edges)
    mask = object_mask(rgb, box)
    return Cutout(rgb, soft_edged(mask), without_object(rgb, mask))


def soft_edged(mask: np.ndarray) -> np.ndarray:
    """A mask (H, W) bool with an edge that fades over a pixel or two inside it, so that nothing of the old surroundings
    is pasted along: (H, W) float32.
    """
    import cv2

    inside = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(inside.astype(np.float32), (0, 0), EDGE_PX, borderType=cv2.BORDER_REPLICATE)


def _hue_turned(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """Colours float32 with their hue turned, lightness and saturation as they were."""
    import cv2

    if degrees % 360 == 0:
        return rgb.astype(np.float32)
    hsv = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255
