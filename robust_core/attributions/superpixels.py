"""An image cut into pieces that follow its colours."""

import numpy as np
import torch
from torch import Tensor

PLACE_WEIGHT = 0.5  # how much a step of one cell counts beside a step from black to white; larger makes rounder pieces
ROUNDS = 6


def superpixels(pixels: Tensor, pieces: int) -> Tensor:
    """(H,W) the number of each pixel's piece, for pixels (3,H,W) in [0, 1]; about `pieces` of them, not always in one
    part each.

    K-means over place and colour with SLIC's distance (Achanta et al. 2012), in RGB and without its local search;
    starts on a grid.
    """
    from scipy.cluster.vq import kmeans2  # not before it is needed: a page shows results sooner

    _, height, width = pixels.shape
    cell_px = (height * width / pieces) ** 0.5
    rows, columns = np.mgrid[:height, :width]
    features = np.stack(
        [PLACE_WEIGHT * rows / cell_px, PLACE_WEIGHT * columns / cell_px, *pixels.cpu().numpy()], axis=-1
    )
    centres = features[_middles(height, cell_px)][:, _middles(width, cell_px)].reshape(-1, 5)
    _, piece_of = kmeans2(features.reshape(-1, 5), centres, iter=ROUNDS, minit="matrix")
    return torch.from_numpy(piece_of.reshape(height, width))


def _middles(side: int, cell_px: float) -> np.ndarray:
    cells = max(1, round(side / cell_px))
    return ((np.arange(cells) + 0.5) * side / cells).astype(int)
