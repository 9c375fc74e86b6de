"""Contact sheets, to look at the world: every silhouette, every texture, and every setting by category."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.shapes import CATEGORIES, silhouette
from robust_core.mini.splits import CONFLICT, STREAM, TEST, TEST_HARD, Split, render
from robust_core.mini.textures import surface
from robust_core.mini.world import CHUNK, SIDE_PX

PER_CATEGORY = 4
GAP_PX = 2


def write_sheets(folder: Path) -> list[Path]:
    """Write the sheets as PNG files into `folder`; categories run in rows, four images of each."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {"silhouettes": silhouettes(), "textures": textures()}
    sheets |= {split.name: by_category(split) for split in (TEST, STREAM, TEST_HARD, CONFLICT)}
    paths = []
    for name, pixels in sheets.items():
        paths.append(folder / f"{name}.png")
        Image.fromarray(sheet(pixels, columns=16)).save(paths[-1])
    return paths


def sheet(pixels: Tensor, columns: int, gap_px: int = GAP_PX) -> np.ndarray:
    """Images (N, 3, 64, 64) in [0, 1] side by side on white: uint8 (H, W, 3)."""
    levels = (pixels * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    pitch = SIDE_PX + gap_px
    canvas = np.full((-(-len(levels) // columns) * pitch, columns * pitch, 3), 255, np.uint8)
    for index, single_image in enumerate(levels):
        top, left = index // columns * pitch, index % columns * pitch
        canvas[top : top + SIDE_PX, left : left + SIDE_PX] = single_image
    return canvas


def silhouettes() -> Tensor:
    """Four drawings of each category, grey on white: (64, 3, 64, 64)."""
    planes = np.stack(
        [silhouette(category, variant) for category in range(len(CATEGORIES)) for variant in range(PER_CATEGORY)]
    )
    small = torch.nn.functional.interpolate(
        torch.from_numpy(planes).float() / 255, size=(SIDE_PX, SIDE_PX), mode="area"
    )
    coverage, shade = small[:, :1], small[:, 1:]
    return (1 - coverage + coverage * shade).expand(-1, 3, -1, -1)


def textures() -> Tensor:
    """Four samples of each texture: (64, 3, 64, 64)."""
    axis = torch.linspace(-1, 1, SIDE_PX)
    v, u = (plane.expand(PER_CATEGORY, -1, -1) for plane in torch.meshgrid(axis, axis, indexing="ij"))
    samples = [
        surface(index, u, v, BatchRng(np.random.default_rng(index), PER_CATEGORY)) for index in range(len(CATEGORIES))
    ]
    return torch.cat(samples)


def by_category(split: Split) -> Tensor:
    """The first four images of each category: (64, 3, 64, 64)."""
    first = render(split, 0, CHUNK)
    return first.pixels[torch.argsort(first.shape, stable=True)]
