"""Results as one tidy table: every number with its protocol, its n and its source, be it published or computed by the
benchmark runner.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import Interval, wilson
from robust_core.settings import SHIPPED_CACHE

Kind = Literal["live", "cached", "published"]
SHARES = {"top1", "top5", "top1_error", "top1_under_attack", "shape_bias", "coverage"}


@dataclass(frozen=True)
class Result:
    """One number. `condition` is words of the form name=value, such as "eps=0.06 steps=20" or "corruption=fog
    severity=3"; `model` is a key of the model table, or a name for who is in no table, such as people.

    `value` is in `unit`; `n` is the number of images behind it.
    """

    benchmark: str
    model: str
    condition: str
    metric: str
    value: float
    unit: str
    n: int
    protocol: str
    kind: Kind
    source: str

    @property
    def settings(self) -> dict[str, str]:
        """The condition taken apart: the word behind each name."""
        return settings(self.condition)

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

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of a share of n images; None for what is no such share, as a mean over conditions or
        frames.
        """
        return wilson(round(self.value / 100 * self.n), self.n) if self.unit == "%" and self.metric in SHARES else None


def settings(condition: str) -> dict[str, str]:
    """A condition such as "corruption=fog severity=3" taken apart."""
    return dict(word.split("=", 1) for word in condition.split())


@cache
def published(table: str) -> tuple[Result, ...]:
    """The rows of cache/published/<table>.csv in their order; raises UnknownName when there is no such table."""
    files = {path.stem: path for path in _published_files()}
    if table not in files:
        raise UnknownName("table of published results", table, files)
    return read(files[table], "published")


def published_tables() -> tuple[str, ...]:
    """The names of all published tables, in alphabetical order."""
    return tuple(path.stem for path in _published_files())


def read(path: Path, kind: Kind) -> tuple[Result, ...]:
    """The rows of a table in their order; raises OSError when it cannot be read, and ValueError or TypeError when it is
    no such table.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows: Iterable[dict[str, Any]] = csv.DictReader(file)
        return tuple(Result(**row | {"value": _finite(row["value"]), "n": int(row["n"]), "kind": kind}) for row in rows)


def write(path: Path, rows: Iterable[Result]) -> None:
    """Write `rows` as a table that `read` understands; their kind is not written, since it depends on who reads."""
    columns = [field.name for field in fields(Result) if field.name != "kind"]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows([getattr(row, column) for column in columns] for row in rows)


def _finite(word: str) -> float:
    if not isfinite(value := float(word)):
        raise ValueError(f"{word!r} is no number to compare with")
    return value


def _published_files() -> list[Path]:
    return sorted((SHIPPED_CACHE / "published").glob("*.csv"))


def in_unit(number: str, unit: str) -> str:
    """`number` with its unit as it is written behind it: "75.0%" or "66.7% of AlexNet", but "0.42 points"."""
    return f"{number}{unit}" if unit.startswith("%") else f"{number} {unit}"
