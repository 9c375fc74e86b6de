import torch

from robust_core.attributions.baselines import make_baseline
from robust_core.models import get_spec
from tests import tiny

PREPROCESS = get_spec("resnet50").preprocess
PIXELS = tiny.images(1, side_px=32)


def test_flat_colours():
    assert not make_baseline("black", PIXELS, PREPROCESS).any()
    grey = make_baseline("mean grey", PIXELS, PREPROCESS)
    torch.testing.assert_close(grey[0, :, 5, 7], torch.tensor(PREPROCESS.mean))
    torch.testing.assert_close(
        make_baseline("#FF0080", PIXELS, PREPROCESS)[0, :, 3, 3], torch.tensor([1, 0, 128 / 255])
    )


def test_blurred_keeps_the_light_and_loses_the_detail():
    blurred = make_baseline("blurred", PIXELS, PREPROCESS)
    assert blurred.shape == PIXELS.shape
    assert abs(blurred.mean() - PIXELS.mean()) < 0.02
    assert blurred.std() < PIXELS.std() / 2
