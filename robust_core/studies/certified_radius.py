"""Proof and attack on one axis: how far each prediction of a smoothed classifier is certified, and the smallest change
found that it takes for another class.
"""

import math
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core import csv_cells
from robust_core.certificates.smoothing import MOST_VERDICTS, SmoothedSearch, Smoothing
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all, progress_of
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.certified_images import Bound, CertifiedImage, radii, share
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first image, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.certificates.votes import Votes
    from robust_core.models.loading import LoadedModel

BACKWARD_AS_FORWARD = 2  # passes that the way back takes as long as


@dataclass(frozen=True, eq=False)
class CertifiedRadiusRequest(Request):
    """Every image is certified for each model, and attacked, unless `search` is None.

    sigma   of the noise in pixel units; None for the σ that each model was trained with
    others  as in `Smoothing`

    The label that counts is the true one where it is known in the model's classes, else what the model predicts in
    noise. Raises BadInput for no images, a number out of range, or a model that was trained without noise where sigma
    is None.
    """

    study: ClassVar[str] = "certified_radius"

    images: ImageSet
    sigma: float | None = None
    n: int = 1000
    alpha: float = 0.001
    n0: int = 100
    search: SmoothedSearch | None = SmoothedSearch()
    seed: int = 0

    def __post_init__(self) -> None:
        self.images.require_images()
        for spec in self.models:
            self.smoothing(spec)

    def smoothing(self, spec: ModelSpec) -> Smoothing:
        """How `spec` is smoothed; raises BadInput."""
        sigma = trained_sigma(spec) if self.sigma is None else self.sigma
        if sigma is None:
            raise BadInput(f"{spec.title} was not trained with noise; expected the sigma that it is smoothed with.")
        return Smoothing(sigma, self.n, self.alpha, self.n0, self.seed)

    @property
    def passes(self) -> int:
        """How many images go through each model at most; a pass back counts as two."""
        search = self.search
        attack = 0
        if search is not None:
            attack = (1 + BACKWARD_AS_FORWARD) * search.steps * search.draws + MOST_VERDICTS * self.n
        return len(self.images) * (self.n0 + self.n + attack)


def trained_sigma(spec: ModelSpec) -> float | None:
    """The standard deviation of the noise that a model was trained with; None where that was none."""
    from robust_core.mini.recipes import RECIPES

    recipe = RECIPES.get(spec.key)
    return (getattr(recipe.phases[-1], "noise_std", 0.0) or None) if recipe else None


@dataclass(frozen=True, eq=False)
class ModelCertificates:
    """One model's images, with what they took without loading the model and reading the images."""

    spec: ModelSpec
    device: str
    smoothing: Smoothing
    images: tuple[CertifiedImage, ...]
    seconds: float
    forward_passes: int
    backward_passes: int

    @property
    def attacked(self) -> bool:
        """Whether the images were attacked."""
        return self.images[0].attack_distance is not None

    @property
    def ceiling_sentence(self) -> str:
        """How far the draws can reach."""
        return (
            f"{self.smoothing.n:,} draws at α = {self.smoothing.alpha:g} certify no radius above "
            f"{self.smoothing.ceiling:.3f}, however sure the model is."
        )

    def sentences(self, ids: Sequence[str]) -> Iterator[str]:
        """What a reader must know beside the numbers of the images called `ids`, an alarm first."""
        for image in self.images:
            if image.proof_is_broken:
                yield (
                    f"ALARM: {ids[image.place]} is certified to {image.radius:.3f} and changes its class at "
                    f"{image.attack_distance:.3f}. By chance that happens with probability at most 2α = "
                    f"{2 * self.smoothing.alpha:g} for an image."
                )
        n = len(self.images)
        if abstained := sum(image.abstains for image in self.images):
            yield f"It abstains on {abstained} of {n} images, which count as not certified."
        if self.attacked and (missed := sum(image.attack_distance == math.inf for image in self.images)):
            yield f"The attack finds no change for {missed} of {n} images; these count as not broken at any radius."


@dataclass(frozen=True, eq=False)
class CertifiedRadius(StudyResult):
    """Accuracy against the radius: certified below, under the attack above, and what lies between."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelCertificates, ...]
    search: SmoothedSearch | None
    image_ids: tuple[str, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, bound and radius."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in _rows(one, self.search))

    def by_image(self) -> "pandas.DataFrame":
        """A row for each model and image."""
        import pandas

        return pandas.DataFrame(
            row for one in self.by_model for row in _image_rows(one, self.image_ids, str(self.search or ""))
        )

    def csv_by_image(self) -> str:
        """The same as CSV, below the line that says what was asked."""
        return self.provenance.header + csv_cells.of_frame(self.by_image())

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know beside the numbers, an alarm first where an attack contradicts a proof."""
        return tuple(
            f"{one.spec.name}: {said}"
            for one in self.by_model
            for said in (*one.sentences(self.image_ids), one.ceiling_sentence)
        )

    def figure(self) -> "Figure":
        """Accuracy against the radius, certified and under attack."""
        from robust_core.plots import results

        shown = self.frame[self.frame["bound"] != "in between"]
        axes = "radius", "accuracy_percent", "L2 radius, pixels in [0, 1]", "accuracy, %"
        return results.curves(shown, ("model", "bound"), *axes)


def run(
    request: CertifiedRadiusRequest,
) -> "Generator[Progress | Votes | CertifiedImage, None, CertifiedRadius]":
    """Certify and attack image by image: yields the Votes that a certificate is made of as they come, and every
    CertifiedImage as soon as it is there. Raises what `certify` raises.
    """
    parts = [(spec.name, _one_model(spec, request)) for spec in request.models]
    found = yield from of_all(parts)
    provenance = Provenance.of(request, request.images.digest)
    return CertifiedRadius(provenance, tuple(found), request.search, request.images.ids)


def _one_model(
    spec: ModelSpec, request: CertifiedRadiusRequest
) -> "Generator[Progress | Votes | CertifiedImage, None, ModelCertificates]":
    from robust_core.attacks.counting import counted

    n, smoothing = len(request.images), request.smoothing(spec)
    yield Progress(0, n, "images", "loading the model")
    with using(spec) as model:
        pixels, labels = yield from read_inputs(request.images, range(n), spec)
        model, count = counted(model)
        started, found = time.perf_counter(), []
        for place, label in enumerate(labels):
            found.append((yield from _one_image(model, pixels[place], label, smoothing, request.search, place, n)))
            yield found[-1]
        seconds = time.perf_counter() - started
    return ModelCertificates(spec, str(model.device), smoothing, tuple(found), seconds, count.forward, count.backward)


def _one_image(
    model: "LoadedModel",
    image: "Tensor",
    label: int | None,
    smoothing: Smoothing,
    search: SmoothedSearch | None,
    place: int,
    n: int,
) -> "Generator[Progress | Votes, None, CertifiedImage]":
    from robust_core.certificates.certify import certify
    from robust_core.certificates.smallest import smallest_change

    def within(note: str, event: Any) -> Any:
        return Progress(place, n, "images", note) if isinstance(event, Progress) else event

    proof = yield from mapped(certify(model, image, smoothing, place), lambda event: within("certifying", event))
    right = proof.candidate if label is None else label
    distance, fooled = None, None
    if search is not None:
        attack = smallest_change(model, image, right, proof, search, place)
        found = yield from mapped(progress_of(attack), lambda event: within("attacking", event))
        distance, fooled = found.distance, found.label
    count = proof.votes.counts[proof.candidate]
    certificate = (proof.candidate, count, proof.p_low, proof.radius)
    return CertifiedImage(place, right, label is not None, *certificate, distance, fooled)


def _rows(one: ModelCertificates, search: SmoothedSearch | None) -> Iterator[dict[str, Any]]:
    bounds: tuple[Bound, ...] = ("certified", "not broken", "in between") if one.attacked else ("certified",)
    fixed = {
        "sigma": one.smoothing.sigma,
        "ceiling": one.smoothing.ceiling,
        "n": len(one.images),
        "n_labels_known": sum(image.known for image in one.images),
        "protocol": "; ".join(filter(None, (str(one.smoothing), str(search or "")))),
        "weights_sha256": one.spec.weights.sha256,
    }
    for bound in bounds:
        for radius in radii(one.images, one.smoothing):
            found = percent("accuracy", share(one.images, bound, radius))
            yield {"model": one.spec.name, "bound": bound, "radius": radius} | found | fixed


def _image_rows(one: ModelCertificates, ids: Sequence[str], search: str) -> Iterator[dict[str, Any]]:
    for image in one.images:
        yield {
            "model": one.spec.name,
            "weights_sha256": one.spec.weights.sha256,
            "image": ids[image.place],
            "true_label": image.right,
            "true_label_known": image.known,
            "candidate": image.candidate,
            "abstains": image.abstains,
            "certified": image.certified,
            "votes": image.count,
            "n": one.smoothing.n,
            "p_low": image.p_low,
            "certified_radius": image.radius if image.certified else 0.0,
            "attack_distance": image.attack_distance,
            "attack_label": image.attack_label,
            "proof_is_broken": image.proof_is_broken,
            "protocol": "; ".join(filter(None, (str(one.smoothing), search))),
            "device": one.device,
        }
