import pytest
import torch

from robust_core.errors import BadInput
from robust_core.mini import golden_images
from robust_core.mini.splits import SPLITS, TEST, render


@pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS)
def test_the_world_still_looks_the_same(split):
    change = (render(split, 0, 64).pixels - golden_images.read(split)).abs()
    assert change.mean() < 0.5 / 255
    assert change.flatten().sort().values[int(0.999 * change.numel())] <= 2.01 / 255


def test_golden_images_read_back_what_was_written(tmp_path):
    golden_images.write(tmp_path)
    assert torch.equal(golden_images.read(TEST, tmp_path), render(TEST, 0, 64).pixels)


def test_a_missing_one_is_refused(tmp_path):
    with pytest.raises(BadInput, match="test"):
        golden_images.read(TEST, tmp_path)
