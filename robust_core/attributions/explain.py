"""The one door to all attribution methods: `explain` yields progress and returns an Attribution."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

import numpy as np
from torch import Tensor

from robust_core.attributions import ablation, cam, deeplift, gradients, rise
from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import logits, once
from robust_core.attributions.methods import METHODS, Method, Value, get_method
from robust_core.attributions.sampling import Estimate
from robust_core.attributions.targets import Target, resolve
from robust_core.checks import check_pixels
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.finite import require_finite
from robust_core.models.loading import LoadedModel

Work = Callable[..., Generator[Progress, None, Estimate]]


def exact(work: Callable[..., Generator[Progress, None, Tensor]]) -> Work:
    """The work of a method that does not draw, as an Estimate."""

    @wraps(work)
    def estimate(*of: Any, **settings: Value) -> Generator[Progress, None, Estimate]:
        return Estimate((yield from work(*of, **settings)))

    return estimate


WORK: dict[str, Work] = {
    "saliency": exact(gradients.saliency),
    "input_x_gradient": exact(gradients.input_x_gradient),
    "integrated_gradients": exact(gradients.integrated_gradients),
    "smoothgrad": gradients.smoothgrad,
    "vargrad": gradients.vargrad,
    "guided_backprop": exact(gradients.guided_backprop),
    "deeplift": exact(deeplift.deeplift),
    "gradient_shap": gradients.gradient_shap,
    "occlusion": exact(ablation.occlusion),
    "superpixel_ablation": exact(ablation.superpixel_ablation),
    "grad_cam": exact(cam.grad_cam),
    "guided_grad_cam": exact(cam.guided_grad_cam),
    "rise": rise.rise,
}


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method says about one image and one class; never scaled.

    values            (3,H,W) float32, signed where the method is, for each colour; (1,H,W) where the method does not
                      tell colours apart; in the method's unit, with pixels from 0 to 1
    target            the class index that is explained
    settings          every parameter of the method
    score             the target's logit for the image, with its probability
    baseline_score    its logit for the baseline, None where the method is not complete
    end_score         its logit where the way from the baseline ends: `score`, or the mean over noisy copies
    seed_correlation  the correlation (Pearson) to expect with the map of another seed, from halves of the draws; None
                      where the method does not draw
    samples           how many draws it took, None where it does not draw
    seconds           for the map alone
    """

    method: str
    target: int
    settings: Mapping[str, Value]
    values: np.ndarray
    score: float
    probability: float
    baseline_score: float | None
    end_score: float
    seed_correlation: float | None
    samples: int | None
    seconds: float

    @cached_property
    def map(self) -> np.ndarray:
        """(H,W) float32, what is shown: the sum over the colours, or their largest size where that was chosen."""
        return METHODS[self.method].shown(self.values, self.settings)

    @property
    def completeness_gap(self) -> float | None:
        """How much the map's sum misses the change of the score, in logits; None where the method promises no such
        sum.
        """
        return (
            None
            if self.baseline_score is None
            else float(self.values.sum(dtype=np.float64)) - (self.end_score - self.baseline_score)
        )

    @property
    def gap_fraction(self) -> float | None:
        """The gap's size as a fraction of the change of the score; None where there is no gap or no change."""
        gap = self.completeness_gap
        if gap is None or self.baseline_score is None or self.end_score == self.baseline_score:
            return None
        return abs(gap / (self.end_score - self.baseline_score))


def explain(
    model: LoadedModel, pixels: Tensor, method: str, target: Target, **settings: Value
) -> Generator[Progress, None, Attribution]:
    """Explain `target` on one image (1,3,H,W), float32 in [0, 1]; yields a Progress after every batch.

    `settings` are the method's parameters; what is not given has its default from the table. The model itself is never
    hooked or changed, so several explanations of it may run at once. Raises UnknownName or BadInput at once for a
    method, a parameter, pixels or a target that do not fit, and for a method that does not hold on the architecture;
    DeviceOutOfMemory when not even one pass fits, NotFinite when logits or the map are NaN or infinite.
    """
    row = get_method(method)
    chosen = row.settings(settings)
    _check_holds(row, model)
    check_pixels(pixels)
    if len(pixels) != 1:
        raise BadInput(f"One image is explained at a time; got {len(pixels)}.")
    return _explain(model, pixels.detach().to(model.device), row, target, chosen)


def _check_holds(row: Method, model: LoadedModel) -> None:
    architecture = model.spec.architecture
    if reason := row.why_not(architecture):
        raise BadInput(f"{row.title} does not hold on {architecture.name}. {reason}")


def _explain(
    model: LoadedModel, pixels: Tensor, row: Method, target: Target, settings: dict[str, Value]
) -> Generator[Progress, None, Attribution]:
    yield Progress(0, None, "", "explaining")
    prediction = yield from _prediction(model, pixels)
    index = resolve(target, prediction, model.spec.label_space)
    started = time.perf_counter()
    estimate = yield from WORK[row.key](model, pixels, index, **settings)
    values = estimate.values[0].cpu()
    require_finite(model.spec.title, "attributions", values.isfinite().all()[None])
    seconds = time.perf_counter() - started
    baseline_score = None
    if row.complete:
        baseline_score = yield from _baseline_score(model, pixels, str(settings["baseline"]), index)
    score = float(prediction[index])
    return Attribution(
        method=row.key,
        target=index,
        settings=settings,
        values=values.numpy(),
        score=score,
        probability=float(prediction.softmax(0)[index]),
        baseline_score=baseline_score,
        end_score=score if estimate.end_score is None else estimate.end_score,
        seed_correlation=estimate.seed_correlation,
        samples=estimate.samples,
        seconds=seconds,
    )


def _baseline_score(model: LoadedModel, pixels: Tensor, baseline: str, index: int) -> Generator[Progress, None, float]:
    prediction = yield from _prediction(model, make_baseline(baseline, pixels, model.spec.preprocess))
    return float(prediction[index])


def _prediction(model: LoadedModel, pixels: Tensor) -> Generator[Progress, None, Tensor]:
    """(K,) the logits of one image, on the CPU."""
    return (yield from once(model, pixels, lambda: logits(model, pixels)[0].cpu()))
