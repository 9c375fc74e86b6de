import pytest
import torch
from torch import nn

from robust_core.cue_conflict.votes import CueVotes
from robust_core.mini.measurement import Count, Measurement, count_correct, count_cues, noisy
from robust_core.mini.splits import CONFLICT, TEST, render
from robust_core.models.mini_resnext import mini_resnext


class Always(nn.Module):
    """Predictions the given categories in turn, whatever it sees."""

    def __init__(self, predictions):
        super().__init__()
        self.predictions = iter(predictions.split(64))

    def forward(self, pixels):
        return nn.functional.one_hot(next(self.predictions), 16).float()


def test_counts_of_known_predictions():
    images = render(CONFLICT, 0, 96)
    assert count_correct(Always(images.shape), images) == Count(96, 96)
    assert count_cues(Always(images.texture), images) == CueVotes(0, 96, 96)
    half = torch.where(torch.arange(96) < 48, images.shape, images.texture)
    assert count_cues(Always(half), images).shape_bias == 0.5


def test_permuted_labels_give_one_in_sixteen():
    images = render(TEST)
    permuted = images.shape[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]
    interval = count_correct(Always(permuted), images).interval
    assert interval.low < 1 / 16 < interval.high


def test_a_network_with_random_weights_has_no_shape_bias():
    torch.manual_seed(0)
    network = mini_resnext()
    nn.init.normal_(network.layer4[0].bn3.weight)
    cues = count_cues(network.eval(), render(CONFLICT))
    assert cues.shape_bias_interval.low < 0.5 < cues.shape_bias_interval.high


def test_no_decision_is_no_bias():
    assert CueVotes(0, 0, 10).shape_bias is None
    assert CueVotes(0, 0, 10).shape_bias_interval is None


def test_noise_has_its_deviation_and_one_seed():
    images = render(TEST, 0, 64)
    grey = type(images)(torch.full_like(images.pixels, 0.5), images.shape, images.texture, images.second, images.mask)
    assert (noisy(grey).pixels - 0.5).std() == pytest.approx(0.12, rel=0.01)
    assert torch.equal(noisy(grey).pixels, noisy(grey).pixels)


def test_a_record_comes_back_as_it_was():
    count = Count(3, 4)
    measurement = Measurement(
        {"seed": "0"}, count, count, count, count, count, CueVotes(1, 2, 4), {"4/255": {0: count, 50: Count(0, 4)}}
    )
    record = measurement.record()
    record["attacked"] = {
        name: {str(steps): value for steps, value in curve.items()} for name, curve in record["attacked"].items()
    }  # as JSON does
    assert Measurement.from_record(record) == measurement
