import math

import numpy as np
import pytest
import torch

from robust_core.corruptions.waves import (
    GREY,
    MOST_CELLS,
    checkerboard_cutout,
    cocentric_sine_waves,
    draw_plane_wave,
    draw_plasma,
    plasma_noise,
    single_frequency_greyscale,
)

HALF = torch.full((1, 3, 64, 64), 0.5)


def test_a_plane_wave_is_one_frequency_of_the_stated_amplitude():
    across, down = 5, 9
    wave = torch.tensor([[2 * math.pi * across / 64, 2 * math.pi * down / 64, 0.3]], dtype=torch.float64)
    added = single_frequency_greyscale(HALF, 2.0, wave)[0] - 0.5
    assert torch.allclose(added, added[:1].expand_as(added))
    spectrum = torch.fft.rfft2(added[0]).abs() / 64**2
    assert spectrum[down, across] == pytest.approx(2 * 19.6 / 255 / 2, rel=1e-4)
    spectrum[down, across] = 0
    assert spectrum.max() < 1e-4


def test_the_smaller_frequency_of_a_wave_goes_either_way():
    waves = np.array([draw_plane_wave(64, 64, np.random.default_rng(seed))[0] for seed in range(400)])
    assert np.abs(waves[:, :2]).max() <= math.pi
    assert 0 <= waves[:, 2].min() <= waves[:, 2].max() < 2 * math.pi
    assert 0.4 < (abs(waves[:, 0]) > abs(waves[:, 1])).mean() < 0.6


def test_rings_without_waves_are_a_ramp_of_the_distance():
    rings = torch.tensor([[0.25, 0.5, 3.0, 0.0, 0.125]], dtype=torch.float64)  # about column 16, row 32; 8 px wide
    added = (cocentric_sine_waves(HALF, 10.0, rings)[0, 0] - 0.5) * 255 / 128
    for row, column in ((32, 16), (32, 20), (32, 23), (32, 24), (12, 16), (35, 20), (0, 63)):
        distance = math.hypot(row - 32, column - 16)
        assert added[row, column] == pytest.approx(distance % 8 / 8 - 0.5, abs=1e-5)


def test_the_waves_of_rings_shift_them_by_their_amplitude():
    """With one wave a turn, the ring is shifted by sin(angle): out on the right and not at all below the centre."""
    round_, wavy = (
        cocentric_sine_waves(HALF, 10.0, torch.tensor([[0.5, 0.5, 1.0, amplitude, 0.1]], dtype=torch.float64))[0, 0]
        for amplitude in (0, 0.1 / 4)
    )
    assert torch.allclose(round_[40:, 32], wavy[40:, 32])
    assert wavy[32, 35] - round_[32, 35] == pytest.approx(128 / 255 / 4, abs=1e-5)


def plasma_at(row, column, time, rounds, sharpness, scale_px):
    """One pixel's colour as a walk in the complex plane, across being real."""
    place = complex(column, row) / scale_px
    for number in range(round(rounds)):
        frequency, shift, size = 1.93**number, time / 1.15**number, (2.25 - sharpness) ** number
        step = complex(math.cos(place.imag * frequency + shift), math.sin(place.real * frequency + shift)) / size
        place += step * complex(1, 0.3)
    middle = (place.real + place.imag + math.sin(time)) / 2
    return math.sin(place.real - time), math.sin(middle), math.sin(place.imag + time)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_plasma_is_where_a_walk_ends(seed):
    (plasma,) = draw_plasma(64, 64, np.random.default_rng(seed))
    colours = plasma_noise(HALF, 10.0, torch.from_numpy(plasma)[None])
    share = 64 / 255
    for row, column in ((0, 0), (5, 60), (33, 17), (63, 63)):
        time, rounds, sharpness, scale = plasma
        expected = plasma_at(row, column, time, rounds, sharpness, 64 * scale)
        found = (colours[0, :, row, column] - (1 - share) * 0.5) / share
        assert found.tolist() == pytest.approx(expected, abs=1e-5)


def grey_cells(angle, lots, level):
    draws = torch.tensor([[angle, 0.125]], dtype=torch.float64), lots[None]
    return checkerboard_cutout(torch.zeros(1, 3, 64, 64), level, *draws)[0, 0] == torch.tensor(GREY)


def test_an_upright_board_whose_every_lot_loses_is_a_checkerboard():
    rows, columns = torch.meshgrid(torch.arange(64) // 8, torch.arange(64) // 8, indexing="ij")
    lots = torch.zeros(MOST_CELLS, MOST_CELLS, dtype=torch.float64)
    assert torch.equal(grey_cells(0.0, lots, 1.0), (rows + columns) % 2 == 0)
    assert not grey_cells(0.0, lots + 1, 10.0).any()


def test_a_board_loses_its_cells_by_level_and_keeps_those_lost():
    lots = torch.from_numpy(np.random.default_rng(0).random((MOST_CELLS, MOST_CELLS)))
    weak, strong = grey_cells(0.7, lots, 2.0), grey_cells(0.7, lots, 6.0)
    assert not (weak & ~strong).any()
    assert weak.sum() < strong.sum() < 64**2 / 2
