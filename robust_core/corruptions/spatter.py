"""Spatter: drops of water with bright rims, or mud. The steps of OpenCV that the reference uses, written for tensors.

Whole numbers stand for 8-bit images here: fields are (B, 1, H, W) from 0 to 255.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from robust_core.corruptions.filters import gaussian_filter

WATER = (175 / 255, 238 / 255, 238 / 255)
MUD = (63 / 255, 42 / 255, 20 / 255)
WEAK_EDGE, STRONG_EDGE = 50, 150
FARTHEST_PX = 20
RIM_KERNEL = ((-2, -1, 0), (-1, 1, 1), (0, 1, 2))


def draw_spatter(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """A standard normal field (1, H, W)."""
    return (rng.standard_normal((1, height, width), dtype=np.float32),)


def spatter(pixels: Tensor, settings: tuple, normal: Tensor) -> Tensor:
    """Splash the part of a smooth random field that lies above a threshold: `settings` end in "water" or "mud"."""
    mean, spread, sigma_px, threshold, amount, substance = settings
    liquid = gaussian_filter(mean + spread * normal, sigma_px)
    liquid = torch.where(liquid < threshold, 0, liquid)
    if substance == "water":
        return pixels + amount * _water_film(liquid) * pixels.new_tensor(WATER).view(1, 3, 1, 1)
    mud = gaussian_filter((liquid > threshold).to(pixels), amount)
    mud = torch.where(mud < 0.8, 0, mud)
    return pixels * (1 - mud) + mud * pixels.new_tensor(MUD).view(1, 3, 1, 1)


def _water_film(liquid: Tensor) -> Tensor:
    """How bright the water shines, 0 to 1: most on one side of each drop, by its distance from the rim."""
    levels = (liquid * 255).floor()
    depth = chamfer_distance(canny(levels)).clamp(max=FARTHEST_PX)
    depth = equalised((_box_mean(depth) + 1e-4).floor())  # the slack keeps a whole mean whole in float32
    weighted = zip(_neighbours(depth, "reflect"), sum(RIM_KERNEL, ()), strict=True)
    lit = sum((weight * view for view, weight in weighted if weight), torch.zeros_like(depth))
    film = levels * _box_mean(lit.clamp(0, 255)).round()
    return film / film.amax((2, 3), keepdim=True).clamp_min(1)


def _neighbours(fields: Tensor, border: str) -> list[Tensor]:
    """Nine views of `fields`, which show at each pixel one of its 3 x 3 neighbourhood, row by row."""
    height, width = fields.shape[-2:]
    padded = F.pad(fields, (1,) * 4, mode=border)
    return [padded[..., top : top + height, left : left + width] for top in range(3) for left in range(3)]


def _box_mean(fields: Tensor) -> Tensor:
    return sum(_neighbours(fields, "reflect"), torch.zeros_like(fields)) / 9


def canny(levels: Tensor) -> Tensor:
    """Edges, as bool, of whole `levels`: OpenCV's Canny with a 3 x 3 Sobel operator and the sum of absolute
    gradients.
    """
    north_west, north, north_east, west, _, east, south_west, south, south_east = _neighbours(levels, "replicate")
    across = (north_east + 2 * east + south_east - north_west - 2 * west - south_west).int()
    down = (south_west + 2 * south + south_east - north_west - 2 * north - north_east).int()
    strength = across.abs() + down.abs()
    ridge = _is_ridge(strength, across, down) & (strength > WEAK_EDGE)
    return _connected(ridge & (strength > STRONG_EDGE), ridge)


def _is_ridge(strength: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """Where `strength` peaks along the gradient, in one of four directions told apart by OpenCV's fixed-point
    tangents.
    """
    north_west, north, north_east, west, _, east, south_west, south, south_east = _neighbours(strength, "constant")
    shallow = across.abs() * 13573  # tan(22.5 degrees) * 2 ** 15
    rise = down.abs() << 15
    rising = (across < 0) ^ (down < 0)
    diagonal = torch.where(
        rising, (strength > north_east) & (strength > south_west), (strength > north_west) & (strength > south_east)
    )
    vertical = (strength > north) & (strength >= south)
    horizontal = (strength > west) & (strength >= east)
    steep = shallow + (across.abs() << 16)
    return torch.where(rise < shallow, horizontal, torch.where(rise > steep, vertical, diagonal))


def _connected(seeds: Tensor, allowed: Tensor) -> Tensor:
    """The pixels of `allowed` that a path of neighbours in `allowed` joins to one of `seeds`."""
    while True:
        rows = F.pad(seeds, (0, 0, 1, 1))
        rows = rows[..., :-2, :] | seeds | rows[..., 2:, :]
        grown = F.pad(rows, (1, 1))
        grown = (grown[..., :-2] | rows | grown[..., 2:]) & allowed
        if torch.equal(grown, seeds):
            return seeds
        seeds = grown


def chamfer_distance(edges: Tensor) -> Tensor:
    """The distance to the nearest of `edges` (B, 1, H, W) in OpenCV's 5 x 5 chamfer metric; beyond 20 px, any larger
    number.

    Along a row the nearest edge is the best one in this metric for every row above and below, so the distance is the
    smallest over 41 rows of a table look-up.
    """
    beyond = FARTHEST_PX + 1
    along_row = _distance_along_rows(edges).clamp(max=beyond)
    padded = F.pad(along_row, (0, 0, FARTHEST_PX, FARTHEST_PX), value=beyond)
    height = edges.shape[-2]
    table = _chamfer_table(beyond).to(edges.device)
    distance = table[0][along_row]
    for rows_off in range(1, beyond):
        above = padded[..., FARTHEST_PX - rows_off : FARTHEST_PX - rows_off + height, :]
        below = padded[..., FARTHEST_PX + rows_off : FARTHEST_PX + rows_off + height, :]
        distance = torch.minimum(distance, table[rows_off][torch.minimum(above, below)])
    return distance


def _distance_along_rows(edges: Tensor) -> Tensor:
    """Whole px to the nearest edge in the same row, as int64; larger than the row where it has none."""
    width = edges.shape[-1]
    column = torch.arange(width, device=edges.device)
    from_left = column - torch.where(edges, column, -width).cummax(-1).values
    from_right = column - torch.where(edges.flip(-1), column, -width).cummax(-1).values
    return torch.minimum(from_left, from_right.flip(-1))


def _chamfer_table(side: int) -> Tensor:
    """Lengths (side + 1, side + 1) of the shortest ways (down, across) in steps of 1, 1.4 (diagonal) and 2.1969
    (knight's).
    """
    offsets = torch.arange(side + 1.0)
    long, short = torch.maximum(offsets[:, None], offsets), torch.minimum(offsets[:, None], offsets)
    return torch.maximum(long + 0.1969 * short, 0.7969 * long + 0.6031 * short)


def equalised(levels: Tensor) -> Tensor:
    """Whole `levels` (B, 1, H, W), 0 to 255, with a flat histogram, as OpenCV's equalizeHist; one single level
    stays.
    """
    flat = levels.flatten(1).long()
    histogram = torch.zeros(len(flat), 256, device=levels.device).scatter_add_(
        1, flat, torch.ones_like(flat, dtype=torch.float32)
    )
    lowest = histogram.gather(1, flat.amin(1, keepdim=True))
    above_lowest = flat.shape[1] - lowest
    table = ((histogram.cumsum(1) - lowest) * (255 / above_lowest.clamp_min(1))).round().clamp(0, 255)
    return torch.where(above_lowest > 0, table.gather(1, flat), flat).view_as(levels).to(levels)
