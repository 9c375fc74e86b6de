"""What Fel et al. 2023 found of concepts, and whether a model's numbers agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from robust_core.studies.concept_outcomes import ALL_CONCEPTS, GAIN, IMPORTANCE, SURVIVES, Measure, ModelConcepts
from robust_core.studies.layer_biases import Estimate

Says = Literal["agrees", "contradicts", "undecided"]
PAPER = "Fel et al. 2023"
LITTLE_PERCENT = 50  # of images that keep their prediction: with fewer, the concepts are not what the network sees
MOST = 0.8  # of the importance, which one concept alone would have to carry to make the others idle


@dataclass(frozen=True)
class Claim:
    """What the paper found, in `words`, and its `opposite`: that a number of the concept `number` lies `above` a limit,
    or below it; `form` is how it is written.
    """

    words: str
    opposite: str
    measure: Measure
    number: int
    limit: float
    above: bool
    form: str
    unit: str = ""


CLAIMS = (
    Claim(
        "taken away by importance, concepts lose the class sooner than in random order",
        "in the order of importance the class is lost later than in random order",
        GAIN,
        ALL_CONCEPTS,
        0.0,
        True,
        ".1f",
        " points",
    ),
    Claim(
        f"several concepts share a class: the first has less than {MOST:g} of the importance",
        "one concept alone carries the class, and the others hardly count",
        IMPORTANCE,
        1,
        MOST,
        False,
        ".2f",
    ),
)


@dataclass(frozen=True)
class Verdict:
    """Whether a model's `estimate` agrees with the claim."""

    claim: Claim
    says: Says
    estimate: Estimate
    n: int

    @property
    def number(self) -> str:
        """The estimate with its interval."""
        form, one = self.claim.form, self.estimate
        bounds = "" if one.low != one.low else f" [{one.low:{form}}, {one.high:{form}}]"
        return f"{one.value:{form}}{self.claim.unit}{bounds}".replace("-", "−")

    @property
    def otherwise(self) -> str:
        """What was found where it contradicts."""
        return f"here {self.claim.opposite} ({self.number}, n = {self.n})."

    def __str__(self) -> str:
        said = {"agrees": "Agrees", "contradicts": "Contradicts", "undecided": "Not decided"}[self.says]
        return f"{said}: {PAPER} found that {self.claim.words}. Here: {self.number}, n = {self.n}."


def verdicts(one: ModelConcepts) -> Iterator[Verdict]:
    """Each claim beside what was found of the model; a number that is not known is left out. Concepts that explain
    little of the model decide nothing.
    """
    for claim in CLAIMS:
        estimate = one.get(claim.measure, claim.number)
        if estimate is not None:
            says: Says = "undecided" if explain_little(one) else _says(claim, estimate)
            yield Verdict(claim, says, estimate, one.n)


def explain_little(one: ModelConcepts) -> bool:
    """Whether most predictions change when activations are replaced by the sum of the concepts."""
    survives = one.get(SURVIVES)
    return survives is not None and survives.value < LITTLE_PERCENT


def carrying(one: ModelConcepts) -> int:
    """How many concepts, the most important first, carry `MOST` of the importance of all."""
    shares = one.importance.mean(0).cumsum()
    return int((shares < MOST * shares[-1]).sum()) + 1


def _says(claim: Claim, estimate: Estimate) -> Says:
    """By the interval: on the claim's side of the limit, on the other, or on both."""
    if estimate.low > claim.limit:
        return "agrees" if claim.above else "contradicts"
    if estimate.high < claim.limit:
        return "contradicts" if claim.above else "agrees"
    return "undecided"
