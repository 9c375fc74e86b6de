"""What a trajectory says: which pictures count as correct after k steps. Three readings, because papers mean different
things.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput


@dataclass(frozen=True)
class Reading:
    """One way to count. `count(before, step)` gives (B,) what is correct at `step`, from what was correct one step
    `before`.

    A picture that is wrong when clean stays in the denominator under every reading.
    """

    key: str
    title: str
    sentence: str
    targeted_only: bool
    count: Callable[[Tensor, AttackStep], Tensor]

    @property
    def identity(self) -> str:
        """What a request calls it."""
        return self.key

    def check(self, threat: ThreatModel) -> None:
        """Raise BadInput where the rule is for targeted attacks and `threat` is none."""
        if self.targeted_only and not threat.targeted:
            raise BadInput(f"{self.title} is a reading of targeted attacks; got an untargeted one.")


LAST_ITERATE = Reading(
    key="last_iterate",
    title="Last iterate",
    sentence="A picture counts as correct after k steps if the model is right about the k-th picture, whatever came "
    "before.",
    targeted_only=False,
    count=lambda before, step: step.correct,
)
WORST_SO_FAR = Reading(
    key="worst_so_far",
    title="Worst so far",
    sentence="A picture counts as correct after k steps if the model was right about the clean picture and about "
    "every step up to the k-th.",
    targeted_only=False,
    count=lambda before, step: before & step.correct,
)
# Orhan 2019: the attack stops at its first success, and otherwise the clean picture is what is scored.
PAPER = Reading(
    key="paper",
    title="The paper's protocol",
    sentence=(
        "A picture counts as correct after k steps if the model was right about the clean picture and no step up to "
        "the k-th reached "
        "the target; a picture that only moved to a third class counts as clean."
    ),
    targeted_only=True,
    count=lambda before, step: before & ~step.reached,
)

READINGS: dict[str, Reading] = {reading.key: reading for reading in (LAST_ITERATE, WORST_SO_FAR, PAPER)}


def read(steps: Iterable[AttackStep], reading: Reading) -> Iterator[Tensor]:
    """(B,) which pictures count as correct, after each of `steps`; these start at step 0 and leave none out.

    Raises BadInput when the reading is of targeted attacks and this is none.
    """
    counted = None
    for step in steps:
        reading.check(step.threat)
        counted = step.correct if counted is None else reading.count(counted, step)
        yield counted
