"""Whether a number holds: the same experiment once more, on some of its images, drawn by chance."""

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from robust_core import settings
from robust_core.benchmark.experiment import Split
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.labelled_sets import data_folder, images_of
from robust_core.benchmark.run_configs import AS_STORED, RunConfig
from robust_core.data.datasets import CUE_CONFLICT, DataSet
from robust_core.data.discovery import find_data_set
from robust_core.errors import BadInput, RobustError
from robust_core.events import Progress
from robust_core.labels import MINI
from robust_core.models import weights
from robust_core.models.catalogue import get_spec
from robust_core.results import SHARES, Result

if TYPE_CHECKING:  # brings torch
    from robust_core.benchmark.runner import UnitDone

FEWEST, MOST = 64, 512


@dataclass(frozen=True)
class Verdict:
    """A number as it is stated, and as it was measured on a sample of its images."""

    stated: Result
    measured: Result

    @property
    def agrees(self) -> bool:
        """Whether what is stated lies in the 95% interval of what was measured. Of right numbers, one in twenty does
        not.
        """
        interval = self.measured.interval
        return interval is not None and interval.low <= self.stated.value / 100 <= interval.high


def config_for(stated: Result, data: Path | None) -> RunConfig | None:
    """The run that measures the number `stated` again, in full; None for what is no share of images, or has another
    protocol.

    Whether the images and the weights are here is another question.
    """
    if stated.metric not in SHARES:
        return None
    for experiment in EXPERIMENTS.values():
        named = stated.benchmark.removeprefix(experiment.benchmark)
        if named == stated.benchmark or (named and not named.startswith(" by the")):
            continue
        found = next((one for one in experiment.conditions if one.words.items() <= stated.settings.items()), None)
        with suppress(RobustError):  # a model that is in no table, or is one of the other world
            as_stored = experiment.corrupts_live and AS_STORED in stated.protocol
            config = RunConfig(experiment.key, stated.model, data, only=found, as_stored=as_stored)
            if found is not None and stated.protocol.startswith(config.protocol) and _has_its_frost(config, stated):
                return config
    return None


def _has_its_frost(config: RunConfig, stated: Result) -> bool:
    """Whether frost is made of the same here as it was for `stated`, where the number is about frost."""
    theirs = [part for part in stated.protocol.split("; ") if "frost" in part]
    return stated.settings.get("corruption") != "frost" or theirs == [config.frost][: bool(config.frost)]


def is_here(config: RunConfig) -> bool:
    """Whether the images and the weights that `config` needs are on this machine; reads no weights."""
    if not all(weights.present(get_spec(key)) for key in (config.model_key, *config.other_models)):
        return False
    kind = config.experiment.images
    if isinstance(kind, Split) or config.experiment.label_space == MINI:
        return True
    with suppress(RobustError):
        return bool(
            images_of(config) if isinstance(kind, DataSet) else find_data_set(CUE_CONFLICT, data_folder(config))
        )
    return False


def check(stated: Result, data: Path | None, n: int, seed: int) -> "Generator[Progress | UnitDone, None, Verdict]":
    """Measure the number `stated` on `n` (64 to 512) of its images, drawn by `seed`.

    Raises BadInput for an `n` out of range or a number that `config_for` knows no run for, and what `runner.run`
    raises.
    """
    from robust_core.benchmark.runner import run

    config = config_for(stated, data)
    if config is None or not FEWEST <= n <= MOST:
        raise BadInput(
            f"Expected {FEWEST} to {MOST} images and a share of images under a protocol of the runner's; got n = "
            f"{n} and {stated.metric}."
        )
    sample = replace(config, limit=n, seed=seed)
    status = yield from run(sample, store=settings.cache_dir() / "runs" / "checks")
    measured = (one for row in status.results for one in (row, _complement(row)))
    return Verdict(stated, next(one for one in measured if _is_of(one, stated)))


def _complement(row: Result) -> Result:
    """An error as an accuracy, and the other way round."""
    return replace(row, metric={"top1": "top1_error", "top1_error": "top1"}.get(row.metric, ""), value=100 - row.value)


def _is_of(row: Result, stated: Result) -> bool:
    """Whether `row` is the number `stated`, measured on other images."""
    ours, theirs = (one.condition.without(["pictures"]).words for one in (row, stated))
    return (row.benchmark, row.metric, ours) == (stated.benchmark, stated.metric, theirs)
