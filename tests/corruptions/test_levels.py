import numpy as np
import torch

from robust_core.corruptions.levels import from_pillow, rounded, to_pillow, truncated


def test_every_level_survives():
    levels = torch.arange(256.0).view(1, 1, 16, 16) / 255
    assert torch.equal(truncated(levels), levels)
    assert torch.equal(rounded(levels), levels)


def test_truncation_is_that_of_a_cast_to_uint8():
    values = np.random.default_rng(0).uniform(-0.2, 1.2, (1, 3, 40, 40))
    expected = (values.clip(0, 1) * 255).astype(np.uint8)
    assert np.array_equal((truncated(torch.from_numpy(values)) * 255).round().numpy(), expected)


def test_there_and_back_through_pillow():
    pixels = rounded(torch.rand(2, 3, 20, 30, generator=torch.Generator().manual_seed(0)))
    images = to_pillow(pixels)
    assert images[0].size == (30, 20)
    assert torch.equal(from_pillow(images, like=pixels), pixels)
