"""PGD on both devices, step by step."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from robust_core.attacks.balls import BALLS
from robust_core.attacks.draws import random_starts
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, read
from robust_core.attacks.threat import ThreatModel
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import Walk, judge_walks, said
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import CPU, LITE, MINI, mini_images, photos, random_model, real_model

PART = "trajectories"
ROBUST = "mini_resnext_at4"


def threat(eps: float, steps: int, norm: str = "linf", start: str = "clean", restarts: int = 1) -> ThreatModel:
    """Untargeted, each step a fifth of ε; with a random start it stops where it has succeeded."""
    return ThreatModel.relative(
        eps=eps,
        step_fraction=0.2,
        norm=norm,
        steps=steps,
        aim="untargeted",
        start=start,
        restarts=restarts,
        stop_at_success=start != "clean",
        seed=0,
    )


def cases(bench: Bench) -> list[Case]:
    """For the networks whose labels are compared, in L∞ from the clean image; and for Mini in L2 from random starts."""
    n, steps, few = (8, 4, 2) if bench.small else (64, 20, 16)
    architecture, side_px = ("resnet18", 64) if bench.small else ("resnet50", 224)
    linf = threat(4 / 255, steps)
    weak = threat(0.5 / 255, max(2, steps // 2))
    random = threat(0.5, steps, "l2", "random", 2)
    of_mini, of_lite = lambda: mini_images(n), lambda: photos(few, LITE)[:2]
    of_random = lambda: (photos(few, "resnet50", side_px)[0], [None] * few)  # noqa: E731
    rows = {
        f"{MINI}, L∞ 4/255": (partial(real_model, MINI), of_mini, linf, 15),
        f"{ROBUST}, L∞ 4/255": (partial(real_model, ROBUST), of_mini, linf, 15),
        f"{MINI}, L2 0.5, two random starts": (partial(real_model, MINI), of_mini, random, 25),
        f"{LITE}, L∞ 0.5/255": (partial(real_model, LITE), of_lite, weak, 25),
        f"{architecture} with random weights, L∞ 0.5/255": (
            partial(random_model, architecture, side_px),
            of_random,
            weak,
            35,
        ),
    }
    walks = [Case(PART, name, seconds, partial(_compared, bench, *row)) for name, (*row, seconds) in rows.items()]
    return [*walks, Case(PART, "random starts and targets", 5, partial(_same_draws, bench, n))]


def walk(
    model: LoadedModel, pixels: Tensor, labels: Sequence[int | None], row: ThreatModel, device: torch.device
) -> Walk:
    """The trajectory of `row` on one device."""
    places = range(len(pixels))
    events = pgd(model, pixels.to(device), labels, row, keep=places)
    steps = [event for event in events if isinstance(event, AttackStep)]
    left = tuple(int(kept.sum()) for kept in read(steps, ANY_STEP_SO_FAR))
    first = steps[1].pixels - steps[0].pixels
    return Walk(first, left, len(pixels), float(steps[-1].loss.mean()), float(steps[-1].distance.max()))


def _compared(
    bench: Bench,
    model: Callable[[torch.device], LoadedModel],
    images: Callable[[], tuple[Tensor, Sequence[int | None]]],
    row: ThreatModel,
) -> Found:
    pixels, labels = images()
    with exactly():
        reference = walk(model(CPU), pixels, labels, row, CPU)
        return judge_walks(reference, walk(model(bench.device), pixels, labels, row, bench.device), row.eps)


def _same_draws(bench: Bench, n: int) -> Found:
    """Random starts are drawn on the CPU: the same bits, whatever the device."""
    pixels, _ = mini_images(n)
    starts = [
        random_starts(pixels.to(device), BALLS[norm], 0.03, 0, range(n), restart=1).cpu()
        for norm in ("linf", "l2")
        for device in (CPU, bench.device)
    ]
    equal = torch.equal(*starts[:2]) and torch.equal(*starts[2:])
    return said(equal), f"{'the same' if equal else 'other'} bits for {n} images in both norms"
