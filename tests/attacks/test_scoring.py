import dataclasses

import pytest
import torch

from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER, SCORING_RULES, read
from robust_core.attacks.threat import PAPER as PAPER_THREAT
from robust_core.errors import BadInput
from tests.attacks.steps import trajectory
from tests.attacks.threats import attack
from tests.tiny import convolutional, images

# Four images of class 1 with target 2: one stands, one falls to the target and comes back, one falls to a third
# class, one is wrong when clean and comes right.
STEPS = trajectory(labels=[1, 1, 1, 1], targets=[2, 2, 2, 2], predicted=[[1, 1, 1, 0], [1, 2, 0, 0], [1, 1, 0, 1]])


@pytest.mark.parametrize(
    ("rule", "correct"),
    [
        (LAST_ITERATE, ["1110", "1000", "1101"]),
        (ANY_STEP_SO_FAR, ["1110", "1000", "1000"]),
        (PAPER, ["1110", "1010", "1010"]),
    ],
)
def test_three_scoring_rules_of_one_trajectory(rule, correct):
    assert ["".join(str(int(each)) for each in counted) for counted in read(STEPS, rule)] == correct


def test_the_paper_s_rule_is_of_targeted_attacks():
    with pytest.raises(BadInput, match="targeted"):
        list(read(trajectory([1], [[1], [0]]), PAPER))


def test_scoring_rules_agree_with_a_run_that_stops():
    """What the paper's scoring rule says must not depend on whether the attack really stopped at its first success."""
    clean = images(12)
    stops = dataclasses.replace(PAPER_THREAT, eps=0.05, step_size=0.01, steps=10)
    curves = [
        torch.stack(list(read(attack(convolutional(), clean, None, threat_model), PAPER)))
        for threat_model in (stops, dataclasses.replace(stops, stop_at_success=False))
    ]
    assert torch.equal(*curves)
    assert 0 < curves[0][-1].sum() < 12


def test_every_scoring_rule_is_worded():
    for key, rule in SCORING_RULES.items():
        assert rule.key == key
        assert rule.title
        assert rule.sentence.endswith(".")
