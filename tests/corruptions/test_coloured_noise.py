import math

import numpy as np
import pytest
import torch

from robust_core.corruptions.coloured_noise import (
    CELLS,
    blue_noise_sample,
    brownish_noise,
    draw_colour_phases,
    draw_grey_phases,
    draw_lattice,
    perlin_noise,
)

SIZES = [(64, 64), (65, 65), (48, 96), (33, 47)]


def given(draws):
    return [torch.from_numpy(field)[None] for field in draws]


def power_by_frequency(field: torch.Tensor, edges: list[float]) -> list[float]:
    """The mean power of `field` (H, W) between `edges`, in cycles per shorter side."""
    shorter = min(field.shape)
    down, across = (np.fft.fftfreq(side) * shorter for side in field.shape)
    frequency = np.hypot(down[:, None], across)
    power = np.abs(np.fft.fft2(field.double().numpy())) ** 2
    pairs = zip(edges, edges[1:], strict=False)
    return [float(power[(frequency >= low) & (frequency < high)].mean()) for low, high in pairs]


@pytest.mark.parametrize("size", SIZES)
def test_brownish_noise_has_the_stated_deviation_and_falls_with_the_fourth_power(size):
    half = torch.full((1, 3, *size), 0.5)
    added = brownish_noise(half, 3.0, *given(draw_colour_phases(*size, np.random.default_rng(0))))[0] - 0.5
    assert torch.allclose(added.std((1, 2), correction=0), torch.full((3,), 3 * 6.4 / 255), rtol=1e-4)
    low, high = np.mean([power_by_frequency(channel, [3.5, 4.5, 7.5, 8.5])[::2] for channel in added], axis=0)
    assert low / high == pytest.approx(((8**2 + 1) / (4**2 + 1)) ** 2, rel=0.6)
    assert not torch.allclose(added[0], added[1])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("level", [0.8, 5.6])
def test_blue_noise_blackens_the_share_below_its_threshold(size, level):
    white = torch.ones(1, 3, *size)
    kept = blue_noise_sample(white, level, *given(draw_grey_phases(*size, np.random.default_rng(1))))[0]
    assert set(kept.unique().tolist()) == {0, 1}
    share = 0.5 * (1 + math.erf((0.3 * level - 2.5) / math.sqrt(2)))
    assert float(1 - kept.mean()) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("size", SIZES)
def test_blue_noise_is_blue(size):
    """Cut at its median, where a threshold keeps most of a spectrum."""
    phases = given(draw_grey_phases(*size, np.random.default_rng(1)))
    kept = blue_noise_sample(torch.ones(1, 3, *size), 2.5 / 0.3, *phases)[0, 0]
    edges = [0.5, min(size) / 16, min(size) / 4, min(size) / 2]
    low, high = power_by_frequency(kept - kept.mean(), edges)[::2]
    assert high > 2 * low


@pytest.mark.parametrize("size", [(70, 70), (70, 140), (224, 224)])
def test_perlin_noise_is_half_grey_at_the_lattice_and_never_darker(size):
    spacing, share = min(size) // CELLS, 0.05 * 5.2
    field = perlin_noise(torch.zeros(1, 3, *size), 5.2, *given(draw_lattice(*size, np.random.default_rng(2))))[0, 0]
    assert torch.allclose(field[::spacing, ::spacing], torch.tensor(share / 2))
    assert field.min() >= share / 2 - 1e-6
    assert share / 2 * 1.2 < field.mean() < share


def perlin_at(row, column, permutation, gradients):
    """Perlin noise at one place, corner by corner."""
    top, left = math.floor(row), math.floor(column)
    total = 0.0
    for corner_row in (top, top + 1):
        for corner_column in (left, left + 1):
            down, across = row - corner_row, column - corner_column
            weight = math.prod(1 - abs(one) ** 2 * (3 - 2 * abs(one)) for one in (down, across))
            gradient = gradients[permutation[(permutation[corner_row] + corner_column) % 256]]
            total += weight * float(gradient @ (down, across))
    return 1.5 * total


def test_perlin_noise_sums_five_octaves():
    permutation, gradients = draw_lattice(70, 70, np.random.default_rng(3))
    found = perlin_noise(torch.zeros(1, 3, 70, 70), 8.0, *given((permutation, gradients)))[0, 0]
    for row, column in ((3, 4), (17, 66), (69, 69), (31, 8)):
        turbulence = sum(
            abs(perlin_at(2**octave * row / 10, 2**octave * column / 10, permutation, gradients)) / 2**octave
            for octave in range(5)
        )
        assert found[row, column] == pytest.approx(0.4 * min(1, 0.5 + 0.5 * turbulence), abs=1e-5)
