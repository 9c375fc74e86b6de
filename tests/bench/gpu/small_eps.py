"""What TF32 takes from an attack at small ε, and what a stem in float32 gives back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from torch.nn import functional

from robust_core.attacks.pgd import pgd
from robust_core.attacks.precision import PrecisionName
from robust_core.attacks.threat import in_255ths
from robust_core.events import result_of
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.exact_stem import with_exact_stem
from tests.bench.gpu.labels import logits_of
from tests.bench.gpu.machine import exactly, rounding
from tests.bench.gpu.networks import LITE, MINI, allowing_bfloat16, mini_images, photos, real_model
from tests.bench.gpu.trajectories import threat

PART = "small ε"
STEPS, FEW_STEPS = 20, 4
EPS = {LITE: (0.1, 0.25, 0.5, 1.0), MINI: (0.25, 1.0, 4.0)}  # in 255ths


@dataclass(frozen=True)
class Way:
    """How the passes of an attack compute: what becomes of the model, what may be rounded, and the threat's
    precision.
    """

    changed: Callable[[LoadedModel], LoadedModel]
    block: Callable[[], AbstractContextManager[None]]
    precision: PrecisionName = "float32"


def _rounded() -> AbstractContextManager[None]:
    return rounding(convolutions=True, products=False)


def _as_it_is(model: LoadedModel) -> LoadedModel:
    return model


FLOAT32 = Way(_as_it_is, exactly)
ON_A_GPU = {
    "float32": FLOAT32,
    "TF32": Way(_as_it_is, _rounded),
    "TF32 behind a float32 stem": Way(with_exact_stem, _rounded),
    "bfloat16 behind a float32 stem": Way(allowing_bfloat16, exactly, "bfloat16_float32_stem"),
}
WITHOUT = {"float32": FLOAT32, "the copy with the stem apart": Way(with_exact_stem, exactly)}


def cases(bench: Bench) -> list[Case]:
    """A real network and Mini; on a CPU, which has no TF32, the exact way and the copy with the exact stem."""
    ways = ON_A_GPU if bench.on_gpu else WITHOUT
    steps = FEW_STEPS if bench.small else STEPS
    rows = [(key, eps) for key, several in EPS.items() for eps in (several[1:2] if bench.small else several)]
    return [
        Case(
            PART,
            f"{key}, ε {in_255ths(eps / 255)}, {steps} steps",
            10,
            partial(_left, bench, key, eps / 255, steps, ways),
        )
        for key, eps in rows
    ]


def _left(bench: Bench, key: str, eps: float, steps: int, ways: dict[str, Way]) -> Found:
    n = 2 if bench.small else 200
    pixels, labels = mini_images(n) if key == MINI else photos(n, key)[:2]
    model, words = real_model(key, bench.device), []
    for name, way in ways.items():
        row = replace(threat(eps, steps), precision=way.precision)
        with way.block():
            last = result_of(pgd(way.changed(model), pixels, labels, row, keep=range(n)))
        with exactly():
            logits = logits_of(model, last.pixels)
        left = 100 * float((logits.argmax(1) == last.goal.labels).float().mean())
        words.append(f"{name}: {left:.1f}%, loss {float(functional.cross_entropy(logits, last.goal.labels)):.4f}")
    return "measured", f"judged in float32, left of {n} — {'; '.join(words)}"
