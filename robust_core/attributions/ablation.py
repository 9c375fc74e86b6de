"""Attributions by covering parts of the image: what the target's logit loses when a window or a piece is not
there.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import in_batches, logits, once
from robust_core.attributions.superpixels import superpixels
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Work = Generator[Progress, None, Tensor]


def occlusion(
    model: LoadedModel, pixels: Tensor, target: int, *, window_percent: int, stride_percent: int, baseline: str
) -> Work:
    """(1,1,H,W) the mean loss over the windows that cover a pixel; the last windows of a row or column are cut off at
    the edge.
    """
    height, width = pixels.shape[2:]
    window, stride = (max(1, round(percent / 100 * min(height, width))) for percent in (window_percent, stride_percent))
    rows, columns = _spans(height, window, stride), _spans(width, window, stride)
    return (
        yield from _losses(
            model, pixels, target, (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1), baseline
        )
    )


def superpixel_ablation(model: LoadedModel, pixels: Tensor, target: int, *, pieces: int, baseline: str) -> Work:
    """(1,1,H,W) the loss when the superpixel of a pixel is covered."""
    piece_of = superpixels(pixels[0], pieces)
    covers = torch.stack([piece_of == piece for piece in piece_of.unique()])
    return (yield from _losses(model, pixels, target, covers, baseline))


def _losses(model: LoadedModel, pixels: Tensor, target: int, covers: Tensor, baseline: str) -> Work:
    """(1,1,H,W) the mean loss over those of `covers` (N,H,W) bool that hold a pixel; 0 where none does."""
    covers = covers[:, None].to(pixels.device)
    instead = make_baseline(baseline, pixels, model.spec.preprocess)
    whole = yield from once(model, pixels, lambda: logits(model, pixels)[0, target])

    def part(places: range) -> tuple[Tensor, Tensor]:
        covered = covers[places.start : places.stop]
        losses = whole - logits(model, torch.where(covered, instead, pixels))[:, target]
        return (losses.view(-1, 1, 1, 1) * covered).sum(0, keepdim=True), covered.sum(0, keepdim=True)

    lost, counts = zip(*(yield from in_batches(model, pixels, len(covers), part)), strict=True)
    return sum(lost) / sum(counts).clamp_min(1)


def _spans(side: int, window: int, stride: int) -> Tensor:
    """(N, side) bool: the places that each window covers along one side, the last reaching the edge."""
    windows = 1 + -(-max(0, side - window) // stride)
    starts, places = stride * torch.arange(windows)[:, None], torch.arange(side)
    return (places >= starts) & (places < starts + window)
