"""Defences on networks whose end is known in closed form: what fools a naive attack, and what does not."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.attacks.balls import BALLS
from robust_core.attacks.goals import Goal
from robust_core.attacks.losses import LOSSES
from robust_core.attacks.passes import forward_backward
from robust_core.attacks.threat import ThreatModel
from robust_core.defences.alarms import alarms_of
from robust_core.defences.attackers import ATTACKERS, get_attacker
from robust_core.defences.jpeg import compressed, nearly_compressed
from robust_core.defences.layers import LAYERS
from robust_core.defences.table import DEFENCES, fitting, get_defence
from robust_core.defences.trial import Budget, Look, Trial, attempt
from robust_core.defences.wrapping import defended, vote
from robust_core.errors import BadInput, UnknownName
from robust_core.events import result_of
from robust_core.models.catalogue import get_spec
from tests.attacks.networks import grey, quantised, saturated, shifted
from tests.outcomes import events_and_result
from tests.tiny import as_model, images

EPS = 8 / 255
KEYS = [key for key, row in DEFENCES.items() if not row.stand_ins]


def pooled():
    """A curved network with random weights for images of any size."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.SiLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 5))
        body[-1].weight.data *= 100
    return as_model(body, "pooled")


def trial(model, defence="none", pixels=None, **budget):
    pixels = grey() if pixels is None else pixels
    given = replace(Budget("linf", EPS, 10, 0), **budget)
    return result_of(Trial.of(model, model, get_defence(defence), pixels, [0] * len(pixels), given))


def left(case, attacker):
    made = result_of(attempt(case, get_attacker(attacker)))
    return int(result_of(case.judged(made.pixels)).sum()), made


@pytest.mark.parametrize("key", KEYS)
def test_every_defence_says_what_it_is_and_leaves_the_model_untouched(key):
    row, model, pixels = DEFENCES[key], pooled(), images(4)
    assert row.key == key
    assert row.layer in LAYERS
    assert {*row.adaptive} <= ATTACKERS.keys() - {"naive"}
    network, state = model.network, {name: one.clone() for name, one in model.network.state_dict().items()}
    before, random = model.logits(pixels), torch.random.get_rng_state()
    one = defended(model, row)
    assert one.network(pixels).shape == before.shape
    assert model.network is network
    assert torch.equal(model.logits(pixels), before)
    assert all(torch.equal(state[name], its) for name, its in model.network.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), random)
    assert one.network.body is model.network.body


@pytest.mark.parametrize("key", KEYS)
def test_an_attacker_sees_the_same_logits_and_a_gradient(key):
    model, row, pixels = pooled(), DEFENCES[key], images(4)
    as_it_is, known = (defended(model, row, known=one, seed=(5,)) for one in (False, True))
    torch.testing.assert_close(as_it_is.network(pixels), known.network(pixels))
    gradients = [forward_backward(one.network, pixels, lambda logits: logits[:, 0])[1] for one in (as_it_is, known)]
    assert bool((gradients[0] == 0).all()) == (row.trick == "no gradient")
    assert bool((gradients[1] != 0).any())


def test_the_gradient_of_bpda_is_the_plain_network_s_at_the_defended_image():
    model, row, pixels = pooled(), DEFENCES["bit_depth"], images(4)
    _, found = forward_backward(defended(model, row, known=True).network, pixels, lambda logits: logits[:, 1])
    seven = (pixels * 7).round() / 7
    _, expected = forward_backward(model.network, seven, lambda logits: logits[:, 1])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("key", [key for key in KEYS if DEFENCES[key].randomised])
def test_the_mean_of_one_draw_is_the_draw_and_seeds_reproduce(key):
    model, row, pixels = pooled(), DEFENCES[key], images(4)
    first, again, other, three = (
        defended(model, row, known=True, draws=draws, seed=(seed,)).network
        for draws, seed in ((1, 3), (1, 3), (1, 4), (3, 3))
    )
    each = [first(pixels) for _ in range(3)]
    assert torch.equal(each[0], again(pixels))
    assert not torch.allclose(each[0], other(pixels))
    assert not torch.allclose(each[0], each[1])
    torch.testing.assert_close(three(pixels), sum(each) / 3)


def test_a_vote_is_that_of_most_draws():
    model, row, pixels = pooled(), DEFENCES["resize_and_pad"], images(6)
    network = defended(model, row, seed=(9,)).network
    draws = torch.stack([network(pixels).argmax(1) for _ in range(row.draws)])
    counts = nn.functional.one_hot(draws, 5).sum(0)
    assert torch.equal(result_of(vote(model, row, pixels, (9,))), counts.argmax(1))


def test_logits_too_large_fool_the_cross_entropy_alone():
    """A network so sure that its cross-entropy has no gradient: the margin has one, and the exact end is known."""
    assert left(trial(saturated(7 / 255)), "naive")[0] == 3
    assert left(trial(saturated(7 / 255)), "margin")[0] == 0
    assert left(trial(saturated(9 / 255)), "margin")[0] == 3, "no change of 8/255 is enough"
    assert left(trial(shifted(7 / 255)), "naive")[0] == 0


def test_rounded_logits_fool_what_asks_for_their_gradient():
    sure = saturated(7 / 255)
    assert left(trial(sure, "rounded_logits"), "naive")[0] == 3
    assert left(trial(sure, "rounded_logits"), "bpda")[0] == 0
    assert left(trial(saturated(9 / 255), "rounded_logits"), "bpda")[0] == 3


def test_rounded_images_fall_where_the_next_level_is_near_enough():
    """0.493 is rounded to 3/7, and 8/255 more to 4/7, whose mean is 0.0714 above the middle."""
    pixels = torch.full((3, 3, 8, 8), 0.493)
    assert left(trial(shifted(0.07), "bit_depth", pixels), "naive")[0] == 3
    assert left(trial(shifted(0.07), "bit_depth", pixels), "bpda")[0] == 0
    assert left(trial(shifted(0.072), "bit_depth", pixels), "bpda")[0] == 3


def test_a_network_that_rounds_for_itself_does_not_fall():
    """`quantised` hands on a gradient that leads nowhere, as nothing within 8/255 reaches the next of its levels."""
    assert left(trial(quantised(4 / 255)), "margin")[0] == 3


def test_a_naive_attack_that_cannot_move_ends_as_it_stands():
    events, made = events_and_result(attempt(trial(saturated(7 / 255)), get_attacker("naive")))
    looks = [event for event in events if isinstance(event, Look)]
    assert [one.step for one in looks] == list(range(11))
    assert {one.left for one in looks} == {3}
    assert len(made.steps) == 11
    assert torch.equal(made.pixels, grey())
    assert made.count.backward < 3 * 10


def test_attackers_stay_in_the_ball_and_their_draws_are_not_the_judge_s():
    case = trial(pooled(), "resize_and_pad", images(4))
    made = result_of(attempt(case, get_attacker("eot")))
    assert BALLS["linf"].distance(made.pixels - case.pixels).max() <= EPS + 1e-6
    assert made.pixels.min() >= 0
    assert made.pixels.max() <= 1
    again = result_of(attempt(case, get_attacker("eot")))
    assert torch.equal(made.pixels, again.pixels)
    assert len({case.seed(purpose) for purpose in range(2 + len(ATTACKERS))}) == 2 + len(ATTACKERS)


def test_alarms_light_up_on_a_fake_and_on_nothing_else():
    fake = trial(saturated(7 / 255), "rounded_logits")
    transfer = result_of(attempt(fake, get_attacker("transfer")))
    found = {one.key for one in result_of(alarms_of(fake, left(fake, "naive")[1], transfer))}
    assert {"zero_gradient", "transfer"} <= found
    honest = trial(shifted(9 / 255))
    assert result_of(alarms_of(honest, left(honest, "naive")[1], None)) == ()


def test_the_margin_is_what_it_is_called():
    logits = torch.tensor([[3.0, 1.0, 2.5], [0.0, 4.0, 1.0]])
    goal = Goal(torch.tensor([0, 0]), torch.ones(2, dtype=torch.bool), None)
    assert LOSSES["margin"].of(logits, goal).tolist() == [-0.5, 4.0]
    towards = replace(goal, targets=torch.tensor([1, 2]))
    assert LOSSES["margin"].of(logits, towards).tolist() == [2.0, 3.0]
    with pytest.raises(BadInput, match="margin loss needs at least 2 classes"):
        LOSSES["margin"].check_classes(1, targeted=False)
    written = str(ThreatModel("linf", EPS, EPS, 1, "untargeted", "clean", 1, False, 0, "margin"))
    assert written.startswith("PGD with the margin loss")


def test_jpeg_as_an_attacker_sees_it_is_near_the_file():
    smooth = nn.functional.interpolate(images(2, side_px=8), scale_factor=5, mode="bilinear").mean(1, True)
    smooth = smooth.expand(-1, 3, -1, -1)
    assert (nearly_compressed(smooth) - compressed(smooth)).abs().mean() < 0.01
    assert nearly_compressed(images(1, side_px=21)).shape == (1, 3, 21, 21)


def test_what_does_not_fit_is_refused_with_a_sentence():
    with pytest.raises(UnknownName, match="logits_x100"):
        get_defence("logits_x10")
    lite = get_spec("efficientnet_lite0")
    assert {row.key for row in fitting(lite)} == set(KEYS)
    with pytest.raises(BadInput, match=r"has to be trained, and was for mini_resnext alone; got 'efficientnet_lite0'"):
        get_defence("smoothing").network_for(lite)
    with pytest.raises(UnknownName, match="attacker"):
        get_attacker("brute")
