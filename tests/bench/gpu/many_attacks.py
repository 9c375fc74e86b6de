"""Every attack of the table on Mini: how many images it breaks on both devices."""

from functools import partial

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.search import attack
from robust_core.attacks.table import ATTACKS
from robust_core.events import result_of
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import judge_counts
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import CPU, MINI, mini_images, real_model

PART = "attacks"
EPS = {"linf": 4 / 255, "l2": 0.5}  # of those that do not look for the smallest change
STEPS, SMALL_STEPS = 8, 2
SLOW = {"autoattack": 30.0}  # seconds


def cases(bench: Bench) -> list[Case]:
    """Each in the norms that it knows, with few steps: whether it runs and comes to the same, not how strong it is."""
    n, steps = (2, SMALL_STEPS) if bench.small else (16, STEPS)
    norms = 1 if bench.small else None
    return [
        Case(
            PART,
            f"{row.title}, {n} images of Mini",
            SLOW.get(key, 10.0),
            partial(_compared, bench, key, row.norms[:norms], n, steps),
        )
        for key, row in ATTACKS.items()
    ]


def _compared(bench: Bench, key: str, norms: tuple[str, ...], n: int, steps: int) -> Found:
    pixels, labels = mini_images(n)
    broken = []
    with exactly():
        for device in (CPU, bench.device):
            model, row = real_model(MINI, device), ATTACKS[key]
            found = [
                result_of(
                    attack(model, pixels, labels, AttackConfig.of(key, norm, EPS.get(norm), min(steps, row.steps)))
                )
                for norm in norms
            ]
            broken.append([int(one.broken.sum()) for one in found])
    outcome, words = judge_counts(*broken, n)
    return outcome, f"{' and '.join(norms)}: {words}"
