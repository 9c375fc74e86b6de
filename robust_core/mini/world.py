"""Mini: scenes of one object, perhaps a smaller second one, and perhaps something in front, as 64 x 64
images.

Images come in chunks of 64, and each chunk has its own random numbers (seed, split, chunk): the same seed gives the
same images in any order of rendering, and never depends on the global random state.

A chunk of pixels is 3 MB, and drawing waits for memory rather than for arithmetic: what is finished with is overwritten
in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from robust_core.errors import BadInput
from robust_core.mini.backgrounds import BACKGROUNDS, turned
from robust_core.mini.batch_rng import BatchRng, mix
from robust_core.mini.camera import develop, expose
from robust_core.mini.profiles import step
from robust_core.mini.scene_config import SceneConfig
from robust_core.mini.shapes import CATEGORIES, silhouette
from robust_core.mini.textures import surface

SIDE_PX = 64
CHUNK = 64  # images; part of the world, since it decides which image gets which random numbers
SECOND_SCALE = (0.3, 0.5)
# Row i averages the rows i - 3 to i + 1: a matrix is several times faster here than a pooling layer.
SHADOW = (torch.ones(SIDE_PX, SIDE_PX).tril(1).triu(-3)) / 5


@dataclass(frozen=True, eq=False)
class SyntheticImages:
    """N images and what is in them; categories are indices into CATEGORIES.

    pixels (N, 3, 64, 64) float32 in [0, 1]; shape, texture and second (N,) int64, where second is -1 without a second
    object; mask (N, 64, 64) float32 in [0, 1], the main object before anything is put in front of it.
    """

    pixels: Tensor
    shape: Tensor
    texture: Tensor
    second: Tensor
    mask: Tensor

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: slice | Tensor) -> "SyntheticImages":
        return SyntheticImages(*(getattr(self, field.name)[index] for field in fields(self)))


def join(parts: list[SyntheticImages]) -> SyntheticImages:
    """Several batches as one."""
    return SyntheticImages(
        *(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(SyntheticImages))
    )


def single_image(shape: int, texture: int, config: SceneConfig, seed: int) -> SyntheticImages:
    """One image of the chosen shape in the chosen texture; with the same seed, another texture keeps the scene and
    the pose.

    Raises BadInput for a category outside 0-15 or a negative seed.
    """
    if not (0 <= shape < len(CATEGORIES) and 0 <= texture < len(CATEGORIES) and seed >= 0):
        raise BadInput(
            f"Expected two categories from 0 to {len(CATEGORIES) - 1} and a seed from 0 up, got {shape}, {texture} "
            f"and {seed}."
        )
    return compose(np.array([shape]), np.array([texture]), config, np.random.default_rng(seed))


@torch.no_grad()
def compose(shape: np.ndarray, texture: np.ndarray, config: SceneConfig, rng: np.random.Generator) -> SyntheticImages:
    """Images of the given shapes in the given textures (N,), everything else drawn within the configuration.

    What is where, what it is made of and how it is photographed have random numbers of their own, so that one can
    change alone.
    """
    places, materials, light = rng.spawn(3)
    n = len(shape)
    scene = _backdrop(n, config, places)
    second = _second_objects(n, config, places)
    holders = np.flatnonzero(second >= 0)
    if len(holders):
        pose = _pose(BatchRng(places, len(holders)), config, beside=True)
        scene[holders], _ = _put(scene[holders], second[holders], second[holders], pose, config, places, materials)
    scene, mask = _put(scene, shape, texture, _pose(BatchRng(places, n), config), config, places, materials)
    hidden = np.flatnonzero(places.random(n) < config.occluder_fraction)
    if len(hidden):
        scene[hidden] = _occluded(scene[hidden], BatchRng(places, len(hidden)))
    draws = BatchRng(light, n)
    pixels = develop(expose(scene, config, draws), config.camera, draws)
    return SyntheticImages(pixels, torch.from_numpy(shape), torch.from_numpy(texture), torch.from_numpy(second), mask)


def _coordinates() -> tuple[Tensor, Tensor]:
    """x (1, 1, 64) and y (1, 64, 1) of the pixel centres, from -1 to 1."""
    axis = (torch.arange(SIDE_PX) + 0.5) / SIDE_PX * 2 - 1
    return axis.view(1, 1, -1), axis.view(1, -1, 1)


def _backdrop(n: int, config: SceneConfig, rng: np.random.Generator) -> Tensor:
    x, y = _coordinates()
    scene = torch.empty(n, 3, SIDE_PX, SIDE_PX)
    kinds = rng.integers(0, len(config.backgrounds), n)
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        scene[members] = BACKGROUNDS[config.backgrounds[kind]](x, y, BatchRng(rng, len(members)))
    grey = scene.mean(1, keepdim=True)
    return torch.lerp(grey, scene, config.background_saturation, out=scene)


def _second_objects(n: int, config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """A random category where there is a second object, else -1."""
    return np.where(rng.random(n) < config.second_object_fraction, rng.integers(0, len(CATEGORIES), n), -1)


def _pose(draws: BatchRng, config: SceneConfig, beside: bool = False) -> tuple[Tensor, Tensor]:
    """Object coordinates of every pixel, (n, 64, 64) each; `beside` puts a small object to the left or right."""
    x, y = _coordinates()
    scale = draws.between(*(SECOND_SCALE if beside else config.scale))
    angle = draws.between(-config.rotation_degrees, config.rotation_degrees) * (np.pi / 180)
    dx, dy = (draws.between(-config.translation, config.translation) for _ in range(2))
    if beside:
        dx, dy = draws.between(0.35, 0.75) * draws.choice((-1.0, 1.0)), draws.between(-0.6, 0.6)
    u, v = turned(x - dx, y - dy, angle)
    shear, stretch = (draws.between(-config.shear, config.shear) for _ in range(2))
    u, v = u.div_(scale), v.div_(scale)
    return u * draws.choice((-1.0, 1.0)) * (1 + stretch) + shear * v, v * (1 - stretch)


def _put(
    scene: Tensor,
    shape: np.ndarray,
    texture: np.ndarray,
    pose: tuple[Tensor, Tensor],
    config: SceneConfig,
    places: np.random.Generator,
    materials: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """One object put into every image of `scene`, in place, lit from one side and with a soft shadow; the scene and
    the object's mask.
    """
    x, y = _coordinates()
    draws = BatchRng(places, len(shape))
    mask, shade = _stencil(shape, places.integers(*config.variants, len(shape)), pose)
    towards, _ = turned(x, y, draws.between(0, 2 * np.pi))
    light = 1 + draws.between(0, config.light_gradient) * towards
    colours = _painted(texture, pose, config, materials).mul_((shade * light)[:, None]).clamp_(0, 1)
    return scene.mul_(1 - 0.35 * _shadow(mask)).lerp_(colours, mask[:, None]), mask


def _shadow(mask: Tensor) -> Tensor:
    """The mask averaged over 5 x 5 px and moved 1 px to the right and down: (n, 1, 64, 64)."""
    return (SHADOW @ mask @ SHADOW.T)[:, None]


def _stencil(shape: np.ndarray, variant: np.ndarray, pose: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Where the objects are, from 0 to 1, and how their parts are shaded (1 is neutral): (n, 64, 64) each."""
    return _sampled(
        [silhouette(int(category), int(number)) for category, number in zip(shape, variant, strict=True)], pose
    )


def _sampled(drawings: Sequence[np.ndarray], pose: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Mask and shade (n, 64, 64) of `n` drawings, uint8 (2, 96, 96) each, in their poses."""
    grid = torch.stack(pose, 1).permute(0, 2, 3, 1)  # ten times faster than to stack along the last dimension
    planes = grid_sample(torch.from_numpy(np.stack(drawings)).float(), grid, padding_mode="zeros", align_corners=False)
    mask = planes[:, 0] / 255
    inside = (mask > 0.02).float()
    return mask, (planes[:, 1] / 128).mul_(inside).add_(1 - inside)


def _painted(texture: np.ndarray, pose: tuple[Tensor, Tensor], config: SceneConfig, rng: np.random.Generator) -> Tensor:
    """The textures in object coordinates, their contrast lowered and their hue turned within the configuration:
    (n, 3, 64, 64).
    """
    whole = BatchRng(rng, len(texture))
    scale = whole.between(*config.texture_scale)
    u, v = pose[0] * scale, pose[1] * scale
    colours = torch.empty(len(texture), 3, SIDE_PX, SIDE_PX)
    for index in np.unique(texture):
        members = torch.from_numpy(np.flatnonzero(texture == index))
        draws = BatchRng(rng, len(members), config.texture_widening)
        colours.index_copy_(
            0, members, surface(int(index), u.index_select(0, members), v.index_select(0, members), draws)
        )
    return _toned(colours, whole, config)


def _toned(colours: Tensor, whole: BatchRng, config: SceneConfig) -> Tensor:
    """The contrast of `colours` lowered and their hue turned within the configuration, in [0, 1]."""
    flat = colours.mean((2, 3), keepdim=True).expand_as(colours).clone()
    colours = flat.lerp_(colours, whole.between(*config.texture_contrast)[:, None])
    return _hue_turned(colours, whole.between(-config.hue_radians, config.hue_radians)).clamp_(0, 1)


def _hue_turned(colours: Tensor, angle: Tensor) -> Tensor:
    """A rotation of RGB about the grey axis by `angle` (n, 1, 1)."""
    cos, sin = angle.flatten().cos(), angle.flatten().sin()
    same, left, right = cos + (1 - cos) / 3, (1 - cos) / 3 - sin / 3**0.5, (1 - cos) / 3 + sin / 3**0.5
    rotation = torch.stack([same, left, right, right, same, left, left, right, same], 1).view(-1, 3, 3)
    return (rotation @ colours.flatten(2)).view_as(colours)


def _occluded(scene: Tensor, draws: BatchRng) -> Tensor:
    """The scene behind a bar or a disc of one colour."""
    x, y = _coordinates()
    along, across = turned(x, y, draws.between(0, np.pi))
    along, across = along - draws.between(-0.5, 0.5), across - draws.between(-0.8, 0.8)
    bar, disc = along.abs() / draws.between(0.05, 0.13), torch.hypot(along, across) / draws.between(0.15, 0.32)
    distance = torch.where(draws.chance(0.5), bar, disc)
    return mix(scene, draws.colour(0.05, 0.9), step(1 - distance, 0.06))
