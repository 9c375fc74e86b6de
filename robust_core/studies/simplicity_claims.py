"""What Chen, Agarwal and Nguyen 2020 found in adversarially trained networks, as a table, and whether results agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from robust_core.models.registry import ADVERSARIAL
from robust_core.models.spec import ModelSpec
from robust_core.studies.layer_biases import CLASSES, EVERY_LAYER, KERNELS, MAPS, NOISE, Estimate, Measure, ModelBiases

if TYPE_CHECKING:
    from robust_core.studies.simplicity_biases import SimplicityBiases

FIRST_LAYER, LAST_LAYER = "first layer", "last layer"
LAYERS_AT = {0.0: FIRST_LAYER, 1.0: LAST_LAYER}  # by relative depth
Says = Literal["agrees", "contradicts", "undecided"]
SAID: dict[Says, str] = {
    "agrees": "agrees with",
    "contradicts": "contradicts",
    "undecided": "neither confirms nor contradicts",
}


class HasSpec(Protocol):
    """What belongs to one model."""

    @property
    def spec(self) -> ModelSpec:
        """Its row."""


OfModel = TypeVar("OfModel", bound=HasSpec)


class Judged(Protocol):
    """A comparison with a paper."""

    @property
    def says(self) -> Says:
        """Whether it agrees."""

    @property
    def towards_paper(self) -> float:
        """The difference, positive where it has the paper's sign."""


@dataclass(frozen=True)
class Claim:
    """`words` say what is lower in adversarially trained networks: `measure` at `layer`, the first, the last or the
    mean of all.
    """

    key: str
    words: str
    measure: Measure
    layer: str


CLAIMS = (
    Claim("kernels", "the first kernels are smoother", KERNELS, FIRST_LAYER),
    Claim("maps", "feature maps are smoother", MAPS, EVERY_LAYER),
    Claim("noise", "the first layer lets less noise pass", NOISE, FIRST_LAYER),
    Claim("classes", "units answer to fewer types of input", CLASSES, EVERY_LAYER),
    Claim("last_classes", "units answer to fewer types of input", CLASSES, LAST_LAYER),
)


@dataclass(frozen=True)
class Verdict:
    """Whether one adversarially trained model differs from a `standard` one as `claim` says: intervals that do not
    overlap decide, and nothing is decided where they do.
    """

    claim: Claim
    robust_model: ModelSpec
    standard_model: ModelSpec
    robust: Estimate
    standard: Estimate

    @property
    def says(self) -> Says:
        """Whether it agrees with the paper."""
        if self.robust.high < self.standard.low:
            return "agrees"
        return "contradicts" if self.robust.low > self.standard.high else "undecided"

    @property
    def towards_paper(self) -> float:
        """By how much it is lower in the adversarially trained model, as the paper found."""
        return self.standard.value - self.robust.value

    def __str__(self) -> str:
        measure = self.claim.measure
        return (
            f"This {SAID[self.says]} Chen et al. 2020 ({self.claim.words} after adversarial training): "
            f"{measure.title.lower()}, {self.claim.layer}, {written(self.robust, measure)} in "
            f"{self.robust_model.name} and {written(self.standard, measure)} in {self.standard_model.name}."
        )


def verdicts(found: "SimplicityBiases") -> Iterator[Verdict]:
    """A verdict for each claim and pair that is compared."""
    for robust, standard in compared(found.by_model):
        for claim in CLAIMS:
            values = [estimate_of(one, claim.measure, claim.layer) for one in (robust, standard)]
            if values[0] and values[1]:
                yield Verdict(claim, robust.spec, standard.spec, values[0], values[1])


def tally(every: Sequence[Judged], paper: str) -> str:
    """How many of `every` agree with `paper`, contradict it or are not decided, and which way the last point."""
    agree, against, undecided = (sum(one.says == says for one in every) for says in SAID)
    said = (
        f"Of {len(every)} comparisons with {paper}, {agree or 'none'} {'agree' if agree > 1 else 'agrees'} and "
        f"{against or 'none'} {'contradict' if against > 1 else 'contradicts'}"
    )
    if not undecided:
        return f"{said}."
    return f"{said}; {undecided} {'are' if undecided > 1 else 'is'} not decided. {_ways(every)}"


def _ways(every: Sequence[Judged]) -> str:
    """Which way those point that are not decided, as a sentence."""
    differences = [one.towards_paper for one in every if one.says == "undecided"]
    alike, other = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    ways = {"the paper's way": alike, "the other way": other, "neither way": len(differences) - alike - other}
    known = {way: count for way, count in ways.items() if count}
    if len(known) == 1:
        (way,) = known
        return f"Those that are not decided point {way}." if len(differences) > 1 else f"That one points {way}."
    return f"Those that are not decided: {', '.join(f'{count} {way}' for way, count in known.items())}."


def compared(models: Sequence[OfModel]) -> list[tuple[OfModel, OfModel]]:
    """Each adversarially trained model with the first that is not; none where either is missing."""
    robust = [one for one in models if one.spec.family == ADVERSARIAL]
    standard = next((one for one in models if one.spec.family != ADVERSARIAL), None)
    return [(one, standard) for one in robust] if standard is not None else []


def estimate_of(model: ModelBiases, measure: Measure, layer: str) -> Estimate | None:
    """A measure of the first or the last layer, or its mean over all; None where it was not measured."""
    there = [one for one in model.measured() if one.measure == measure]
    return next((one.estimate for one in there if layer in (one.layer, LAYERS_AT.get(one.depth))), None)


def written(estimate: Estimate, measure: Measure) -> str:
    """A number with its interval, in the decimals and the unit of its measure."""
    percent = "%" if measure.unit.startswith("%") else ""
    value, low, high = (f"{one:.{measure.decimals}f}{percent}" for one in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]" if low != "nan" + percent else value
