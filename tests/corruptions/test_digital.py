import io

import numpy as np
import pytest
import torch
from PIL import Image

from robust_core.corruptions import CORRUPTIONS
from robust_core.corruptions.digital import draw_elastic, elastic_transform, jpeg_compression, pixelate
from robust_core.corruptions.levels import truncated
from tests.corruptions.conftest import as_levels, as_pixels

ndimage = pytest.importorskip("scipy.ndimage")


def elastic_with_scipy(image: np.ndarray, settings, corners, across, down) -> np.ndarray:
    """The reference's steps with SciPy's operators instead of OpenCV's and scikit-image's."""
    alpha, sigma, jitter = settings
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(float)
    centre, reach = np.array([width // 2, height // 2]), min(height, width) // 3
    fixed = np.array([centre + reach, [centre[0] + reach, centre[1] - reach], centre - reach], float)
    back = np.linalg.solve(np.column_stack([fixed + corners * jitter, np.ones(3)]), fixed)
    reads = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ back
    smooth = [
        alpha * ndimage.gaussian_filter(field.astype(float), sigma, mode="reflect", truncate=3)
        for field in (across, down)
    ]
    channels = []
    for channel in (image / 255).transpose(2, 0, 1):
        skewed = ndimage.map_coordinates(channel, [reads[..., 1], reads[..., 0]], order=1, mode="mirror")
        channels.append(
            ndimage.map_coordinates(skewed, [rows + smooth[1], columns + smooth[0]], order=1, mode="reflect")
        )
    return np.trunc(np.stack(channels, axis=-1).clip(0, 1) * 255).astype(int)


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_elastic_transform_is_the_one_made_with_scipy(severity, photos):
    settings = CORRUPTIONS["elastic_transform"].settings[severity - 1]
    for seed, photo in enumerate(photos):
        draws = draw_elastic(224, 224, np.random.default_rng(seed))
        ours = as_levels(
            truncated(
                elastic_transform(as_pixels(photo), settings, *(torch.from_numpy(field)[None] for field in draws))
            )
        )
        difference = np.abs(ours - elastic_with_scipy(photo, settings, *draws))
        assert difference.max() <= 1
        assert (difference > 0).mean() <= 0.002


def test_elastic_transform_without_displacement_is_the_image(painting):
    pixels = as_pixels(painting)
    nothing = torch.zeros(1, 64, 80)
    assert torch.allclose(
        elastic_transform(pixels, (488, 170.8, 24.4), torch.zeros(1, 3, 2), nothing, nothing), pixels, atol=1e-4
    )


def test_jpeg_halves_the_colour_resolution(painting):
    """Stored as 4:2:0: the file that Pillow writes says so."""
    file = io.BytesIO()
    Image.fromarray(painting).save(file, "JPEG", quality=25, subsampling="4:2:0")
    assert np.array_equal(as_levels(jpeg_compression(as_pixels(painting), 25)), np.asarray(Image.open(file)))


def test_pixelate_leaves_whole_blocks():
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    blocks = as_levels(pixelate(pixels, 0.25))
    assert np.array_equal(blocks, blocks[::4, ::4].repeat(4, 0).repeat(4, 1))
    means = (pixels * 255).round().unfold(2, 4, 4).unfold(3, 4, 4).mean((-1, -2))[0].permute(1, 2, 0).numpy()
    assert np.abs(blocks[::4, ::4] - means).max() <= 1.01  # Pillow rounds after each of its two passes
