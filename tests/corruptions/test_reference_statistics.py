"""Our draws against those of the reference: the same distribution of images, not only the same arithmetic.

The numbers were measured on the reference's own source (hendrycks/robustness @8190fe3, run on today's libraries with
the real ImageMagick) on the image `astronaut`: mean level, and mean squared distance to the clean image in
levels.
"""

import math

import pytest
import torch

from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.frost_photos import PROCEDURAL_FROST, frost_source
from tests.corruptions.conftest import as_pixels

SEEDS = 24
STANDARD_ERRORS = 4

# name, severity, (mean and standard deviation of the mean level), (the same of the squared distance)
REFERENCE = [
    ("gaussian_noise", 1, (117.9695, 0.0494), (365.907, 1.2623)),
    ("gaussian_noise", 3, (119.1926, 0.1013), (1639.0414, 6.1099)),
    ("gaussian_noise", 5, (120.6443, 0.1797), (5489.8563, 22.7034)),
    ("shot_noise", 1, (116.4208, 0.0509), (452.2266, 2.0002)),
    ("shot_noise", 3, (113.2021, 0.1033), (1872.4229, 7.6257)),
    ("shot_noise", 5, (103.4041, 0.189), (5840.8184, 23.4156)),
    ("impulse_noise", 1, (117.6108, 0.0638), (682.8822, 13.6892)),
    ("impulse_noise", 3, (118.2526, 0.1158), (2046.6872, 22.4816)),
    ("impulse_noise", 5, (120.0934, 0.2048), (6143.0993, 39.7729)),
    ("speckle_noise", 1, (116.211, 0.0522), (400.0257, 1.8954)),
    ("speckle_noise", 3, (112.6732, 0.105), (1792.7209, 9.6704)),
    ("speckle_noise", 5, (107.1654, 0.1569), (4083.7127, 20.4873)),
    ("glass_blur", 1, (116.6839, 0.0683), (426.5381, 6.2456)),
    ("glass_blur", 3, (116.944, 0.239), (1089.1197, 17.4483)),
    ("glass_blur", 5, (116.7325, 0.2717), (1152.4295, 20.3556)),
    ("motion_blur", 1, (117.4887, 0.3519), (606.0133, 46.4506)),
    ("motion_blur", 3, (117.7065, 1.0191), (1709.4389, 113.4907)),
    ("motion_blur", 5, (117.7677, 1.9448), (2703.4629, 172.479)),
    ("snow", 1, (158.2032, 0.442), (1999.2882, 58.3607)),
    ("snow", 3, (180.2273, 1.0255), (4866.891, 188.4529)),
    ("snow", 5, (203.2509, 0.8757), (8908.5151, 202.8894)),
    ("frost", 1, (174.5238, 11.4917), (3728.9685, 1368.7388)),
    ("frost", 3, (188.5967, 22.0659), (7033.7214, 3164.8004)),
    ("frost", 5, (186.9269, 25.4036), (7404.3614, 3417.6796)),
    ("fog", 1, (122.4726, 14.1535), (3103.5715, 421.6973)),
    ("fog", 3, (123.6187, 16.1723), (4511.0227, 621.2957)),
    ("fog", 5, (124.0685, 12.4266), (4990.4346, 645.9395)),
    ("elastic_transform", 1, (116.9157, 3.6545), (6466.6394, 928.0324)),
    ("elastic_transform", 3, (116.8649, 0.8888), (1846.0763, 437.2481)),
    ("elastic_transform", 5, (116.8627, 1.0399), (2133.1758, 356.9456)),
    ("spatter", 1, (118.1631, 0.2629), (37.9746, 15.9902)),
    ("spatter", 3, (124.8799, 0.5075), (382.8116, 35.6248)),
    ("spatter", 5, (104.0292, 0.8447), (1819.2388, 113.5926)),
]


@pytest.mark.parametrize(("name", "severity", "level", "distance"), REFERENCE)
def test_our_draws_have_the_reference_distribution(name, severity, level, distance, photos):
    if name == "frost" and frost_source() == PROCEDURAL_FROST:
        pytest.skip("the reference's frost photos are not here")
    clean = as_pixels(photos[0])
    images = torch.cat([corrupt(clean, name, severity, seed) for seed in range(SEEDS)])
    assert_near(((images * 255).mean((1, 2, 3))), *level)
    assert_near((((images - clean) * 255) ** 2).mean((1, 2, 3)), *distance)


def assert_near(values: torch.Tensor, mean: float, deviation: float) -> None:
    assert values.mean().item() == pytest.approx(mean, abs=STANDARD_ERRORS * deviation / math.sqrt(len(values)))
