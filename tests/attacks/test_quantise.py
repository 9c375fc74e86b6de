import pytest
import torch

from robust_core.attacks.balls import BALLS
from robust_core.attacks.quantise import quantise
from robust_core.errors import BadInput, UnknownName
from tests.attacks.threats import attack, threat
from tests.tiny import convolutional, images


@pytest.mark.parametrize(
    ("norm", "eps"), [("linf", 8 / 255), ("linf", 0.06), ("linf", 1 / 255), ("l2", 0.25), ("l2", 2.0)]
)
def test_an_exported_attack_is_in_the_ball_and_on_the_levels(norm, eps):
    clean = images(6)
    attacked = attack(convolutional(), clean, None, threat(norm=norm, eps=eps, step_size=eps / 3), keep=range(6))[
        -1
    ].pixels
    exported = quantise(attacked, clean, norm, eps)
    levels = (exported * 255).round()
    assert torch.equal(exported, levels / 255)
    assert (BALLS[norm].distance(levels.double() - (clean * 255).round()) <= eps * 255 + 1e-6).all()
    assert (exported != clean).any()


def test_whole_levels_survive_and_others_go_to_the_nearest_inside():
    clean = torch.full((1, 3, 1, 2), 100 / 255)
    attacked = clean.clone()
    attacked[0, :, 0, 0] = torch.tensor([115.3, 84.7, 103.6]) / 255
    exported = (quantise(attacked, clean, "linf", 15.3 / 255) * 255).round()
    assert exported[0, :, 0, 0].tolist() == [115, 85, 104]
    assert exported[0, :, 0, 1].tolist() == [100, 100, 100]


def test_below_one_level_nothing_is_left_of_an_linf_attack():
    clean = images(2)
    assert torch.equal(quantise((clean + 0.9 / 255).clamp(0, 1), clean, "linf", 0.9 / 255), clean)


def test_an_l2_attack_keeps_its_length_in_its_largest_changes():
    clean = torch.full((1, 3, 1, 2), 100 / 255)
    # squares add up to 9.23: room for [2, -2, 1], not for [2, -2, 2]
    change = torch.tensor([2.0, -1.7, 1.5, 0.3, 0.0, 0.0]).view_as(clean)
    exported = (quantise(clean + change / 255, clean, "l2", 4 / 255) * 255).round() - 100
    assert exported.flatten().tolist() == [2, -2, 1, 0, 0, 0]
    exported = (quantise(clean + change / 255, clean, "l2", 2.99 / 255) * 255).round() - 100
    assert exported.flatten().tolist() == [2, -1, 1, 0, 0, 0]  # as [2, -2, 1] is 3 long


def test_a_clean_image_stays_itself():
    clean = images(3)
    for norm in BALLS:
        assert torch.equal(quantise(clean, clean, norm, 0.5), clean)


def test_what_has_no_prediction_is_refused():
    clean = images(1)
    with pytest.raises(UnknownName, match="l2"):
        quantise(clean, clean, "l3", 0.1)
    with pytest.raises(BadInput, match="one shape"):
        quantise(clean, images(2), "linf", 0.1)
    with pytest.raises(BadInput, match="between the levels"):
        quantise(clean, clean * 0.99, "linf", 0.1)
