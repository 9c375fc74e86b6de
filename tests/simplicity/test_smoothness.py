"""Total variation where it is known by hand, by brute force, and what must not change it."""

from itertools import combinations

import pytest
import torch

from robust_core.simplicity.smoothness import kernel_variation, total_variation


def checkerboard(side):
    places = torch.arange(side)
    return ((places[:, None] + places) % 2 * 2 - 1).float()


def by_hand(maps):
    """Neighbours and all pairs, one by one."""
    height, width = maps.shape
    neighbours = [abs(maps[y, x] - maps[y + 1, x]) for y in range(height - 1) for x in range(width)]
    neighbours += [abs(maps[y, x] - maps[y, x + 1]) for y in range(height) for x in range(width - 1)]
    pairs = [abs(one - other) for one, other in combinations(maps.flatten().tolist(), 2)]
    return float(sum(neighbours) / len(neighbours)) / (sum(pairs) / len(pairs))


@pytest.mark.parametrize("side", [2, 4, 8])
def test_a_checkerboard_is_as_rough_as_can_be(side):
    """Neighbours differ by 2, and two of the n values by n / (n - 1) on average."""
    n = side**2
    assert total_variation(checkerboard(side)).item() == pytest.approx(2 * (n - 1) / n)


def test_two_halves_are_smooth():
    """8 x 8 with one edge: 8 of the 112 pairs of neighbours differ, 32 · 32 of the 2,016 pairs of places."""
    halves = torch.zeros(8, 8)
    halves[:, 4:] = 5.0
    assert total_variation(halves).item() == pytest.approx((8 / 112) / (32 * 32 / 2016))


@pytest.mark.parametrize("shape", [(2, 2), (3, 7), (5, 4)])
def test_any_map_is_what_brute_force_says(shape):
    maps = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    assert total_variation(maps).item() == pytest.approx(by_hand(maps), rel=1e-5)


def test_values_in_random_order_are_1_on_average_however_sparse_they_are():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(64, generator=generator) * (torch.arange(64) < 8)
    shuffled = torch.stack([values[torch.randperm(64, generator=generator)].view(8, 8) for _ in range(2_000)])
    assert total_variation(shuffled).mean().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("change", [lambda maps: 1e4 * maps, lambda maps: maps - 3, lambda maps: -0.01 * maps])
def test_scale_offset_and_sign_do_not_matter(change):
    maps = torch.rand(3, 6, 6, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(total_variation(change(maps)), total_variation(maps), rtol=1e-3, atol=0)


def test_a_flat_map_has_none():
    found = total_variation(torch.stack([torch.full((4, 4), 0.3), checkerboard(4)]))
    assert found.isnan().tolist() == [True, False]


def test_the_planes_of_a_kernel_count_by_their_contrast():
    kernels = torch.zeros(2, 3, 4, 4)
    kernels[0, 1] = checkerboard(4)  # the other two planes are empty
    kernels[1, 0], kernels[1, 2] = checkerboard(4), 1e-6 * torch.arange(16.0).view(4, 4)
    assert kernel_variation(kernels).tolist() == pytest.approx([2 * 15 / 16] * 2, rel=1e-3)
