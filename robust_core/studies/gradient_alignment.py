"""Do input gradients follow the edges of the image, and do two models' gradients agree? Cosines over a set of images.

All gradients are taken on one grid, the smallest input size among the models, which each model resizes inside itself:
on another grid the gradient of the same function has other values.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.models.spec import ModelSpec
from robust_core.resampling import OVER_IMAGES, resampled_means
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.layer_biases import Estimate
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first run, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

WITH_EDGES = "|gradient| of the predicted logit, summed over colours, with Sobel's edges of the luminance"
WITH_MODELS = "signed gradients of each model's own predicted logit"


@dataclass(frozen=True, eq=False)
class GradientAlignmentRequest(Request):
    """The gradients of every model's predicted logit on each of `images`.

    Raises BadInput for no model or image, or one model twice.
    """

    study: ClassVar[str] = "gradient_alignment"

    images: ImageSet

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        if len({spec.key for spec in self.models}) < len(self.models):
            raise BadInput("One model is asked for twice; expected each once.")
        self.images.require_images()


@dataclass(frozen=True, eq=False)
class EdgeAlignment:
    """The cosines (N,) of one model's |gradient| with the edges of its image, and `chance` (N,): the mean cosine with
    the edges of the other images, NaN where there is none.

    A cosine is NaN where the gradient or the edges are zero everywhere.
    """

    spec: ModelSpec
    device: str
    cosine: np.ndarray
    chance: np.ndarray

    @property
    def estimate(self) -> Estimate:
        """The mean over the images."""
        return _mean(self.cosine)

    @property
    def above_chance(self) -> Estimate:
        """By how much it exceeds what the edges of other images come to, image by image."""
        return _mean(self.cosine - self.chance)

    @property
    def by_chance(self) -> Estimate:
        """The mean of what edges of other images come to."""
        return _mean(self.chance)


@dataclass(frozen=True, eq=False)
class ModelAlignment:
    """The cosines (N,) of the signed gradients of two models, and for which images (N,) they predict the same class."""

    first: ModelSpec
    second: ModelSpec
    cosine: np.ndarray
    same_class: np.ndarray

    @property
    def estimate(self) -> Estimate:
        """The mean over the images."""
        return _mean(self.cosine)


@dataclass(frozen=True, eq=False)
class GradientAlignment(StudyResult):
    """Each model with the edges, and each pair of models; `grid_px` is the (height, width) of all gradients."""

    edges: tuple[EdgeAlignment, ...]
    pairs: tuple[ModelAlignment, ...]
    grid_px: tuple[int, int]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, and for each pair."""
        import pandas

        return pandas.DataFrame([*map(self._edge_row, self.edges), *map(self._pair_row, self.pairs)])

    def figure(self) -> "Figure":
        """The cosine of every model with the edges, and of every pair."""
        from robust_core.plots import results

        label = self.frame["model"] + " · " + self.frame["with"]
        return results.cosines(self.frame.assign(label=label), "label")

    def of_models(self, specs: Iterable[ModelSpec]) -> "GradientAlignment":
        """The part of it that is of `specs` alone: what a request for them comes to where their grid is the same."""
        keys = {spec.key for spec in specs}
        edges = tuple(one for one in self.edges if one.spec.key in keys)
        pairs = tuple(one for one in self.pairs if {one.first.key, one.second.key} <= keys)
        models = [one.spec.identity for one in edges]
        provenance = replace(self.provenance, request={**self.provenance.request, "models": models}, asked=None)
        return replace(self, provenance=provenance, edges=edges, pairs=pairs)

    def sentences(self) -> tuple[str, ...]:
        """How to read the cosine with edges."""
        return ("Both maps are nowhere negative, so that a cosine with edges is above 0 by chance: see chance_cosine.",)

    def _edge_row(self, one: EdgeAlignment) -> dict[str, Any]:
        chance, above = one.by_chance, one.above_chance
        more = {"chance_cosine": chance.value, "chance_low": chance.low, "chance_high": chance.high}
        more |= {"above_chance": above.value, "above_chance_low": above.low, "above_chance_high": above.high}
        return self._row(one.spec, "edges", one.estimate, one.cosine, WITH_EDGES) | more

    def _pair_row(self, one: ModelAlignment) -> dict[str, Any]:
        same = {"n_same_class": int(one.same_class.sum())}
        return self._row(one.first, one.second.name, one.estimate, one.cosine, WITH_MODELS) | same

    def _row(
        self, spec: ModelSpec, other: str, estimate: Estimate, cosine: np.ndarray, protocol: str
    ) -> dict[str, Any]:
        height_px, width_px = self.grid_px
        return {
            "model": spec.name,
            "with": other,
            "cosine": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "n": int(np.isfinite(cosine).sum()),
            "interval_method": OVER_IMAGES,
            "protocol": f"{protocol}; grid of {width_px} x {height_px} px",
            "weights_sha256": spec.weights.sha256,
        }


def run(request: GradientAlignmentRequest) -> Generator[Progress, None, GradientAlignment]:
    """One pass forward and back for each image and model.

    Raises what `pool.use` and `to_pixels` raise, BadInput for images that are not square where a model takes square
    ones, and NotFinite for gradients that are not.
    """
    from robust_core.simplicity.alignment import cosine

    grid = grid_of(request.models)
    gradients = yield from of_all([(spec.name, _gradients(spec, grid, request.images)) for spec in request.models])
    edges = tuple(_with_edges(one) for one in gradients)
    pairs = tuple(
        ModelAlignment(one.spec, other.spec, cosine(one.signed, other.signed), one.classes == other.classes)
        for one, other in combinations(gradients, 2)
    )
    provenance = Provenance.of(request, request.images.digest)
    return GradientAlignment(provenance, edges, pairs, gradients[0].signed.shape[1:3])


def grid_of(models: Sequence[ModelSpec]) -> ModelSpec:
    """The model whose input is the grid: the smallest, the first of several."""
    return min(models, key=lambda spec: spec.preprocess.crop or float("inf"))  # one that takes any size follows


@dataclass(frozen=True, eq=False)
class _Gradients:
    """One model's gradients (N,H,W,3) on the pixels (N,H,W,3) of the grid, and the classes (N,) that it predicts."""

    spec: ModelSpec
    device: str
    pixels: np.ndarray
    signed: np.ndarray
    classes: np.ndarray


def _gradients(spec: ModelSpec, grid: ModelSpec, images: ImageSet) -> Generator[Progress, None, _Gradients]:
    from robust_core.attacks.grids import resizing
    from robust_core.attacks.passes import Passes
    from robust_core.models.finite import require_finite

    n = len(images)
    yield Progress(0, n, "images", "loading the model")
    with using(spec) as model:
        reading = read_inputs(images, range(n), grid)
        pixels, _ = yield from mapped(reading, lambda event: Progress(0, n, "images", event.note))
        height_px, width_px = pixels.shape[2:]
        side = spec.preprocess.crop
        passes = Passes(resizing(model.unfolded(), side or height_px, side or width_px), height_px, width_px)
        work = passes.forward_backward(pixels.to(model.device), lambda logits, _: logits.max(1).values)
        logits, gradients = yield from mapped(work, lambda event: Progress(event.done, n, "images", "gradients"))
        require_finite(spec.title, "gradients", gradients.isfinite().flatten(1).all(1).cpu())
        return _Gradients(spec, str(model.device), _last(pixels), _last(gradients), logits.argmax(1).numpy())


def _last(images: "Tensor") -> np.ndarray:
    """With the colours last."""
    return images.permute(0, 2, 3, 1).cpu().contiguous().numpy()


def _with_edges(found: _Gradients) -> EdgeAlignment:
    from robust_core.simplicity.alignment import edge_strength, sensitivity, unit_vectors

    cosines = unit_vectors(sensitivity(found.signed)) @ unit_vectors(edge_strength(found.pixels)).T
    own = np.diag(cosines).copy()
    np.fill_diagonal(cosines, np.nan)
    known = np.isfinite(cosines)
    with np.errstate(invalid="ignore"):  # one image alone has no other
        chance = np.where(known, cosines, 0).sum(1) / known.sum(1)
    return EdgeAlignment(found.spec, found.device, own, chance)


def _mean(values: np.ndarray) -> Estimate:
    known = values[np.isfinite(values)]
    if not len(known):
        return Estimate(float("nan"))
    return Estimate.of(known.mean(), resampled_means(known[:, None])[:, 0], len(known))
