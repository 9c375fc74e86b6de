"""Runs an experiment with a model: a generator that may be stopped at any moment and goes on where it was when it is
started again.

Several processes share the work without knowing of each other: a unit that one of them is at is locked, and what one
has finished the others find. Under `torchrun` each rank takes every n-th unit, so that machines without a common disk
share it too.
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from torch.utils.data import DataLoader

from robust_core.benchmark.clean_runs import clean_predictions, clean_words, described
from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.plans import Batch, Plan, Unsound, collate, make_plan
from robust_core.benchmark.real_accuracy import with_real_labels
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import Run, UnitPredictions, concatenated, joined, own_store, run_of
from robust_core.benchmark.tasks import Question
from robust_core.data.listings import faults
from robust_core.errors import BadInput, RobustError
from robust_core.events import Progress, mapped
from robust_core.models.loading import LoadedModel
from robust_core.models.pool import shared_pool
from robust_core.models.spec import STORED_PX
from robust_core.results import Result

PATIENCE_SECONDS = 0.5
BATCHES_AHEAD = 4


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
    config: RunConfig, *, store: Path | None = None, workers: int = 0, shard: Shard | None = None
) -> Generator[Progress | UnitDone, None, RunStatus]:
    """Prediction everything that is missing. `workers` processes read images; with 0 this one does.

    A unit is written as soon as it is whole; a damaged one is computed anew. Raises what `make_plan`, `ModelPool.use`
    and the disk raise, BadImage for the images of a unit that are not sound, and BadInput when no image is there.
    """
    yield Progress(0, None, "", "looking for images")
    plan, shard = make_plan(config), shard or Shard()
    if not plan.units:
        raise BadInput(f"There are no images for {config.experiment.title}; expected at least one.")
    work = _Work(plan, run_of(config.identity, store or own_store()), workers)
    work.run.begin(config.identity)
    computed = 0
    while missing := [
        number for number in range(shard.rank, len(plan.units), shard.world_size) if not work.is_finished(number)
    ]:
        done = yield from work.compute(missing)
        computed += done
        if not done:
            yield work.progress("another process is at the rest")
            time.sleep(PATIENCE_SECONDS)
    return work.status(computed)


class _Work:
    """What one process does for one run. Units go by their number in the plan."""

    def __init__(self, plan: Plan, run: Run, workers: int):
        self.plan, self.run, self.workers = plan, run, workers
        # finished units that were read once and need not be read again as long as they are there
        self.sound: set[int] = set()
        self.locks: dict[int, FileLock] = {}

    def compute(self, numbers: list[int]) -> Generator[Progress | UnitDone, None, int]:
        """Compute those units that no other process is at or has finished meanwhile; returns how many these were."""
        yield self.progress("loading the model")
        with shared_pool().use(self.plan.config.model_key) as model:
            try:
                return (yield from self._ask(model, numbers))
            finally:
                for number in list(self.locks):
                    self._release(number)

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

    def _ask(self, model: LoadedModel, numbers: list[int]) -> Generator[Progress | UnitDone, None, int]:
        """Write each unit as soon as its last batch is predicted; returns how many these were."""
        parts: dict[int, list[UnitPredictions]] = defaultdict(list)
        asked: Counter[int] = Counter()
        unsound: dict[int, list[RobustError]] = {}
        computed = 0
        for batch in self._batches(numbers, model):
            number, unit = batch.number, self.plan.units[batch.number]
            if isinstance(batch, Unsound):
                unsound.setdefault(number, []).extend(batch.errors)
            elif number not in unsound:
                parts[number].append((yield from self._predicted(model, batch, asked.total())))
            asked[number] += batch.size
            yield self.progress("looking for more that are damaged" if number in unsound else unit.title, asked.total())
            if asked[number] == len(unit.places):
                if number in unsound:
                    raise _together(unsound[number])
                del asked[number]
                yield self._finish(number, concatenated(parts.pop(number)))
                computed += 1
        return computed

    def _predicted(self, model: LoadedModel, batch: Batch, begun: int) -> Generator[Progress, None, UnitPredictions]:
        """What the model predicts for a batch, `begun` images of unfinished units being predicted before it."""
        title = self.plan.units[batch.number].title
        work = self.plan.config.experiment.task.ask(self._question(model, batch))
        return mapped(work, lambda event: self.progress(event.note or title, begun))

    def _finish(self, number: int, predictions: UnitPredictions) -> UnitDone:
        name = self.plan.units[number].name
        self.run.write_unit(name, predictions)
        self.sound.add(number)
        self._release(number)
        return UnitDone(name)

    def _question(self, model: LoadedModel, batch: Batch) -> Question:
        config, unit = self.plan.config, self.plan.units[batch.number]
        labels, textures, places = map(np.array, (batch.labels, batch.textures, batch.places))
        return Question(model, batch.levels, labels, textures, places, unit.condition.words, config.seed, config.quirks)

    def _batches(self, numbers: list[int], model: LoadedModel) -> DataLoader:
        return DataLoader(
            self.plan.dataset(),
            batch_sampler=self._claimed(numbers, _batch_size(model, self.plan.config.experiment)),
            collate_fn=collate,
            num_workers=self.workers,
            prefetch_factor=BATCHES_AHEAD if self.workers else None,
            pin_memory=model.device.type == "cuda",
        )

    def _claimed(self, numbers: list[int], batch_size: int) -> Iterator[list[tuple[int, int]]]:
        """What is loaded next: the batches of one unit after the other, each unit locked when its first batch is asked
        for.
        """
        for number in numbers:
            unit = self.plan.units[number]
            lock = self.run.lock(unit.name)
            if lock is None:
                continue
            self.locks[number] = lock
            if self.is_finished(number):  # by another process, a moment ago
                self._release(number)
                continue
            for first in range(0, len(unit.places), batch_size):
                yield [(number, place) for place in unit.places[first : first + batch_size]]

    def _release(self, number: int) -> None:
        self.locks.pop(number).release()


def _together(errors: list[RobustError]) -> RobustError:
    """What is wrong with the images of one unit, as one error."""
    return errors[0] if len(errors) == 1 else faults(list(map(str, errors)))


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


def _batch_size(model: LoadedModel, experiment: Experiment) -> int:
    """How many rows make a batch that the device takes at once."""
    side_px = model.spec.preprocess.crop or STORED_PX
    return model.batches(experiment.task.frames * side_px, side_px).size
