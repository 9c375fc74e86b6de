"""Runs an experiment with a model: a generator that may be stopped at any moment and goes on where it was when it is
started again. Units are computed by an executor (`executors.py`), and written here alone.

Several processes that meet on one disk share the work without knowing of each other: a unit that one of them is at is
locked, and what one has finished the others find. Under `torchrun`, for several GPUs of one machine, each rank takes
every n-th unit. Several machines are the business of `ray_executor.py`.
"""

import os
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from robust_core.benchmark.clean_runs import clean_predictions, clean_words, described
from robust_core.benchmark.executors import Executor, InProcess, UnitPredicted
from robust_core.benchmark.plans import Plan, make_plan
from robust_core.benchmark.real_accuracy import with_real_labels
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import Run, UnitPredictions, joined, own_store, run_of
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.results import Result

PATIENCE_SECONDS = 0.5


@dataclass(frozen=True)
class Shard:
    """Which of the units are this process's: those of `rank` when they are dealt out to `world_size` processes."""

    rank: int = 0
    world_size: int = 1

    @classmethod
    def of_process(cls) -> "Shard":
        """As `torchrun` says; all of them without it."""
        return cls(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))


@dataclass(frozen=True)
class UnitDone:
    """A unit was computed and written."""

    name: str


@dataclass(frozen=True)
class RunStatus:
    """Where the run stands when this process has done its share: `done` of `total` units, `computed` of them by this
    process.

    `results` are the numbers, none as long as others have units to do.
    """

    run: Run
    done: int
    total: int
    computed: int
    results: tuple[Result, ...]


def run(
    config: RunConfig, *, store: Path | None = None, executor: Executor | None = None, shard: Shard | None = None
) -> Generator[Progress | UnitDone, None, RunStatus]:
    """Predict everything that is missing, by `executor` (None: this process).

    This process writes a unit as soon as it is whole, whoever computed it; a damaged one is computed anew. Raises what
    `make_plan`, the executor and the disk raise, and BadInput when no image is there.
    """
    yield Progress(0, None, "", "looking for images")
    plan, shard = make_plan(config), shard or Shard()
    if not plan.units:
        raise BadInput(f"There are no images for {config.experiment.title}; expected at least one.")
    work = _Work(plan, run_of(config.identity, store or own_store()))
    work.run.begin(config.identity)
    computed = 0
    while missing := [
        number for number in range(shard.rank, len(plan.units), shard.world_size) if not work.is_finished(number)
    ]:
        done = yield from work.compute(executor or InProcess(), missing)
        computed += done
        if not done:
            yield work.progress("another process is at the rest")
            time.sleep(PATIENCE_SECONDS)
    return work.status(computed)


class _Work:
    """What one process does for one run. Units go by their number in the plan."""

    def __init__(self, plan: Plan, run: Run):
        self.plan, self.run = plan, run
        # finished units that were read once and need not be read again as long as they are there
        self.sound: set[int] = set()
        self.locks: dict[int, FileLock] = {}

    def compute(self, executor: Executor, numbers: list[int]) -> Generator[Progress | UnitDone, None, int]:
        """Have those units computed that no other process is at or has finished meanwhile; returns how many these
        were.
        """
        computed = 0
        try:
            with closing(executor.predict(self.plan, self._claimed(numbers))) as events:
                for event in events:
                    if isinstance(event, UnitPredicted):
                        yield self._finish(event.number, event.predictions)
                        computed += 1
                    else:
                        yield self.progress(event.note, event.images)
        finally:
            for number in list(self.locks):
                self._release(number)
        return computed

    def status(self, computed: int) -> RunStatus:
        """Where the run stands; its numbers are written when everything is there."""
        plan, run = self.plan, self.run
        predictions = {
            unit.name: found
            for number, unit in enumerate(plan.units)
            if self.is_finished(number) and (found := run.read_unit(unit.name)) is not None
        }
        results = tuple(results_of(plan, run, predictions)) if len(predictions) == len(plan.units) else ()
        if results:
            run.finish(plan.config.identity, list(predictions), plan.digest, results)
        return RunStatus(run, len(predictions), len(plan.units), computed, results)

    def is_finished(self, number: int) -> bool:
        """Whether a sound file of the unit is there."""
        unit = self.plan.units[number]
        if number not in self.sound or not self.run.holds(unit.name):
            self.sound.discard(number)
            predictions = self.run.read_unit(unit.name)
            if predictions and all(len(values) == len(unit.places) for values in predictions.values()):
                self.sound.add(number)
        return number in self.sound

    def progress(self, note: str, begun: int = 0) -> Progress:
        """How many images are predicted; `begun` are those of units that are not finished."""
        done = sum(len(self.plan.units[number].places) for number in self.sound)
        return Progress(done + begun, sum(len(unit.places) for unit in self.plan.units), "images", note)

    def _finish(self, number: int, predictions: UnitPredictions) -> UnitDone:
        name = self.plan.units[number].name
        self.run.write_unit(name, predictions)
        self.sound.add(number)
        self._release(number)
        return UnitDone(name)

    def _claimed(self, numbers: list[int]) -> Iterator[int]:
        """The units that are to be computed, each locked when it is asked for."""
        for number in numbers:
            lock = self.run.lock(self.plan.units[number].name)
            if lock is None:
                continue
            self.locks[number] = lock
            if self.is_finished(number):  # by another process, a moment ago
                self._release(number)
            else:
                yield number

    def _release(self, number: int) -> None:
        self.locks.pop(number).release()


def results_of(plan: Plan, run: Run, predictions: Mapping[str, UnitPredictions]) -> Iterator[Result]:
    """The numbers that the `predictions` of all units come to, as rows that name model, protocol and source."""
    config = plan.config
    sha256 = config.spec.weights.sha256
    weights = sha256[:12] if sha256 else "of unknown hash"
    clean = clean_predictions(plan, run)
    for number in config.experiment.summary(described(plan, joined(with_real_labels(plan, predictions)), clean)):
        elsewhere = f", images of {config.images}" if config.images else ""
        yield Result(
            benchmark=f"{config.experiment.benchmark}{number.suffix}{elsewhere}",
            model=config.model_key,
            condition=number.condition,
            metric=number.metric,
            value=number.value,
            unit=number.unit,
            n=number.n,
            protocol="; ".join(filter(None, (config.protocol, number.note, clean_words(config, number.metric)))),
            kind="cached",
            source=f"robust_core.benchmark, run {run.folder.name}; weights {weights}; images {plan.digest}",
            low=number.low,
            high=number.high,
            interval_method=number.interval_method,
        )
