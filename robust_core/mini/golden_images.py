"""How the first 64 images of every split looked when the world was fixed: a test holds the drawing to it, and people
can look at it.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from robust_core.errors import BadInput
from robust_core.mini.sheets import sheet
from robust_core.mini.splits import SPLITS, Split, render
from robust_core.mini.weights import SHIPPED
from robust_core.mini.world import CHUNK, SIDE_PX

FOLDER = SHIPPED / "golden"
COLUMNS = 8


def write(folder: Path = FOLDER) -> list[Path]:
    """Store how the first chunk of every split looks now, one PNG per split; only after a deliberate change of the
    world.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for split in SPLITS.values():
        paths.append(folder / f"{split.name}.png")
        Image.fromarray(sheet(render(split, 0, CHUNK).pixels, COLUMNS, gap_px=0)).save(paths[-1], optimize=True)
    return paths


def digest() -> str:
    """The SHA-256 over every value of the splits, their scene configurations among them, and over the golden images'
    pixels.
    """
    found = hashlib.sha256(json.dumps([asdict(split) for split in SPLITS.values()], sort_keys=True).encode())
    for split in SPLITS.values():
        found.update((read(split) * 255).round().byte().numpy().tobytes())
    return found.hexdigest()


def read(split: Split, folder: Path = FOLDER) -> Tensor:
    """The stored first chunk of a split: (64, 3, 64, 64) in [0, 1]. Raises BadInput when there is none."""
    path = folder / f"{split.name}.png"
    if not path.exists():
        raise BadInput(f"There are no golden images of the split {split.name!r}; expected {path.name}.")
    canvas = torch.from_numpy(np.array(Image.open(path))).float() / 255
    rows = canvas.unflatten(0, (-1, SIDE_PX)).unflatten(2, (-1, SIDE_PX))  # row, y, column, x, channel
    return rows.permute(0, 2, 4, 1, 3).flatten(0, 1)
