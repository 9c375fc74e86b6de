import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from robust_core.corruptions import C_BAR_10, CORRUPTIONS
from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.condition import Condition
from robust_core.errors import BadInput, UnknownName
from tests.anything import ANYTHING, bounded, made_or_refused
from tests.corruptions.conftest import as_levels, as_pixels

NAMES = list(CORRUPTIONS)


@pytest.fixture
def batch(painting):
    pixels = as_pixels(painting)
    return torch.cat([pixels, pixels.flip(2), 1 - pixels])


@pytest.mark.parametrize("name", NAMES)
def test_an_image_does_not_depend_on_its_neighbours(name, batch):
    together = corrupt(batch, name, 3, seed=7)
    alone = torch.cat([corrupt(batch[i : i + 1], name, 3, seed=7 + i) for i in range(3)])
    difference = (together - alone).abs() * 255
    assert difference.max() < 1.5
    assert (difference > 0.5).float().mean() <= 0.001


@pytest.mark.parametrize("name", NAMES)
def test_shape_range_levels_and_repeatability(name, batch):
    before = batch.clone()
    for severity in range(1, 6):
        once = corrupt(batch, name, severity, seed=1)
        assert once.shape == batch.shape
        assert once.dtype == torch.float32
        assert once.min() >= 0
        assert once.max() <= 1
        assert torch.equal(once, (once * 255).round() / 255)
        assert torch.equal(once, corrupt(batch, name, severity, seed=1))
        assert not torch.equal(once, batch)
    assert torch.equal(batch, before)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (230, 40)])
@pytest.mark.parametrize("name", NAMES)
def test_any_size_from_32_px(name, size):
    pixels = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    for severity in (1, 5):
        assert corrupt(pixels, name, severity, seed=0).shape == pixels.shape


def test_seeds_can_be_given_one_by_one(batch):
    counted = corrupt(batch, "snow", 2, seed=4)
    assert torch.equal(corrupt(batch, "snow", 2, seed=[4, 5, 6]), counted)
    assert torch.equal(corrupt(batch, "snow", 2, seed=[6, 5, 4])[1], counted[1])
    assert not torch.equal(corrupt(batch, "snow", 2, seed=[4, 4, 4])[1], counted[1])


def test_severities_share_their_draws(painting):
    """So every value hit by impulse noise at one severity is hit, and the same way, at all higher ones."""
    pixels = as_pixels(painting) * 0.5 + 0.25
    hits = [
        torch.isin(corrupt(pixels, "impulse_noise", severity, seed=3), torch.tensor([0.0, 1.0]))
        for severity in range(1, 6)
    ]
    for weaker, stronger in zip(hits, hits[1:], strict=False):
        assert weaker.sum() < stronger.sum()
        assert not (weaker & ~stronger).any()


@pytest.mark.parametrize("name", C_BAR_10)
def test_imagenet_c_bar_changes_more_with_every_severity(name, painting):
    pixels = as_pixels(painting)
    for seed in (0, 1, 2):
        changes = [(corrupt(pixels, name, severity, seed) - pixels).abs().mean() for severity in range(1, 6)]
        assert changes == sorted(changes)


def test_as_stored_adds_the_jpeg_of_the_stored_data_set(painting):
    pixels = as_pixels(painting)
    live = as_levels(corrupt(pixels, "gaussian_noise", 2, seed=0))
    file = io.BytesIO()
    Image.fromarray(live.astype(np.uint8)).save(file, "JPEG", quality=85, optimize=True)
    stored = as_levels(corrupt(pixels, "gaussian_noise", 2, seed=0, as_stored=True))
    assert np.array_equal(stored, np.asarray(Image.open(file)))
    assert not np.array_equal(stored, live)


def test_pixels_are_read_at_8_bits(painting):
    pixels = as_pixels(painting)
    nudged = (pixels + 0.4 / 255).clamp(0, 1)
    assert torch.equal(corrupt(nudged, "glass_blur", 3, seed=0), corrupt(pixels, "glass_blur", 3, seed=0))


@pytest.mark.parametrize("severity", [0, 6, -1, 2.0, "3", None, True])
def test_a_wrong_severity_is_refused(severity, batch):
    with pytest.raises(BadInput, match="from 1 to 5"):
        corrupt(batch, "fog", severity, seed=0)


def test_an_unknown_name_is_refused_and_the_nearest_named(batch):
    with pytest.raises(UnknownName, match="gaussian_noise"):
        corrupt(batch, "gausian_noise", 1, seed=0)


@pytest.mark.parametrize(
    ("pixels", "came"),
    [
        (torch.zeros(3, 64, 64), r"got \(3, 64, 64\)"),
        (torch.zeros(1, 1, 64, 64), r"got \(1, 1, 64, 64\)"),
        (torch.zeros(0, 3, 64, 64), r"got \(0, 3, 64, 64\)"),
        (torch.zeros(1, 3, 31, 64), r"at least 32 px; got \(31, 64\)"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.float64), "float64"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.uint8), "uint8"),
        (torch.full((1, 3, 64, 64), 1.5), "1.5"),
        (torch.full((1, 3, 64, 64), -0.1), "-0.1"),
        (torch.full((1, 3, 64, 64), float("nan")), "nan"),
        (np.zeros((1, 3, 64, 64), np.float32), "got ndarray"),
    ],
)
def test_wrong_pixels_are_refused(pixels, came):
    with pytest.raises(BadInput, match=came):
        corrupt(pixels, "contrast", 1, seed=0)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", None, [1, 2], [1, 2, -3], [1, 2, 0.5]])
def test_a_wrong_seed_is_refused(seed, batch):
    with pytest.raises(BadInput, match="seed"):
        corrupt(batch, "fog", 1, seed=seed)


def test_no_gradient_is_kept(batch):
    assert not corrupt(batch.requires_grad_(), "contrast", 1, seed=0).requires_grad


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", NAMES)
def test_cuda_agrees_with_cpu(name, batch):
    for severity in range(1, 6):
        on_cuda = corrupt(batch.cuda(), name, severity, seed=2)
        assert on_cuda.is_cuda
        difference = (on_cuda.cpu() - corrupt(batch, name, severity, seed=2)).abs() * 255
        assert difference.max() < 1.5
        assert (difference > 0.5).float().mean() <= 0.05


@bounded
@given(
    name=st.sampled_from(NAMES) | ANYTHING, severity=st.integers(0, 6) | ANYTHING, seed=st.integers(-1, 3) | ANYTHING
)
def test_whatever_is_asked_for_is_refused_or_a_condition_that_can_be_applied(name, severity, seed):
    """All values are drawn, and only what is accepted is computed, on the smallest image."""
    condition = made_or_refused(Condition, name, severity, seed)
    if condition is None:
        return
    pixels = torch.full((1, 3, 32, 32), 0.5)
    changed = condition.apply(pixels)
    assert str(condition)
    assert changed.shape == pixels.shape
    assert (changed is pixels) == (severity == 0)
    assert 0 <= changed.min() <= changed.max() <= 1


@bounded
@given(
    name=st.just("brightness") | ANYTHING,
    severity=st.just(1) | ANYTHING,
    seed=st.just(0) | st.lists(ANYTHING, max_size=2) | ANYTHING,
)
def test_corrupt_itself_refuses_the_same(name, severity, seed):
    pixels = torch.full((1, 3, 32, 32), 0.5)
    changed = made_or_refused(corrupt, pixels, name, severity, seed)
    assert changed is None or changed.shape == pixels.shape
