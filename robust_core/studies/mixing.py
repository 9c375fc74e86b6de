"""Between two or three models: accuracy of their mixtures on clean, corrupted and attacked images, mix by mix.

All happens on the first model's grid, which is its own input size; an attack goes through the mixture itself.
"""

import hashlib
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped
from robust_core.labels import MINI, LabelSpace
from robust_core.mixing.table import (
    FEWEST_MODELS,
    MOST_MODELS,
    Alphas,
    MixKind,
    checked_alphas,
    get_kind,
    in_words,
    part_of,
    require_one_architecture,
)
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.attacking import attacked, predicted, require_eps
from robust_core.studies.corruption_grid import all_corrupted
from robust_core.studies.mixing_outcomes import Grid, MixPoint, Mixture
from robust_core.studies.one_grid import input_px
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance

if TYPE_CHECKING:  # torch comes with the first mixture, not with the first page
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

N_NORM, NORM_SEED = 256, 1_000  # of the images of Mini that batch-norm statistics are of


@dataclass(frozen=True, eq=False)
class MixingRequest(Request):
    """Accuracy of every one of `mixes`, an α for each of the two or three models, on `images`: clean, under `condition`
    and under `attack`, where there are any.

    kind         key of a row of `mixing.table.MIX_KINDS`
    norm_images  on which batch-norm statistics of averaged weights are recomputed; with None they are averaged too

    Raises BadInput for no images or mixes, one model or mix twice, models of different classes or, where weights are
    averaged, of different architectures, alphas that do not sum to 1, an attack without an eps, or `norm_images` where
    no weights are averaged.
    """

    study: ClassVar[str] = "mixing"

    images: ImageSet
    kind: str
    mixes: tuple[Alphas, ...]
    condition: Condition = CLEAN
    attack: AttackConfig | None = None
    norm_images: ImageSet | None = None

    def __post_init__(self) -> None:
        self.images.require_images()
        self._check_models()
        object.__setattr__(self, "mixes", tuple(checked_alphas(one, len(self.models)) for one in self.mixes))
        if not self.mixes or len(set(self.mixes)) < len(self.mixes):
            raise BadInput("Expected at least one mix, each once.")
        if self.attack is not None:
            require_eps(self.attack)
        if self.norm_images is not None:
            self.norm_images.require_images()
            if not self.row.one_architecture:
                raise BadInput("Batch-norm statistics are recomputed where weights are averaged, and nowhere else.")

    @property
    def row(self) -> MixKind:
        """What the table says of the kind."""
        return get_kind(self.kind)

    def for_mixes(self, mixes: Iterable[Alphas]) -> "MixingRequest":
        """The same question about other mixes."""
        return replace(self, mixes=tuple(mixes))

    def _check_models(self) -> None:
        if not FEWEST_MODELS <= len(self.models) <= MOST_MODELS:
            raise BadInput(f"{FEWEST_MODELS} or {MOST_MODELS} models are mixed; got {len(self.models)}.")
        if len({spec.key for spec in self.models}) < len(self.models):
            raise BadInput("One model is asked for twice; expected each once.")
        for spec in self.models:
            if spec.label_space != self.label_space:
                raise BadInput(
                    f"{spec.title} has other classes than {self.models[0].title}; expected models of the same classes."
                )
        if self.row.one_architecture:
            require_one_architecture(self.models)


def usual_norm_images(space: LabelSpace, measured: ImageSet) -> ImageSet:
    """On which images batch-norm statistics are recomputed unless others are named: images of Mini with seeds of their
    own, elsewhere the measured ones, as no others are at hand.
    """
    return synthetic_images(N_NORM, NORM_SEED) if space == MINI else measured


def run(request: MixingRequest) -> "Generator[Progress | MixPoint, None, Mixture]":
    """Measure mix by mix; yields every MixPoint as soon as it is there.

    Raises what `pool.use`, `corrupt` and `attacks.search.attack` raise, and BadInput for an image without a true label
    in the models' classes, or a grid that a model does not take.
    """
    yield Progress(0, None, "", "loading the models")
    with ExitStack() as stack:
        models = [stack.enter_context(using(spec)) for spec in request.models]
        shown = yield from _shown(request)
        points: list[MixPoint] = []
        for number, alphas in enumerate(request.mixes):
            points.append((yield from mapped(_point(request, models, alphas, shown), _counted(request, number))))
            yield points[-1]
        device = str(models[0].device)
    return Mixture(
        Provenance.of(request, request.images.digest),
        kind=request.kind,
        models=request.models,
        condition=request.condition,
        attack=request.attack,
        points=tuple(points),
        grid=Grid(shown.grid_px, shown.inputs_px),
        n_norm=None if shown.norm is None else len(shown.norm),
        n_norm_measured=shown.n_norm_measured,
        norm_title="" if request.norm_images is None else request.norm_images.title,
        device=device,
    )


def points_so_far(events: Iterable[Any]) -> list[MixPoint]:
    """The points among the events of `run`, also before it has ended."""
    return [event for event in events if isinstance(event, MixPoint)]


@dataclass(frozen=True, eq=False)
class _Shown:
    """What every mix is shown: `clean` (N,3,H,W) and its `labels`, the `corrupted` images or None, those of which
    batch-norm statistics are, or None; and to which (height, width) each model resizes them.
    """

    clean: "Tensor"
    labels: list[int]
    corrupted: "Tensor | None"
    norm: "Tensor | None"
    inputs_px: tuple[tuple[int, int], ...]

    @property
    def grid_px(self) -> tuple[int, int]:
        """(height, width) of the grid."""
        height, width = self.clean.shape[2:]
        return height, width

    @property
    def n_norm_measured(self) -> int:
        """How many of the images of the statistics are measured too."""
        if self.norm is None:
            return 0
        measured = set(_digests(self.clean))
        return sum(one in measured for one in _digests(self.norm))


def _shown(request: MixingRequest) -> Generator[Progress, None, _Shown]:
    first, images = request.models[0], request.images
    clean, known = yield from read_inputs(images, range(len(images)), first)
    labels = [label for label in known if label is not None]
    if len(labels) < len(known):
        raise BadInput(
            f"The accuracy of a mixture needs true labels; {len(known) - len(labels)} of the {len(known)} images have "
            f"none among the classes of {first.title}."
        )
    grid_px = (clean.shape[2], clean.shape[3])
    inputs_px = tuple(input_px(spec, grid_px, images) for spec in request.models)
    corrupted, norm = None, None
    if request.condition.severity:
        begun = Progress(0, None, "", str(request.condition))
        corrupted = yield from all_corrupted(request.condition, clean, begun)
    if request.norm_images is not None:
        norm, _ = yield from read_inputs(request.norm_images, range(len(request.norm_images)), first)
    return _Shown(clean, labels, corrupted, norm, inputs_px)


def _counted(request: MixingRequest, number: int) -> Any:
    """How the progress of the mix at `number` counts on through all of them."""
    each, unit = (request.attack.steps, request.attack.row.unit) if request.attack else (1, "mixes")
    name = in_words(request.mixes[number], [spec.title for spec in request.models])

    def told(event: Progress) -> Progress:
        done = event.done if request.attack and event.note == "attacking" else 0
        return Progress(number * each + done, len(request.mixes) * each, unit, name)

    return told


def _point(
    request: MixingRequest, models: "Sequence[LoadedModel]", alphas: Alphas, shown: _Shown
) -> Generator[Progress, None, MixPoint]:
    from robust_core.mixing.mixtures import mixed
    from robust_core.mixing.weights import recompute_batch_norm

    yield Progress(0, None, "")
    started = time.perf_counter()
    model = mixed(request.row, models, alphas, shown.inputs_px)
    if shown.norm is not None and part_of(alphas) is None:
        yield from recompute_batch_norm(model, shown.norm)
    labels = np.array(shown.labels)
    correct = {"clean": (yield from predicted(model, shown.clean)) == labels}
    if shown.corrupted is not None:
        correct["corrupted"] = (yield from predicted(model, shown.corrupted)) == labels
    if request.attack is not None:
        found = yield from attacked(model, shown.clean, shown.labels, request.attack)
        correct["attacked"] = ~found.broken.numpy()
    return MixPoint(alphas, correct, time.perf_counter() - started)


def _digests(pixels: "Tensor") -> Iterator[str]:
    return (hashlib.sha256(one.numpy().tobytes()).hexdigest() for one in pixels)
