import pytest
import torch
from torch import nn

from robust_core.errors import NotFinite
from robust_core.events import result_of
from robust_core.mini.predictions import ATTACKS, RECORDED_STEPS, Attack, _iterates, attacked_correct, predict

STD = torch.tensor([0.229, 0.224, 0.225])


class Brightness(nn.Module):
    """Class 1 when the normalised image is bright, else class 0: its margin is linear in the pixels."""

    def forward(self, normalised):
        margin = normalised.mean((1, 2, 3))
        return torch.stack([-margin, margin], 1)


DARK = torch.full((3, 3, 64, 64), 0.40)
TRUTH = torch.zeros(3, dtype=torch.long)


def random():
    return torch.Generator().manual_seed(0)


def test_predictions_do_not_depend_on_the_batch():
    pixels = torch.rand(130, 3, 64, 64, generator=random())
    whole = predict(Brightness(), pixels)
    assert whole.shape == (130,)
    assert torch.equal(whole, torch.cat([predict(Brightness(), one[None]) for one in pixels]))


def test_on_a_linear_model_the_attack_ends_in_the_corner_of_the_ball():
    attack = Attack("8/255", 8 / 255, 3)
    *_, final = _iterates(Brightness(), DARK, TRUTH, attack, random())
    assert torch.allclose(final, DARK + attack.eps, atol=1e-6)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_iterate_stays_in_the_ball_and_in_range(attack):
    pixels = torch.rand(2, 3, 64, 64, generator=random())
    first, *rest = _iterates(Brightness(), pixels, torch.zeros(2, dtype=torch.long), attack, random())
    assert torch.equal(first, pixels)
    assert len(rest) == RECORDED_STEPS[-1]
    for iterate in rest:
        assert (iterate - pixels).abs().max() <= attack.eps + 1e-6
        assert iterate.min() >= 0
        assert iterate.max() <= 1


@pytest.mark.parametrize(("eps", "survivors"), [(0.02, 3), (0.10, 0)])
def test_a_linear_model_holds_out_exactly_as_far_as_its_margin(eps, survivors):
    """The margin is reached at the pixel value 0.449, the mean of means weighted by 1/std."""
    counts = result_of(attacked_correct(Brightness(), DARK, TRUTH, Attack("eps", eps, 3), seed=0))
    assert counts[0] == 3
    assert counts[50] == survivors


class Broken(nn.Module):
    def forward(self, normalised):
        return torch.stack([normalised.mean((1, 2, 3)) / 0, normalised.mean((1, 2, 3))], 1)


def test_infinite_logits_are_no_prediction_and_withstand_no_attack():
    with pytest.raises(NotFinite, match="3 of 3 images"):
        predict(Broken(), DARK)
    with pytest.raises(NotFinite):
        result_of(attacked_correct(Broken(), DARK, TRUTH, ATTACKS[0], seed=0))
