"""The corruptions of colour: brightness and saturation, in closed form instead of through HSV, and contrast."""

import torch
from torch import Tensor

RED_HUE = (0.0, 1.0, 1.0)
TINY = 1e-8


def luma(pixels: Tensor) -> Tensor:
    """The grey image (B, 1, H, W) of OpenCV's RGB2GRAY."""
    red, green, blue = pixels.split(1, dim=1)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def brightness(pixels: Tensor, delta: float | Tensor) -> Tensor:
    """Raise V of HSV by `delta` (a number, or one per image as (B, 1, 1, 1)): all channels grow in proportion."""
    value = pixels.amax(1, keepdim=True)
    raised = (value + delta).clamp(0, 1)
    return torch.where(value > 0, pixels * (raised / value.clamp_min(TINY)), raised)


def saturate(pixels: Tensor, settings: tuple[float, float]) -> Tensor:
    """Scale S of HSV and add to it. Grey has hue 0, so what is added paints grey areas red, as in the reference."""
    factor, added = settings
    value = pixels.amax(1, keepdim=True)
    chroma = value - pixels.amin(1, keepdim=True)
    grey = chroma == 0
    saturation = (chroma / value.clamp_min(TINY) * factor + added).clamp(0, 1)
    hue = torch.where(grey, pixels.new_tensor(RED_HUE).view(1, 3, 1, 1), (value - pixels) / chroma.clamp_min(TINY))
    return value - value * saturation * hue


def contrast(pixels: Tensor, factor: float) -> Tensor:
    """Draw each channel towards its mean over the image."""
    mean = pixels.mean((2, 3), keepdim=True)
    return (pixels - mean) * factor + mean
