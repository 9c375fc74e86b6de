"""Distortions that take one cue away and leave another: the table, and `distort`, the one door to it.

The table costs no import of torch, so that a page can list it at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robust_core.checks import check_pixels, finite, whole
from robust_core.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST_PX = 32
ROUNDING = 1e-6  # a mask of Mini may leave [0, 1] by as much
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
MEAN_GREY = 0.4423  # of the images of Geirhos et al. 2018; what high-pass filtering takes away is replaced by it

# Chen et al. 2020 keep edges from 0.9 on, and those from 0.35 on that touch one, of a Sobel filter that gives 4 for a
# step from black to white.
STRONG_STEP, WEAK_STEP = 0.9 / 4, 0.35 / 4

CHEN = "Chen, Agarwal and Nguyen 2020, arXiv 2006.09373"
# Unlike there, colours stay, since greyscale is a row of its own, and borders are mirrored instead of padded with grey.
GEIRHOS_2018 = "after Geirhos et al. 2018, generalisation-humans-DNNs@e4ca995, code/image_manipulation.py"
GEIRHOS_2019 = "Geirhos et al. 2019, arXiv 1811.12231"


@dataclass(frozen=True)
class Distortion:
    """One row: strengths from `lowest` to `highest` in steps of `step`, in the unit that `parameter` names.

    `off` is the strength that leaves every image as it is, None where there is no such strength. `keeps` is the cue
    that is left. `function` takes pixels and strength, then the mask if it `needs_mask`, then the seed if it
    `needs_seed`.
    """

    key: str
    title: str
    parameter: str
    lowest: float
    highest: float
    step: float
    default: float
    off: float | None
    needs_mask: bool
    needs_seed: bool
    keeps: str
    explanation: str
    source: str
    function: "Callable[..., Tensor]"


def distort(pixels: "Tensor", key: str, strength: float, *, mask: "Tensor | None" = None, seed: int = 0) -> "Tensor":
    """`pixels` (B,3,H,W), float32 in [0, 1], H and W >= 32, under the distortion `key`; shape, type and device stay.

    `mask` (B,H,W) in [0, 1] says where the object is, for rows that need one. Image i has its own random numbers,
    from `seed` + i, so that its neighbours do not matter. Raises UnknownName for a key, BadInput for pixels, a
    strength, a mask or a seed that do not fit the row.
    """
    if key not in _BY_KEY:
        raise UnknownName("distortion", key, _BY_KEY)
    row = _BY_KEY[key]
    check_pixels(pixels, least_px=SMALLEST_PX)
    _check_strength(row, strength)
    if strength == row.off:
        return pixels
    arguments: list[Tensor | int] = []
    if row.needs_mask:
        arguments.append(_checked_mask(row, mask, pixels))
    if row.needs_seed:
        arguments.append(whole("seed", seed, 0))
    return row.function(pixels.detach(), strength, *arguments).clamp(0, 1)


def _check_strength(row: Distortion, strength: float) -> None:
    if isinstance(row.step, int):
        whole(row.parameter, strength, int(row.lowest), int(row.highest))
    else:
        finite(row.parameter, strength, row.lowest, row.highest)


def _checked_mask(row: Distortion, mask: "Tensor | None", pixels: "Tensor") -> "Tensor":
    expected = f"{row.title} needs a mask of the shape {(len(pixels), *pixels.shape[2:])} in [0, 1]"
    if mask is None:
        raise BadInput(f"{expected}; got none.")
    if mask.shape != pixels[:, 0].shape:
        raise BadInput(f"{expected}; got the shape {tuple(mask.shape)}.")
    if not (mask.min() >= -ROUNDING and mask.max() <= 1 + ROUNDING):
        raise BadInput(f"{expected}; got values from {mask.min().item():g} to {mask.max().item():g}.")
    return mask.to(pixels).clamp(0, 1)


def _luminance(pixels: "Tensor") -> "Tensor":
    """The grey image (B,1,H,W)."""
    return (pixels * pixels.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)


def _silhouette(pixels: "Tensor", fill_fraction: float, mask: "Tensor") -> "Tensor":
    return pixels.lerp((1 - mask)[:, None].expand_as(pixels), fill_fraction)


def _two_tone(pixels: "Tensor", threshold: float) -> "Tensor":
    return (_luminance(pixels) > threshold).to(pixels.dtype).expand_as(pixels)


def _grey(pixels: "Tensor", grey_fraction: float) -> "Tensor":
    return pixels.lerp(_luminance(pixels).expand_as(pixels), grey_fraction)


def _edges(pixels: "Tensor", sigma_px: float) -> "Tensor":
    drawn = [~edge_map(image, sigma_px) for image in pixels.cpu().numpy()]
    return pixels.new_tensor(np.stack(drawn))[:, None].expand_as(pixels)


def edge_map(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Where the edges of `image` (C,H,W) in [0, 1] are, as booleans (H,W), after Canny 1986.

    Edges lie where the slope of the image, smoothed by `sigma_px`, is steepest along its own direction; at each pixel
    the steepest channel counts. They are as strong as the step that would make that slope; a weak one is kept where it
    continues a strong one.
    """
    from scipy import ndimage  # not before it is needed: a page shows results sooner

    slopes = np.stack(
        [ndimage.gaussian_filter(image, sigma_px, order=order, axes=(1, 2)) for order in ((1, 0), (0, 1))]
    )
    steepest = np.hypot(*slopes).argmax(0)
    slope = np.take_along_axis(slopes, steepest[None, None], axis=1)[:, 0]
    steepness = np.hypot(*slope)
    direction = np.rint(slope / np.maximum(steepness, np.finfo(np.float32).tiny)).astype(int)
    here, padded = np.indices(steepness.shape) + 1, np.pad(steepness, 1)
    is_ridge = (steepness > padded[tuple(here - direction)]) & (steepness >= padded[tuple(here + direction)])
    step = steepness * sigma_px * np.sqrt(2 * np.pi)
    return ndimage.binary_propagation(is_ridge & (step >= STRONG_STEP), np.ones((3, 3)), is_ridge & (step >= WEAK_STEP))


def _scrambled(pixels: "Tensor", tiles_per_side: float, seed: int) -> "Tensor":
    """The central n·h by n·w pixels in tiles of h by w; what remains at the rim stays."""
    n = int(tiles_per_side)
    height, width = (side // n * n for side in pixels.shape[2:])
    top, left = (pixels.shape[2] - height) // 2, (pixels.shape[3] - width) // 2
    scrambled = pixels.clone()
    for number, image in enumerate(scrambled[:, :, top : top + height, left : left + width]):
        grid = image.reshape(3, n, height // n, n, width // n).transpose(2, 3)
        order = np.random.default_rng(seed + number).permutation(n * n)
        mixed = grid.flatten(1, 2)[:, order].unflatten(1, (n, n))
        image.copy_(mixed.transpose(2, 3).reshape(image.shape))
    return scrambled


def _low_pass(pixels: "Tensor", sigma_px: float) -> "Tensor":
    from scipy import ndimage  # not before it is needed: a page shows results sooner

    return pixels.new_tensor(ndimage.gaussian_filter(pixels.cpu().numpy(), sigma_px, axes=(2, 3)))


def _high_pass(pixels: "Tensor", sigma_px: float) -> "Tensor":
    return pixels - _low_pass(pixels, sigma_px) + MEAN_GREY


DISTORTIONS: tuple[Distortion, ...] = (
    Distortion(
        key="silhouette",
        title="Silhouette",
        parameter="fill_fraction",
        lowest=0.0,
        highest=1.0,
        step=0.05,
        default=1.0,
        off=0.0,
        needs_mask=True,
        needs_seed=False,
        keeps="shape",
        explanation="The object fades to black and everything else to white: at 1 the outline alone is left.",
        source=f"{GEIRHOS_2019}; {CHEN}",
        function=_silhouette,
    ),
    Distortion(
        key="two_tone",
        title="Two tones",
        parameter="luminance_threshold",
        lowest=0.05,
        highest=0.95,
        step=0.05,
        default=0.5,
        off=None,
        needs_mask=False,
        needs_seed=False,
        keeps="shape",
        explanation="What is darker than the threshold turns black, the rest white: a silhouette where the object "
        "stands out by its "
        "brightness.",
        source="a stand-in for silhouettes where nobody has drawn a mask",
        function=_two_tone,
    ),
    Distortion(
        key="edges",
        title="Edges",
        parameter="sigma_px",
        lowest=1.0,
        highest=4.0,
        step=0.5,
        default=1.5,
        off=None,
        needs_mask=False,
        needs_seed=False,
        keeps="shape",
        explanation="A line drawing of the steps in brightness or colour; the larger the scale, the fewer lines come "
        "from texture.",
        source=f"{GEIRHOS_2019}; thresholds of {CHEN}, shape-bias@e26753b, generate_edge_maps.py",
        function=_edges,
    ),
    Distortion(
        key="greyscale",
        title="Greyscale",
        parameter="grey_fraction",
        lowest=0.0,
        highest=1.0,
        step=0.05,
        default=1.0,
        off=0.0,
        needs_mask=False,
        needs_seed=False,
        keeps="shape and texture",
        explanation="Colour alone is taken away: at 1 each pixel is as bright as before and grey.",
        source=f"{GEIRHOS_2019}; {CHEN}",
        function=_grey,
    ),
    Distortion(
        key="patch_scrambled",
        title="Scrambled patches",
        parameter="tiles_per_side",
        lowest=1,
        highest=16,
        step=1,
        default=4,
        off=1,
        needs_mask=False,
        needs_seed=True,
        keeps="texture",
        explanation="Tiles of the image in random order: every patch of texture is still there, the outline is not. "
        "Where the side is no multiple of the tiles, a narrow rim stays in place.",
        source=CHEN,
        function=_scrambled,
    ),
    Distortion(
        key="low_pass",
        title="Low-pass",
        parameter="sigma_px",
        lowest=0.0,
        highest=20.0,
        step=0.5,
        default=3.0,
        off=0.0,
        needs_mask=False,
        needs_seed=False,
        keeps="coarse shape",
        explanation="A Gaussian blur: fine texture goes first, coarse shape last.",
        source=GEIRHOS_2018,
        function=_low_pass,
    ),
    Distortion(
        key="high_pass",
        title="High-pass",
        parameter="sigma_px",
        lowest=0.5,
        highest=10.0,
        step=0.5,
        default=2.0,
        off=None,
        needs_mask=False,
        needs_seed=False,
        keeps="outlines and fine texture",
        explanation="The image less its own blur, on grey; the smaller sigma, the less is left.",
        source=GEIRHOS_2018,
        function=_high_pass,
    ),
)

_BY_KEY = {row.key: row for row in DISTORTIONS}
