"""What must be said beside an accuracy under attack: rules with a sentence each, as a table.

Carlini et al. 2019 ("On evaluating adversarial robustness", section 5) list such checks; these are the ones that one
run, or runs with different eps, can show.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.scoring import ScoringRule, read
from robust_core.attacks.threat import ThreatModel

UPPER_BOUND = "Accuracy under PGD-k is an upper bound on robust accuracy: a stronger attack can only lower it."
LAST_TENTH_GAIN_FRACTION = 0.01


@dataclass(frozen=True, eq=False)
class Run:
    """One finished trajectory over B images and S steps, as the rules see it.

    counted    (S + 1, B) which images count as correct, by the scoring rule in use
    gain       (S + 1, B) how far the loss has moved the attacker's way since the clean image
    zero_gradient      (S + 1, B) whether the gradient was exactly zero
    known      (B,) whether the label is known
    """

    threat: ThreatModel
    counted: Tensor
    gain: Tensor
    zero_gradient: Tensor
    known: Tensor


@dataclass(frozen=True)
class Caveat:
    """One rule. `applies(run, others)` looks at a run and at runs of the same model on the same images with another
    eps.
    """

    key: str
    sentence: str
    applies: Callable[[Run, Sequence[Run]], bool]


def make_run(steps: Sequence[AttackStep], rule: ScoringRule) -> Run:
    """The run that `steps` (0 to the last, none left out) are; raises BadInput where `rule` does not fit."""
    loss = torch.stack([step.loss for step in steps])
    return Run(
        threat=steps[0].threat,
        counted=torch.stack(list(read(steps, rule))),
        gain=loss[0] - loss if steps[0].threat.targeted else loss - loss[0],
        zero_gradient=torch.stack([step.zero_gradient for step in steps]),
        known=steps[0].goal.known,
    )


def caveats(run: Run, others: Sequence[Run] = ()) -> tuple[Caveat, ...]:
    """The rows of CAVEATS that apply to `run`; `others` are runs of the same model on the same images."""
    return tuple(caveat for caveat in CAVEATS if caveat.applies(run, others))


def _short_of_the_edge(run: Run, _: Sequence[Run]) -> bool:
    return run.threat.step_budget < run.threat.eps * (1 - 1e-6)


def _still_moving(run: Run, _: Sequence[Run]) -> bool:
    standing = run.counted[-1]
    if not standing.any():
        return False
    gain = run.gain[:, standing].double().mean(1)  # huge losses still have a sum
    before_last_tenth = -1 - max(1, run.threat.steps // 10)
    return bool(gain[-1] - gain[before_last_tenth] > LAST_TENTH_GAIN_FRACTION * gain[-1].abs())


def _zero_gradient_and_correct(run: Run, _: Sequence[Run]) -> bool:
    return bool((run.zero_gradient.any(0) & run.counted[-1]).any())


def _larger_eps_helps(run: Run, others: Sequence[Run]) -> bool:
    def but_for_eps(threat: ThreatModel) -> ThreatModel:
        return replace(threat, eps=0.0, step_size=0.0)

    alike = (other for other in others if but_for_eps(other.threat) == but_for_eps(run.threat))
    return any(other.threat.eps < run.threat.eps and other.counted[-1].sum() < run.counted[-1].sum() for other in alike)


def _more_steps_help(run: Run, _: Sequence[Run]) -> bool:
    correct = run.counted[1:].sum(1)
    return bool(correct[-1] > correct.min())


def _between_levels(run: Run, _: Sequence[Run]) -> bool:
    return run.threat.norm == "linf" and 0 < run.threat.eps < 1 / 255


CAVEATS: tuple[Caveat, ...] = (
    Caveat(
        "budget",
        "Steps × step size is less than ε: the attack cannot cross the ball, and a larger ε would change nothing.",
        _short_of_the_edge,
    ),
    Caveat(
        "not_converged",
        "The loss of the images that are still correct was moving at the last step: the attack has not converged, more "
        "steps may do more.",
        _still_moving,
    ),
    Caveat(
        "zero_gradient",
        "Some image that is still correct had a gradient of exactly zero: the attack was blind there, which is not "
        "robustness.",
        _zero_gradient_and_correct,
    ),
    Caveat(
        "larger_eps_helps",
        "A smaller ε did more harm, although its ball lies inside this one: the limit is the attack's, not the "
        "model's.",
        _larger_eps_helps,
    ),
    Caveat(
        "more_steps_help",
        "An earlier step did more harm than the last one: the last iterate understates the attack; “any step so far” "
        "does not.",
        _more_steps_help,
    ),
    Caveat(
        "targeted",
        "The attack was targeted: it wants one class per image, which is harder than any wrong one; an untargeted "
        "attack does more harm.",
        lambda run, _: run.threat.targeted,
    ),
    Caveat(
        "untargeted",
        "The attack was untargeted: any wrong class is a success, also a close relative of the right one.",
        lambda run, _: not run.threat.targeted,
    ),
    Caveat(
        "unknown_labels",
        "Some labels are unknown: the clean prediction stands in, so these images are correct at step 0 by definition.",
        lambda run, _: not bool(run.known.all()),
    ),
    Caveat(
        "between_levels",
        "ε is less than one of the 255 steps of an 8-bit image: the attack lives between the grey levels, and no "
        "8-bit file can hold it.",
        _between_levels,
    ),
)
