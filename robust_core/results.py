"""Results as one tidy table: every number with its protocol, its n and its source, be it published or computed by the
benchmark runner.
"""

import csv
import gzip
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import isfinite
from pathlib import Path
from typing import Literal, TextIO

from robust_core import csv_cells
from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import WILSON, Interval, wilson
from robust_core.settings import SHIPPED_CACHE

Kind = Literal["live", "cached", "published"]
OF_STIMULI = {"shape_bias", "coverage"}
SHARES = {
    "top1",
    "top5",
    "top1_error",
    "top1_under_attack",
    "real_accuracy",
    "error_rate",
    "certified_accuracy",
    "abstention_rate",
    "attack_success_rate",
    *OF_STIMULI,
}
IN_255THS = "255ths"  # the unit of what is measured in levels of 8 bits
AS_IF_INDEPENDENT = "Wilson, as if stimuli of one shape or texture were independent: too narrow"
REQUIRED = ("benchmark", "model", "condition", "metric", "value", "unit", "n", "protocol", "source")
COLUMNS = (*REQUIRED, "low", "high", "interval_method")  # of a table; older ones have no bounds


class BenchmarkCondition(str):
    """What a number was measured under, in words of the form name=value, such as "corruption=fog severity=3" or
    "eps=0.06 steps=20"; "" where there is only one condition.

    It is its own text, which files, tables and stored runs hold, so that both are equal and one key. Raises BadInput
    for a text that has another form.
    """

    def __new__(cls, text: str = "") -> "BenchmarkCondition":
        condition = super().__new__(cls, text)
        words = condition.words
        if text != cls._text_of(words) or not all(map(str.isidentifier, words)):
            raise BadInput(f'A condition must be words such as "corruption=fog severity=3"; got {text!r}.')
        return condition

    @classmethod
    def of(cls, **words: object) -> "BenchmarkCondition":
        """The condition of these words, in their order."""
        return cls(cls._text_of(words))

    @staticmethod
    def _text_of(words: Mapping[str, object]) -> str:
        return " ".join(f"{name}={value}" for name, value in words.items())

    @property
    def words(self) -> dict[str, str]:
        """The value behind each name."""
        pairs = (word.partition("=") for word in self.split())
        return {name: value for name, _, value in pairs}

    @property
    def values(self) -> tuple[str, ...]:
        """The values alone, in order."""
        return tuple(self.words.values())

    def and_at(self, **words: object) -> "BenchmarkCondition":
        """The same condition with more words."""
        return self.of(**self.words, **words)

    def without(self, names: Iterable[str]) -> "BenchmarkCondition":
        """The same condition with the words of these names left out."""
        return self.of(**{name: value for name, value in self.words.items() if name not in names})


@dataclass(frozen=True)
class Result:
    """One number. `condition` may be given as its text; `model` is a key of the model table, or a name for who is in no
    table, such as people.

    `value` is in `unit`; `n` is the number of images behind it. `low` and `high` bound it at 95%, in the same unit, by
    `interval_method`, where that was computed with it; a share has Wilson's interval without them.
    """

    benchmark: str
    model: str
    condition: BenchmarkCondition
    metric: str
    value: float
    unit: str
    n: int
    protocol: str
    kind: Kind
    source: str
    low: float | None = None
    high: float | None = None
    interval_method: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.condition, BenchmarkCondition):
            object.__setattr__(self, "condition", BenchmarkCondition(self.condition))

    @property
    def settings(self) -> dict[str, str]:
        """The condition taken apart: the word behind each name."""
        return self.condition.words

    def setting(self, name: str) -> float:
        """The number that `name` has in the condition; raises BadInput when it has none, or a word that is no
        number.
        """
        try:
            return float(self.settings[name])
        except KeyError:
            raise BadInput(
                f"This result was measured at {self.condition!r}, which says nothing about {name!r}."
            ) from None
        except ValueError:
            raise BadInput(f"This result was measured at {self.condition!r}, where {name!r} is no number.") from None

    @cached_property
    def interval(self) -> Interval | None:
        """The 95% interval of a share, from 0 to 1: what was stored, or else Wilson's for n images; None for what is no
        share, and for a share of several conditions that has none stored.
        """
        if self.unit != "%":
            return None
        if self.low is not None and self.high is not None:
            return Interval(self.value / 100, self.low / 100, self.high / 100, self.n, 0.95, self.interval_method)
        if self.metric not in SHARES:
            return None
        counted = wilson(round(self.value / 100 * self.n), self.n)
        # Mini draws a shape and a texture for each stimulus; elsewhere stimuli share them.
        shared = self.metric in OF_STIMULI and not self.benchmark.startswith("mini")
        return counted and replace(counted, method=AS_IF_INDEPENDENT if shared else WILSON)

    @cached_property
    def bounds(self) -> tuple[float, float] | None:
        """The ends of the 95% interval in the row's unit, of a share and of any other number; None without one."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return (100 * self.interval.low, 100 * self.interval.high) if self.interval else None

    @property
    def bounds_method(self) -> str:
        """By which method the bounds are, in words; empty without any."""
        return self.interval.method if self.interval else self.interval_method

    @property
    def with_bounds(self) -> "Result":
        """The same with its bounds and their method stored, for who reads a table without this rule."""
        low, high = self.bounds or (None, None)
        return replace(self, low=low, high=high, interval_method=self.bounds_method)


@cache
def published(table: str) -> tuple[Result, ...]:
    """The rows of cache/published/<table>.csv, or .csv.gz, in their order; raises UnknownName when there is no such
    table.
    """
    files = {table_name(path): path for path in _published_files()}
    if table not in files:
        raise UnknownName("table of published results", table, files)
    return read(files[table], "published")


def published_tables() -> tuple[str, ...]:
    """The names of all published tables, in alphabetical order."""
    return tuple(map(table_name, _published_files()))


def table_name(path: Path) -> str:
    """What a file of published results is called, packed or not."""
    return path.name.removesuffix(".gz").removesuffix(".csv")


def read(path: Path, kind: Kind) -> tuple[Result, ...]:
    """The rows of a table in their order; raises OSError when it cannot be read, and ValueError or TypeError when it is
    no such table.
    """
    with _opened(path) as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if len(set(header)) < len(header) or not set(REQUIRED) <= set(header) <= set(COLUMNS):
            raise TypeError(f"{path.name} has the columns {', '.join(header)}; expected {', '.join(COLUMNS)}.")
        places = [header.index(column) if column in header else None for column in COLUMNS]
        rows = (["" if place is None else csv_cells.read_back(line[place]) for place in places] for line in lines)
        return tuple(_row(cells, kind) for cells in rows)


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _row(cells: list[str], kind: Kind) -> Result:
    # tens of thousands of rows share a few thousand words, each of which is held once
    benchmark, model, condition, metric, value, unit, n, protocol, source, low, high, method = map(sys.intern, cells)
    what = (benchmark, model, _condition(condition), metric, _finite(value), unit, int(n), protocol, kind, source)
    return Result(*what, _finite(low) if low else None, _finite(high) if high else None, method)


@cache
def _condition(text: str) -> BenchmarkCondition:
    return BenchmarkCondition(text)


def write(path: Path, rows: Iterable[Result]) -> None:
    """Write `rows` as a table that `read` understands; their kind is not written, since it depends on who reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv_cells.write_rows(file, [COLUMNS, *([getattr(row, column) for column in COLUMNS] for row in rows)])


def _finite(word: str) -> float:
    if not isfinite(value := float(word)):
        raise ValueError(f"{word!r} is no number to compare with")
    return value


def _published_files() -> list[Path]:
    folder = SHIPPED_CACHE / "published"
    return sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")], key=table_name)


def in_unit(number: str, unit: str) -> str:
    """`number` with its unit as it is written behind it: "75.0%", "66.7% of AlexNet", "2.5/255", but "0.42 points"."""
    if unit == IN_255THS:
        return f"{number}/255"
    return f"{number}{unit}" if unit.startswith("%") else f"{number} {unit}"
