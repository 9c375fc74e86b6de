import numpy as np
import pytest
import torch
from PIL import Image

from robust_core.corruptions import frost_photos
from robust_core.corruptions.frost import LOOKS, frost
from robust_core.corruptions.frost_photos import PHOTOS
from robust_core.corruptions.procedural_frost import LOOKS as MEASURED
from robust_core.corruptions.procedural_frost import PERCENTILES, procedural_frost


@pytest.fixture
def no_package(monkeypatch):
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)


@pytest.fixture
def user_photos(tmp_path, monkeypatch, no_package):
    """Five photos whose red says which, whose green is the row and whose blue is the column."""
    (tmp_path / "frost").mkdir()
    rows, columns = np.mgrid[0:100, 0:200]
    for number, name in enumerate(PHOTOS):
        image = np.stack([np.full_like(rows, 50 * number), rows, columns], axis=-1).astype(np.uint8)
        Image.fromarray(image).save(tmp_path / "frost" / name, quality=100)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    return tmp_path / "frost"


def overlay(height, width, *uniform):
    """What frost adds to a black image, as levels (height, width, 3)."""
    window = frost(torch.zeros(1, 3, height, width), (1, 1), torch.tensor([uniform]))
    return (window[0] * 255).round().permute(1, 2, 0)


def test_the_draws_choose_photo_row_and_column(user_photos):
    for number in range(3):  # the others are JPEGs
        window = overlay(40, 60, number / 5 + 0.1, 0.5, 0.25)
        assert window.shape == (40, 60, 3)
        assert window[0, 0].tolist() == [50 * number, 30, 35]  # half of 100 - 40 rows, a quarter of 200 - 60 columns
        assert window[-1, -1].tolist() == [50 * number, 69, 94]


def test_photos_grow_to_cover_a_large_image(user_photos):
    window = overlay(150, 220, 0.1, 0.99, 0.99)
    assert window.shape == (150, 220, 3)
    assert window[..., 1].amax() > 97


def test_weights(user_photos):
    pixels = torch.full((1, 3, 32, 32), 0.5)
    only_frost = frost(torch.zeros_like(pixels), (1, 1), torch.tensor([[0.3, 0.2, 0.1]]))
    both = frost(pixels, (0.7, 0.6), torch.tensor([[0.3, 0.2, 0.1]]))
    assert torch.allclose(both, 0.35 + 0.6 * only_frost)


def test_procedural_frost_stands_in_for_the_photos(no_package):
    window = overlay(64, 64, 0.5, 0, 0)  # the third photo, which has the look of the second
    assert np.array_equal(window.numpy(), procedural_frost(LOOKS[2])[:64, :64])


@pytest.mark.parametrize("number", range(4))
def test_procedural_frost_has_the_brightness_that_was_measured(number):
    texture = procedural_frost(number)
    assert texture.shape == (512, 512, 3)
    assert np.array_equal(texture, procedural_frost(number))
    green = (
        MEASURED[number].slopes[1] * np.interp(50, PERCENTILES, MEASURED[number].brightness)
        + MEASURED[number].offsets[1]
    )
    assert np.median(texture[..., 1]) == pytest.approx(green, abs=1.5)
