"""The truth table: for every rule a run on which it must fire and one on which it must not, and for every check the
networks on which it fires and is silent.
"""

from dataclasses import replace

import pytest
import torch

from robust_core.attacks.caveats import CAVEATS, UPPER_BOUND, caveats, make_run
from robust_core.attacks.checks import CHECKS, Survivors, transfer_from
from robust_core.attacks.goals import Goal
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER
from robust_core.events import result_of
from tests.attacks.networks import constant, flickering, grey, peaked, quantised, saturated, shifted, uneven
from tests.attacks.steps import trajectory
from tests.attacks.threats import attack, threat

# Runs written down by hand: one image, correct at every step, unless said otherwise.


def _run(rule=LAST_ITERATE, **fields):
    return make_run(trajectory(**({"labels": [1], "predicted": [[1], [1], [1]]} | fields)), rule)


def _under(**changes):
    """Two steps of 4/255 within 8/255, but for `changes`."""
    return _run(threat_model=threat(**({"steps": 2, "step_size": 4 / 255} | changes)))


def _on(model, rule=ANY_STEP_SO_FAR, **changes):
    """A real attack on even images."""
    return make_run(attack(model, grey(), [0, 0, 0], threat(**changes)), rule)


QUIET = _under()
FROM_RANDOM = {"start": "random", "steps": 4}
BACK_AGAIN = {"labels": [1, 1], "predicted": [[1, 1], [0, 1], [1, 0]]}  # one image lost, one won: as many as before
ONE_FELL = {"labels": [1, 1], "predicted": [[1, 1], [1, 1], [0, 1]]}
THE_OTHER_FELL = {"labels": [1, 1], "predicted": [[1, 1], [1, 1], [1, 0]]}
SMALLER = threat(steps=2, eps=4 / 255)

# rule: it fires on this run, is silent on that one, and both are seen beside these others
TABLE = {
    "budget": (_under(eps=8.1 / 255), QUIET, ()),
    "budget_from_random_start": (_under(**FROM_RANDOM, eps=8.1 / 255), _under(**FROM_RANDOM), ()),
    "eps_out_of_reach": (_under(eps=16 / 255), _under(eps=16 / 255, step_size=7 / 255), (QUIET,)),
    "step_too_long": (_under(step_size=16.1 / 255), _under(step_size=16 / 255), ()),
    "not_converged": (_run(loss=[[0.0], [1.0], [2.0]]), _run(loss=[[0.0], [2.0], [2.01]]), ()),
    "loss_falls": (_run(loss=[[1.0], [2.0], [0.9]]), _run(loss=[[1.0], [2.0], [1.1]]), ()),
    "loss_never_moves": (_run(loss=[[1.0], [1.0], [1.0]]), _run(loss=[[1.0], [1.1], [1.0]]), ()),
    "zero_gradient": (
        _run(zero_gradient=[[False], [True], [False]]),
        _run(zero_gradient=[[False], [True], [False]], predicted=[[1], [1], [0]]),
        (),
    ),
    "larger_eps_helps": (_run(**ONE_FELL), _run(**THE_OTHER_FELL), (_run(**THE_OTHER_FELL, threat_model=SMALLER),)),
    "silent_success": (_run(**BACK_AGAIN), _run(ANY_STEP_SO_FAR, **BACK_AGAIN), ()),
    "targeted": (_run(PAPER, targets=[2]), QUIET, ()),
    "untargeted": (QUIET, _run(targets=[2]), ()),
    "unknown_labels": (_run(known=[False]), QUIET, ()),
    "between_levels": (_under(eps=0.25 / 255), _under(eps=1 / 255), ()),
}


def keys(run, others=()):
    return {caveat.key for caveat in caveats(run, others)}


@pytest.mark.parametrize("caveat", CAVEATS, ids=lambda caveat: caveat.key)
def test_every_rule_fires_where_it_must_and_is_silent_where_it_must_be(caveat):
    fires_on, silent_on, others = TABLE[caveat.key]
    assert caveat in caveats(fires_on, others)
    assert caveat not in caveats(silent_on, others)
    assert caveat.sentence.endswith(".")
    assert caveat.source


def test_the_table_has_every_rule_and_no_other():
    assert list(TABLE) == [caveat.key for caveat in CAVEATS]


# Once more on runs of the same kind.


@pytest.mark.parametrize(
    ("run", "there", "absent"),
    [
        (_under(eps=8.1 / 255, start="random"), "budget_from_random_start", "budget"),
        (_under(**FROM_RANDOM, eps=8.1 / 255, restarts=3), "budget_from_random_start", "budget"),
        (_under(**FROM_RANDOM | {"start": "random_unclipped"}, eps=8.1 / 255), "budget_from_random_start", "budget"),
        (_under(norm="l2", eps=1.0, step_size=0.49), "budget", "budget_from_random_start"),
        (_under(eps=0.8, step_size=0.04, steps=2), "budget", "eps_out_of_reach"),  # relative: ε/20, as far as is known
        (_under(eps=0.0), "untargeted", "step_too_long"),  # a ball of one image cannot be searched badly
        (_under(eps=0.0), "untargeted", "loss_never_moves"),
        (_run(targets=[2], loss=[[1.0], [0.5], [1.1]]), "loss_falls", "loss_never_moves"),
        (_run(targets=[2], loss=[[1.0], [0.5], [0.9]]), "targeted", "loss_falls"),
        (_run(predicted=[[1], [1], [0]], loss=[[1.0], [1.0], [0.9]]), "untargeted", "loss_falls"),  # it fell anyway
        (_run(zero_gradient=[[False], [True], [True]], loss=[[1.0]] * 3), "zero_gradient", "loss_never_moves"),
        (_run(loss=[[5.0], [1.0], [1.0]], threat_model=threat(start="random", steps=2)), "loss_never_moves", "budget"),
        (
            _run(loss=[[5.0], [1.0]], predicted=[[1]] * 2, threat_model=threat(start="random", steps=1)),
            "loss_falls",
            "loss_never_moves",
        ),
        (_run(loss=[[4e4], [4e4 + 0.01], [4e4 - 0.01]]), "loss_never_moves", "loss_falls"),  # rounding of float32
        (_run(loss=[[1e-3], [2e-3], [9e-4]]), "loss_falls", "loss_never_moves"),
        (_run(predicted=[[0], [1], [1]]), "silent_success", "targeted"),  # wrong when clean, and counted as correct
        (_run(PAPER, targets=[2], predicted=[[1], [2], [1]]), "targeted", "silent_success"),
    ],
)
def test_runs_of_the_same_kind(run, there, absent):
    assert there in keys(run)
    assert absent not in keys(run)


@pytest.mark.parametrize(
    ("model", "changes", "expected"),
    [
        (shifted(9 / 255), {}, set()),
        (shifted(4 / 255), {}, set()),
        (quantised(4 / 255), {}, {"loss_never_moves"}),
        (quantised(4 / 255), {"start": "random", "steps": 20}, {"loss_never_moves"}),
        (saturated(4 / 255), {}, {"zero_gradient"}),
        (saturated(4 / 255), {"loss": "dlr"}, set()),
        (peaked(1 / 255), {"step_size": 8 / 255, "steps": 3}, {"loss_falls"}),
        (peaked(1 / 255), {"step_size": 20 / 255, "steps": 3}, {"loss_falls", "step_too_long", "not_converged"}),
        (constant(), {}, {"zero_gradient"}),
    ],
)
def test_attacks_on_networks_in_closed_form(model, changes, expected):
    assert keys(_on(model, **changes)) - {"untargeted"} == expected


@pytest.mark.parametrize("reverse", [False, True])
def test_a_loss_is_followed_the_attacker_s_way(reverse):
    """A targeted attack lowers its loss, so the same numbers turned round say the same."""
    loss = [[0.0], [1.0], [2.0]]
    run = _run(targets=[2], loss=[[-row[0]] for row in loss]) if reverse else _run(loss=loss)
    assert run.gain.flatten().tolist() == [0, 1, 2]


def test_images_that_fell_do_not_speak_for_those_that_survive():
    moving_but_fallen = _run(
        labels=[1, 1], predicted=[[1, 1], [0, 1], [0, 1]], loss=[[0.0, 0.0], [5.0, 1.0], [9.0, 1.0]]
    )
    assert "not_converged" not in keys(moving_but_fallen)


def test_runs_under_another_threat_are_not_compared():
    fell = {"predicted": [[1], [0], [0]]}
    for changes in ({"norm": "l2"}, {"loss": "dlr"}, {"seed": 1}):
        other = _run(**fell, threat_model=threat(steps=2, eps=4 / 255, **changes))
        assert not keys(QUIET, [other]) & {"larger_eps_helps", "eps_out_of_reach"}


def test_the_number_is_called_an_upper_bound():
    assert "upper bound on robust accuracy" in UPPER_BOUND


# The checks: what the attack leaves, and which of them fire on it. From `shifted` comes a change of 8/255 everywhere.

LEFT_BY = {
    "a good attack": (shifted(9 / 255), {}),
    "steps that are too short": (shifted(6 / 255), {"step_size": 0.1 / 255}),
    "a zero gradient beside noise": (uneven(1e-4), {}),
    "a model that is too sure": (saturated(4 / 255), {}),
    "a model that ignores its image": (constant(), {}),
    "rounding": (quantised(4 / 255), {}),
    "a random model": (flickering(), {}),
}
ALL = {"fgsm", "noise", "other_loss", "unbounded", "again", "transfer"}
CHECKS_TABLE = {  # what is left by: the checks that fire; all others are silent
    "a good attack": set(),
    "steps that are too short": {"fgsm", "transfer"},
    "a zero gradient beside noise": {"noise", "unbounded"},
    "a model that is too sure": {"other_loss", "unbounded", "transfer"},
    "a model that ignores its image": {"unbounded"},
    "rounding": set(),
}


def _left(case, **changes):
    model, fields = LEFT_BY[case]
    goal = Goal(torch.zeros(3, dtype=torch.long), torch.ones(3, dtype=torch.bool), None)
    return model, Survivors(threat(**fields | changes), grey(), goal, (0, 1, 2))


def _checks():
    return [*CHECKS, transfer_from("shifted", torch.full((3, 3, 8, 8), 8 / 255))]


def _fires(check, model, left):
    broken = result_of(check.run(model, left))
    return check.fires(int(broken.sum()), len(broken))


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("case", CHECKS_TABLE)
def test_every_check_fires_where_it_must_and_is_silent_where_it_must_be(case, norm):
    scale = 3 * 8**2 if norm == "l2" else 1  # an even change of d has the length d · √192
    fields = {
        name: LEFT_BY[case][1].get(name, default) * scale**0.5
        for name, default in (("eps", 8 / 255), ("step_size", 2 / 255))
    }
    model, left = _left(case, norm=norm, **fields)
    assert not any(step.label.any() for step in attack(model, left.pixels, [0] * 3, left.threat)), "it does leave them"
    assert {check.key for check in _checks() if _fires(check, model, left)} == CHECKS_TABLE[case]


def test_a_random_model_is_noticed_by_the_same_image():
    (again,) = (check for check in CHECKS if check.key == "again")
    assert _fires(again, *_left("a random model"))


@pytest.mark.parametrize("model", [shifted(9 / 255), shifted(-1 / 255)])
def test_a_model_without_randomness_is_never_called_random(model):
    """Not even where the clean image is wrong by now, as one on the verge may be in another batch."""
    (again,) = (check for check in CHECKS if check.key == "again")
    assert not _fires(again, model, _left("a good attack")[1])


def test_every_check_fires_somewhere_and_is_silent_somewhere():
    fired = set().union(*CHECKS_TABLE.values(), {"again"})
    assert fired == ALL == {check.key for check in _checks()}
    assert not set.intersection(*CHECKS_TABLE.values())


def test_a_check_says_what_it_breaks_with_the_numbers():
    fgsm, *_, unbounded, _, _ = _checks()
    ten = threat(steps=10)
    assert fgsm.sentence(3, 14, ten).startswith("FGSM breaks 3 of the 14 images that PGD-10 leaves: one step does")
    assert fgsm.sentence(0, 1, ten) == "FGSM breaks none of the 1 image that PGD-10 leaves, as it should be."
    assert "without a limit still leaves 2 of the 14 images that PGD-10 leaves" in unbounded.sentence(12, 14, ten)
    assert all(check.source for check in _checks())


def test_an_attack_with_dlr_is_checked_with_the_cross_entropy():
    (other,) = (check for check in CHECKS if check.key == "other_loss")
    assert other.title(threat(loss="dlr")) == "PGD with the cross-entropy loss"
    model, left = _left("a model that is too sure", loss="dlr")
    assert not _fires(other, model, left)
    assert _fires(other, model, replace(left, threat=replace(left.threat, loss="cross-entropy")))
