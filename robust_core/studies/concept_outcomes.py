"""What one model's concepts come to, with intervals: how much each counts, where it is, whether it is found again, and
whether taking it away shows that it counted.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from robust_core.craft.crops import A_SIDE, Box
from robust_core.craft.deletion import area
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.resampling import OVER_IMAGES, resampled_means
from robust_core.studies.layer_biases import Estimate

ALL_CONCEPTS = 0  # where a number is of all concepts together; they are numbered from 1
ENOUGH_CROPS = 100
FALLING, RANDOM, RISING = range(3)
ORDERS = {FALLING: "most important first", RANDOM: "random order", RISING: "least important first"}
NONE_KNOWN = "none"


@dataclass(frozen=True)
class Measure:
    """What is measured: in the table under `key`, on the screen under `title`, in a `unit`; `about` says how to read
    it.
    """

    key: str
    title: str
    unit: str
    about: str


IMPORTANCE = Measure(
    "importance",
    "Importance",
    "total Sobol index",
    "Share of the logit's variance under random masks that depends on the concept. It has no sign.",
)
EFFECT = Measure(
    "logit_effect",
    "Effect",
    "logits",
    "By how much the logit of the predicted class falls when the concept is taken away; below 0, the concept speaks "
    "against the class.",
)
ON_OBJECT = Measure(
    "on_object_percent", "On the object", "% of its heat", "Share of the concept's heat that lies on the object."
)
TEXTURE = Measure(
    "other_texture_percent",
    "With another texture",
    "% of its strength",
    "What is left of the concept when the object of each scene wears another category's texture.",
)
FOUND_AGAIN = Measure(
    "found_again_cosine",
    "Found again",
    "cosine",
    "Likeness of the concepts that two halves of the images have in its place; 1 is the same.",
)
OBJECT_AREA = Measure("object_area_percent", "Area of the object", "% of the image", "What chance would put on it.")
SURVIVES = Measure(
    "prediction_survives_percent",
    "Prediction survives",
    "% of images",
    "Images whose prediction stays when activations are replaced by their sum of concepts.",
)
LOGIT_R2 = Measure(
    "logit_r2", "Logit explained", "R²", "How well the logit of that sum follows the network's own, over the images."
)
CROP_ERROR = Measure("crop_error", "Error on crops", "relative", "Activations of crops that no sum of concepts gives.")
PLACE_ERROR = Measure("place_error", "Error at places", "relative", "The same at every place of the whole images.")
AREAS = {
    order: Measure(
        f"deletion_area_percent_{key}",
        f"Kept, {ORDERS[order]}",
        "% of images",
        "Images that keep their prediction, averaged over how many concepts are gone.",
    )
    for order, key in ((FALLING, "falling"), (RANDOM, "random"), (RISING, "rising"))
}
GAIN = Measure(
    "deletion_gain_points",
    "Sooner than at random",
    "percentage points",
    "By how much less is kept than in random order, on the same images; above 0, importance is faithful.",
)
MEASURES = (
    *(IMPORTANCE, EFFECT, ON_OBJECT, TEXTURE, FOUND_AGAIN, OBJECT_AREA),
    *(SURVIVES, LOGIT_R2, CROP_ERROR, PLACE_ERROR, *AREAS.values(), GAIN),
)


@dataclass(frozen=True)
class Measured:
    """One number of the concept with this `number`, or of all of them."""

    number: int
    measure: Measure
    estimate: Estimate
    n: int
    method: str = OVER_IMAGES


@dataclass(frozen=True)
class Prototype:
    """A crop in which a concept is strong: which image of the set, and the part of the model's input."""

    place: int
    box: Box


@dataclass(frozen=True, eq=False)
class ModelConcepts:
    """The R concepts of one model, the most important first, found in N images.

    images         places (N,) of those images in the set, `predicted` (N,) their classes
    bank           the concepts (R,C), each of length 1
    importance     total Sobol indices (N,R); `effect` (N,R), what the logit falls by without the concept
    crops          the strongest crops of each concept (R,M,5): image, top, left, height and width in px; -1 for none
    kept           whether the prediction stays (orders,R+1,N) when 0, 1, … R concepts are gone, by the orders of
                   `ORDERS`, a fraction at random; `logit` (orders,R+1,N), that of the predicted class
    true_logit     what the network gives (N,) from its own activations
    found_again    cosines (R,), NaN where two halves are too small; `other_cosine`, that of other pairs of concepts
    on_object      shares (N,R), and `object_area` (N,); empty (0,R), (0,) where no object is known
    strength       of the concepts (2,N,R): with the object's own texture and another's; empty where none can be drawn
    """

    spec: ModelSpec
    device: str
    images: np.ndarray
    predicted: np.ndarray
    bank: np.ndarray
    importance: np.ndarray
    effect: np.ndarray
    crops: np.ndarray
    kept: np.ndarray
    logit: np.ndarray
    true_logit: np.ndarray
    found_again: np.ndarray
    other_cosine: float
    on_object: np.ndarray
    object_area: np.ndarray
    strength: np.ndarray
    crop_error: float
    place_error: float
    seconds: float

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.images)

    @property
    def crops_in_all(self) -> int:
        """How many crops the concepts were found in."""
        return self.n * A_SIDE**2

    @property
    def numbers(self) -> range:
        """The concepts as people count them."""
        return range(1, len(self.bank) + 1)

    def prototypes(self, number: int) -> tuple[Prototype, ...]:
        """The crops in which a concept is strongest, at most one of each image."""
        rows = self.crops[number - 1]
        return tuple(Prototype(int(row[0]), Box(*map(int, row[1:]))) for row in rows if row[0] >= 0)

    def kept_share(self, order: int, gone: int) -> Interval | None:
        """The share of images that keep their prediction when so many concepts are gone, in an order that is no random
        one.
        """
        return wilson(int(self.kept[order, gone].sum()), self.n)

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """Every number with its interval."""
        return tuple([*self._of_concepts(), *self._of_reconstruction(), *self._of_deletion(), *self._of_the_object()])

    def get(self, measure: Measure, number: int = ALL_CONCEPTS) -> Estimate | None:
        """A number, None where it is not known."""
        found = (one for one in self.measured if one.number == number and one.measure == measure)
        return next((one.estimate for one in found if math.isfinite(one.estimate.value)), None)

    def _of_concepts(self) -> Iterator[Measured]:
        columns = {IMPORTANCE: self.importance, EFFECT: self.effect, ON_OBJECT: 100 * self.on_object}
        for number in self.numbers:
            for measure, values in columns.items():
                if len(values):
                    column = values[:, number - 1]
                    yield Measured(number, measure, mean_of(column), int(np.isfinite(column).sum()))
            if self.strength.shape[1]:
                own, other = self.strength[:, :, number - 1]
                yield Measured(number, TEXTURE, _ratio_of(other, own), self.n)
            cosine = Estimate(float(self.found_again[number - 1]))
            yield Measured(number, FOUND_AGAIN, cosine, self.n, NONE_KNOWN)

    def _of_reconstruction(self) -> Iterator[Measured]:
        survives = self.kept_share(FALLING, 0)
        assert survives is not None  # a result has at least one image
        bounds = (100 * bound for bound in (survives.estimate, survives.low, survives.high))
        yield Measured(ALL_CONCEPTS, SURVIVES, Estimate(*bounds), self.n, survives.method)
        residual = ((self.logit[FALLING, 0] - self.true_logit) ** 2).sum()
        spread = ((self.true_logit - self.true_logit.mean()) ** 2).sum()
        r2 = 1 - float(residual / spread) if spread > 0 else math.nan
        for measure, value in ((LOGIT_R2, r2), (CROP_ERROR, self.crop_error), (PLACE_ERROR, self.place_error)):
            yield Measured(ALL_CONCEPTS, measure, Estimate(value), self.n, NONE_KNOWN)

    def _of_deletion(self) -> Iterator[Measured]:
        areas = 100 * np.stack([area(curve) for curve in self.kept])
        for order, measure in AREAS.items():
            yield Measured(ALL_CONCEPTS, measure, mean_of(areas[order]), self.n)
        yield Measured(ALL_CONCEPTS, GAIN, mean_of(areas[RANDOM] - areas[FALLING]), self.n)

    def _of_the_object(self) -> Iterator[Measured]:
        if not len(self.object_area):
            return
        weights = self.importance.mean(0)
        weighted = 100 * (np.nan_to_num(self.on_object) @ weights) / (np.isfinite(self.on_object) @ weights)
        yield Measured(ALL_CONCEPTS, ON_OBJECT, mean_of(weighted), self.n)
        yield Measured(ALL_CONCEPTS, OBJECT_AREA, mean_of(100 * self.object_area), self.n)


def mean_of(values: np.ndarray) -> Estimate:
    """The mean of the values (N,) of N images that are finite, with its interval."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Estimate(math.nan)
    return Estimate.of(known.mean(), resampled_means(known[:, None])[:, 0], len(known))


def _ratio_of(over: np.ndarray, under: np.ndarray) -> Estimate:
    """The ratio of the means of two columns (N,) of the same images, in percent."""
    if under.sum() <= 0:
        return Estimate(math.nan)
    drawn = resampled_means(np.stack([over, under], axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = 100 * drawn[:, 0] / drawn[:, 1]
    return Estimate.of(100 * over.sum() / under.sum(), ratios, len(under))
