import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import ndimage

from robust_core.cue_conflict.distortions import DISTORTIONS, MEAN_GREY, STRONG_STEP, WEAK_STEP, distort, edge_map
from robust_core.errors import BadInput, UnknownName
from tests.tiny import images

ROWS = pytest.mark.parametrize("row", DISTORTIONS, ids=lambda row: row.key)


def masks(n: int, height_px: int, width_px: int) -> torch.Tensor:
    return torch.rand(n, height_px, width_px, generator=torch.Generator().manual_seed(1))


def disc(side_px: int, radius_px: float) -> tuple[np.ndarray, np.ndarray]:
    """A filled circle (side, side), and how far each pixel is from its rim."""
    rows, columns = np.indices((side_px, side_px)) - (side_px - 1) / 2
    distance = np.hypot(rows, columns) - radius_px
    return (distance <= 0).astype(np.float32), np.abs(distance)


# The contract of the table.


@ROWS
def test_every_row_is_complete(row):
    assert row.title
    assert row.keeps
    assert row.explanation.endswith(".")
    assert row.source
    assert row.lowest <= row.default <= row.highest
    assert ((row.default - row.lowest) / row.step) % 1 == pytest.approx(0)
    assert row.off in (row.lowest, None)
    assert row.default != row.off


def test_keys_are_unique():
    assert len({row.key for row in DISTORTIONS}) == len(DISTORTIONS)


@ROWS
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (130, 40)])
def test_any_size_and_strength_gives_pixels(row, size):
    pixels = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    before = pixels.clone()
    for strength in (row.lowest, row.default, row.highest):
        distorted = distort(pixels, row.key, strength, mask=masks(2, *size), seed=3)
        assert distorted.shape == pixels.shape
        assert distorted.dtype == torch.float32
        assert distorted.min() >= 0
        assert distorted.max() <= 1
        assert torch.equal(distorted, pixels) == (strength == row.off)
    assert torch.equal(pixels, before)


@ROWS
def test_an_image_does_not_depend_on_its_neighbours(row):
    pixels, mask = images(3, side_px=40), masks(3, 40, 40)
    together = distort(pixels, row.key, row.default, mask=mask, seed=7)
    alone = [distort(pixels[i : i + 1], row.key, row.default, mask=mask[i : i + 1], seed=7 + i) for i in range(3)]
    assert torch.equal(together, torch.cat(alone))


@ROWS
def test_no_gradient_is_kept(row):
    pixels = images(1, side_px=32).requires_grad_()
    assert not distort(pixels, row.key, row.default, mask=masks(1, 32, 32)).requires_grad


def test_listing_the_distortions_costs_no_import_of_torch():
    code = "import sys, robust_core.cue_conflict.distortions; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# What each one does.


def test_a_silhouette_is_the_mask_in_black_on_white():
    pixels, mask = images(2, side_px=32), masks(2, 32, 32).round()
    assert torch.equal(distort(pixels, "silhouette", 1.0, mask=mask), (1 - mask)[:, None].expand_as(pixels))
    half = distort(pixels, "silhouette", 0.5, mask=mask)
    assert torch.allclose(half, (pixels + (1 - mask)[:, None]) / 2)


def test_a_mask_may_exceed_one_by_a_rounding_error():
    mask = torch.full((1, 32, 32), 1 + 1e-7)
    assert not distort(images(1, side_px=32), "silhouette", 1.0, mask=mask).any()


def test_two_tones_are_black_up_to_the_threshold_and_white_above():
    grey = torch.linspace(0, 1, 32).expand(1, 3, 32, 32)
    assert torch.equal(distort(grey, "two_tone", 0.4), (grey > 0.4).float())


def test_greyscale_keeps_the_luminance_and_nothing_of_the_colour():
    colours = torch.eye(3)[None, :, :, None].expand(1, 3, 3, 40).repeat(1, 1, 12, 1)  # rows of red, green and blue
    grey = distort(colours, "greyscale", 1.0)
    assert torch.allclose(grey[0, :, :3, 0], torch.tensor([0.299, 0.587, 0.114]).expand(3, 3))
    assert torch.allclose(distort(colours, "greyscale", 0.5), (colours + grey) / 2)


@pytest.mark.parametrize("sigma_px", [1.0, 1.5, 3.0])
def test_edges_of_a_disc_are_its_rim_all_round(sigma_px):
    image, from_rim = disc(96, radius_px=30)
    edges = edge_map(image[None], sigma_px)
    assert from_rim[edges].max() < 1.5
    angles = np.degrees(np.arctan2(*(np.argwhere(edges) - 47.5).T))
    assert set(np.floor(angles / 5)) == set(range(-36, 36))
    assert edges.sum() < 2 * np.pi * 30 * 1.5, "a line is about one pixel thin"


def test_edges_are_black_lines_on_white():
    image, _ = disc(64, radius_px=20)
    drawn = distort(torch.from_numpy(image).expand(1, 3, 64, 64).contiguous(), "edges", 1.5)
    assert torch.equal(drawn[0, 0] == 0, torch.from_numpy(edge_map(image[None], 1.5)))
    assert set(drawn.unique().tolist()) == {0, 1}


def test_a_step_is_an_edge_by_its_height_and_continues_a_higher_one():
    step = np.zeros((1, 64, 64), np.float32)
    step[:, :, 32:] = WEAK_STEP * 1.5
    assert not edge_map(step, 2.0).any()
    step[:, :8, 32:] = STRONG_STEP * 1.5
    edges = edge_map(step, 2.0)
    assert edges[:, 28:36].any(axis=1).all()
    step[:, :, 32:] = WEAK_STEP * 0.8
    step[:, :8, 32:] = STRONG_STEP * 1.5
    assert not edge_map(step, 2.0)[16:, 28:36].any()


def test_an_edge_between_colours_of_one_luminance_is_seen():
    image = np.zeros((3, 64, 64), np.float32)
    image[0, :, :32], image[1, :, 32:] = 0.9, 0.9 * 0.299 / 0.587
    assert edge_map(image, 1.5)[:, 30:34].any(axis=1).all()


def test_edges_lie_where_scikit_image_finds_them():
    data, feature = pytest.importorskip("skimage.data"), pytest.importorskip("skimage.feature")
    luminance = data.camera().astype(np.float32)[::2, ::2] / 255
    sigma_px = 2.0
    sobel_of_a_step = 8 / (sigma_px * np.sqrt(2 * np.pi))
    expected = feature.canny(luminance, sigma_px, WEAK_STEP * sobel_of_a_step, STRONG_STEP * sobel_of_a_step)
    found = edge_map(luminance[None], sigma_px)
    for one, other in ((found, expected), (expected, found)):
        near = ndimage.binary_dilation(other, np.ones((3, 3)))
        assert near[one].mean() > 0.95


@pytest.mark.parametrize("tiles", [2, 4, 8])
def test_scrambling_moves_whole_tiles(tiles):
    pixels = images(2, side_px=32)
    scrambled = distort(pixels, "patch_scrambled", tiles, seed=1)
    side = 32 // tiles

    def cut(image):
        return {tile.numpy().tobytes() for row in image.split(side, 1) for tile in row.contiguous().split(side, 2)}

    for before, after in zip(pixels, scrambled, strict=True):
        assert cut(before) == cut(after)


@pytest.mark.parametrize(("tiles", "size"), [(3, (32, 40)), (7, (47, 33)), (16, (39, 32))])
def test_scrambling_is_a_permutation_of_the_pixels_whatever_the_sides(tiles, size):
    pixels = torch.arange(size[0] * size[1]).view(1, 1, *size).expand(1, 3, *size) / (size[0] * size[1])
    scrambled = distort(pixels, "patch_scrambled", tiles)
    assert torch.equal(scrambled[0, 0].flatten().sort().values, pixels[0, 0].flatten())
    assert torch.equal(scrambled[:, 0], scrambled[:, 2])
    assert not torch.equal(scrambled, pixels)


def test_another_seed_is_another_order():
    pixels = images(1, side_px=32)
    one, same, other = (distort(pixels, "patch_scrambled", 4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("sigma_px", [0.5, 3.0, 20.0])
def test_low_pass_leaves_a_constant_and_the_mean(sigma_px):
    flat = torch.full((1, 3, 40, 50), 0.7)
    assert torch.allclose(distort(flat, "low_pass", sigma_px), flat, atol=1e-6)
    pixels = images(1, side_px=48)
    blurred = distort(pixels, "low_pass", sigma_px)
    assert torch.allclose(blurred.mean((2, 3)), pixels.mean((2, 3)), atol=1e-4)
    assert blurred.std() < pixels.std() / 1.2


@pytest.mark.parametrize("sigma_px", [0.5, 3.0, 10.0])
def test_high_pass_and_low_pass_together_are_the_image(sigma_px):
    pixels = 0.4 + 0.2 * images(2, side_px=40)  # so that nothing is clipped
    parts = distort(pixels, "low_pass", sigma_px) + distort(pixels, "high_pass", sigma_px)
    assert torch.allclose(parts - MEAN_GREY, pixels, atol=1e-6)


# Misuse.


def test_an_unknown_key_is_refused_and_the_nearest_named():
    with pytest.raises(UnknownName, match="silhouette"):
        distort(images(1, side_px=32), "silouette", 1.0)


@ROWS
def test_a_strength_outside_the_row_is_refused(row):
    for strength in (row.lowest - 0.1, row.highest + 0.1, float("nan")):
        with pytest.raises(BadInput, match=row.parameter):
            distort(images(1, side_px=32), row.key, strength, mask=masks(1, 32, 32))


def test_half_a_tile_is_refused():
    with pytest.raises(BadInput, match="whole number"):
        distort(images(1, side_px=32), "patch_scrambled", 2.5)


@pytest.mark.parametrize(
    ("mask", "came"),
    [
        (None, "none"),
        (torch.zeros(1, 32, 31), "31"),
        (torch.zeros(2, 32, 32), "2, 32"),
        (torch.full((1, 32, 32), 255.0), "255"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(mask, came):
    with pytest.raises(BadInput, match=came):
        distort(images(1, side_px=32), "silhouette", 1.0, mask=mask)


@pytest.mark.parametrize("seed", [-1, 0.5, None, True])
def test_a_wrong_seed_is_refused(seed):
    with pytest.raises(BadInput, match="seed"):
        distort(images(1, side_px=32), "patch_scrambled", 2, seed=seed)


@pytest.mark.parametrize(
    ("pixels", "came"),
    [(torch.zeros(1, 3, 31, 40), "31"), (torch.zeros(3, 32, 32), "shape"), (torch.full((1, 3, 32, 32), 2.0), "lie in")],
)
def test_wrong_pixels_are_refused(pixels, came):
    with pytest.raises(BadInput, match=came):
        distort(pixels, "greyscale", 1.0)
