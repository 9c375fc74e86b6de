"""Does what fools one model fool another? Every source is attacked, and every target judges what the attack ends with.

All happens on the source's grid, which is its own input size: the ball is there, and a target of another input size
resizes the attacked image inside itself.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.attacking import attacked, require_eps
from robust_core.studies.one_grid import input_px, size_in_words
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

BALL_NORMS = ("linf", "l2")  # in which random noise is drawn
HANDED_OVER = (
    "the attack goes on once an image fools the source and hands over the last that does, or else the last one"
)


@dataclass(frozen=True, eq=False)
class TransferMatrixRequest(Request):
    """Each of `models` is attacked on `images`, and each judges what every attack ends with.

    The label that counts is the true one where it is known, else a model's own prediction for the clean image. Raises
    BadInput for no images, one model twice, models of different classes, or an attack without an eps.
    """

    study: ClassVar[str] = "transfer_matrix"

    images: ImageSet
    attack: AttackConfig

    def __post_init__(self) -> None:
        self.images.require_images()
        require_eps(self.attack)
        if self.attack.norm not in BALL_NORMS:
            raise BadInput(f"Attacks transfer in L∞ and L2 here; got {self.attack.norm!r}.")
        if len({spec.key for spec in self.models}) < len(self.models):
            raise BadInput("One model is asked for twice; expected each once.")
        for spec in self.models:
            if spec.label_space != self.label_space:
                raise BadInput(
                    f"{spec.title} has other classes than {self.models[0].title}, so that neither can judge what the "
                    "other is attacked on; expected models of the same classes."
                )


@dataclass(frozen=True, eq=False)
class TransferCell:
    """What `target` makes of the images of `source`'s grid, and whether each (n,) is predicted correctly: the `clean`
    one, one with random noise of the attack's eps, and the one `attacked` on the source.

    grid_px    (height, width) of the source's grid, and `input_px` to which the target resizes it
    known      (n,) False where the target's clean prediction stands in for the label
    """

    source: ModelSpec
    target: ModelSpec
    grid_px: tuple[int, int]
    input_px: tuple[int, int]
    clean: np.ndarray
    noise: np.ndarray
    attacked: np.ndarray
    known: np.ndarray

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.clean)

    def accuracy(self, of: np.ndarray) -> Interval:
        """The fraction of all images that is correct, of `clean`, `noise` or `attacked`."""
        found = wilson(int(of.sum()), self.n)
        assert found is not None  # the request refuses to be without images
        return found

    def fooled(self, by: np.ndarray) -> Interval | None:
        """The fraction of the images that are right when clean and are not any more, of `noise` or `attacked`; None
        where none is right when clean.
        """
        return wilson(int((self.clean & ~by).sum()), int(self.clean.sum()))

    @property
    def grid(self) -> str:
        """On which grid the attack is, and how the target gets from there to its input size, in words."""
        from robust_core.attacks.grids import RESAMPLING

        where = f"grid of {size_in_words(self.grid_px)} px, the source's input"
        if self.input_px == self.grid_px:
            return f"{where} and the target's"
        return f"{where}; the target resizes it to {size_in_words(self.input_px)} px ({RESAMPLING})"


@dataclass(frozen=True, eq=False)
class TransferMatrix(StudyResult):
    """A cell for each source and target, a source after the other."""

    attack: AttackConfig
    cells: tuple[TransferCell, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each source and target."""
        import pandas

        return pandas.DataFrame(_row(cell, self.attack) for cell in self.cells)

    def figure(self) -> "Figure":
        """Accuracy left, sources down, targets across."""
        from robust_core.plots import results

        left = self.frame.assign(model=f"accuracy left, %: attacked on the row, judged by the column, {self.attack}")
        return results.grids(left, "source_model", "target_model", "accuracy_percent")

    def of_models(self, specs: Iterable[ModelSpec]) -> "TransferMatrix":
        """The part of the matrix that is of `specs` alone: what a request for them comes to."""
        keys = {spec.key for spec in specs}
        cells = tuple(cell for cell in self.cells if {cell.source.key, cell.target.key} <= keys)
        models = [spec.identity for spec in dict.fromkeys(cell.source for cell in cells)]
        provenance = replace(self.provenance, request={**self.provenance.request, "models": models}, asked=None)
        return replace(self, provenance=provenance, cells=cells)

    def sentences(self) -> tuple[str, ...]:
        """How it was made."""
        return (f"{self.attack}; {HANDED_OVER}.", *dict.fromkeys(_grid_sentence(cell) for cell in self.cells))


def run(request: TransferMatrixRequest) -> "Generator[Progress | TransferCell, None, TransferMatrix]":
    """Attack each source and let each target judge; yields every TransferCell as soon as it is there.

    Raises what `pool.use` and `attacks.search.attack` raise, and BadInput where a grid is not square and a target's
    input is.
    """
    rows = [(f"on {spec.title}", _one_source(spec, request)) for spec in request.models]
    found = yield from of_all(rows)
    provenance = Provenance.of(request, request.images.digest)
    return TransferMatrix(provenance, request.attack, tuple(cell for row in found for cell in row))


def cells_so_far(events: Iterable[Any]) -> list[TransferCell]:
    """The cells among the events of `run`, also before it has ended."""
    return [event for event in events if isinstance(event, TransferCell)]


def _one_source(
    source: ModelSpec, request: TransferMatrixRequest
) -> "Generator[Progress | TransferCell, None, list[TransferCell]]":
    """A row: the attack on `source`, and every target's cell."""
    steps, unit = request.attack.steps, request.attack.row.unit
    total = steps + len(request.models)
    yield Progress(0, total, unit, "loading the model")
    with using(source) as model:
        every = range(len(request.images))
        reading = read_inputs(request.images, every, source)
        pixels, labels = yield from mapped(reading, lambda event: Progress(0, total, unit, event.note))
        work = attacked(model, pixels, labels, request.attack, persist=True)
        found = yield from mapped(work, lambda event: replace(event, total=total))
    shown = (pixels, _noisy(pixels, request.attack), found.pixels)
    cells = []
    for place, target in enumerate(request.models):
        yield Progress(steps + place, total, unit, f"judged by {target.title}")
        cells.append((yield from _judged(source, target, request, shown, labels)))
        yield cells[-1]
    return cells


def _judged(
    source: ModelSpec,
    target: ModelSpec,
    request: TransferMatrixRequest,
    shown: "Sequence[Tensor]",
    labels: Sequence[int | None],
) -> "Generator[Progress, None, TransferCell]":
    """The target's predictions for the clean, the noisy and the attacked images."""
    from robust_core.attacks.grids import resizing
    from robust_core.attacks.passes import Passes

    height_px, width_px = shown[0].shape[2:]
    its_px = input_px(target, (height_px, width_px), request.images)
    predicted = []
    with using(target) as model:
        passes = Passes(resizing(model, *its_px), *its_px)
        for pixels in shown:
            logits = yield from mapped(passes.forward(pixels.to(model.device)), lambda _: None)
            predicted.append(logits.argmax(1).numpy())
    known = np.array([label is not None for label in labels])
    counted = np.where(known, [-1 if label is None else label for label in labels], predicted[0])
    clean, noise, left = (one == counted for one in predicted)
    return TransferCell(source, target, (height_px, width_px), its_px, clean, noise, left, known)


def _noisy(pixels: "Tensor", attack: AttackConfig) -> "Tensor":
    """Each image with a change drawn uniformly from the attack's ball, once."""
    from robust_core.attacks.balls import BALLS
    from robust_core.attacks.draws import random_starts

    assert attack.eps is not None  # the request refuses
    ball = BALLS[attack.norm]
    eps = min(attack.eps, ball.diameter(tuple(pixels.shape[1:])))
    return random_starts(pixels, ball, eps, attack.seed, range(len(pixels)), 0).clamp(0, 1)


def _row(cell: TransferCell, attack: AttackConfig) -> dict[str, Any]:
    who = {"source_model": cell.source.name, "target_model": cell.target.name, "white_box": cell.source == cell.target}
    how = {"attack": attack.title, "norm": attack.norm, "eps": attack.eps}
    counts = {
        "n": cell.n,
        "clean_accuracy_percent": 100 * cell.accuracy(cell.clean).estimate,
        "noise_accuracy_percent": 100 * cell.accuracy(cell.noise).estimate,
        "n_right_when_clean": int(cell.clean.sum()),
        **_fooled("fooled", cell.fooled(cell.attacked)),
        **_fooled("fooled_by_noise", cell.fooled(cell.noise)),
        "n_labels_known": int(cell.known.sum()),
    }
    made = {
        "protocol": f"{attack}; {HANDED_OVER}; {cell.grid}; noise uniform in the ball",
        "grid_px": size_in_words(cell.grid_px),
        "input_px": size_in_words(cell.input_px),
        "source_weights_sha256": cell.source.weights.sha256,
        "target_weights_sha256": cell.target.weights.sha256,
    }
    return who | how | percent("accuracy", cell.accuracy(cell.attacked)) | counts | made


def _fooled(name: str, interval: Interval | None) -> dict[str, float | None]:
    columns = (f"{name}_percent", f"{name}_low_percent", f"{name}_high_percent")
    if interval is None:
        return dict.fromkeys(columns)
    return dict(zip(columns, (100 * interval.estimate, 100 * interval.low, 100 * interval.high), strict=True))


def _grid_sentence(cell: TransferCell) -> str:
    return f"{cell.source.title} → {cell.target.title}: {cell.grid}."
