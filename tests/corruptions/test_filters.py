import numpy as np
import pytest
import torch

from robust_core.corruptions.filters import gaussian_filter, line_blur, zoom_centre

ndimage = pytest.importorskip("scipy.ndimage")


@pytest.mark.parametrize(
    ("sigma_px", "truncate", "border"),
    [(0.7, 4, "nearest"), (6, 4, "nearest"), (2.44, 3, "reflect"), (170.8, 3, "reflect")],
)
def test_gaussian_filter_is_scipys(sigma_px, truncate, border):
    field = np.random.default_rng(0).random((40, 57))
    expected = ndimage.gaussian_filter(field, sigma_px, mode=border, truncate=truncate)
    assert np.allclose(
        gaussian_filter(torch.from_numpy(field), sigma_px, truncate=truncate, border=border), expected, atol=1e-12
    )


@pytest.mark.parametrize("factor", [1.0, 1.01, 1.3, 2.5, 4.5])
def test_zoom_centre_is_scipys(factor):
    field = np.random.default_rng(0).random((224, 224))
    inner = int(np.ceil(224 / factor))
    start = (224 - inner) // 2
    enlarged = ndimage.zoom(field[start : start + inner, start : start + inner], factor, order=1)
    trim = (len(enlarged) - 224) // 2
    expected = enlarged[trim : trim + 224, trim : trim + 224]
    assert np.allclose(zoom_centre(torch.from_numpy(field)[None, None], factor)[0, 0], expected, atol=1e-12)


def white_dot() -> torch.Tensor:
    field = torch.zeros(1, 1, 65, 65, dtype=torch.float64)
    field[..., 32, 32] = 255
    return field


def test_line_blur_along_the_rows_is_imagemagicks():
    """ImageMagick 6.9.11 gave these levels for radius 10 and sigma 3; tap i reads the pixel i to the right."""
    blurred = line_blur(white_dot(), 10, 3, [0]).round()[0, 0]
    assert blurred[32, 23:33].flip(0).tolist() == [60, 57, 48, 36, 25, 15, 8, 4, 2, 1]
    assert blurred.count_nonzero() == 10


def test_line_blur_along_the_diagonal_is_imagemagicks():
    blurred = line_blur(white_dot(), 10, 3, [45]).round()[0, 0]
    assert blurred.diagonal()[26:33].flip(0).tolist() == [60, 105, 36, 25, 23, 4, 2]
    assert blurred.count_nonzero() == 7


def test_line_blur_keeps_a_flat_image_flat_to_its_edges():
    assert torch.allclose(line_blur(torch.ones(2, 3, 32, 32), 20, 15, [33.0, -120.0]), torch.ones(2, 3, 32, 32))
