"""What a trajectory says: which images count as correct after k steps. Three scoring rules, because papers mean
different things.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput


@dataclass(frozen=True)
class ScoringRule:
    """One way to count. `count(before, step)` gives (B,) what is correct at `step`, from what was correct one step
    `before`.

    An image that is wrong when clean stays in the denominator under every scoring rule. Where `only_falls`, an image
    that does not count any more never counts again, so that an accuracy of zero is final.
    """

    key: str
    title: str
    sentence: str
    targeted_only: bool
    only_falls: bool
    count: Callable[[Tensor, AttackStep], Tensor]

    @property
    def identity(self) -> str:
        """What a request calls it."""
        return self.key

    def check(self, threat: ThreatModel) -> None:
        """Raise BadInput where the rule is for targeted attacks and `threat` is none."""
        if self.targeted_only and not threat.targeted:
            raise BadInput(f"{self.title} is a scoring rule of targeted attacks; got an untargeted one.")


LAST_ITERATE = ScoringRule(
    key="last_iterate",
    title="Last iterate",
    sentence="An image counts as correct after k steps if the model is right about the k-th image.",
    targeted_only=False,
    only_falls=False,
    count=lambda before, step: step.correct,
)
ANY_STEP_SO_FAR = ScoringRule(
    key="any_step_so_far",
    title="Any step so far",
    sentence="An image counts as correct after k steps only if no step up to k fooled the model.",
    targeted_only=False,
    only_falls=True,
    count=lambda before, step: before & step.correct,
)
# Orhan 2019: the attack stops at its first success, and otherwise the clean image is what is scored.
PAPER = ScoringRule(
    key="paper",
    title="The paper's rule",
    sentence=(
        "An image that was right when clean counts as correct until a step reaches the target. One that only moved to "
        "a third class counts as clean."
    ),
    targeted_only=True,
    only_falls=True,
    count=lambda before, step: before & ~step.reached,
)

SCORING_RULES: dict[str, ScoringRule] = {rule.key: rule for rule in (LAST_ITERATE, ANY_STEP_SO_FAR, PAPER)}


def read(steps: Iterable[AttackStep], rule: ScoringRule) -> Iterator[Tensor]:
    """(B,) which images count as correct, after each of `steps`; these start at step 0 and leave none out.

    Raises BadInput when the scoring rule is of targeted attacks and this is none.
    """
    counted = None
    for step in steps:
        rule.check(step.threat)
        counted = step.correct if counted is None else rule.count(counted, step)
        yield counted
