"""What must be said beside an accuracy under attack: rules with a sentence and a source each, as a table.

These are the rules that one run, or runs with different eps, can show; `checks` has those that need further attacks.
The sources: Carlini et al. 2019, "On evaluating adversarial robustness" (arXiv:1902.06705); Pintor et al. 2022,
"Indicators of attack failure" (NeurIPS), whose I2 and I6 are in `checks` and whose I5 is about attacks on a surrogate
alone; Croce & Hein 2020, "Reliable evaluation of adversarial robustness" (ICML), with the flags of its AutoAttack
(flags_doc.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import torch
from torch import Tensor

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.scoring import ScoringRule, read
from robust_core.attacks.threat import ThreatModel

UPPER_BOUND = "Accuracy under PGD-k is an upper bound on robust accuracy: a stronger attack can only lower it."
LAST_TENTH_GAIN_FRACTION = 0.01
KEPT_RUNS = 32  # whose steps are remembered as one, since a page draws them again and again
ABOUT_THE_QUESTION = frozenset({"targeted", "untargeted", "unknown_labels", "between_levels"})
ROUNDING = 1e-6  # by which float32 is off, relative to a length or to a loss of at least 1


@dataclass(frozen=True, eq=False)
class Run:
    """One finished trajectory over B images and S steps, as the rules see it.

    counted    (S + 1, B) which images count as correct, by the scoring rule in use
    gain       (S + 1, B) how far the loss has moved the attacker's way since the clean image
    no_gain    (B,) what is too small a part of the loss to have moved at all
    zero_gradient      (S + 1, B) whether the gradient was exactly zero
    known      (B,) whether the label is known
    """

    threat: ThreatModel
    counted: Tensor
    gain: Tensor
    no_gain: Tensor
    zero_gradient: Tensor
    known: Tensor

    @property
    def survives(self) -> Tensor:
        """(B,) whether an image counts as correct after the last step."""
        return self.counted[-1]


@dataclass(frozen=True)
class Caveat:
    """One rule. `applies(run, others)` looks at a run and at runs of the same model on the same images with another
    eps; `source` is where the rule comes from.
    """

    key: str
    sentence: str
    source: str
    applies: Callable[[Run, Sequence[Run]], bool] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.sentence} [{self.source}]"


def make_run(steps: Sequence[AttackStep], rule: ScoringRule) -> Run:
    """The run that `steps` (0 to the last, none left out) are; raises BadInput where `rule` does not fit."""
    return _made(tuple(steps), rule)


@lru_cache(KEPT_RUNS)
def _made(steps: tuple[AttackStep, ...], rule: ScoringRule) -> Run:
    loss = torch.stack([step.loss for step in steps])
    return Run(
        threat=steps[0].threat,
        counted=torch.stack(list(read(steps, rule))),
        gain=loss[0] - loss if steps[0].threat.targeted else loss - loss[0],
        no_gain=ROUNDING * loss.abs().amax(0).clamp_min(1),
        zero_gradient=torch.stack([step.zero_gradient for step in steps]),
        known=steps[0].goal.known,
    )


def caveats(run: Run, others: Sequence[Run] = ()) -> tuple[Caveat, ...]:
    """The rows of CAVEATS that apply to `run`; `others` are runs of the same model on the same images."""
    return tuple(caveat for caveat in CAVEATS if caveat.applies(run, others))


def alarms(run: Run, others: Sequence[Run] = ()) -> tuple[Caveat, ...]:
    """Those of `caveats` that say that the attack failed or may have, and not what was asked of it."""
    return tuple(caveat for caveat in caveats(run, others) if caveat.key not in ABOUT_THE_QUESTION)


def _short_of_the_edge(run: Run, _: Sequence[Run]) -> bool:
    return run.threat.start == "clean" and run.threat.step_budget < run.threat.eps * (1 - ROUNDING)


def _short_of_the_far_edge(run: Run, _: Sequence[Run]) -> bool:
    return run.threat.start != "clean" and run.threat.step_budget < 2 * run.threat.eps * (1 - ROUNDING)


def _eps_out_of_reach(run: Run, others: Sequence[Run]) -> bool:
    same_steps = [other for other in _alike(run, others) if other.threat.step_size == run.threat.step_size]
    return _short_of_the_edge(run, others) and any(other.threat.eps != run.threat.eps for other in same_steps)


def _overshoots(run: Run, _: Sequence[Run]) -> bool:
    return 0 < 2 * run.threat.eps * (1 + ROUNDING) < run.threat.step_size


def _still_moving(run: Run, _: Sequence[Run]) -> bool:
    if not run.survives.any():
        return False
    gain = run.gain[:, run.survives].double().mean(1)  # huge losses still have a sum
    before_last_tenth = -1 - max(1, run.threat.steps // 10)
    return bool(gain[-1] - gain[before_last_tenth] > LAST_TENTH_GAIN_FRACTION * gain[-1].abs())


def _loss_falls(run: Run, _: Sequence[Run]) -> bool:
    return bool(((run.gain[-1] < -run.no_gain) & run.survives).any())


def _loss_never_moves(run: Run, _: Sequence[Run]) -> bool:
    followed = run.gain if run.threat.start == "clean" else run.gain[1:]  # a random start moves it by itself
    if run.threat.eps == 0 or len(followed) < 2:
        return False
    still = (followed - followed[0]).abs().amax(0) <= run.no_gain
    return bool((still & ~run.zero_gradient[1:].all(0) & run.survives).any())


def _zero_gradient_and_correct(run: Run, _: Sequence[Run]) -> bool:
    return bool((run.zero_gradient.any(0) & run.survives).any())


def _larger_eps_helps(run: Run, others: Sequence[Run]) -> bool:
    smaller = (other for other in _alike(run, others) if other.threat.eps < run.threat.eps)
    return any(bool((run.survives & ~other.survives).any()) for other in smaller)


def _alike(run: Run, others: Sequence[Run]) -> list[Run]:
    """Those of `others` whose attack differs in eps alone, and in the step size that may follow it."""

    def but_for_eps(threat: ThreatModel) -> ThreatModel:
        return replace(threat, eps=0.0, step_size=0.0)

    return [other for other in others if but_for_eps(other.threat) == but_for_eps(run.threat)]


def _silent_success(run: Run, _: Sequence[Run]) -> bool:
    return bool(((~run.counted[:-1]).any(0) & run.survives).any())


def _between_levels(run: Run, _: Sequence[Run]) -> bool:
    return run.threat.norm == "linf" and 0 < run.threat.eps < 1 / 255


BY_DEFINITION = "by definition"

CAVEATS: tuple[Caveat, ...] = (
    Caveat(
        "budget",
        "Steps × step size is less than ε: the attack cannot reach the edge of the ball. It needs more steps, or "
        "longer ones.",
        "Carlini et al. 2019, section 4.8",
        _short_of_the_edge,
    ),
    Caveat(
        "budget_from_random_start",
        "Steps × step size is less than 2ε: from a random start the attack cannot cross the ball. It needs more steps, "
        "or longer ones.",
        "Madry et al. 2018, section 5; Carlini et al. 2019, section 4.8",
        _short_of_the_far_edge,
    ),
    Caveat(
        "eps_out_of_reach",
        "The step size does not grow with ε: beyond steps × step size, a larger ε changes nothing.",
        "Carlini et al. 2019, section 4.8",
        _eps_out_of_reach,
    ),
    Caveat(
        "step_too_long",
        "The step size is more than 2ε, the width of the ball: every step overshoots, so the attack cannot search the "
        "inside.",
        "Carlini et al. 2019, sections 4.9 and 5.2",
        _overshoots,
    ),
    Caveat(
        "not_converged",
        "The mean loss of the images that are still correct was moving at the last step: the attack has not converged, "
        "more steps may do more.",
        "Pintor et al. 2022, I4 (incomplete optimization); Carlini et al. 2019, section 4.8",
        _still_moving,
    ),
    Caveat(
        "loss_falls",
        "The loss of some image that is still correct ended worse for the attack than it began: the steps are too "
        "long, or the gradient misleads.",
        "Carlini et al. 2019, section 5.2",
        _loss_falls,
    ),
    Caveat(
        "loss_never_moves",
        "The loss of some image that is still correct never moved, although its gradient was not zero: the gradient "
        "leads nowhere, which is not robustness.",
        "Carlini et al. 2019, section 4.7; Pintor et al. 2022, I1 (unavailable gradients)",
        _loss_never_moves,
    ),
    Caveat(
        "zero_gradient",
        "Some image that is still correct had a gradient of exactly zero: possible gradient masking, which is not "
        "robustness.",
        "Pintor et al. 2022, I1 (unavailable gradients); AutoAttack's flag “Zero gradient” (Croce & Hein 2020)",
        _zero_gradient_and_correct,
    ),
    Caveat(
        "larger_eps_helps",
        "Some image that is still correct fell at a smaller ε, whose ball lies inside this one: the limit is the "
        "attack's, not the model's.",
        "Carlini et al. 2019, section 5.2",
        _larger_eps_helps,
    ),
    Caveat(
        "silent_success",
        "Some image that counts as correct at the last step was misclassified at an earlier one: the last iterate "
        "understates the attack; “any step so far” does not.",
        "Pintor et al. 2022, I3 (silent success)",
        _silent_success,
    ),
    Caveat(
        "targeted",
        "The attack was targeted: it wants one class per image, which is harder than any wrong one. An untargeted "
        "attack can do more harm.",
        "Carlini et al. 2019, section 4.12",
        lambda run, _: run.threat.targeted,
    ),
    Caveat(
        "untargeted",
        "The attack was untargeted: any wrong class is a success, also a close relative of the right one.",
        "Carlini et al. 2019, section 4.12",
        lambda run, _: not run.threat.targeted,
    ),
    Caveat(
        "unknown_labels",
        "Some labels are unknown: the clean prediction stands in, so these images are correct at step 0 by definition.",
        BY_DEFINITION,
        lambda run, _: not bool(run.known.all()),
    ),
    Caveat(
        "between_levels",
        "ε is less than one of the 255 steps of an 8-bit image: no 8-bit file can hold this attack.",
        BY_DEFINITION,
        _between_levels,
    ),
)
