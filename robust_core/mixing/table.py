"""How models are mixed, as a table, and how much of each goes in.

Facts, so that a page can list them without importing torch; what one makes of networks is a row of `mixtures.BUILDERS`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from robust_core.checks import is_finite
from robust_core.errors import BadInput, UnknownName
from robust_core.models.spec import ModelSpec

FEWEST_MODELS, MOST_MODELS = 2, 3
TENTHS, QUARTERS = 10, 4  # of the ladder of two models, and of three
DECIMALS = 10  # of an α that is what others leave
TOLERANCE = 1e-6  # by which alphas may miss 1
Alphas = tuple[float, ...]


@dataclass(frozen=True)
class MixKind:
    """One way to mix models with the weights α.

    sentence          what is averaged
    source            who proposed it
    one_architecture  whether the models must have the same parameters
    """

    key: str
    title: str
    sentence: str
    source: str
    one_architecture: bool = False


_ROWS: tuple[MixKind, ...] = (
    MixKind(
        "probabilities",
        "Probabilities",
        "Every model predicts, and the probabilities of each class are averaged: Σ αᵢ softmax(zᵢ).",
        "Bai et al. 2024 (adaptive smoothing; MixedNUTS without its nonlinear transformation of the logits)",
    ),
    MixKind(
        "logits",
        "Logits",
        "Every model predicts, and the logits of each class are averaged: Σ αᵢ zᵢ. A model with larger logits counts "
        "for more.",
        "The usual alternative, to compare with",
    ),
    MixKind(
        "weights",
        "Weights",
        "The parameters are averaged, θ = Σ αᵢ θᵢ, and one network predicts. It works where the models come from one "
        "training run, such as before and after fine-tuning.",
        "Wortsman et al. 2022 (WiSE-FT); batch-norm statistics recomputed as in Izmailov et al. 2018",
        one_architecture=True,
    ),
)

MIX_KINDS: dict[str, MixKind] = {row.key: row for row in _ROWS}


def get_kind(key: str) -> MixKind:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in MIX_KINDS:
        raise UnknownName("kind of mixture", key, MIX_KINDS)
    return MIX_KINDS[key]


def require_one_architecture(specs: Sequence[ModelSpec]) -> None:
    """Raise BadInput for two models that differ in architecture or in how pixels become their input, and name them."""
    first = specs[0]
    for other in specs[1:]:
        if other.architecture.name != first.architecture.name:
            raise BadInput(
                f"Weights are averaged within one architecture; {first.title} is {first.architecture.name}, "
                f"{other.title} is {other.architecture.name}."
            )
        if other.preprocess != first.preprocess:
            raise BadInput(
                f"Weights are averaged where models take the same input; {first.title} takes {first.preprocess}, "
                f"{other.title} {other.preprocess}."
            )


def checked_alphas(alphas: Iterable[float], models: int) -> Alphas:
    """The weight of each of `models`, as floats; raises BadInput unless they are at least 0 and sum to 1."""
    found = tuple(alphas)
    if len(found) != models:
        raise BadInput(f"A mix has an α for each of the {models} models; got {len(found)}.")
    if not all(is_finite(one) and one >= 0 for one in found) or abs(math.fsum(found) - 1) > TOLERANCE:
        raise BadInput(f"The α of a mix must be at least 0 and sum to 1; got {', '.join(map(str, found))}.")
    return tuple(map(float, found))


def of_two(second: float) -> Alphas:
    """The mix of two models in which the second's α is `second`."""
    return round(1 - second, DECIMALS), second


def ladder(models: int) -> tuple[Alphas, ...]:
    """The usual mixes: of two models in steps of a tenth from the first to the second, of three in quarters."""
    if models == FEWEST_MODELS:
        return tuple(of_two(second / TENTHS) for second in range(TENTHS + 1))
    steps = range(QUARTERS + 1)
    return tuple(
        ((QUARTERS - second - third) / QUARTERS, second / QUARTERS, third / QUARTERS)
        for third in steps
        for second in steps
        if second + third <= QUARTERS
    )


def part_of(alphas: Sequence[float]) -> int | None:
    """The place of the only model of a mix; None where it has several."""
    inside = [place for place, alpha in enumerate(alphas) if alpha > 0]
    return inside[0] if len(inside) == 1 else None


def in_words(alphas: Sequence[float], names: Sequence[str]) -> str:
    """A mix such as "0.10 × A + 0.90 × B"; a model alone is its name."""
    only = part_of(alphas)
    if only is not None:
        return names[only]
    return " + ".join(f"{alpha:.2f} × {name}" for alpha, name in zip(alphas, names, strict=True) if alpha > 0)
