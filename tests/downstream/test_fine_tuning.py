"""Fine-tuning learns what can be learnt, and leaves the model as it was."""

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.downstream.fine_tuning import FineTuner, Schedule
from robust_core.errors import NotFinite

SCHEDULE = Schedule(40, 0.1, 8, frozen_batch_norm=False, seed=0)
LABELS = torch.arange(24) % 2
PIXELS = (0.2 + 0.6 * LABELS[:, None, None, None] + 0.1 * torch.rand(24, 3, 8, 8)).clamp(0, 1)


@pytest.fixture
def model():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5)
    )
    return rc.wrap(net, preprocess=None, name="small")


def state(model):
    return {name: tensor.clone() for name, tensor in model.network.state_dict().items()}


def test_light_and_dark_are_learnt_and_the_model_stays_bit_for_bit(model):
    before, modes = state(model), [module.training for module in model.network.modules()]
    tuner = FineTuner(model, "5", 2, SCHEDULE)
    losses = list(tuner.steps(PIXELS, LABELS))
    assert len(losses) == 40
    assert np.mean(losses[-5:]) < 0.2 < losses[0]
    assert tuner.predictions(PIXELS).tolist() == LABELS.tolist()
    assert all(torch.equal(tensor, model.network.state_dict()[name]) for name, tensor in before.items())
    assert [module.training for module in model.network.modules()] == modes
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in model.network.parameters())


def test_the_same_seed_gives_the_same_steps_and_the_learning_rate_ends_at_zero(model):
    first, second = (FineTuner(model, "5", 2, SCHEDULE) for _ in range(2))
    assert list(first.steps(PIXELS, LABELS)) == list(second.steps(PIXELS, LABELS))
    assert first.rate.get_last_lr() == pytest.approx([0])


@pytest.mark.parametrize("frozen", [True, False])
def test_statistics_of_batch_normalisation_are_kept_where_that_is_asked(model, frozen):
    tuner = FineTuner(model, "5", 2, Schedule(3, 0.01, 8, frozen, seed=0))
    list(tuner.steps(PIXELS, LABELS))
    mean = tuner.network.state_dict()["body.1.running_mean"]
    assert torch.equal(mean, model.network.state_dict()["body.1.running_mean"]) is frozen


def test_every_image_comes_once_before_any_comes_again(model):
    batches = list(FineTuner(model, "5", 2, SCHEDULE)._batches(24))
    assert len(batches) == 40
    assert sorted(torch.cat(batches[:3]).tolist()) == list(range(24))


def test_a_training_that_diverges_says_so(model):
    tuner = FineTuner(model, "5", 2, Schedule(200, 1e20, 8, False, 0))
    with pytest.raises(NotFinite):
        list(tuner.steps(PIXELS, LABELS))


def test_a_convolution_that_gives_the_logits_is_replaced_too():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    tuner = FineTuner(rc.wrap(net, preprocess=None, name="convolutions"), "2", 2, SCHEDULE)
    assert set(tuner.predictions(PIXELS)) <= {0, 1}
