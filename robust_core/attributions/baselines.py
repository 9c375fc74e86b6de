"""What "nothing there" looks like: black, the training data's mean colour, the image itself out of focus, or any one
colour.
"""

import torch
from torch import Tensor

from robust_core.images import Preprocess

BLUR_FRACTION = 0.05  # sigma as a fraction of the image's side: 11 px of 224


def make_baseline(name: str, pixels: Tensor, preprocess: Preprocess) -> Tensor:
    """The baseline called `name` (one of methods.BASELINES, or a colour "#RRGGBB") for `pixels` (B,3,H,W), of the same
    shape.
    """
    if name == "black":
        return torch.zeros_like(pixels)
    if name == "mean grey":
        return _flat(preprocess.mean, pixels)
    if name == "blurred":
        from torchvision.transforms.functional import gaussian_blur  # seconds, for which recorded maps need not wait

        sigma_px = BLUR_FRACTION * pixels.shape[-1]
        return gaussian_blur(pixels, kernel_size=2 * int(3 * sigma_px) + 1, sigma=sigma_px)
    return _flat([int(name[place : place + 2], 16) / 255 for place in (1, 3, 5)], pixels)


def _flat(colour: tuple[float, ...] | list[float], pixels: Tensor) -> Tensor:
    return torch.tensor(colour).to(pixels).view(1, 3, 1, 1).expand_as(pixels).contiguous()
