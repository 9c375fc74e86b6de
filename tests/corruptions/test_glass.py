import numpy as np
import pytest
import torch

from robust_core.corruptions import CORRUPTIONS
from robust_core.corruptions.glass import draw_glass, source_pixels


def one_by_one(offsets: np.ndarray, reach_px: int) -> np.ndarray:
    """The reference's loop: the assignment it writes as a swap, done as the copy that it is."""
    height, width = offsets.shape[-2:]
    source = np.arange(height * width).reshape(height, width)
    for down, across in offsets:
        for row in range(height - reach_px, reach_px, -1):
            for column in range(width - reach_px, reach_px, -1):
                source[row, column] = source[row + down[row, column], column + across[row, column]]
    return source


@pytest.mark.parametrize("settings", CORRUPTIONS["glass_blur"].settings)
def test_source_pixels_are_those_of_the_sequential_loop(settings):
    _, reach_px, sweeps = settings
    uniform = np.stack([draw_glass(48, 40, np.random.default_rng(seed))[0][:sweeps] for seed in range(3)])
    offsets = np.floor(uniform * 2 * reach_px).astype(int) - reach_px
    assert offsets.min() == -reach_px
    assert offsets.max() == reach_px - 1
    sources = source_pixels(torch.from_numpy(offsets), reach_px)
    for source, one in zip(sources, offsets, strict=True):
        assert np.array_equal(source.numpy().reshape(48, 40), one_by_one(one, reach_px))


@pytest.mark.parametrize(
    ("settings", "percent"), list(zip(CORRUPTIONS["glass_blur"].settings, (54, 52, 28, 33, 32), strict=True))
)
def test_as_many_pixels_survive_as_in_the_reference(settings, percent):
    _, reach_px, sweeps = settings
    uniform = torch.from_numpy(draw_glass(224, 224, np.random.default_rng(0))[0])[None, :sweeps]
    source = source_pixels((uniform * 2 * reach_px).floor().long() - reach_px, reach_px)
    assert 100 * len(source.unique()) / source.numel() == pytest.approx(percent, abs=1)
