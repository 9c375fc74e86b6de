"""What is left of a model's accuracy when a cue is taken away: one profile for each model (Chen, Agarwal and Nguyen
2020).
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.checks import set_whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.images import LabelledImage, stack, to_pixels
from robust_core.intervals import Interval, newcombe, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import using
from robust_core.studies.cue_tests import CLEAN, CUE_TESTS, CueTest, shown
from robust_core.studies.predictions import predict, true_label
from robust_core.studies.request import Request
from robust_core.studies.simplicity_claims import SAID, Says, compared
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first run, not with the first page
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.models.loading import LoadedModel

BATCH_SIZE = 16


@dataclass(frozen=True, eq=False)
class CueRemovalRequest(Request):
    """Each model on `images`, clean and under every test of the table that can be made of them; `seed` draws.

    The label that counts is the true one where it is known, else a model's own prediction for the clean image. Raises
    BadInput for no model or image.
    """

    study: ClassVar[str] = "cue_removal"

    images: ImageSet
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        self.images.require_images()
        set_whole(self, "seed", 0)


@dataclass(frozen=True, eq=False)
class ModelCues:
    """Whether one model is right about each image (n,), by the key of the test; labels of images that are not `known`
    (n,) are its clean predictions.
    """

    spec: ModelSpec
    device: str
    correct: Mapping[str, np.ndarray]
    known: np.ndarray

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.known)

    @property
    def tests(self) -> tuple[CueTest, ...]:
        """Those that could be made of these images."""
        return tuple(test for test in CUE_TESTS if test.key in self.correct)

    def accuracy(self, test: CueTest) -> Interval:
        """The fraction of all images that is right."""
        found = wilson(int(self.correct[test.key].sum()), self.n)
        assert found is not None  # the request refuses to be without images
        return found

    def kept(self, test: CueTest) -> Interval | None:
        """The fraction that is still right of the images that are right when clean; None where none is."""
        clean = self.correct[CLEAN.key]
        return wilson(int((clean & self.correct[test.key]).sum()), int(clean.sum()))


@dataclass(frozen=True)
class CueGap:
    """How much more accurate an adversarially trained model is than a `standard` one under `test`, on the same images.

    Chen et al. 2020 found that such models rely on shape: they should be worse where that is taken, and better where
    texture is.
    """

    test: CueTest
    robust: ModelCues
    standard: ModelCues

    @property
    def difference(self) -> Interval:
        """The robust model's accuracy less the standard one's, paired (Newcombe)."""
        first, second = (one.correct[self.test.key] for one in (self.standard, self.robust))
        counts = (first & second, first & ~second, ~first & second, ~first & ~second)
        found = newcombe(*(int(one.sum()) for one in counts))
        assert found is not None  # the request refuses to be without images
        return found

    @property
    def says(self) -> Says:
        """Whether the sign of the difference is the paper's; nothing is decided where the interval holds 0."""
        if self.difference.low <= 0 <= self.difference.high:
            return "undecided"
        return "agrees" if (self.difference.low > 0) != bool(self.test.takes_shape) else "contradicts"

    @property
    def towards_paper(self) -> float:
        """The difference, positive where its sign is the paper's."""
        return -self.difference.estimate if self.test.takes_shape else self.difference.estimate

    @property
    def points(self) -> str:
        """The difference in percentage points with its interval, such as "−5.7 points [−9.5, −1.9]"."""
        found = self.difference
        value, low, high = (f"{100 * one:+.1f}".replace("-", "−") for one in (found.estimate, found.low, found.high))
        return f"{value} points [{low}, {high}]"

    def __str__(self) -> str:
        return (
            f"{self.test.title}: {self.robust.spec.name} less {self.standard.spec.name} {self.points}, paired "
            f"(Newcombe), n = {self.robust.n}. This {SAID[self.says]} Chen et al. 2020, who found that adversarially "
            "trained networks rely on shape."
        )


@dataclass(frozen=True, eq=False)
class CueRemoval(StudyResult):
    """The profile of every model, in the order of the request."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelCues, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and test."""
        import pandas

        return pandas.DataFrame(_row(model, test) for model in self.by_model for test in model.tests)

    def figure(self) -> "Figure":
        """For each test a bar of every model."""
        from robust_core.plots import results

        return results.grouped_bars(self.frame, "model", "test", "accuracy_percent", "accuracy, %")

    def gaps(self) -> tuple[CueGap, ...]:
        """Each adversarially trained model against the first that is not, under each test; none where either is
        missing.
        """
        pairs = compared(self.by_model)
        return tuple(CueGap(test, *pair) for pair in pairs for test in pair[0].tests if test.takes_shape is not None)

    def sentences(self) -> tuple[str, ...]:
        """Whether the numbers agree with the paper, and which tests could not be made of these images."""
        missing = left_out(self.by_model[0])
        return (*map(str, self.gaps()), *([missing] if missing else []))


def run(request: CueRemovalRequest) -> Generator[Progress, None, CueRemoval]:
    """Take the cues away at each model's input size and count; raises what `predictions.run` raises."""
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    return CueRemoval(Provenance.of(request, request.images.digest), tuple(found))


def left_out(model: ModelCues) -> str:
    """Which tests these images do not allow, in a sentence; "" where all are there."""
    missing = [test.title.lower() for test in CUE_TESTS if test.key not in model.correct]
    if not missing:
        return ""
    return f"Left out: {' and '.join(missing)}, which take a known outline or another texture of the same scene (Mini)."


def _one_model(spec: ModelSpec, request: CueRemovalRequest) -> Generator[Progress, None, ModelCues]:
    total = len(request.images) * len(CUE_TESTS)
    yield Progress(0, total, "images", "loading the model")
    images = list(request.images)
    given = [true_label(image, spec.label_space) for image in images]
    predicted: dict[str, np.ndarray] = {}
    with using(spec) as model:
        for number, test in enumerate(CUE_TESTS):
            begun = Progress(number * len(given), total, "images", test.title.lower())
            found = yield from _under(model, images, test, request.seed, begun)
            if found is not None:
                predicted[test.key] = found
        device = str(model.device)
    known = np.array([label is not None for label in given])
    labels = np.where(known, [-1 if label is None else label for label in given], predicted[CLEAN.key])
    return ModelCues(spec, device, {key: one == labels for key, one in predicted.items()}, known)


def _under(
    model: "LoadedModel", images: list[LabelledImage], test: CueTest, seed: int, begun: Progress
) -> Generator[Progress, None, np.ndarray | None]:
    """The predicted classes (n,) under a test, None where it cannot be made of every image."""
    spec, labels = model.spec, []
    for first in range(0, len(images), BATCH_SIZE):
        yield replace(begun, done=begun.done + first)
        batch = enumerate(images[first : first + BATCH_SIZE], start=seed + first)
        made = [shown(image, spec, test, own_seed) for own_seed, image in batch]
        if any(one is None for one in made):
            return None
        pixels = stack([to_pixels(one, spec.preprocess_for(True)) for one in made if one is not None])
        labels += [prediction.label for prediction in predict(model, pixels)[0]]
    return np.array(labels)


def _row(model: ModelCues, test: CueTest) -> dict[str, Any]:
    kept = model.kept(test)
    bounds = (None,) * 3 if kept is None else (100 * kept.estimate, 100 * kept.low, 100 * kept.high)
    return {
        "model": model.spec.name,
        "test": test.key,
        "keeps": test.keeps,
        "removes": test.removes,
        **percent("accuracy", model.accuracy(test)),
        "n": model.n,
        **dict(zip(("kept_percent", "kept_low_percent", "kept_high_percent"), bounds, strict=True)),
        "n_right_when_clean": int(model.correct[CLEAN.key].sum()),
        "n_labels_known": int(model.known.sum()),
        "protocol": f"{test.protocol}; at the model's input size, in 8 bits",
        "weights_sha256": model.spec.weights.sha256,
    }
