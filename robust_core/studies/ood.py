"""Does a model know what it does not know? Scores that should be higher for known images than for unknown ones."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.confidence.separation import SCORES, Separation
from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.events import Progress, of_all
from robust_core.images import to_pixels
from robust_core.models.spec import ModelSpec
from robust_core.studies.logits import BATCH_SIZE, logits_for, logits_of
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.models.loading import LoadedModel

FEW = 100


@dataclass(frozen=True, eq=False)
class OodRequest(Request):
    """How well each model tells `images`, which are known to it, from `unknown` ones; raises BadInput for no images."""

    study: ClassVar[str] = "ood"

    images: ImageSet
    unknown: ImageSet | SyntheticUnknown

    def __post_init__(self) -> None:
        self.images.require_images()
        if isinstance(self.unknown, ImageSet):
            self.unknown.require_images()


@dataclass(frozen=True, eq=False)
class ModelOod:
    """One model's scores of known and unknown images, by the key of `separation.SCORES`."""

    spec: ModelSpec
    by_score: Mapping[str, Separation]

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for each score."""
        for score in SCORES:
            found = self.by_score[score.key]
            auroc, fpr95 = percent("auroc", found.auroc), percent("fpr95", found.fpr95)
            yield (
                {"model": self.spec.name, "score": score.key}
                | auroc
                | {"fpr95_percent": fpr95["fpr95_percent"]}
                | {f"fpr95_{bound}_percent": fpr95[f"{bound}_percent"] for bound in ("low", "high")}
                | {"aupr_percent": 100 * found.aupr, "n_known": len(found.known), "n_unknown": len(found.unknown)}
                | {"n": len(found.known) + len(found.unknown), "protocol": f"{score.title} ({score.source})"}
                | {"weights_sha256": self.spec.weights.sha256}
            )


@dataclass(frozen=True, eq=False)
class Ood(StudyResult):
    """How well every model tells the two sets apart, in the order of the request."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelOod, ...]
    known_title: str
    unknown_title: str
    is_synthetic: bool
    n_in_both: int = 0

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know about these numbers, as sentences."""
        found = next(iter(self.by_model[0].by_score.values()))
        few = "With fewer than 100 images in a set, the intervals are wide and the 95% threshold rests on a few images."
        easy = "Synthetic images are nothing like photos: to tell them apart says little about unknown objects."
        both = f"{self.n_in_both} of the unknown images are among the known ones too: no score can tell these apart."
        told = (
            (both, self.n_in_both > 0),
            (few, min(len(found.known), len(found.unknown)) < FEW),
            (easy, self.is_synthetic),
        )
        return tuple(sentence for sentence, holds in told if holds)

    def sentences(self) -> tuple[str, ...]:
        """Its caveats."""
        return self.caveats

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and score."""
        import pandas

        frame = pandas.DataFrame(row for one in self.by_model for row in one.rows())
        return frame.assign(known=self.known_title, unknown=self.unknown_title)

    def figure(self) -> "Figure":
        """AUROC by model and score."""
        from robust_core.plots import results

        frame = self.frame.assign(label=self.frame["model"] + ", " + self.frame["score"])
        return results.bars(frame, "label", "auroc_percent", "AUROC, %")


def run(request: OodRequest) -> Generator[Progress, None, Ood]:
    """Ask each model. Raises what `pool.use` raises."""
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    unknown, provenance = request.unknown, Provenance.of(request, request.images.digest)
    if isinstance(unknown, SyntheticUnknown):
        return Ood(provenance, tuple(found), request.images.title, unknown.description, is_synthetic=True)
    known = set(request.images.image_digests)
    n_in_both = sum(digest in known for digest in unknown.image_digests)
    return Ood(provenance, tuple(found), request.images.title, unknown.title, is_synthetic=False, n_in_both=n_in_both)


def _one_model(spec: ModelSpec, request: OodRequest) -> Generator[Progress, None, ModelOod]:
    from robust_core.models.pool import shared_pool

    yield Progress(0, len(request.images), "images", "loading the model")
    with shared_pool().use(spec.key) as model:
        known = yield from logits_for(model, request.images)
        if isinstance(request.unknown, SyntheticUnknown):
            unknown = yield from _synthetic_logits(model, request.unknown, request.images)
        else:
            unknown = yield from logits_for(model, request.unknown)
    scored = ((score, score.of(known.astype(np.float64)), score.of(unknown.astype(np.float64))) for score in SCORES)
    return ModelOod(spec, {score.key: Separation(first, second) for score, first, second in scored})


def _synthetic_logits(
    model: "LoadedModel", unknown: SyntheticUnknown, images: ImageSet
) -> Generator[Progress, None, np.ndarray]:
    """Logits of synthetic images as large as the first known image is for this model."""
    import torch

    first_image = images[0]
    size = to_pixels(first_image, model.spec.preprocess_for(first_image.centre_crop_only)).shape[-2:]
    parts = []
    for first in range(0, len(unknown), BATCH_SIZE):
        yield Progress(first, len(unknown), "unknown images", "predicting")
        places = range(first, min(first + BATCH_SIZE, len(unknown)))
        parts.append(logits_of(model, torch.from_numpy(unknown.pixels(places, *size))))
    return np.concatenate(parts)
