"""Images whose range is not stated: one sample above white does not turn the others black."""

import numpy as np
import pytest

from robust_core.images import decode
from tests.image_file_samples import GREY, grey_as_rgb
from tests.image_files.tiff_files import tiff

GREYS = GREY.astype(int)
ONE_ABOVE_WHITE = {
    "float, 0 to 1": ((GREYS / 255).astype("f4"), np.float32(1.0000001)),
    "float, 0 to 255": (GREYS.astype("f4"), 255.5),
    "32-bit integers, 0 to 65535": ((GREYS * 257).astype("i4"), 65536),
}


@pytest.mark.parametrize(("samples", "above_white"), ONE_ABOVE_WHITE.values(), ids=ONE_ABOVE_WHITE)
def test_one_sample_above_white_changes_no_other(samples, above_white):
    expected = GREY.copy()
    np.testing.assert_array_equal(decode(tiff(samples), "scan.tif").rgb, grey_as_rgb(expected))
    samples[0, 0], expected[0, 0] = above_white, 255
    np.testing.assert_array_equal(decode(tiff(samples), "scan.tif").rgb, grey_as_rgb(expected))
