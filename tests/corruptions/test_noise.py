import numpy as np
import pytest
import torch

from robust_core.corruptions.noise import poisson_quantile, shot_noise

stats = pytest.importorskip("scipy.stats")


@pytest.mark.parametrize("photons", [3, 60, 300])
def test_poisson_quantile_is_the_quantile(photons):
    levels = torch.arange(256.0).repeat_interleave(400)
    uniform = torch.rand(len(levels), generator=torch.Generator().manual_seed(photons))
    uniform[:256] = 0
    expected = stats.poisson.ppf(uniform.numpy(), levels.numpy().astype(float) / 255 * photons)
    assert np.array_equal(poisson_quantile(levels, photons, uniform).numpy(), expected.clip(0))


def test_more_photons_bring_the_same_image_closer_to_the_clean_one():
    pixels, uniform = (
        torch.full((1, 3, 64, 64), 0.6),
        torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)),
    )
    errors = [(shot_noise(pixels, photons, uniform) - pixels).square().mean() for photons in (3, 12, 60)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == pytest.approx(0.6 / 3, rel=0.05)  # the variance of a Poisson count over its scale
