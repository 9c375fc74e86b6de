"""A scene drawn again with its object moved, resized, turned or recoloured, or before another background.

All else stays. The drawing modules stay as they are, since their source is part of what Mini is; so this one draws with
their parts, in their order, and with the random numbers that the scene itself has.
"""

from dataclasses import replace
from math import cos, pi, radians, sin

import numpy as np
import torch
from torch import Tensor

from robust_core.edits.object_edit import ObjectEdit
from robust_core.mini.backgrounds import BACKGROUNDS, turned
from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.camera import develop, expose
from robust_core.mini.scene_config import SceneConfig
from robust_core.mini.world import (
    SIDE_PX,
    SyntheticImages,
    _backdrop,
    _coordinates,
    _hue_turned,
    _occluded,
    _painted,
    _pose,
    _put,
    _second_objects,
    _shadow,
    _stencil,
)

FOR_BACKGROUND = 1  # what draws are for, beside those of the scene
Pose = tuple[Tensor, Tensor]


@torch.no_grad()
def edited_image(shape: int, texture: int, config: SceneConfig, seed: int, edit: ObjectEdit) -> SyntheticImages:
    """The image that `world.single_image` draws, with its object edited; with `edits.UNEDITED` it is that image, bit
    for bit.
    """
    places, materials, light = np.random.default_rng(seed).spawn(3)
    shapes, textures = np.array([shape]), np.array([texture])
    scene = _backdrop(1, config, places)
    if edit.background:
        scene = _other_background(edit.background, config, seed)
    second = _second_objects(1, config, places)
    if second[0] >= 0:
        beside = _pose(BatchRng(places, 1), config, beside=True)
        scene, _ = _put(scene, second, second, beside, config, places, materials)
    pose = moved(_pose(BatchRng(places, 1), config), edit)
    scene, mask = _put_recoloured(scene, shapes, textures, pose, config, places, materials, edit.hue_degrees)
    if places.random(1) < config.occluder_fraction:
        scene = _occluded(scene, BatchRng(places, 1))
    draws = BatchRng(light, 1)
    pixels = develop(expose(scene, config, draws), config.camera, draws)
    return SyntheticImages(pixels, torch.tensor([shape]), torch.tensor([texture]), torch.from_numpy(second), mask)


def moved(pose: Pose, edit: ObjectEdit) -> Pose:
    """The object coordinates (1, 64, 64) of every pixel, after its object was resized and turned about its own centre
    and moved.
    """
    if edit.stays:
        return pose
    matrix, offset = _affine(pose)
    centre = torch.linalg.solve(matrix, -offset)
    shift = 2 / 100 * torch.tensor([edit.right_percent, edit.down_percent], dtype=torch.float64)
    angle = radians(edit.rotation_degrees)
    back = torch.tensor([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]], dtype=torch.float64) / edit.zoom
    x, y = (one.double() for one in _coordinates())
    new_centre = centre + shift
    from_centre = torch.stack(torch.broadcast_tensors(x - new_centre[0], y - new_centre[1]), -1)
    u, v = (from_centre @ (matrix @ back).T).float().unbind(-1)
    return u.contiguous(), v.contiguous()


def _affine(pose: Pose) -> tuple[Tensor, Tensor]:
    """The matrix (2, 2) and the offset (2,) by which a pose goes from image to object coordinates, float64."""
    across = 2 - 2 / SIDE_PX  # from the first pixel's centre to the last one's
    planes = torch.stack([plane[0].double() for plane in pose])
    first, right, below = planes[:, 0, 0], planes[:, 0, -1], planes[:, -1, 0]
    matrix = torch.stack([(right - first) / across, (below - first) / across], 1)
    corner = torch.full((2,), -across / 2, dtype=torch.float64)
    return matrix, first - matrix @ corner


def _other_background(kind: str, config: SceneConfig, seed: int) -> Tensor:
    """One of this kind, of random numbers of its own."""
    own = np.random.default_rng([seed, FOR_BACKGROUND, list(BACKGROUNDS).index(kind)])
    return _backdrop(1, replace(config, backgrounds=(kind,)), own)


def _put_recoloured(
    scene: Tensor,
    shape: np.ndarray,
    texture: np.ndarray,
    pose: Pose,
    config: SceneConfig,
    places: np.random.Generator,
    materials: np.random.Generator,
    hue_degrees: float,
) -> tuple[Tensor, Tensor]:
    """As `world._put`, with the hue of the texture turned before it is lit."""
    x, y = _coordinates()
    draws = BatchRng(places, 1)
    mask, shade = _stencil(shape, places.integers(*config.variants, 1), pose)
    towards, _ = turned(x, y, draws.between(0, 2 * pi))
    light = 1 + draws.between(0, config.light_gradient) * towards
    colours = _painted(texture, pose, config, materials)
    if hue_degrees:
        colours = _hue_turned(colours, torch.full((1, 1, 1), radians(hue_degrees)))
    colours = colours.mul_((shade * light)[:, None]).clamp_(0, 1)
    return scene.mul_(1 - 0.35 * _shadow(mask)).lerp_(colours, mask[:, None]), mask
