"""The checks of an attack, on networks in closed form: how many images fall to what, and what is left then."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.attacks import checks
from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.precision import USUAL
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI, own_label_space
from robust_core.models import copies
from robust_core.studies import attack_checks, attack_curve
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurveRequest
from tests.attacks.networks import saturated, shifted
from tests.attacks.threats import threat
from tests.outcomes import events_and_result
from tests.tiny import as_model, linear

GREY = (127, 127, 116)  # an even image of 127 is 4.5/255 from class 1 of `shifted(4/255)`, one of 116 15.5/255


def even_images(levels=GREY):
    return ImageSet.of(
        [
            LabelledImage(
                np.full((8, 8, 3), level, np.uint8), None, f"grey {level}", "a test", f"{place} {level}", MINI
            )
            for place, level in enumerate(levels)
        ]
    )


def request(*specs, threats=(), images=None, **fields):
    return AttackChecksRequest(specs, images or even_images(), tuple(threats) or (threat(),), **fields)


def broken(checked):
    return {outcome.title: (sum(outcome.broken), len(outcome.broken)) for outcome in checked.outcomes}


def test_what_a_sure_model_hides_is_found_by_another_loss_and_by_another_model(held):
    result = result_of(attack_checks.run(request(held(saturated(4 / 255)), held(shifted(4 / 255)))))
    masked, plain = result.checked
    assert broken(masked) == {
        "FGSM": (0, 3),
        "Uniform noise (20 draws)": (0, 3),
        "PGD with the DLR loss": (2, 3),
        "PGD without a limit": (0, 3),
        "Predicting again (5 times)": (0, 3),
        "Transfer from shifted": (2, 3),
    }
    assert [one.check.key for one in masked.outcomes if one.fires] == ["other_loss", "unbounded", "transfer"]
    assert (masked.after_attack.estimate, masked.worst_case.estimate) == (1, pytest.approx(1 / 3))
    assert masked.worst_case.n == 3
    assert broken(plain)["PGD without a limit"] == (1, 1)
    assert not any(one.fires for one in plain.outcomes)
    assert plain.after_attack.estimate == plain.worst_case.estimate == pytest.approx(1 / 3)


def test_what_is_beyond_the_ball_does_not_count_in_the_worst_case(held):
    (checked,) = result_of(attack_checks.run(request(held(shifted(20 / 255))))).checked
    assert broken(checked)["PGD without a limit"] == (3, 3)
    assert checked.worst_case.estimate == 1


def test_other_sources_are_tried_and_not_checked(held):
    of = held(saturated(4 / 255)), held(shifted(4 / 255))
    result = result_of(attack_checks.run(request(of[0], sources=of[1:])))
    (checked,) = result.checked
    assert broken(checked)["Transfer from shifted"] == (2, 3)
    assert request(of[0], sources=of[1:]).key != request(of[0]).key


def test_models_of_other_classes_are_no_sources(held):
    other = shifted(4 / 255)
    other.spec = replace(other.spec, label_space=own_label_space("own", "abc"))
    result = result_of(attack_checks.run(request(held(saturated(4 / 255)), held(other))))
    assert not any("Transfer" in title for checked in result.checked for title in broken(checked))


def test_where_nothing_is_left_there_is_nothing_to_try(held):
    (checked,) = result_of(attack_checks.run(request(held(shifted(4 / 255)), images=even_images((127,))))).checked
    assert set(broken(checked).values()) == {(0, 0)}
    assert checked.worst_case.estimate == 0
    for outcome in checked.outcomes:
        assert (outcome.fires, outcome.interval) == (False, None)
        assert outcome.sentence == "The attack leaves no image, so there is nothing to try."


def test_steps_that_are_there_already_are_not_taken_again(held):
    spec, threats = held(shifted(4 / 255)), [threat(), threat(eps=2 / 255)]
    asked = request(spec, threats=threats)
    curve = result_of(attack_curve.run(asked.attack))
    events, given = events_and_result(attack_checks.run(asked, curve))
    assert all(isinstance(event, Progress) for event in events)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    alone_events, alone = events_and_result(attack_checks.run(asked))
    assert len([event for event in alone_events if isinstance(event, AttackStep)]) == 2 * 11
    assert given.frame.equals(alone.frame)
    assert [(one, left.n) for one, left in given.worst_case.items()] == [(("shifted", t.eps), 3) for t in threats]


def test_the_table_says_how_many_of_how_many_and_where_a_check_comes_from(held):
    frame = result_of(attack_checks.run(request(held(saturated(4 / 255))))).frame.set_index("check")
    assert frame.loc["other_loss", ["broken", "n", "fires"]].tolist() == [2, 3, True]
    assert frame.loc["other_loss", "broken_percent"] == pytest.approx(200 / 3)
    assert frame.loc["other_loss", "low_percent"] < 200 / 3 < frame.loc["other_loss", "high_percent"]
    assert "breaks 2 of the 3 images that PGD-10 leaves" in frame.loc["other_loss", "meaning"]
    assert frame["source"].str.len().gt(10).all()
    assert set(frame["accuracy_percent"]) == {100}
    assert set(frame["worst_case_percent"].round(2)) == {33.33}
    assert set(frame["n_images"]) == {3}


def test_an_image_that_a_step_broke_is_not_left_even_if_the_last_iterate_is_right(held):
    """Steps of 2·(127.5 − 127)/255 and more go back and forth over a class that is one level wide."""

    class Narrow(nn.Module):
        def forward(self, pixels):
            shift = (pixels - 127 / 255).flatten(1).mean(1)
            return torch.stack([torch.full_like(shift, 0.5 / 255), 1 / 255 - (shift - 1 / 255).abs(), shift * 0 - 1], 1)

    back_again = threat(step_size=1 / 255, steps=2, eps=8 / 255)
    spec = held(as_model(Narrow(), "narrow"))
    curve = result_of(attack_curve.run(AttackCurveRequest((spec,), even_images((127,)), (back_again,))))
    correct = [step.correct.item() for step in curve.trajectories["narrow"][0].steps]
    assert correct == [True, False, correct[-1]]
    asked = AttackChecksRequest.of_attack(AttackCurveRequest((spec,), even_images((127,)), (back_again,)), LAST_ITERATE)
    (checked,) = result_of(attack_checks.run(asked, curve)).checked
    assert set(broken(checked).values()) == {(0, 0)}


def test_a_loss_that_needs_more_classes_is_refused_and_the_others_are_tried(held):
    weights = torch.stack([torch.zeros(192), torch.full((192,), 1 / 192)])
    two = held(linear(weights, torch.tensor([0.6, 0.0])))
    (checked,) = result_of(attack_checks.run(request(two, images=even_images((100, 101))))).checked
    (refused,) = (one for one in checked.outcomes if one.refusal)
    assert refused.check.key == "other_loss"
    assert refused.sentence == (
        "The DLR loss needs at least 3 classes, 4 when the attack is targeted; this model has 2."
    )
    assert refused.interval is None
    assert broken(checked)["PGD without a limit"] == (2, 2)
    assert checked.worst_case.estimate == 1


def test_with_the_paper_s_rule_only_the_target_is_a_success(held):
    """On the way towards class 2 class 1 comes first, and stays the likelier."""

    class OnTheWay(nn.Module):
        def forward(self, pixels):
            shift = (pixels - 127 / 255).flatten(1).mean(1)
            return torch.stack([torch.full_like(shift, 4 / 255), 2 * shift, shift], 1)

    towards = threat(aim="chosen")
    asked = AttackCurveRequest((held(as_model(OnTheWay(), "on_the_way")),), even_images((127,)), (towards,), 2)
    for rule, left in ((PAPER, 1), (ANY_STEP_SO_FAR, 0)):
        (checked,) = result_of(attack_checks.run(AttackChecksRequest.of_attack(asked, rule))).checked
        assert broken(checked)["FGSM"] == (0, left)
        assert broken(checked)["PGD without a limit"] == (0, left)
        assert checked.worst_case.estimate == left
    with pytest.raises(BadInput, match="Only a targeted attack has a target class"):
        request(held(shifted(4 / 255)), target_alone=True)


def test_a_scoring_rule_that_counts_the_same_successes_asks_the_same_question(held):
    asked = AttackCurveRequest((held(shifted(4 / 255)),), even_images(), (threat(),))
    by_rule = [AttackChecksRequest.of_attack(asked, rule) for rule in (LAST_ITERATE, ANY_STEP_SO_FAR)]
    assert by_rule[0] == by_rule[1]


def test_another_loss_begins_at_the_random_starts_of_the_attack(held):
    """With steps too short to matter, what survives the starts survives them again."""
    spec = held(shifted(4.4 / 255))
    whole = request(
        spec, threats=[threat(start="random", steps=2, step_size=0.01 / 255)], images=even_images((127, 127, 116, 127))
    )
    (checked,) = result_of(attack_checks.run(whole)).checked
    curve = result_of(attack_curve.run(whole.attack))
    assert (
        checked.after_attack.estimate
        == attack_curve.accuracies(curve.trajectories["shifted"][0].steps, ANY_STEP_SO_FAR)[-1].estimate
    )
    assert broken(checked)["FGSM"] == (3, 4)
    assert broken(checked)["PGD with the DLR loss"] == (0, 4), "from the same random starts"


@pytest.mark.parametrize(
    ("precision", "of_the_checks"),
    [("bfloat16_float32_stem", USUAL), ("float32", "float32"), (USUAL, USUAL)],
)
def test_what_checks_bfloat16_is_computed_in_float32(held, monkeypatch, precision, of_the_checks):
    seen, of_checks = [], checks.pgd

    def noted(model, pixels, labels, attacked, *rest, **options):
        seen.append(attacked.precision)
        return of_checks(model, pixels, labels, attacked, *rest, **options)

    monkeypatch.setattr(checks, "pgd", noted)
    monkeypatch.setattr(copies, "require_allowed", lambda spec: None)
    monkeypatch.setattr(copies, "require_bfloat16", lambda device: None)
    monkeypatch.setattr(copies, "reduced", copy.deepcopy)
    asked = request(held(saturated(4 / 255)), threats=[threat(precision=precision)])
    result_of(attack_checks.run(asked))
    assert seen == [of_the_checks] * 3, "FGSM, the other loss and no limit"
