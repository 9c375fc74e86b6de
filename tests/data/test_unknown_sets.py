import numpy as np
import pytest

from robust_core.data.unknown_sets import UNKNOWN_KINDS, SyntheticUnknown
from robust_core.errors import BadInput, UnknownName


@pytest.mark.parametrize("kind", UNKNOWN_KINDS)
def test_every_kind_is_made_at_any_size_and_image_by_image(kind):
    unknown = SyntheticUnknown(kind, 5, seed=3)
    pixels = unknown.pixels(range(5), 40, 56)
    assert pixels.shape == (5, 3, 40, 56)
    assert pixels.dtype == np.float32
    assert 0 <= pixels.min() < pixels.max() <= 1
    assert np.array_equal(unknown.pixels(range(2, 4), 40, 56), pixels[2:4])
    assert np.array_equal(SyntheticUnknown(kind, 3, seed=5).pixels(range(3), 40, 56), pixels[2:])
    assert not np.array_equal(pixels[0], pixels[1])
    assert UNKNOWN_KINDS[kind].rule


def test_they_are_what_their_rules_say():
    made = {kind: SyntheticUnknown(kind, 8).pixels(range(8), 64, 64) for kind in UNKNOWN_KINDS}
    assert made["uniform_noise"].std() == pytest.approx(1 / np.sqrt(12), rel=0.01)
    assert made["gaussian_noise"].mean() == pytest.approx(0.5, abs=0.01)
    assert (np.ptp(made["constant_colours"], axis=(2, 3)) == 0).all()
    blobs = made["blobs"]
    assert ((blobs == 0) | (blobs >= 0.75)).all()
    assert 0.2 < (blobs > 0).mean() < 0.5


def test_what_is_in_no_table_is_refused():
    with pytest.raises(UnknownName, match="unknown images"):
        SyntheticUnknown("plaid", 3)
    with pytest.raises(BadInput, match="n"):
        SyntheticUnknown("blobs", 0)
