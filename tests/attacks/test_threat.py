import math
from dataclasses import astuple, fields
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from robust_core.attacks.threat import PAPER, Aim, Norm, Start, ThreatModel, fgsm
from robust_core.errors import BadInput, UnknownName
from tests.anything import ANYTHING, HUGE, bounded, made_or_refused
from tests.attacks.threats import threat


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"eps": -0.1}, "eps"),
        ({"eps": 4.0}, "eps"),
        ({"eps": math.nan}, "eps"),
        ({"norm": "l2", "eps": math.inf}, "eps"),
        ({"step_size": 0.0}, "step size"),
        ({"step_size": -1 / 255}, "step size"),
        ({"step_size": math.nan}, "step size"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.0}, "steps"),
        ({"restarts": 0, "start": "random"}, "restarts"),
        ({"restarts": True}, "restarts"),
        ({"restarts": 2}, "random start"),
        ({"seed": -1}, "seed"),
        ({"eps": "4/255"}, "eps"),
        ({"norm": "l2", "eps": HUGE}, "eps"),
        ({"step_size": True}, "step size"),
        ({"stop_at_success": 1}, "stop_at_success"),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(changes, named):
    with pytest.raises(BadInput, match=named):
        threat(**changes)


@pytest.mark.parametrize(
    ("field", "nearest"),
    [
        ("norm", "linf"),
        ("aim", "untargeted"),
        ("start", "random"),
        ("loss", "cross-entropy"),
        ("precision", "float32"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(field, nearest):
    with pytest.raises(UnknownName, match=nearest):
        threat(**{field: nearest[:-1] + "_"})


def test_what_is_on_the_edge_is_accepted():
    assert threat(eps=0.0, step_size=0.0).step_budget == 0
    assert threat(eps=1.0).eps == 1
    assert threat(norm="l2", eps=5.0).eps == 5


def test_a_relative_step_is_a_fraction_of_eps():
    absolute = threat(eps=4 / 255, step_size=0.1 * (4 / 255))
    fields = dict(norm="linf", steps=10, aim="untargeted", start="clean", restarts=1, stop_at_success=False, seed=0)
    assert ThreatModel.relative(eps=4 / 255, step_fraction=0.1, **fields) == absolute


def test_fgsm_is_one_step_to_the_edge():
    threat_model = fgsm(4 / 255)
    assert (threat_model.steps, threat_model.step_budget, threat_model.start) == (1, 4 / 255, "clean")


def test_the_paper_s_ten_steps_stop_short_of_its_largest_balls():
    assert PAPER.targeted
    assert PAPER.stop_at_success
    assert PAPER.step_budget == pytest.approx(20 / 255)
    assert 0.07 < PAPER.step_budget < 0.08


def test_what_was_stored_before_there_was_a_choice_of_loss_keeps_its_identity():
    assert threat().identity == {
        "norm": "linf",
        "eps": 8 / 255,
        "step_size": 2 / 255,
        "steps": 10,
        "aim": "untargeted",
        "start": "clean",
        "restarts": 1,
        "stop_at_success": False,
        "seed": 0,
    }
    assert threat(loss="dlr").identity == threat().identity | {"loss": "dlr"}
    assert str(threat()) == "PGD, untargeted, L∞ 8/255, 10 steps of 2/255, clean start, seed 0"
    assert str(threat(loss="dlr")).startswith("PGD with the DLR loss, untargeted")


WORDS = st.sampled_from([*get_args(Norm), *get_args(Aim), *get_args(Start)])


@bounded
@example(changes={"eps": None})
@given(
    changes=st.dictionaries(
        st.sampled_from([field.name for field in fields(ThreatModel)]), ANYTHING | WORDS, min_size=1, max_size=3
    )
)
def test_whatever_comes_is_refused_in_a_sentence_or_makes_an_attack_that_can_be_run(changes):
    made = made_or_refused(threat, **changes)
    if made is None:
        return
    assert (made.norm, made.aim, made.start) in {
        (norm, aim, start) for norm in get_args(Norm) for aim in get_args(Aim) for start in get_args(Start)
    }
    assert 0 <= made.eps < math.inf
    assert 0 < made.step_size < math.inf or made.eps == 0
    assert min(made.steps, made.restarts) >= 1
    assert made == ThreatModel(*astuple(made))


def test_the_usual_precision_goes_without_saying_and_another_is_said():
    assert "precision" not in threat().identity
    assert "float32" not in str(threat())
    unfolded = threat(precision="float32")
    assert threat(precision="float32_folded") == threat()
    assert unfolded.identity == threat().identity | {"precision": "float32"}
    assert str(unfolded) == f"{threat()}; batch norm not folded"
    assert "every label in float32" in str(threat(precision="bfloat16_float32_stem"))
