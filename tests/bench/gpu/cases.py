"""What a check is, the order of all, and how one that fails, lacks a package or comes too late becomes a row."""

import gc
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Literal

import torch

from robust_core.errors import WeightsUnavailable
from tests.bench.gpu.budget import Budget, OutOfTime

Outcome = Literal["pass", "fail", "measured", "met", "missed", "skipped", "left out"]
Found = tuple[Outcome, str]


class Skipped(Exception):
    """This machine cannot run the check, for the reason that is given."""


@dataclass(frozen=True)
class Bench:
    """Where the checks run: `kind` is "cuda" or "cpu"; `small` for small networks and few images."""

    kind: str
    small: bool
    budget: Budget

    @cached_property
    def device(self) -> torch.device:
        """As the project itself names it, without a number."""
        return torch.device(self.kind)

    @property
    def on_gpu(self) -> bool:
        """Whether there is a GPU to measure."""
        return self.kind == "cuda"


@dataclass(frozen=True)
class Case:
    """One check: its `part` and what it is about, how many seconds it needs at most (on one H100), and its work, which
    returns an outcome and a figure.
    """

    part: str
    what: str
    seconds: float
    work: Callable[[], Found]


@dataclass(frozen=True)
class Row:
    """What a case came to, with the seconds that it took."""

    part: str
    what: str
    outcome: Outcome
    figure: str
    seconds: float

    @property
    def line(self) -> str:
        """As a row of a table in Markdown."""
        return f"| {self.part} | {self.what} | {self.outcome} | {self.figure} | {self.seconds:.1f} |"


# The parts by name, in the order in which they run: what is right first, then how fast it is, then what may be left out.
PARTS = {
    "labels": "labels.cases",
    "trajectories": "trajectories.cases",
    "maps": "maps.cases",
    "corruptions": "corrupted.cases",
    "full_device": "full_device.cases",
    "two_jobs": "two_jobs.cases",
    "small_eps": "small_eps.cases",
    "runner": "runner.cases",
    "speed": "speed.cases",
    "attacks": "many_attacks.cases",
    "compiled": "speed.compiled_cases",
}


def cases(bench: Bench, only: Iterable[str] | None = None) -> list[Case]:
    """All cases in their order, or those of the parts that are named; raises KeyError for a part that there is none
    of.
    """
    return [case for name in (only or PARTS) for case in _of_part(name, PARTS[name], bench)]


def _of_part(name: str, place: str, bench: Bench) -> list[Case]:
    """The cases of a part; a single one, which says so, where a package is missing that all of them need."""
    module, function = place.split(".")
    try:
        return getattr(import_module(f"tests.bench.gpu.{module}"), function)(bench)
    except ModuleNotFoundError as error:
        missing = error

    def lacks() -> Found:
        raise missing

    return [Case(name, "all of it", 0, lacks)]


def outcomes(chosen: Iterable[Case], budget: Budget) -> Iterator[Row]:
    """A row for each case, as soon as it is there."""
    for case in chosen:
        before = budget.spent
        outcome, figure = _found(case, budget)
        yield Row(case.part, case.what, outcome, " ".join(figure.split()).replace("|", "/"), budget.spent - before)
        _release()


def _release() -> None:
    """Give back what a case leaves on the GPU, so that each begins with the same memory."""
    if torch.cuda.is_initialized():
        gc.collect()
        torch.cuda.empty_cache()


def _found(case: Case, budget: Budget) -> Found:
    if budget.left < case.seconds:
        return "left out", f"{max(budget.left, 0):.0f} s were left of {budget.seconds:.0f}, it needs {case.seconds:.0f}"
    try:
        with budget.stopping():
            return case.work()
    except OutOfTime:
        return "left out", f"stopped when {budget.seconds:.0f} s were over"
    except ModuleNotFoundError as error:
        return "skipped", f"no package {error.name}"
    except (Skipped, WeightsUnavailable) as error:
        return "skipped", str(error)
    except Exception as error:  # a check that breaks is a row that says so, and the others go on
        traceback.print_exc(file=sys.stderr)
        return "fail", f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
