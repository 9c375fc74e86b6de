"""What if the object were smaller, elsewhere, turned, of another colour, or before another background?

The scenes of Mini are drawn again with nothing else changed. In photos the object is cut out and pasted over what was
filled in behind it; what the cut alone changes is the control, from which every change is counted.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.data.edited_photos import PASTED_BACK
from robust_core.data.image_set import ImageSet
from robust_core.edits.boxes import Box
from robust_core.edits.object_edit import PHOTO_BACKGROUNDS, SCENE_BACKGROUNDS, UNEDITED, ObjectEdit, in_order
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, stack, to_pixels
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import using
from robust_core.studies.edited_images import Maker, check_scenes, makers_of
from robust_core.studies.edited_predictions import EditedPredictions
from robust_core.studies.predictions import predict
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

SCENE_PROTOCOL = "the scene drawn again with the object edited and all else as it was; the label is the object's shape"
PHOTO_PROTOCOL = (
    "the object cut out of the photo by a box and GrabCut, edited, and pasted over the photo with the hole filled in; "
    "changes are counted from the object pasted back at its own place"
)
OF_PREDICTION = "; photos without a label: the class that the model predicts for the original"
FIELDS = tuple(field.name for field in fields(ObjectEdit))
AT_ONCE = 16  # images whose edits are made together


@dataclass(frozen=True, eq=False)
class ObjectEditsRequest(Request):
    """Accuracy on `images` when their object is edited in each of these ways: scenes of Mini, or photos with the box of
    each one's object. The object as it is comes first in any case, and the rest in the order of the table.

    Raises BadInput for no images, no edit, boxes that are not one for each photo, a background of the other world, or
    models that do not know Mini's classes where there is no box.
    """

    study: ClassVar[str] = "object_edits"

    images: ImageSet
    edits: tuple[ObjectEdit, ...]
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        self.images.require_images()
        if not any(edit != UNEDITED for edit in self.edits):
            raise BadInput("Expected at least one edit; the images as they are come in any case.")
        if self.boxes and len(self.boxes) != len(self.images):
            raise BadInput(f"Expected a box for each of the {len(self.images)} photos; got {len(self.boxes)}.")
        for spec in self.models:
            if not self.boxes and spec.label_space != MINI:
                raise BadInput(
                    "Photos need a box around each one's object; without boxes scenes of Mini are edited, "
                    f"whose classes {spec.title} does not know."
                )
        known = PHOTO_BACKGROUNDS if self.boxes else SCENE_BACKGROUNDS
        for edit in self.edits:
            if edit.background and edit.background not in known:
                where = "photos have" if self.boxes else "scenes of Mini have"
                raise BadInput(f"The backgrounds that {where} are {', '.join(known)}; got {edit.background}.")
        object.__setattr__(self, "edits", in_order(self.edits))


@dataclass(frozen=True, eq=False)
class ObjectEdits(StudyResult):
    """What each model makes of every edit; `of_photos` says which world they are of. `left_out` names photos whose
    object could not be cut out, and says why.
    """

    parts: ClassVar[str] = "by_model"

    edits: tuple[ObjectEdit, ...]
    by_model: tuple[EditedPredictions, ...]
    of_photos: bool = False
    left_out: tuple[str, ...] = ()

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and edit; of photos the first are the original and the control."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in self._rows(one))

    def figure(self) -> "Figure":
        """Accuracy under every edit, a bar for each."""
        from robust_core.plots import results

        return results.grouped_bars(self.frame, "model", "edit", "accuracy_percent", "accuracy, %")

    def along(self, asked: Iterable[ObjectEdit]) -> list[int]:
        """Where these edits stand, in their order; those that are not there are left out."""
        there = {edit: place for place, edit in enumerate(self.edits)}
        return [there[edit] for edit in asked if edit in there]

    def words_of(self, place: int) -> str:
        """The edit at `place` in words."""
        return PASTED_BACK if self.of_photos and place == 0 else str(self.edits[place])

    @property
    def protocol(self) -> str:
        """How the images were made, and what counts as correct."""
        return f"{PHOTO_PROTOCOL}{OF_PREDICTION}" if self.of_photos else SCENE_PROTOCOL

    def sentences(self) -> tuple[str, ...]:
        """How it was made, where the cut itself changes predictions, and what is left out."""
        made = f"{self.protocol[:1].upper()}{self.protocol[1:]}."
        return (
            made,
            *(self.control_sentence(one) for one in self.by_model if self.of_photos),
            *(f"Left out: {one}" for one in self.left_out),
        )

    def control_sentence(self, one: EditedPredictions) -> str:
        """Whether the cut alone changes what a model predicts."""
        lost = one.n - int(one.control_keeps.sum())
        if not lost:
            which = "the prediction" if one.n == 1 else f"all {one.n} predictions"
            return f"{one.spec.title}: the object {PASTED_BACK} keeps {which} of the original."
        of = "" if one.n == 1 else f" on {lost} of {one.n} photos"
        return f"{one.spec.title}: the cut itself changes the answer{of}; read changes from the control only."

    def _rows(self, one: EditedPredictions) -> Iterator[dict[str, Any]]:
        fixed: dict[str, Any] = {
            "n": one.n,
            "n_right_unedited": int(one.correct[0].sum()),
            "n_control_kept": int(one.control_keeps.sum()),
        }
        last = {"protocol": self.protocol, "weights_sha256": one.spec.weights.sha256}
        if self.of_photos:
            whole = {"mean_probability": float(one.original_probability.mean())}
            yield _named(one, "original", UNEDITED) | percent("accuracy", one.original_accuracy) | whole | fixed | last
        for place, edit in enumerate(self.edits):
            yield (
                _named(one, self.words_of(place), edit)
                | percent("accuracy", one.accuracy(place))
                | _bounded("kept", one.kept(place))
                | _bounded("change", one.change(place) if place else None)
                | {"mean_probability": float(one.probability[place].mean())}
                | fixed
                | last
            )


def run(request: ObjectEditsRequest) -> Generator[Progress, None, ObjectEdits]:
    """Edit the images and ask every model. Raises BadInput for an image that is no scene of its own, for photos of
    which none can be cut, and what the models raise.
    """
    if not request.boxes:
        check_scenes(request.images)
    found: dict[ModelSpec, list[EditedPredictions]] = {spec: [] for spec in request.models}
    left_out: list[str] = []
    for first in range(0, len(request.images), AT_ONCE):
        if request.boxes:
            yield Progress(_views(request) * first, _views(request) * len(request.images), "images", "cutting")
        chunk = request.images[first : first + AT_ONCE], request.boxes[first : first + AT_ONCE]
        makers = makers_of(*chunk, left_out)
        if makers:
            yield from _edit_and_ask(request, first, makers, found)
    if len(left_out) == len(request.images):
        several = "None of the photos could be cut. " if left_out[1:] else ""
        raise BadInput(f"{several}{left_out[0]}")
    by_model = tuple(EditedPredictions.together(parts) for parts in found.values())
    provenance = Provenance.of(request, request.images.digest)
    return ObjectEdits(provenance, request.edits, by_model, bool(request.boxes), tuple(left_out))


def _views(request: ObjectEditsRequest) -> int:
    """How often each image is seen."""
    return len(request.edits) + bool(request.boxes)


def _edit_and_ask(
    request: ObjectEditsRequest,
    first: int,
    makers: Sequence[Maker],
    found: dict[ModelSpec, list[EditedPredictions]],
) -> Generator[Progress, None, None]:
    """Add to `found` what each model predicts for these images under every edit."""
    rows: dict[ModelSpec, list[np.ndarray]] = {spec: [] for spec in request.models}
    devices = dict.fromkeys(request.models, "")
    total = _views(request) * len(request.images)
    for number, edit in enumerate((*((None,) if request.boxes else ()), *request.edits)):
        words = "the original" if edit is None else str(edit)
        yield Progress(_views(request) * first + number * len(makers), total, "images", words)
        images = [one.under(edit) for one in makers]
        for spec in request.models:
            probabilities, devices[spec] = _asked(spec, images)
            rows[spec].append(probabilities)
    for spec in request.models:
        originals, edited = rows[spec][0], rows[spec][bool(request.boxes) :]
        of = [one.image for one in makers]
        found[spec].append(EditedPredictions.of(spec, devices[spec], of, originals, edited))


def _asked(spec: ModelSpec, images: Sequence[LabelledImage]) -> tuple[np.ndarray, str]:
    """The probabilities (n, classes), and where they were computed."""
    with using(spec) as model:
        pixels = stack([to_pixels(image, spec.preprocess_for(image.centre_crop_only)) for image in images])
        return np.stack([one.probabilities for one in predict(model, pixels)[0]]), str(model.device)


def _named(one: EditedPredictions, words: str, edit: ObjectEdit) -> dict[str, Any]:
    return {"model": one.spec.name, "edit": words} | {name: getattr(edit, name) for name in FIELDS}


def _bounded(name: str, interval: Interval | None) -> dict[str, float | None]:
    bounds = (
        (None,) * 3
        if interval is None
        else tuple(100 * one for one in (interval.estimate, interval.low, interval.high))
    )
    return dict(zip((f"{name}_percent", f"{name}_low_percent", f"{name}_high_percent"), bounds, strict=True))
