"""Labels of 256 images against float32 on the CPU."""

from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor

from robust_core.events import result_of
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import judge_labels
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import CPU, LITE, MINI, mini_images, photos, random_model, real_model

PART = "labels"
Subject = tuple[Callable[[torch.device], LoadedModel], Callable[[], Tensor]]


def cases(bench: Bench) -> list[Case]:
    """For Mini, EfficientNet-Lite0 and a network with random weights, in float32 and as PyTorch comes."""
    found = []
    for name, (model, images) in subjects(bench).items():
        found.append(Case(PART, f"{name}, float32", 25, partial(_exact, bench, model, images)))
        found.append(Case(PART, f"{name}, as PyTorch comes", 25, partial(_as_it_comes, bench, model, images)))
    return found


def subjects(bench: Bench) -> dict[str, Subject]:
    """Each network as a function of the device, with its images."""
    n = 16 if bench.small else 256
    architecture, side_px = ("resnet18", 64) if bench.small else ("resnet50", 224)
    few = 4 if bench.small else n
    return {
        f"{MINI}, {n} images": (partial(real_model, MINI), lambda: mini_images(n)[0]),
        f"{LITE}, {few} images": (partial(real_model, LITE), lambda: photos(few, LITE)[0]),
        f"{architecture} with random weights, {n} images": (
            partial(random_model, architecture, side_px),
            lambda: photos(n, "resnet50", side_px)[0],
        ),
    }


def logits_of(model: LoadedModel, pixels: Tensor) -> Tensor:
    """Logits (N,K), on the CPU, in batches that the project chooses."""
    from robust_core.attacks.passes import Passes

    return result_of(Passes(model, *pixels.shape[2:]).forward(pixels.to(model.device)))


@cache
def _reference(model: Callable[[torch.device], LoadedModel], images: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
    pixels = images()
    return pixels, logits_of(model(CPU), pixels)


def _exact(bench: Bench, model: Callable[[torch.device], LoadedModel], images: Callable[[], Tensor]) -> Found:
    pixels, reference = _reference(model, images)
    with exactly():
        return judge_labels(reference, logits_of(model(bench.device), pixels))


def _as_it_comes(bench: Bench, model: Callable[[torch.device], LoadedModel], images: Callable[[], Tensor]) -> Found:
    """Not judged, as TF32 rounds by design: what it turns is the figure."""
    pixels, reference = _reference(model, images)
    return "measured", judge_labels(reference, logits_of(model(bench.device), pixels))[1]
