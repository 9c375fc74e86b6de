"""All experiments, as a table. Read experiment first, then the rows: experiments_imagenet, experiments_mini."""

from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.experiments_imagenet import BESIDE_IT, OF_THE_PAPER
from robust_core.benchmark.experiments_mini import MINIATURES, OF_MINI_ALONE
from robust_core.errors import UnknownName

EXPERIMENTS = {row.key: row for row in (*OF_THE_PAPER, *BESIDE_IT, *MINIATURES, *OF_MINI_ALONE)}


def get_experiment(key: str) -> Experiment:
    """The row called `key`; raises UnknownName, which names the nearest ones."""
    if key not in EXPERIMENTS:
        raise UnknownName("experiment", key, EXPERIMENTS)
    return EXPERIMENTS[key]
