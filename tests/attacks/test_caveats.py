import pytest

from robust_core.attacks.caveats import CAVEATS, UPPER_BOUND, caveats, make_run
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER
from tests.attacks.steps import trajectory
from tests.attacks.threats import threat


def _run(rule=LAST_ITERATE, **fields):
    return make_run(trajectory(**({"labels": [1], "predicted": [[1], [1], [1]]} | fields)), rule)


def _under(**changes):
    return _run(threat_model=threat(steps=2, step_size=4 / 255, **changes))


QUIET = _under()
SMALL_EPS_FALLS = _run(predicted=[[1], [0], [0]], threat_model=threat(steps=2, eps=4 / 255))

# For each rule: a run to which it applies, one to which it does not, and the other runs that both are seen beside.
EXAMPLES = {
    "budget": (_under(eps=8.1 / 255), QUIET, ()),
    "not_converged": (_run(loss=[[0.0], [1.0], [2.0]]), _run(loss=[[0.0], [2.0], [2.01]]), ()),
    "zero_gradient": (
        _run(zero_gradient=[[False], [True], [False]]),
        _run(zero_gradient=[[False], [True], [False]], predicted=[[1], [1], [0]]),
        (),
    ),
    "larger_eps_helps": (QUIET, _under(eps=3 / 255), (SMALL_EPS_FALLS,)),
    "more_steps_help": (_run(predicted=[[1], [0], [1]]), _run(ANY_STEP_SO_FAR, predicted=[[1], [0], [1]]), ()),
    "targeted": (_run(PAPER, targets=[2]), QUIET, ()),
    "untargeted": (QUIET, _run(targets=[2]), ()),
    "unknown_labels": (_run(known=[False]), QUIET, ()),
    "between_levels": (_under(eps=0.25 / 255), _under(eps=1 / 255), ()),
}


@pytest.mark.parametrize("caveat", CAVEATS, ids=lambda caveat: caveat.key)
def test_every_rule_applies_where_it_should_and_only_there(caveat):
    applies, does_not, others = EXAMPLES[caveat.key]
    assert caveat in caveats(applies, others)
    assert caveat not in caveats(does_not, others)
    assert caveat.sentence.endswith(".")


def test_keys_are_unique():
    assert len({caveat.key for caveat in CAVEATS}) == len(CAVEATS)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_loss_is_followed_the_attacker_s_way(reverse):
    """A targeted attack lowers its loss, so the same numbers turned round say the same."""
    loss = [[0.0], [1.0], [2.0]]
    run = _run(targets=[2], loss=[[-row[0]] for row in loss]) if reverse else _run(loss=loss)
    assert run.gain.flatten().tolist() == [0, 1, 2]


def test_images_that_fell_do_not_speak_for_those_that_stand():
    moving_but_fallen = _run(
        labels=[1, 1], predicted=[[1, 1], [0, 1], [0, 1]], loss=[[0.0, 0.0], [5.0, 1.0], [9.0, 1.0]]
    )
    assert "not_converged" not in [caveat.key for caveat in caveats(moving_but_fallen)]


def test_runs_under_another_threat_are_not_compared():
    other = _run(predicted=[[1], [0], [0]], threat_model=threat(steps=2, eps=4 / 255, norm="l2"))
    assert "larger_eps_helps" not in [caveat.key for caveat in caveats(QUIET, [other])]


def test_the_number_is_called_an_upper_bound():
    assert "upper bound on robust accuracy" in UPPER_BOUND
