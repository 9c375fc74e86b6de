"""Images of the downstream tasks, drawn like Mini's own clean scenes from parts that no training image has."""

import numpy as np
import torch
from torch import Tensor

from robust_core.mini.backgrounds import turned
from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.camera import develop, expose
from robust_core.mini.downstream_tasks import DownstreamTask
from robust_core.mini.new_shapes import new_silhouette
from robust_core.mini.new_surfaces import new_surface
from robust_core.mini.scene_config import CLEAN, SceneConfig
from robust_core.mini.shapes import CATEGORIES, silhouette
from robust_core.mini.textures import surface
from robust_core.mini.world import _backdrop, _coordinates, _occluded, _pose, _sampled, _shadow, _toned

SEED = 4_711  # apart from every split of Mini


@torch.no_grad()
def downstream_image(task: DownstreamTask, label: int, number: int, config: SceneConfig = CLEAN) -> Tensor:
    """Image `number` of a class: (3, 64, 64) float32 in [0, 1], the same in any order of drawing."""
    places, materials, light = np.random.default_rng([SEED, task.number, label, number]).spawn(3)
    draws = BatchRng(places, 1)
    scene, pose = _backdrop(1, config, places), _pose(draws, config)
    name, other = task.classes[label], int(materials.integers(len(CATEGORIES)))
    variant = int(places.integers(*config.variants))
    by_shape = task.told_by == "shape"
    mask, shade = _sampled([new_silhouette(name, variant) if by_shape else silhouette(other, variant)], pose)
    x, y = _coordinates()
    towards, _ = turned(x, y, draws.between(0, 2 * np.pi))
    brightness = shade * (1 + draws.between(0, config.light_gradient) * towards)
    colours = _painted(other if by_shape else name, pose, config, materials).mul_(brightness[:, None]).clamp_(0, 1)
    scene = scene.mul_(1 - 0.35 * _shadow(mask)).lerp_(colours, mask[:, None])
    if places.random() < config.occluder_fraction:
        scene = _occluded(scene, draws)
    lit = BatchRng(light, 1)
    return develop(expose(scene, config, lit), config.camera, lit)[0]


def _painted(texture: int | str, pose: tuple[Tensor, Tensor], config: SceneConfig, rng: np.random.Generator) -> Tensor:
    """One of Mini's textures, or a new surface, in object coordinates: (1, 3, 64, 64)."""
    draws = BatchRng(rng, 1, config.texture_widening)
    whole = BatchRng(rng, 1)
    scale = whole.between(*config.texture_scale)
    u, v = pose[0] * scale, pose[1] * scale
    colours = surface(texture, u, v, draws) if isinstance(texture, int) else new_surface(texture, u, v, draws)
    return _toned(colours, whole, config)
