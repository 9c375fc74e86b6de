"""What if the object were smaller, elsewhere, turned, of another colour, or before another background?

The scenes of Mini are drawn again with nothing else changed, so that what a model loses is lost to the edit alone.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import is_scene, read_edited
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import stack, to_pixels
from robust_core.intervals import Interval, wilson
from robust_core.labels import MINI
from robust_core.edits.object_edit import UNEDITED, EditKind, ObjectEdit, in_order
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import using
from robust_core.studies.predictions import predict
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

PROTOCOL = "the scene drawn again with the object edited and all else as it was; the label is the object's shape"
FIELDS = tuple(field.name for field in fields(ObjectEdit))


@dataclass(frozen=True, eq=False)
class ObjectEditsRequest(Request):
    """Accuracy on `images`, scenes of Mini, when their object is edited in each of these ways; the images as they are
    come first in any case, and the rest in the order of the table.

    Raises BadInput for no images, no edit, or models that do not know Mini's classes.
    """

    study: ClassVar[str] = "object_edits"

    images: ImageSet
    edits: tuple[ObjectEdit, ...]

    def __post_init__(self) -> None:
        self.images.require_images()
        if not any(edit != UNEDITED for edit in self.edits):
            raise BadInput("Expected at least one edit; the images as they are come in any case.")
        for spec in self.models:
            if spec.label_space != MINI:
                raise BadInput(f"Objects are edited in Mini alone, whose classes {spec.title} does not know.")
        object.__setattr__(self, "edits", in_order(self.edits))


@dataclass(frozen=True, eq=False)
class EditedPredictions:
    """Of one model, for each edit and image (edits, n): whether it is `correct`, and the `probability` of the true
    class. The first edit is none.
    """

    spec: ModelSpec
    device: str
    correct: np.ndarray
    probability: np.ndarray

    @property
    def n(self) -> int:
        """How many images."""
        return self.correct.shape[1]

    def accuracy(self, place: int) -> Interval:
        """The fraction of all images that is correct under the edit at `place`."""
        found = wilson(int(self.correct[place].sum()), self.n)
        assert found is not None  # the request refuses to be without images
        return found

    def kept(self, place: int) -> Interval | None:
        """Of the images that are right as they are, the fraction that is right under the edit; None without any."""
        right = self.correct[0]
        return wilson(int((right & self.correct[place]).sum()), int(right.sum()))


@dataclass(frozen=True, eq=False)
class ObjectEdits(StudyResult):
    """What each model makes of every edit."""

    parts: ClassVar[str] = "by_model"

    edits: tuple[ObjectEdit, ...]
    by_model: tuple[EditedPredictions, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and edit."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in _rows(one, self.edits))

    def figure(self) -> "Figure":
        """Accuracy under every edit, a bar for each."""
        from robust_core.plots import results

        return results.grouped_bars(self.frame, "model", "edit", "accuracy_percent", "accuracy, %")

    def places(self, kind: EditKind) -> list[int]:
        """Where the edits of one kind stand, in the order in which the kind has them."""
        there = {edit: place for place, edit in enumerate(self.edits)}
        return [there[edit] for edit in kind.edits if edit in there]

    def sentences(self) -> tuple[str, ...]:
        """How it was made."""
        return (f"{PROTOCOL[:1].upper()}{PROTOCOL[1:]}.",)


def run(request: ObjectEditsRequest) -> Generator[Progress, None, ObjectEdits]:
    """Draw the images under each edit and ask every model. Raises BadInput for an image that is no scene of its own,
    and what the models raise.
    """
    ids = scene_ids(request.images)
    shape = len(request.edits), len(ids)
    correct = {spec: np.zeros(shape, bool) for spec in request.models}
    probability = {spec: np.zeros(shape, np.float32) for spec in request.models}
    devices = dict.fromkeys(request.models, "")
    for place, edit in enumerate(request.edits):
        yield Progress(place * len(ids), len(request.edits) * len(ids), "images", str(edit))
        images = [read_edited(one, edit) for one in ids]
        labels = np.array([image.label for image in images])
        for spec in request.models:
            with using(spec) as model:
                pixels = stack([to_pixels(image, spec.preprocess_for(image.centre_crop_only)) for image in images])
                found = np.stack([one.probabilities for one in predict(model, pixels)[0]])
                devices[spec] = str(model.device)
            correct[spec][place] = found.argmax(1) == labels
            probability[spec][place] = found[np.arange(len(ids)), labels]
    by_model = tuple(
        EditedPredictions(spec, devices[spec], correct[spec], probability[spec]) for spec in request.models
    )
    return ObjectEdits(Provenance.of(request, request.images.digest), request.edits, by_model)


def scene_ids(images: ImageSet) -> list[str]:
    """The ids by which the scenes are drawn again; raises BadInput for an image that has none."""
    ids = []
    for image in images:
        if not is_scene(image.sample_id):
            raise BadInput(
                f"{image.name} is no scene of Mini that can be drawn again; expected images such as "
                'rc.draw_images("mini", 8).'
            )
        ids.append(image.sample_id)
    return ids


def _rows(one: EditedPredictions, edits: tuple[ObjectEdit, ...]) -> Iterator[dict[str, Any]]:
    fixed = {"n": one.n, "n_right_unedited": int(one.correct[0].sum()), "protocol": PROTOCOL}
    for place, edit in enumerate(edits):
        kept = one.kept(place)
        bounds = (None,) * 3 if kept is None else (100 * kept.estimate, 100 * kept.low, 100 * kept.high)
        yield (
            {"model": one.spec.name, "edit": str(edit)}
            | {name: getattr(edit, name) for name in FIELDS}
            | percent("accuracy", one.accuracy(place))
            | dict(zip(("kept_percent", "kept_low_percent", "kept_high_percent"), bounds, strict=True))
            | {"mean_probability": float(one.probability[place].mean())}
            | fixed
            | {"weights_sha256": one.spec.weights.sha256}
        )
