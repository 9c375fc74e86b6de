"""The claims with other seeds than the shipped one: first weights, order and training images all change, the images
of the tests do not.
"""

from collections.abc import Generator
from pathlib import Path

from robust_core.events import Progress
from robust_core.mini import families
from robust_core.mini.claims import SHOWN
from robust_core.mini.families import Family
from robust_core.mini.hard_set import obtained
from robust_core.mini.training import train
from robust_core.mini.weights import SHIPPED

OTHER_SEEDS = (1, 2)


def record_of(seed: int, folder: Path = SHIPPED) -> Path:
    """The file in `folder` that keeps what was measured with a seed."""
    return folder / f"seed_{seed}.json"


def measured_seeds(folder: Path = SHIPPED) -> dict[int, Family]:
    """The stored measurements of the shown models by seed; a seed that was not measured in this world is left out."""
    found = {seed: families.read(record_of(seed, folder)) for seed in OTHER_SEEDS}
    return {seed: family for seed, family in found.items() if family}


def measure_seed(
    seed: int, record: Path, folder: Path, device: str, precision: str
) -> Generator[Progress, None, Family]:
    """Train the shown models with `seed` in `folder` and measure them into the file `record`; returns the family.

    Models that are there are not trained again, and those that were measured are not measured again.
    """
    for key in SHOWN:
        yield from train(key, seed, folder, device, precision)
    hard_set = yield from obtained(folder / "filter", precision)
    return (yield from families.measuring(record, folder, SHOWN, hard_set))
