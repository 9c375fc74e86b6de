"""Foolbox's attacks with the settings under which they are rows of the table, and three mends.

Its L2-FMN (3.3.4) projects onto no ball, as it divides the norms by themselves, its L0-FMN ends with an IndexError once
it may change every value, and its C&W and EAD stop early by the loss of the whole batch, so that an image's end depends
on the others.
"""

from collections.abc import Callable
from typing import Any

import eagerpy as ep
from foolbox import attacks
from foolbox.attacks.gradient_descent_base import clip_lp_norms

from robust_core.attacks.attack_row import AttackNorm
from robust_core.attacks.table_foolbox import CLASSES, SEARCHES


class L2FMN(attacks.L2FMNAttack):
    """FMN with the projection of the paper (Pintor et al. 2021, algorithm 1, line 8)."""

    def project(self, x: Any, x0: Any, epsilon: Any) -> Any:
        """The nearest point to `x` whose distance from `x0` is at most `epsilon`."""
        return x0 + clip_lp_norms(x - x0, norm=epsilon, p=2)


class L0FMN(attacks.L0FMNAttack):
    """FMN that may change every value."""

    def project(self, x: Any, x0: Any, epsilon: Any) -> Any:
        """`x` with its `epsilon` largest changes alone; without an index behind the last."""
        return super().project(x, x0, ep.minimum(epsilon, float(x0[0].raw.numel() - 1)))


Make = Callable[[int], Any]

# From the number of steps. Step sizes are Foolbox's own where it has one; BIM's is its default at ten steps, and
# MI-FGSM's that of the paper (Dong et al. 2018, algorithm 1), eps over the steps.
METHODS: dict[tuple[str, AttackNorm], Make] = {
    ("fgsm", "linf"): lambda steps: attacks.LinfFastGradientAttack(),
    ("fgsm", "l2"): lambda steps: attacks.L2FastGradientAttack(),
    ("bim", "linf"): lambda steps: attacks.LinfBasicIterativeAttack(steps=steps, rel_stepsize=2 / steps),
    ("bim", "l2"): lambda steps: attacks.L2BasicIterativeAttack(steps=steps, rel_stepsize=2 / steps),
    ("mi_fgsm", "linf"): lambda steps: attacks.LinfMomentumIterativeFastGradientMethod(
        steps=steps, rel_stepsize=1 / steps
    ),
    ("mi_fgsm", "l2"): lambda steps: attacks.L2MomentumIterativeFastGradientMethod(steps=steps, rel_stepsize=1 / steps),
    ("cw", "l2"): lambda steps: attacks.L2CarliniWagnerAttack(
        binary_search_steps=SEARCHES, steps=steps, abort_early=False
    ),
    ("deepfool", "l2"): lambda steps: attacks.L2DeepFoolAttack(steps=steps, candidates=CLASSES),
    ("deepfool", "linf"): lambda steps: attacks.LinfDeepFoolAttack(steps=steps, candidates=CLASSES),
    ("ddn", "l2"): lambda steps: attacks.DDNAttack(steps=steps),
    ("fmn", "l0"): lambda steps: L0FMN(steps=steps),
    ("fmn", "l1"): lambda steps: attacks.L1FMNAttack(steps=steps),
    ("fmn", "l2"): lambda steps: L2FMN(steps=steps),
    ("fmn", "linf"): lambda steps: attacks.LInfFMNAttack(steps=steps),
    ("ead", "l1"): lambda steps: attacks.EADAttack(
        binary_search_steps=SEARCHES, steps=steps, decision_rule="L1", abort_early=False
    ),
}
