"""The sequences of ImageNet-P, computed live, and how steady a model's predictions are along them.

It stands on the corruptions: half of the sequences are one of them with a setting that moves from frame to frame.
Definitions: hendrycks/robustness @8190fe3, ImageNet-P/create_p/make_imagenet_p.py and ImageNet-P/test.py, difficulty 1.
The stored sequences also went through a lossy video, which these do not.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import center_crop

from robust_core.checks import check_pixels, whole
from robust_core.corruptions.apply import SMALLEST_PX
from robust_core.corruptions.blur import motion_blur
from robust_core.corruptions.colour import brightness
from robust_core.corruptions.levels import from_pillow, rounded, to_pillow, truncated
from robust_core.corruptions.noise import gaussian_noise, shot_noise
from robust_core.corruptions.weather import snow
from robust_core.errors import BadInput, UnknownName

Reference = Literal["first", "previous"]
TOP = 5


@dataclass(frozen=True)
class Perturbation:
    """One row: `sequence(image (1, 3, H, W), generator)` makes the `frames` frames, each compared with the `reference`
    one.

    `moves_whole_image`: the frames are made before the centre crop, so that what lay outside moves into view.
    """

    name: str
    title: str
    frames: int
    reference: Reference
    moves_whole_image: bool
    sequence: Callable[[Tensor, np.random.Generator], Tensor]
    rule: str


@torch.no_grad()
def frames(pixels: Tensor, name: str, seed: int, *, crop_px: int | None = None) -> Tensor:
    """The sequence `name` of one image `pixels` (3, H, W) float32 in [0, 1]: (T, 3, h, w), T = 31, or 41 for
    translate.

    ImageNet-P resizes the shorter side to 256 px and crops the centre to 224 px; `crop_px` = 224 does that crop at its
    right moment. Without it the frames keep the image's size, and moving ones show a black border. Frames are cut to
    8 bits; they are computed on the CPU and returned on the device of `pixels`. Raises UnknownName for a name and
    BadInput for anything else amiss.
    """
    if name not in PERTURBATIONS:
        raise UnknownName("perturbation", name, PERTURBATIONS)
    check_pixels(pixels[None], least_px=SMALLEST_PX)
    if crop_px is not None:
        crop_px = whole("crop_px", crop_px, SMALLEST_PX, min(pixels.shape[1:]))
    seed = whole("seed", seed, 0)
    row, window = PERTURBATIONS[name], [crop_px] * 2 if crop_px else list(pixels.shape[1:])
    image = rounded(pixels[None].cpu().contiguous())
    image = image if row.moves_whole_image else center_crop(image, window)
    return truncated(center_crop(row.sequence(image, np.random.default_rng(seed)), window)).to(pixels.device)


def flip_probability(predictions: Tensor, reference: Reference) -> Tensor:
    """How often the label differs from that of the reference frame, for each sequence: (N,) float64 in [0, 1].

    `predictions` (N, T) are labels. The mean over sequences is the published flip probability; divided by AlexNet's it
    is the flip rate, which is not computed here.
    """
    if predictions.ndim != 2 or predictions.shape[1] < 2:
        raise BadInput(
            f"Predictions are labels (sequences, frames) of at least 2 frames, but shape {tuple(predictions.shape)} "
            "came."
        )
    before, after = _pairs(predictions, reference)
    return (before != after).double().mean(1)


def top5_distance(logits: Tensor, reference: Reference) -> Tensor:
    """How far the five first classes of the reference frame move, for each sequence: (N,) float64 in [0, 18].

    `logits` (N, T, K), K >= 5. The distance is the sum over r = 0..4 of |r - min(s, 5)|, where s is the place, from 0,
    that the reference's class r has now. Equal logits rank by class number. Averaged over sequences: unnormalised T5D.
    """
    if logits.ndim != 3 or logits.shape[1] < 2 or logits.shape[2] < TOP:
        raise BadInput(
            f"Logits are (sequences, frames, classes), at least 2 frames and {TOP} classes, but shape "
            f"{tuple(logits.shape)} came."
        )
    order = logits.argsort(dim=-1, descending=True, stable=True)
    places = order.argsort(dim=-1)
    leaders, _ = _pairs(order[..., :TOP], reference)
    now = places[:, 1:].gather(2, leaders).clamp(max=TOP)
    return (now - torch.arange(TOP, device=logits.device)).abs().sum(-1).double().mean(1)


def _pairs(frames: Tensor, reference: Reference) -> tuple[Tensor, Tensor]:
    """For each frame but the first: its reference frame, and itself."""
    if reference not in ("first", "previous"):
        raise BadInput(f"Frames are compared with the 'first' or the 'previous' one, but {reference!r} came.")
    after = frames[:, 1:]
    return (frames[:, :1].expand_as(after) if reference == "first" else frames[:, :-1]), after


def _gaussian_noise(image: Tensor, rng: np.random.Generator) -> Tensor:
    normal = torch.from_numpy(rng.standard_normal((30, *image.shape[1:]), dtype=np.float32))
    return torch.cat([image, gaussian_noise(image, 0.03, normal)])


def _shot_noise(image: Tensor, rng: np.random.Generator) -> Tensor:
    uniform = torch.from_numpy(rng.random((30, *image.shape[1:]), dtype=np.float32))
    return torch.cat([image, shot_noise(image.expand_as(uniform), 300, uniform)])


def _motion_blur(image: Tensor, rng: np.random.Generator) -> Tensor:
    return motion_blur(image.expand(31, -1, -1, -1), (10, 3), torch.arange(-120, 1, 4))


def _snow(image: Tensor, rng: np.random.Generator) -> Tensor:
    normal = torch.from_numpy(rng.standard_normal((1, 1, *image.shape[2:])))
    return snow(image, (0.05, 0.3, 3, 0.5, 14, 4, 0.85), normal.expand(31, -1, -1, -1), torch.arange(-150, -29, 4))


def _brightness(image: Tensor, rng: np.random.Generator) -> Tensor:
    return brightness(image, torch.arange(-15, 16).view(-1, 1, 1, 1) * 2 / 100)


def _zoom_blur(image: Tensor, rng: np.random.Generator) -> Tensor:
    """The mean of the image and the enlargements so far."""
    enlarged = _affine_frames(image, (_inverse_affine(image, scale=1 + 0.004 * i) for i in range(1, 31)))
    seen = torch.cat([image, enlarged]).cumsum(0)
    return seen / torch.arange(1, 32).view(-1, 1, 1, 1)


def _translate(image: Tensor, rng: np.random.Generator) -> Tensor:
    return _affine_frames(image, ((1, 0, 20 - i, 0, 1, 0) for i in range(41)))


def _rotate(image: Tensor, rng: np.random.Generator) -> Tensor:
    return _affine_frames(image, (_inverse_affine(image, angle_deg=i - 15) for i in range(31)))


def _scale(image: Tensor, rng: np.random.Generator) -> Tensor:
    return _affine_frames(image, (_inverse_affine(image, scale=(40 + 2.5 * i) / 100) for i in range(31)))


def _affine_frames(image: Tensor, matrices: Iterable[tuple[float, ...]]) -> Tensor:
    """`image` under Pillow's bilinear transforms, which read the output's pixels from the places that `matrices`
    say.
    """
    (pil_image,) = to_pillow(image)
    moved = [
        pil_image.transform(pil_image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        for matrix in matrices
    ]
    return from_pillow(moved, like=image)


def _inverse_affine(image: Tensor, angle_deg: float = 0.0, scale: float = 1.0) -> tuple[float, ...]:
    """Pillow's matrix to turn and enlarge about the centre, half a pixel off as in torchvision 0.2, a quirk kept."""
    height, width = image.shape[2:]
    centre_x, centre_y = width / 2 + 0.5, height / 2 + 0.5
    cosine, sine = math.cos(math.radians(angle_deg)) / scale, math.sin(math.radians(angle_deg)) / scale
    return (
        *(cosine, sine, centre_x - cosine * centre_x - sine * centre_y),
        *(-sine, cosine, centre_y + sine * centre_x - cosine * centre_y),
    )


def _tilt(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Turned about both axes of the image and seen in perspective; rounded to levels, as OpenCV does."""
    height, width = image.shape[2:]
    reads = np.stack([np.linalg.inv(_perspective(height, width, math.radians(i - 15))) for i in range(31)])
    rows, columns = np.indices((height, width), dtype=float)
    across, down, depth = np.einsum("tij,jhw->ithw", reads, np.stack([columns, rows, np.ones_like(rows)]))
    grid = np.stack([across / depth * 2 / (width - 1) - 1, down / depth * 2 / (height - 1) - 1], axis=-1)
    tilted = F.grid_sample(
        image.expand(31, -1, -1, -1), torch.from_numpy(grid).float(), padding_mode="zeros", align_corners=True
    )
    return rounded(tilted)


def _perspective(height: int, width: int, angle: float) -> np.ndarray:
    """The 3 x 3 homography of an image turned by `angle` radians about x and y, one diagonal away from the eye.

    The reference starts it 1 px farther away, so that even unturned it shrinks a little, a quirk kept.
    """
    distance, cosine, sine = math.hypot(width, height), math.cos(angle), math.sin(angle)
    to_centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1], [0, 0, 1]])
    about_x = np.array([[1, 0, 0, 0], [0, cosine, -sine, 0], [0, sine, cosine, 0], [0, 0, 0, 1]])
    about_y = np.array([[cosine, 0, -sine, 0], [0, 1, 0, 0], [sine, 0, cosine, 0], [0, 0, 0, 1]])
    away = np.eye(4)
    away[2, 3] = distance
    to_image = np.array([[distance, 0, width / 2, 0], [0, distance, height / 2, 0], [0, 0, 1, 0]])
    return to_image @ away @ about_x @ about_y @ to_centre


_ROWS = (
    Perturbation(
        "gaussian_noise",
        "Gaussian noise",
        31,
        "first",
        False,
        _gaussian_noise,
        "clean, then 30 independent draws with sigma 0.03",
    ),
    Perturbation(
        "shot_noise", "Shot noise", 31, "first", False, _shot_noise, "clean, then 30 independent draws with 300 photons"
    ),
    Perturbation(
        "motion_blur",
        "Motion blur",
        31,
        "previous",
        False,
        _motion_blur,
        "direction from -120 to 0 degrees in steps of 4",
    ),
    Perturbation(
        "zoom_blur",
        "Zoom blur",
        31,
        "previous",
        True,
        _zoom_blur,
        "mean over enlargements of up to 1 to 1.12 in steps of 0.004",
    ),
    Perturbation("snow", "Snow", 31, "previous", False, _snow, "flakes fall from -150 to -30 degrees in steps of 4"),
    Perturbation(
        "brightness", "Brightness", 31, "previous", False, _brightness, "V from -0.30 to +0.30 in steps of 0.02"
    ),
    Perturbation(
        "translate",
        "Translate",
        41,
        "previous",
        True,
        _translate,
        "from 20 px to the left to 20 px to the right in steps of 1 px",
    ),
    Perturbation("rotate", "Rotate", 31, "previous", True, _rotate, "from -15 to +15 degrees in steps of 1"),
    Perturbation("tilt", "Tilt", 31, "previous", True, _tilt, "about both axes from -15 to +15 degrees in steps of 1"),
    Perturbation("scale", "Scale", 31, "previous", True, _scale, "from 0.40 to 1.15 in steps of 0.025"),
)

PERTURBATIONS = {row.name: row for row in _ROWS}
