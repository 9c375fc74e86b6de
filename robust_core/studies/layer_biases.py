"""What one model's layers come to, with intervals: smoothness, noise that passes, sparsity, and classes that units
answer to.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from robust_core.models.spec import ModelSpec
from robust_core.resampling import OVER_IMAGES, RESAMPLES, percentile_bounds, resampled_means

EVERY_LAYER = "mean over layers"
OVER_FILTERS = f"bootstrap over filters, {RESAMPLES:,} resamples"
WITHIN_CLASSES = f"bootstrap over images within classes, {RESAMPLES:,} resamples, centred on the estimate"
SHUFFLED = "of shuffled values"


@dataclass(frozen=True)
class Estimate:
    """A number with the bounds of its 95% interval, NaN where none is known."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @classmethod
    def of(cls, value: float, resampled: np.ndarray, n: int) -> "Estimate":
        """`value` with the percentile interval of its values (resamples,) for resamples of `n` things."""
        known = resampled[np.isfinite(resampled)]
        bounds = percentile_bounds(known, n) if len(known) and math.isfinite(value) else None
        return cls(float(value), *bounds) if bounds else cls(float(value))

    @classmethod
    def centred(cls, value: float, resampled: np.ndarray, n: int) -> "Estimate":
        """The same for a statistic whose resampled values lie to one side of it, as those of a maximum do: the interval
        is moved by as much.
        """
        return cls.of(value, resampled + (value - np.mean(resampled)), n)


@dataclass(frozen=True)
class Measure:
    """What is measured of each layer: in the table under `key`, on the screen under `title`, in a `unit`.

    `about` says how to read it, and `decimals` how it is written.
    """

    key: str
    title: str
    unit: str
    about: str
    decimals: int


KERNELS = Measure(
    "kernel_total_variation",
    "Roughness of the first kernels",
    SHUFFLED,
    "Mean absolute difference of neighbouring weights, relative to that of the same weights in random order: 1 is as "
    "rough as chance, 0 is flat.",
    2,
)
MAPS = Measure(
    "total_variation",
    "Roughness of feature maps",
    SHUFFLED,
    "Mean absolute difference of neighbouring values, relative to that of the same values in random order: 1 is as "
    "rough as chance, 0 is flat. Mean over the units that vary.",
    2,
)
NOISY_MAPS = Measure(
    "noisy_total_variation",
    "Roughness with noise",
    MAPS.unit,
    "The same of the images with noise.",
    2,
)
NOISE = Measure(
    "noise_passed_percent",
    "Noise that passes",
    "% of the input's noise-to-signal energy",
    "Energy of what the noise changes, relative to the energy of the maps' own variation, as a percentage of that at "
    "the input: below 100% the layers so far hold noise back, above they amplify it.",
    0,
)
SPARSITY = Measure(
    "sparsity_percent", "Silent values", "% of values", "Values that are zero or less, of clean images.", 0
)
CLASSES = Measure(
    "classes_answered",
    "Classes a unit answers to",
    "classes",
    "Classes whose mean activation is at least half of that of the unit’s favourite; mean over the units that any "
    "class excites. Fewer images of a class make it smaller: compare models on the same images alone.",
    1,
)
BY_LAYER = (MAPS, NOISY_MAPS, NOISE, SPARSITY, CLASSES)
MEASURES = {measure.key: measure for measure in (KERNELS, *BY_LAYER)}


@dataclass(frozen=True, eq=False)
class LayerBiases:
    """One layer on N images, clean and with noise, each number an array (N,); `kind` says which maps these are.

    total_variation        mean over the units that vary, NaN where none does; `noisy_total_variation` with noise
    noise, signal          energies of what the noise changes, and of the maps' own variation
    silent                 fraction of values that are zero or less
    classes                to how many classes its `units` answer
    """

    name: str
    kind: str
    units: int
    total_variation: np.ndarray
    noisy_total_variation: np.ndarray
    noise: np.ndarray
    signal: np.ndarray
    silent: np.ndarray
    classes: Estimate


@dataclass(frozen=True)
class Measured:
    """One number of one layer at its relative `depth`, 0 for the first and 1 for the last, NaN for a mean of all."""

    layer: str
    depth: float
    measure: Measure
    estimate: Estimate
    n: int
    of: str
    method: str


@dataclass(frozen=True, eq=False)
class ModelBiases:
    """One model: `kernels` (F,) are the variations of the filters of `kernel_layer`; the energies at the input (N,) are
    what its layers are compared with.

    `classes_in_all` are those among the images, `known` how many labels are known (else the model's own clean
    prediction counts), `classes` the mean over all layers.
    """

    spec: ModelSpec
    device: str
    kernel_layer: str
    kernels: np.ndarray
    input_noise: np.ndarray
    input_signal: np.ndarray
    layers: tuple[LayerBiases, ...]
    classes: Estimate
    classes_in_all: int
    known: int
    seconds: float

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.input_noise)

    def measured(self) -> Iterator[Measured]:
        """Every number with its interval: the kernels, each layer, and the mean over all layers."""
        if len(self.kernels):
            n = len(self.kernels)
            found = Estimate.of(self.kernels.mean(), resampled_means(self.kernels[:, None])[:, 0], n)
            yield Measured(self.kernel_layer, 0.0, KERNELS, found, n, "filters", OVER_FILTERS)
        draws, last = _Draws(self), max(1, len(self.layers) - 1)
        for place, layer in enumerate(self.layers):
            for measure, estimate in draws.of_layers(range(place, place + 1)):
                yield Measured(layer.name, place / last, measure, estimate, self.n, "images", OVER_IMAGES)
            yield Measured(layer.name, place / last, CLASSES, layer.classes, self.n, "images", WITHIN_CLASSES)
        for measure, estimate in draws.of_layers(range(len(self.layers))):
            yield Measured(EVERY_LAYER, math.nan, measure, estimate, self.n, "images", OVER_IMAGES)
        yield Measured(EVERY_LAYER, math.nan, CLASSES, self.classes, self.n, "images", WITHIN_CLASSES)


Take = Callable[[str], np.ndarray]


class _Draws:
    """Means of everything over the images, and over the same resamples of them."""

    def __init__(self, model: ModelBiases):
        columns = {"input noise": model.input_noise, "input signal": model.input_signal}
        for place, layer in enumerate(model.layers):
            columns |= {f"{place} {name}": values for name, values in _columns(layer)}
        scores = np.stack(list(columns.values()), axis=1).astype(np.float64)
        self.n, self.places = model.n, {name: place for place, name in enumerate(columns)}
        self.means, self.drawn = scores.mean(0, keepdims=True), resampled_means(scores)

    def of_layers(self, layers: Sequence[int]) -> "Iterator[tuple[Measure, Estimate]]":
        """The mean over some layers of each measure that has a closed form."""
        for measure, statistic in STATISTICS.items():
            with np.errstate(invalid="ignore", divide="ignore"):  # of images that do not vary nothing is known
                (value,) = np.mean([statistic(self._of(self.means, layer)) for layer in layers], axis=0)
                drawn = np.mean([statistic(self._of(self.drawn, layer)) for layer in layers], axis=0)
            yield measure, Estimate.of(value, drawn, self.n)

    def _of(self, rows: np.ndarray, layer: int) -> Take:
        return lambda name: rows[:, self.places[name if name.startswith("input") else f"{layer} {name}"]]


def _columns(layer: LayerBiases) -> Iterator[tuple[str, np.ndarray]]:
    for name in ("noise", "signal", "silent"):
        yield name, getattr(layer, name)
    for name in ("total_variation", "noisy_total_variation"):
        values = getattr(layer, name)
        yield name, np.nan_to_num(values, nan=0.0)
        yield f"{name} known", np.isfinite(values)


def _noise_passed_percent(take: Take) -> np.ndarray:
    from robust_core.simplicity.noise import noise_passed

    passed = noise_passed(take("noise"), take("signal"), take("input noise"), take("input signal"))
    return 100 * np.asarray(passed)


STATISTICS: dict[Measure, Callable[[Take], np.ndarray]] = {
    MAPS: lambda take: take("total_variation") / take("total_variation known"),
    NOISY_MAPS: lambda take: take("noisy_total_variation") / take("noisy_total_variation known"),
    NOISE: _noise_passed_percent,
    SPARSITY: lambda take: 100 * take("silent"),
}
