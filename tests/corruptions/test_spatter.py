import numpy as np
import pytest
import torch

from robust_core.corruptions.filters import gaussian_filter
from robust_core.corruptions.spatter import canny, chamfer_distance, equalised, spatter

cv2 = pytest.importorskip("cv2")


def liquid(seed: int, sigma_px: float) -> torch.Tensor:
    """(1, 1, 120, 150), whole levels, as float32: drops on black."""
    normal = torch.from_numpy(np.random.default_rng(seed).standard_normal((1, 1, 120, 150)))
    field = gaussian_filter(0.65 + 0.3 * normal, sigma_px)
    return (torch.where(field < 0.68, 0, field) * 255).floor().clamp(max=255).float()


@pytest.fixture(params=[(0, 2.0), (1, 3.0), (2, 4.0), (3, 0.5)])
def levels(request):
    return liquid(*request.param)


def as_cv2(field: torch.Tensor) -> np.ndarray:
    return field[0, 0].numpy().astype(np.uint8)


def test_canny_is_opencvs(levels):
    edges = canny(levels)
    assert edges.any()
    assert np.array_equal(as_cv2(edges) * 255, cv2.Canny(as_cv2(levels), 50, 150))


def test_chamfer_distance_is_opencvs_up_to_20_px(levels):
    edges = canny(levels)
    expected = cv2.distanceTransform(255 - as_cv2(edges) * 255, cv2.DIST_L2, 5)
    assert np.allclose(chamfer_distance(edges)[0, 0].clamp(max=20), expected.clip(max=20), atol=1e-3)


def test_chamfer_distance_from_one_dot_and_from_nothing():
    edges = torch.zeros(1, 1, 60, 60, dtype=torch.bool)
    assert chamfer_distance(edges).min() >= 20
    edges[..., 30, 30] = True
    distance = chamfer_distance(edges)[0, 0]
    assert [
        round(distance[30 + down, 30 + across].item(), 4) for down, across in [(0, 0), (3, 0), (2, 2), (1, 2), (-2, 1)]
    ] == [0, 3, 2.8, 2.1969, 2.1969]


def test_equalised_is_opencvs(levels):
    assert np.array_equal(as_cv2(equalised(levels)), cv2.equalizeHist(as_cv2(levels)))
    flat = torch.full((1, 1, 8, 8), 20.0)
    assert torch.equal(equalised(flat), flat)


def test_an_image_without_a_drop_stays_as_it_was():
    pixels, dry = torch.rand(1, 3, 32, 32), torch.full((1, 1, 32, 32), -5.0)
    for substance, amount in (("water", 0.6), ("mud", 1.5)):
        assert torch.equal(spatter(pixels, (0.65, 0.3, 4, 0.69, amount, substance), dry), pixels)
