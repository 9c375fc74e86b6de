"""How alike the features of several models are on the same images: linear CKA between every two of them, on what the
last linear layer reads.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.models.spec import ModelSpec
from robust_core.studies.penultimate_features import penultimate_features
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

FEWEST_IMAGES, GROUPS = 20, 20
METHOD = f"delete-a-group jackknife over images, {GROUPS} groups"
PROTOCOL = "linear CKA (Kornblith et al. 2019), unbiased estimate (Nguyen et al. 2021), penultimate features"


@dataclass(frozen=True, eq=False)
class FeatureSimilarityRequest(Request):
    """Linear CKA between every two of the models on `images`, whose labels do not matter; raises BadInput for fewer
    than two models, one model twice, or fewer than 20 images.
    """

    study: ClassVar[str] = "feature_similarity"

    images: ImageSet

    def __post_init__(self) -> None:
        if len(self.models) < 2 or len({spec.key for spec in self.models}) < len(self.models):
            raise BadInput("Expected at least two models, each once.")
        if len(self.images) < FEWEST_IMAGES:
            raise BadInput(f"Expected at least {FEWEST_IMAGES} images; got {len(self.images)}.")


@dataclass(frozen=True)
class Similarity:
    """Linear CKA of two models with its 95% interval; NaN where a model's features do not vary."""

    first: ModelSpec
    second: ModelSpec
    cka: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class FeatureSimilarity(StudyResult):
    """Every pair in the order of the request, on `n` images."""

    pairs: tuple[Similarity, ...]
    title: str
    n: int

    def of(self, first: str, second: str) -> Similarity | None:
        """The pair with these keys in either order; None for a model with itself."""
        return next((one for one in self.pairs if {one.first.key, one.second.key} == {first, second}), None)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """In the order of the request."""
        return tuple(dict.fromkeys(spec for one in self.pairs for spec in (one.first, one.second)))

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and other model, so that a pair has two: pivoted, the frame is the matrix."""
        import pandas

        return pandas.DataFrame(self._rows())

    def figure(self) -> "Figure":
        """A heat map of all pairs."""
        import plotly.graph_objects as go

        from robust_core.plots import board_charts

        names = [spec.name for spec in self.models]
        return go.Figure(board_charts.heat_map(names, names, self.matrix(), "linear CKA", ".2f"))

    def matrix(self) -> list[list[float]]:
        """CKA of every two models, 1 with themselves."""
        models = self.models
        return [
            [1.0 if (pair := self.of(one.key, other.key)) is None else pair.cka for other in models] for one in models
        ]

    def sentences(self) -> tuple[str, ...]:
        """Which two are most alike, and which least."""
        known = sorted((one for one in self.pairs if one.cka == one.cka), key=lambda one: one.cka)
        if not known:
            return ()
        least, most = known[0], known[-1]
        found = f"Most alike: {_in_words(most)}."
        return (found,) if len(known) == 1 else (found, f"Least alike: {_in_words(least)}.")

    def _rows(self) -> Iterator[dict[str, Any]]:
        for first, second, one in self._both_ways():
            yield {
                "model": first.name,
                "other_model": second.name,
                "cka": one.cka,
                "low": one.low,
                "high": one.high,
                "interval_method": METHOD,
                "n": self.n,
                "images": self.title,
                "protocol": PROTOCOL,
                "weights_sha256": first.weights.sha256,
                "other_weights_sha256": second.weights.sha256,
            }

    def _both_ways(self) -> Iterator[tuple[ModelSpec, ModelSpec, Similarity]]:
        for first in self.models:
            for second in self.models:
                if (one := self.of(first.key, second.key)) is not None:
                    yield first, second, one


def run(request: FeatureSimilarityRequest) -> Generator[Progress, None, FeatureSimilarity]:
    """Compare every two models. Raises what `penultimate_features` raises."""
    features = yield from of_all([(spec.name, penultimate_features(spec, request.images)) for spec in request.models])
    pairs, found = list(combinations(range(len(features)), 2)), []
    for number, (first, second) in enumerate(pairs):
        yield Progress(number, len(pairs), "pairs", "comparing features")
        specs = request.models[first], request.models[second]
        found.append(Similarity(*specs, *cka_with_bounds(features[first], features[second])))
    return FeatureSimilarity(
        Provenance.of(request, request.images.digest), tuple(found), request.images.title, len(request.images)
    )


def cka_with_bounds(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Unbiased linear CKA of features (N,U) and (N,V), and the bounds of its 95% interval by a jackknife that leaves
    out every twentieth image in turn (a bootstrap would show images twice, which makes any features alike).
    """
    from scipy.stats import t

    from robust_core.downstream.cka import linear_cka

    whole, places = linear_cka(first, second), np.arange(len(first))
    left_out = [places % GROUPS != group for group in range(GROUPS)]
    values = np.array([linear_cka(first[kept], second[kept]) for kept in left_out])
    error = float(np.sqrt((GROUPS - 1) / GROUPS * ((values - values.mean()) ** 2).sum()))
    reach = float(t.ppf(0.975, GROUPS - 1)) * error
    return whole, whole - reach, min(whole + reach, 1.0)


def _in_words(one: Similarity) -> str:
    return f"{one.first.title} and {one.second.title}, CKA {one.cka:.2f} [{one.low:.2f}, {one.high:.2f}]"
