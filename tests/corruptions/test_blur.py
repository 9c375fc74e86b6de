import numpy as np
import pytest
import torch

from robust_core.corruptions.blur import defocus_blur, motion_blur, zoom_blur
from robust_core.corruptions.filters import zoom_centre
from tests.corruptions.conftest import as_pixels


def test_zoom_blur_counts_the_image_twice(painting):
    pixels = as_pixels(painting)
    assert torch.allclose(zoom_blur(pixels, [1.0]), pixels)
    assert torch.allclose(
        zoom_blur(pixels, [1.0, 1.5, 2.0]),
        (2 * pixels + zoom_centre(pixels, 1.5) + zoom_centre(pixels, 2.0)) / 4,
        atol=1e-6,
    )


@pytest.mark.parametrize(("settings", "gain"), [((3, 0.1), 1.0), ((8, 0.5), 1.013), ((10, 0.5), 1.0108)])
def test_defocus_blur_spreads_a_dot_over_a_disk(settings, gain):
    """The two widest disks reach the edge of their array, and the mirror there makes them weigh more than 1, a quirk
    kept.
    """
    pixels = torch.zeros(1, 3, 65, 65)
    pixels[..., 32, 32] = 1
    disk = defocus_blur(pixels, settings)[0, 0].double()
    squared_radius = torch.from_numpy(np.square(np.mgrid[-32:33, -32:33]).sum(0))
    inside = (squared_radius <= settings[0] ** 2).sum().item()
    assert disk.sum() == pytest.approx(gain, abs=1e-4)
    assert disk[32, 32] == pytest.approx(1 / inside, rel=1e-4)
    assert disk[squared_radius > (settings[0] + 3) ** 2].abs().max() < 1e-6
    assert torch.allclose(disk, disk.T, atol=1e-7)


def test_motion_blur_rounds_where_the_others_truncate():
    """A 60/40 mix of two grey levels: 100.6 becomes 101."""
    pixels = torch.full((1, 3, 32, 64), 100 / 255)
    pixels[..., 32:] = 101 / 255
    levels = motion_blur(pixels, (10, 3), torch.tensor([0.0])) * 255
    assert torch.allclose(levels, levels.round(), atol=1e-4)
    # Taps 0 and 1 hold (60 + 57) / 255 of the weight: two columns before the edge more than half reads 101.
    assert levels[0, 0, 0, 28:34].round().tolist() == [100, 100, 101, 101, 101, 101]
