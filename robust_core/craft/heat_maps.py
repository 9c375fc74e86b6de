"""Where a concept is in an image, and how much of that lies on the object."""

import numpy as np
import torch
from torch.nn.functional import interpolate


def enlarged(coefficients: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Coefficients (R,h,w) over the places of a layer as heat maps (R,H,W), bilinearly."""
    maps = torch.from_numpy(np.ascontiguousarray(coefficients, dtype=np.float32))[None]
    return interpolate(maps, (height_px, width_px), mode="bilinear", align_corners=False)[0].numpy()


def on_object(heat: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The share (R,) of each heat map (R,H,W) that lies within the object's mask (H,W), which is from 0 to 1; NaN for a
    map without heat.
    """
    total = heat.sum((1, 2))
    within = (heat * mask).sum((1, 2))
    return np.divide(within, total, out=np.full(len(heat), np.nan), where=total > 0)
