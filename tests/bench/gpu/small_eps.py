"""What TF32 takes from an attack at small ε, and what a stem in float32 gives back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from torch.nn import functional

from robust_core.attacks.pgd import pgd
from robust_core.attacks.threat import in_255ths
from robust_core.events import result_of
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.exact_stem import with_exact_stem
from tests.bench.gpu.labels import logits_of
from tests.bench.gpu.machine import exactly, rounding
from tests.bench.gpu.networks import LITE, MINI, mini_images, photos, real_model
from tests.bench.gpu.trajectories import threat

PART = "small ε"
STEPS = 10
EPS = {LITE: (0.1, 0.25, 0.5, 1.0), MINI: (0.25, 1.0, 4.0)}  # in 255ths

Way = tuple[Callable[[LoadedModel], LoadedModel], Callable[[], AbstractContextManager[None]]]
EXACT: Way = (lambda model: model, exactly)
ROUNDED: Way = (lambda model: model, lambda: rounding(convolutions=True, products=False))
STEM: Way = (with_exact_stem, ROUNDED[1])


def cases(bench: Bench) -> list[Case]:
    """A real network and Mini; on a CPU, which has no TF32, the exact way and the copy with the exact stem."""
    ways = {"float32": EXACT, "TF32": ROUNDED, "TF32 behind a float32 stem": STEM}
    if not bench.on_gpu:
        ways = {"float32": EXACT, "the copy with the stem apart": STEM}
    rows = [(key, eps) for key, several in EPS.items() for eps in (several[1:2] if bench.small else several)]
    return [
        Case(PART, f"{key}, ε {in_255ths(eps / 255)}, {STEPS} steps", 10, partial(_left, bench, key, eps / 255, ways))
        for key, eps in rows
    ]


def _left(bench: Bench, key: str, eps: float, ways: dict[str, Way]) -> Found:
    n = 2 if bench.small else 200
    pixels, labels = mini_images(n) if key == MINI else photos(n, key)[:2]
    model, words = real_model(key, bench.device), []
    for name, (changed, block) in ways.items():
        with block():
            last = result_of(pgd(changed(model), pixels, labels, threat(eps, STEPS), keep=range(n)))
        with exactly():
            logits = logits_of(model, last.pixels)
        left = 100 * float((logits.argmax(1) == last.goal.labels).float().mean())
        words.append(f"{name}: {left:.1f}%, loss {float(functional.cross_entropy(logits, last.goal.labels)):.4f}")
    return "measured", f"judged in float32, left of {n} — {'; '.join(words)}"
