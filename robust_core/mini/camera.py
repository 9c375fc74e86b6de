"""From a drawn scene to an image: exposure, colour cast, sensor noise and, with a lesser camera, blur, more noise
and JPEG.
"""

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import conv2d, pad

from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.scene_config import Camera, SceneConfig

GRAIN_STD = 0.012
BLUR_RADIUS_PX = 2


def expose(scene: Tensor, config: SceneConfig, draws: BatchRng) -> Tensor:
    """`scene` in place, with gamma, brightness and colour cast drawn within the configuration, and a fine grain:
    (n, 3, H, W), not yet clipped.
    """
    gamma = torch.exp(1.5 * draws.between(-config.exposure, config.exposure))[:, None]
    brightness = 1 + 0.6 * draws.between(-config.exposure, config.exposure)[:, None]
    cast = 1 + draws.colour(-config.colour_cast, config.colour_cast)
    lit = scene.clamp_(1e-3, 1).pow_(gamma).mul_(brightness).mul_(cast)
    return lit.add_(_gaussian(scene.shape, draws).mul_(GRAIN_STD))


def develop(scene: Tensor, camera: Camera, draws: BatchRng) -> Tensor:
    """What the camera makes of `scene`, in place, in the order lens, sensor, file: (n, 3, H, W) in [0, 1] on 8-bit
    levels.
    """
    if camera.blur_fraction:
        std_px, chosen = draws.between(*camera.blur_px), draws.some(camera.blur_fraction)
        scene.index_copy_(0, chosen, _blurred(scene[chosen], std_px[chosen]))
    if camera.noise_fraction:
        chosen = draws.some(camera.noise_fraction)
        std = draws.between(*camera.noise_std)[chosen, None]
        scene.index_add_(0, chosen, _gaussian((len(std), *scene.shape[1:]), draws).mul_(std))
    levels = scene.clamp_(0, 1).mul_(255).round_()
    if camera.jpeg_fraction:
        quality = draws.rng.integers(*camera.jpeg_quality, size=draws.count)
        for index in draws.some(camera.jpeg_fraction).tolist():
            levels[index] = _through_jpeg(levels[index], int(quality[index]))
    return levels.div_(255)


def _gaussian(shape: tuple[int, ...], draws: BatchRng) -> Tensor:
    return torch.from_numpy(draws.rng.standard_normal(shape, dtype=np.float32))


def _blurred(scene: Tensor, std_px: Tensor) -> Tensor:
    """Each image with its own Gaussian, all in one grouped convolution."""
    n, channels, height, width = scene.shape
    if n == 0:
        return scene
    offset = torch.arange(-BLUR_RADIUS_PX, BLUR_RADIUS_PX + 1.0)
    bell = torch.exp(-((offset / std_px) ** 2) / 2)  # (n, 1, 5)
    bell = bell / bell.sum(2, keepdim=True)
    kernel = (bell.transpose(1, 2) * bell).repeat_interleave(channels, 0)[:, None]
    padded = pad(scene, (BLUR_RADIUS_PX,) * 4, mode="reflect").flatten(0, 1)[None]
    return conv2d(padded, kernel, groups=n * channels).view(n, channels, height, width)


def _through_jpeg(levels: Tensor, quality: int) -> Tensor:
    file = io.BytesIO()
    Image.fromarray(levels.byte().permute(1, 2, 0).numpy()).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)
