"""Who computes the units of a plan: this process, `InProcess`, or actors on a Ray cluster (`ray_executor.py`).

An executor knows nothing of stores and locks: whoever drives it writes what it predicts, in one place.
"""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from torch.utils.data import DataLoader

from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.plans import Batch, Plan, Unsound, collate
from robust_core.benchmark.stored_runs import UnitPredictions, concatenated
from robust_core.benchmark.tasks import Question
from robust_core.data.listings import faults
from robust_core.errors import RobustError
from robust_core.events import mapped
from robust_core.models.loading import LoadedModel
from robust_core.models.pool import shared_pool
from robust_core.models.spec import STORED_PX

BATCHES_AHEAD = 4


@dataclass(frozen=True)
class Underway:
    """`images` of units that are not whole yet are predicted, and a word for the eye."""

    images: int
    note: str


@dataclass(frozen=True, eq=False)
class UnitPredicted:
    """The predictions of the unit `number` of the plan are whole."""

    number: int
    predictions: UnitPredictions


Predicted: TypeAlias = Generator[Underway | UnitPredicted, None, None]


class Executor(Protocol):
    """Computes units, and may be closed at any moment."""

    def predict(self, plan: Plan, numbers: Iterator[int]) -> Predicted:
        """The predictions of the units `numbers`, in any order, each as soon as it is whole.

        A number is taken when there is room for its unit, and not before. Raises what is wrong with a unit.
        """


@dataclass(frozen=True)
class InProcess:
    """One unit after the other in this process, on its device; `workers` processes read images, with 0 this one does.

    Raises what `ModelPool.use` raises, and BadImage for the images of a unit that are not sound.
    """

    workers: int = 0

    def predict(self, plan: Plan, numbers: Iterator[int]) -> Predicted:
        """The predictions of the units, in order."""
        yield Underway(0, "loading the model")
        with shared_pool().use(plan.config.model_key) as model:
            yield from _ask(plan, model, self._batches(plan, numbers, model))

    def _batches(self, plan: Plan, numbers: Iterator[int], model: LoadedModel) -> DataLoader:
        return DataLoader(
            plan.dataset(),
            batch_sampler=_in_batches(plan, numbers, _batch_size(model, plan.config.experiment)),
            collate_fn=collate,
            num_workers=self.workers,
            prefetch_factor=BATCHES_AHEAD if self.workers else None,
            pin_memory=model.device.type == "cuda",
        )


def _in_batches(plan: Plan, numbers: Iterator[int], batch_size: int) -> Iterator[list[tuple[int, int]]]:
    """What is loaded next: the batches of one unit after the other."""
    for number in numbers:
        places = plan.units[number].places
        for first in range(0, len(places), batch_size):
            yield [(number, place) for place in places[first : first + batch_size]]


def _ask(plan: Plan, model: LoadedModel, batches: Iterable[Batch | Unsound]) -> Predicted:
    """Each unit as soon as its last batch is predicted."""
    parts: dict[int, list[UnitPredictions]] = defaultdict(list)
    asked: Counter[int] = Counter()
    unsound: dict[int, list[RobustError]] = {}
    for batch in batches:
        number, unit = batch.number, plan.units[batch.number]
        if isinstance(batch, Unsound):
            unsound.setdefault(number, []).extend(batch.errors)
        elif number not in unsound:
            parts[number].append((yield from _predicted(plan, model, batch, asked.total())))
        asked[number] += batch.size
        yield Underway(asked.total(), "looking for more that are damaged" if number in unsound else unit.title)
        if asked[number] == len(unit.places):
            if number in unsound:
                raise _together(unsound[number])
            del asked[number]
            yield UnitPredicted(number, concatenated(parts.pop(number)))


def _predicted(plan: Plan, model: LoadedModel, batch: Batch, begun: int) -> Generator[Underway, None, UnitPredictions]:
    """What the model predicts for a batch, `begun` images of unfinished units being predicted before it."""
    title = plan.units[batch.number].title
    work = plan.config.experiment.task.ask(_question(plan, model, batch))
    return mapped(work, lambda event: Underway(begun, event.note or title))


def _question(plan: Plan, model: LoadedModel, batch: Batch) -> Question:
    config, unit = plan.config, plan.units[batch.number]
    labels, textures, places = map(np.array, (batch.labels, batch.textures, batch.places))
    return Question(model, batch.levels, labels, textures, places, unit.condition.words, config.seed, config.quirks)


def _batch_size(model: LoadedModel, experiment: Experiment) -> int:
    """How many rows make a batch that the device takes at once."""
    side_px = model.spec.preprocess.crop or STORED_PX
    return model.batches(experiment.task.frames * side_px, side_px).size


def _together(errors: list[RobustError]) -> RobustError:
    """What is wrong with the images of one unit, as one error."""
    return errors[0] if len(errors) == 1 else faults(list(map(str, errors)))
