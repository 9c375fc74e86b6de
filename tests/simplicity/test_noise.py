"""Noise that is each image's own, and shares of its energy that are known."""

import numpy as np
import pytest
import torch

from robust_core.simplicity.noise import noise_energy, noise_passed, signal_energy, with_noise

GREY = torch.full((6, 3, 32, 32), 0.5)


def test_the_noise_has_its_standard_deviation_and_stays_in_range():
    noisy = with_noise(GREY, 0.1, 0, range(6))
    assert (noisy - GREY).std().item() == pytest.approx(0.1, rel=0.02)
    assert (noisy - GREY).mean().item() == pytest.approx(0, abs=0.003)
    wild = with_noise(GREY, 1.0, 0, range(6))
    assert (wild.min().item(), wild.max().item()) == (0, 1)


def test_an_images_noise_depends_on_its_place_and_the_seed_alone():
    whole = with_noise(GREY, 0.1, 3, range(6))
    torch.testing.assert_close(with_noise(GREY[4:], 0.1, 3, range(4, 6)), whole[4:])
    assert not torch.equal(whole[0], whole[1])
    assert not torch.equal(with_noise(GREY, 0.1, 4, range(6)), whole)


def test_energies_are_sums_of_squares():
    maps = torch.zeros(2, 2, 2, 2)
    maps[0, 0] = torch.tensor([[1.0, 3.0], [1.0, 3.0]])
    maps[1] = 0.7  # which does not vary, but for rounding
    assert signal_energy(maps).tolist() == [4, 0]
    assert noise_energy(maps, maps + 0.5).tolist() == pytest.approx([2, 2])


def test_what_passes_is_relative_to_the_input():
    found = noise_passed(np.array([1.0, 2.0, 0.0]), np.array([4.0, 2.0, 1.0]), np.array(1.0), np.array(2.0))
    assert found.tolist() == [0.5, 2, 0]
