"""What a defence does around a network, as a table: as it is, and as an attacker sees it who knows of it.

Both have the same logits. As it is, what has no gradient hands on zeros, as a program does that knows no better; an
attacker puts a gradient there that is near enough (BPDA, Athalye et al. 2018, section 4.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional

from robust_core.defences.jpeg import compressed, nearly_compressed

Network = Callable[[Tensor], Tensor]
SCALE = 100
LOGIT_DECIMALS = 1
LEVELS_OF_3_BITS = 7  # steps between them
MEDIAN_PX = 2
LARGEST_RESIZE = 331 / 299  # of the paper's network
NOISE_STD = 0.25


@dataclass(frozen=True)
class Layer:
    """One layer: logits (B,K) from a network, pixels (B,3,H,W) in [0, 1] and the draws of a generator on the CPU.

    as_it_is  with the gradients that the defence has by itself
    known     with those that an attacker puts in their place; the logits are the same
    """

    as_it_is: Callable[[Network, Tensor, Generator], Tensor]
    known: Callable[[Network, Tensor, Generator], Tensor]


class _Instead(torch.autograd.Function):
    """The value of `exact` with the gradient of `near`, whatever that is."""

    @staticmethod
    def forward(ctx: Any, near: Tensor, exact: Tensor) -> Tensor:
        return exact.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def straight_through(exact: Callable[[Tensor], Tensor], near: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """`exact(values)` with the gradient of `near`."""
    return _Instead.apply(near(values), exact(values.detach()))


def zero_gradient(exact: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """`exact(values)` with a gradient of zero."""
    return exact(values.detach()) + 0 * values


def _of_pixels(exact: Callable[[Tensor], Tensor], near: Callable[[Tensor], Tensor]) -> Layer:
    return Layer(
        lambda network, pixels, _: network(zero_gradient(exact, pixels)),
        lambda network, pixels, _: network(straight_through(exact, near, pixels)),
    )


def _of_logits(exact: Callable[[Tensor], Tensor]) -> Layer:
    return Layer(
        lambda network, pixels, _: zero_gradient(exact, network(pixels)),
        lambda network, pixels, _: straight_through(exact, _unchanged, network(pixels)),
    )


def _differentiable(run: Callable[[Network, Tensor, Generator], Tensor]) -> Layer:
    return Layer(run, run)


def _unchanged(values: Tensor) -> Tensor:
    return values


def _rounded(logits: Tensor) -> Tensor:
    return logits.round(decimals=LOGIT_DECIMALS)


def _three_bits(pixels: Tensor) -> Tensor:
    return (pixels * LEVELS_OF_3_BITS).round() / LEVELS_OF_3_BITS


def _median(pixels: Tensor) -> Tensor:
    """Of each value and those above, to the left and between, each channel on its own, the edge repeated: the third
    smallest of the four, as SciPy's filter of the paper's code has it.
    """
    around = functional.pad(pixels, [MEDIAN_PX - 1, 0, MEDIAN_PX - 1, 0], mode="replicate")
    windows = around.unfold(2, MEDIAN_PX, 1).unfold(3, MEDIAN_PX, 1).flatten(4)
    return windows.kthvalue(MEDIAN_PX**2 // 2 + 1, dim=4).values


def _resized_and_padded(pixels: Tensor, draws: Generator) -> Tensor:
    """Each image at a size and a place of its own within a larger black one, bilinear."""
    side_px, n = pixels.shape[3], len(pixels)
    large_px = ceil(side_px * LARGEST_RESIZE)
    size_px = torch.randint(side_px, large_px, (n,), generator=draws)
    place = torch.rand(n, 2, generator=draws) * (large_px - size_px + 1)[:, None]
    left_top = place.floor()
    zoom = large_px / size_px
    frames = torch.zeros(n, 2, 3)
    frames[:, 0, 0] = frames[:, 1, 1] = zoom
    frames[:, :, 2] = zoom[:, None] - 2 * left_top / size_px[:, None] - 1
    grid = functional.affine_grid(frames, [n, 3, large_px, large_px], align_corners=False)
    return functional.grid_sample(pixels, grid.to(pixels), align_corners=False)


def _noisy(pixels: Tensor, draws: Generator) -> Tensor:
    return pixels + NOISE_STD * torch.randn(pixels.shape, generator=draws).to(pixels)


LAYERS: dict[str, Layer] = {
    "": _differentiable(lambda network, pixels, _: network(pixels)),
    "scaled logits": _differentiable(lambda network, pixels, _: SCALE * network(pixels)),
    "rounded logits": _of_logits(_rounded),
    "jpeg": _of_pixels(compressed, nearly_compressed),
    "bit depth": _of_pixels(_three_bits, _unchanged),
    "median": _of_pixels(_median, _median),
    "resize and pad": _differentiable(lambda network, pixels, draws: network(_resized_and_padded(pixels, draws))),
    "noise": _differentiable(lambda network, pixels, draws: network(_noisy(pixels, draws))),
}
