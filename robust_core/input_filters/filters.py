"""What the rows of the table do to pixels (B,3,H,W) in [0, 1], with gradients."""

from collections.abc import Callable

from torch import Tensor

from robust_core.attacks.grids import resized
from robust_core.corruptions.filters import gaussian_filter
from robust_core.cue_conflict.distortions import LUMA, MEAN_GREY
from robust_core.input_filters.table import get_filter


def filtered(pixels: Tensor, key: str, strength: float | None) -> Tensor:
    """`pixels` (B,3,H,W) in [0, 1] through the filter `key`, clamped to [0, 1]; the very same tensor where `strength`
    is None or turns the filter off. Raises UnknownName for a key.
    """
    if strength is None or strength == get_filter(key).off:
        return pixels
    return FILTERS[key](pixels, strength).clamp(0, 1)


def blurred(pixels: Tensor, sigma_px: float) -> Tensor:
    """Under a Gaussian that ends at 4 σ, with the image mirrored at its borders: `scipy.ndimage.gaussian_filter` as it
    is called without options.
    """
    return gaussian_filter(pixels, sigma_px, border="reflect")


def _high_pass(pixels: Tensor, sigma_px: float) -> Tensor:
    return pixels - blurred(pixels, sigma_px) + MEAN_GREY


def _grey(pixels: Tensor, fraction: float) -> Tensor:
    luminance = (pixels * pixels.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    return pixels.lerp(luminance.expand_as(pixels), fraction)


def _low_resolution(pixels: Tensor, factor: float) -> Tensor:
    height_px, width_px = pixels.shape[2:]
    small = resized(pixels, max(1, round(height_px / factor)), max(1, round(width_px / factor)))
    return resized(small, height_px, width_px)


FILTERS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "blur": blurred,
    "high_pass": _high_pass,
    "grey": _grey,
    "low_resolution": _low_resolution,
}
