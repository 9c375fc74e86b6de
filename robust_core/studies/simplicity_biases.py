"""Are the units of a network smooth, quiet and selective? Kernels and feature maps of every layer, with clean images
and with noise (Chen, Agarwal and Nguyen 2020).
"""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.checks import finite, set_whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.models.spec import ModelSpec
from robust_core.resampling import RESAMPLES, SEED
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.layer_biases import BY_LAYER, EVERY_LAYER, Estimate, LayerBiases, Measured, ModelBiases
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first run, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor, nn

    from robust_core.models.loading import LoadedModel
    from robust_core.simplicity.layers import Layer

SIGMA = 0.1
LEAST_SIGMA, LARGEST_SIGMA = 0.001, 1.0
LOOKING = "comparing clean and noisy maps"


@dataclass(frozen=True, eq=False)
class SimplicityBiasesRequest(Request):
    """The layers of each model on `images`, clean and with Gaussian noise of the standard deviation `sigma` in pixel
    units.

    Raises BadInput for no model or image, or a sigma outside 0.001 to 1.
    """

    study: ClassVar[str] = "simplicity_biases"

    images: ImageSet
    sigma: float = SIGMA
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        self.images.require_images()
        object.__setattr__(self, "sigma", finite("sigma", self.sigma, LEAST_SIGMA, LARGEST_SIGMA))
        set_whole(self, "seed", 0)


@dataclass(frozen=True, eq=False)
class SimplicityBiases(StudyResult):
    """Every layer of every model, in the order of the request; `sigma` and `seed` are those of the noise."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelBiases, ...]
    sigma: float
    seed: int

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, layer and measure, and for the mean over all layers."""
        import pandas

        return pandas.DataFrame(self._row(model, one) for model in self.by_model for one in model.measured())

    def figure(self) -> "Figure":
        """Each measure over the relative depth, a line with its band for each model."""
        from robust_core.plots import results

        titles = {measure.key: measure.title for measure in BY_LAYER}
        rows = self.frame[(self.frame["layer"] != EVERY_LAYER) & self.frame["measure"].isin(list(titles))]
        return results.profiles(rows, titles, "relative_depth", "relative depth (0: first layer)")

    def sentences(self) -> tuple[str, ...]:
        """What Chen et al. 2020 found, and whether these numbers agree."""
        from robust_core.studies.simplicity_claims import verdicts

        return tuple(str(verdict) for verdict in verdicts(self))

    def _row(self, model: ModelBiases, one: Measured) -> dict[str, Any]:
        return {
            "model": model.spec.name,
            "layer": one.layer,
            "relative_depth": one.depth,
            "measure": one.measure.key,
            "value": one.estimate.value,
            "low": one.estimate.low,
            "high": one.estimate.high,
            "unit": one.measure.unit,
            "n": one.n,
            "n_of": one.of,
            "interval_method": one.method,
            "n_classes": model.classes_in_all,
            "n_labels_known": model.known,
            "protocol": self.protocol(model),
            "weights_sha256": model.spec.weights.sha256,
        }

    def protocol(self, model: ModelBiases) -> str:
        """How it was measured."""
        kinds = " and ".join(dict.fromkeys(layer.kind for layer in model.layers))
        return (
            f"outputs of {kinds}; Gaussian noise, σ {self.sigma:g} of the pixel range, seed {self.seed}, cut off at 0 "
            "and 1"
        )


def run(request: SimplicityBiasesRequest) -> Generator[Progress, None, SimplicityBiases]:
    """Look at every layer. No hook is left in a model: they are set in a copy that shares its weights.

    Raises what `pool.use` raises, and BadInput for a network without a spatial layer.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    provenance = Provenance.of(request, request.images.digest)
    return SimplicityBiases(provenance, tuple(found), request.sigma, request.seed)


def _one_model(spec: ModelSpec, request: SimplicityBiasesRequest) -> Generator[Progress, None, ModelBiases]:
    from robust_core.attributions.shared_copies import shared_copy

    n, started = len(request.images), time.perf_counter()
    yield Progress(0, n, "images", "loading the model")
    with using(spec) as model:
        reading = read_inputs(request.images, range(n), spec)
        pixels, given = yield from mapped(reading, lambda event: Progress(0, n, "images", event.note))
        look = partial(_batch, shared_copy(model), pixels, request)
        height_px, width_px = pixels.shape[2:]
        pairs = model.batches(height_px, 2 * width_px)  # each image goes through twice, clean and with noise
        parts = yield from pairs.run(n, look, note=LOOKING)
        kernel_layer, kernels = _kernels(model.network.body)
        device = str(model.device)
    batches = _Batches(parts)
    labels = np.array([one if label is None else label for one, label in zip(batches.predicted, given, strict=True)])
    layers, classes = _of_layers(batches, labels)
    return ModelBiases(
        spec,
        device,
        kernel_layer,
        kernels,
        batches.join("input_noise"),
        batches.join("input_signal"),
        layers,
        classes,
        classes_in_all=len(np.unique(labels)),
        known=sum(label is not None for label in given),
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, eq=False)
class _Looked:
    """What is kept of one layer's maps of a batch: arrays (B,), and the mean `activations` (B,U)."""

    total_variation: np.ndarray
    noisy_total_variation: np.ndarray
    noise: np.ndarray
    signal: np.ndarray
    silent: np.ndarray
    activations: np.ndarray


@dataclass(frozen=True, eq=False)
class _Batch:
    predicted: np.ndarray
    input_noise: np.ndarray
    input_signal: np.ndarray
    layers: "tuple[Layer[_Looked], ...]"


class _Batches:
    """The batches of one model, to be joined over all images."""

    def __init__(self, batches: list[_Batch]):
        self.batches = batches
        self.predicted = self.join("predicted")

    def join(self, name: str) -> np.ndarray:
        return np.concatenate([getattr(one, name) for one in self.batches])

    def layers(self) -> "Iterator[tuple[Layer[_Looked], dict[str, np.ndarray]]]":
        for same in zip(*(one.layers for one in self.batches), strict=True):
            names = _Looked.__dataclass_fields__
            yield same[0], {name: np.concatenate([getattr(one.found, name) for one in same]) for name in names}


def _batch(model: "LoadedModel", pixels: "Tensor", request: SimplicityBiasesRequest, places: range) -> _Batch:
    import torch

    from robust_core.simplicity.layers import observe
    from robust_core.simplicity.noise import noise_energy, signal_energy, with_noise

    clean = pixels[places.start : places.stop].to(model.device)
    noisy = with_noise(clean, request.sigma, request.seed, places)
    both, logits = torch.cat([clean, noisy]), []
    with torch.inference_mode():
        layers = observe(model.network.body, lambda: logits.append(model.logits(both)), _look)
    predicted = logits[0][: len(clean)].argmax(1)
    return _Batch(_array(predicted), _array(noise_energy(clean, noisy)), _array(signal_energy(clean)), layers)


def _look(maps: "Tensor") -> _Looked:
    from robust_core.simplicity.noise import noise_energy, signal_energy
    from robust_core.simplicity.smoothness import total_variation
    from robust_core.simplicity.units import silent_fraction

    clean, noisy = maps.float().chunk(2)
    return _Looked(
        total_variation=_array(total_variation(clean).nanmean(1)),
        noisy_total_variation=_array(total_variation(noisy).nanmean(1)),
        noise=_array(noise_energy(clean, noisy)),
        signal=_array(signal_energy(clean)),
        silent=_array(silent_fraction(clean)),
        activations=_array(clean.mean((2, 3))),
    )


def _array(values: "Tensor") -> np.ndarray:
    return values.cpu().numpy()


def _kernels(body: "nn.Module") -> tuple[str, np.ndarray]:
    """The variation of each filter of the first convolution; none of one without neighbours in its kernels."""
    from robust_core.simplicity.layers import first_convolution
    from robust_core.simplicity.smoothness import kernel_variation

    name, layer = first_convolution(body)
    kernels = layer.weight.detach().float()
    if min(kernels.shape[2:]) < 2:
        return name, np.zeros(0, np.float32)
    found = _array(kernel_variation(kernels))
    return name, found[np.isfinite(found)]


def _of_layers(batches: _Batches, labels: np.ndarray) -> tuple[tuple[LayerBiases, ...], Estimate]:
    from robust_core.simplicity.units import classes_answered, mean_over_units, resampled_classes

    layers, values, drawn = [], [], []
    for layer, columns in batches.layers():
        activations = columns.pop("activations")
        values.append(float(mean_over_units(classes_answered(activations, labels))))
        drawn.append(resampled_classes(activations, labels, RESAMPLES, SEED))  # the same images for every layer
        classes = Estimate.centred(values[-1], drawn[-1], len(labels))
        layers.append(LayerBiases(layer.name, layer.kind, activations.shape[1], **columns, classes=classes))
    return tuple(layers), Estimate.centred(float(np.mean(values)), np.mean(drawn, axis=0), len(labels))
