"""Which concepts does a network see in images of a class, how much does each count, and are they real? CRAFT (Fel et
al. 2023), with what Mini knows of its own scenes beside it.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core.checks import finite, set_whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all, result_of
from robust_core.images import LabelledImage
from robust_core.studies.concept_outcomes import ENOUGH_CROPS, ModelConcepts, Prototype
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first run, not with the first page
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.report.report_images import ReportImage
    from robust_core.studies.concept_maps import ConceptMaps

CONCEPTS, MOST_CONCEPTS = 6, 12
CROP_FRACTION, LEAST_FRACTION, LARGEST_FRACTION = 0.5, 0.2, 0.9
EVERY_CLASS = "every class"
FEW_CROPS = "Fewer than {enough} crops ({n}): concepts of so few images may be theirs alone, and not the network's."


@dataclass(frozen=True, eq=False)
class ConceptsRequest(Request):
    """The `concepts` of each model in those of `images` that it predicts as the class `label`; of every image, each
    with its own predicted class, where `label` is None.

    Crops are `crop_fraction` of the image's sides. `seed` is that of the factorisation's start, of the masks and of the
    random orders. Raises BadInput for no model or image, a class that there is not, or numbers out of range.
    """

    study: ClassVar[str] = "concepts"

    images: ImageSet
    label: int | None = None
    concepts: int = CONCEPTS
    crop_fraction: float = CROP_FRACTION
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        self.images.require_images()
        if self.label is not None:
            for spec in self.models:
                set_whole(self, "label", 0, len(spec.label_space.names) - 1)
        set_whole(self, "concepts", 2, MOST_CONCEPTS)
        fraction = finite("crop_fraction", self.crop_fraction, LEAST_FRACTION, LARGEST_FRACTION)
        object.__setattr__(self, "crop_fraction", fraction)
        set_whole(self, "seed", 0)


@dataclass(frozen=True, eq=False)
class Concepts(StudyResult):
    """The concepts of every model, in the order of the request."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelConcepts, ...]
    label: int | None
    crop_fraction: float

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, concept and measure; concept 0 is all of them together."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in self._rows(one))

    def figure(self) -> "Figure":
        """How much each concept counts."""
        from robust_core.plots import results

        return results.importances(self.frame[self.frame["measure"] == "importance"])

    def sentences(self) -> tuple[str, ...]:
        """Where a result rests on little, and whether it agrees with the paper."""
        from robust_core.studies.concept_claims import verdicts

        few = [
            f"{one.spec.name}: {FEW_CROPS.format(enough=ENOUGH_CROPS, n=one.crops_in_all)}"
            for one in self.by_model
            if one.crops_in_all < ENOUGH_CROPS
        ]
        return (*few, *(f"{one.spec.name}: {said}" for one in self.by_model for said in verdicts(one)))

    def report_images(self) -> "tuple[ReportImage, ...]":
        """The strongest crops of every concept; none of a recorded run, which does not have the images."""
        from robust_core.report.report_images import ReportImage
        from robust_core.studies.concept_images import shown_crop

        asked = self.provenance.asked
        if not isinstance(asked, ConceptsRequest):
            return ()
        return tuple(
            ReportImage(shown_crop(asked.images, one.spec, crop), f"Concept {number}", _alt(number, crop), _group(one))
            for one in self.by_model
            for number in one.numbers
            for crop in one.prototypes(number)[:3]
        )

    def maps(self, image: LabelledImage) -> "dict[str, ConceptMaps]":
        """Where the concepts are in an image, by the name of the model. Computed now; raises what the models raise."""
        from robust_core.studies.concept_maps import explain

        return {one.spec.name: result_of(explain(one, image)) for one in self.by_model}

    def class_words(self, one: ModelConcepts) -> str:
        """The class in words."""
        return EVERY_CLASS if self.label is None else one.spec.label_space.names[self.label]

    def protocol(self, one: ModelConcepts) -> str:
        """How it was made, in a line."""
        return (
            f"CRAFT; class: {self.class_words(one)}; layer {one.spec.cam_layer}; nine crops of each image, "
            f"{self.crop_fraction:g} of its sides; importance and deletion on the same whole images"
        )

    def _rows(self, one: ModelConcepts) -> Iterator[dict[str, Any]]:
        fixed = {
            "n_crops": one.crops_in_all,
            "other_cosine": one.other_cosine,
            "protocol": self.protocol(one),
            "weights_sha256": one.spec.weights.sha256,
        }
        for found in one.measured:
            yield {
                "model": one.spec.name,
                "concept": found.number,
                "measure": found.measure.key,
                "value": found.estimate.value,
                "low": found.estimate.low,
                "high": found.estimate.high,
                "unit": found.measure.unit,
                "n": found.n,
                "interval_method": found.method,
            } | fixed


def run(request: ConceptsRequest) -> Generator[Progress, None, Concepts]:
    """Find the concepts of each model. No hook is left in one: it is set in a copy that shares the model's weights.

    Raises what `pool.use` raises, and BadInput for a network without a non-negative layer of maps, for a class that it
    predicts for no image, and for fewer crops than concepts.
    """
    from robust_core.studies.concept_search import find_concepts

    found = yield from of_all([(spec.name, find_concepts(spec, request)) for spec in request.models])
    provenance = Provenance.of(request, request.images.digest)
    return Concepts(provenance, tuple(found), request.label, request.crop_fraction)


def _group(one: ModelConcepts) -> str:
    return f"{one.spec.name}: the crops in which each concept is strongest"


def _alt(number: int, crop: Prototype) -> str:
    return f"A crop of image {crop.place + 1} in which concept {number} is strong."
