import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.camera import GRAIN_STD, develop, expose
from robust_core.mini.scene_config import CLEAN, PERFECT_CAMERA

SCENE = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def draws():
    return BatchRng(np.random.default_rng(0), 4)


def on_levels(pixels):
    return (pixels * 255).round() / 255


def test_a_perfect_camera_only_rounds():
    assert torch.equal(develop(SCENE.clone(), PERFECT_CAMERA, draws()), on_levels(SCENE))


def test_what_is_too_bright_is_clipped():
    pixels = develop(SCENE * 3 - 1, PERFECT_CAMERA, draws())
    assert (pixels.min(), pixels.max()) == (0, 1)


def test_no_exposure_leaves_only_the_grain():
    plain = replace(CLEAN, exposure=0.0, colour_cast=0.0)
    grain = expose(SCENE.clone(), plain, draws()) - SCENE.clamp(1e-3, 1)
    assert grain.mean() == pytest.approx(0, abs=2e-4)
    assert grain.std() == pytest.approx(GRAIN_STD, rel=0.02)


def test_blur_equals_scipy():
    camera = replace(PERFECT_CAMERA, blur_fraction=1.0, blur_px=(0.6, 0.6))
    blurred = SCENE.double().numpy()
    for axis in (2, 3):
        blurred = gaussian_filter1d(blurred, 0.6, axis=axis, mode="mirror", radius=2)
    assert np.abs(develop(SCENE.clone(), camera, draws()).numpy() - blurred).max() < 0.51 / 255


@pytest.mark.parametrize("fraction", ["blur_fraction", "noise_fraction", "jpeg_fraction"])
def test_a_lesser_camera_may_touch_no_image_at_all(fraction):
    camera = replace(PERFECT_CAMERA, **{fraction: 1e-9})
    assert torch.equal(develop(SCENE.clone(), camera, draws()), on_levels(SCENE))


def test_noise_has_its_deviation():
    grey = torch.full_like(SCENE, 0.5)
    noise = develop(grey.clone(), replace(PERFECT_CAMERA, noise_fraction=1.0, noise_std=(0.03, 0.03)), draws()) - grey
    assert noise.std() == pytest.approx(0.03, rel=0.03)


def test_jpeg_is_pillows():
    camera = replace(PERFECT_CAMERA, jpeg_fraction=1.0, jpeg_quality=(50, 51))
    file = io.BytesIO()
    levels = (SCENE[2] * 255).round().byte()
    Image.fromarray(levels.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=50)
    expected = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1) / 255
    assert torch.equal(develop(SCENE.clone(), camera, draws())[2], expected)


@pytest.mark.parametrize("fraction", ["blur_fraction", "noise_fraction", "jpeg_fraction"])
def test_about_the_stated_share_is_touched(fraction):
    scene = torch.rand(400, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    camera = replace(PERFECT_CAMERA, blur_px=(0.5, 0.7), noise_std=(0.02, 0.04), **{fraction: 0.4})
    pixels = develop(scene.clone(), camera, BatchRng(np.random.default_rng(0), 400))
    touched = (pixels != on_levels(scene)).flatten(1).any(1).float().mean()
    assert touched == pytest.approx(0.4, abs=0.08)
