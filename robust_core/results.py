"""Published results as one tidy table: every number with its protocol, its n and its source. What is computed live is not here."""

import csv
from dataclasses import dataclass
from functools import cache
from typing import Literal

from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import Interval, wilson
from robust_core.settings import SHIPPED_CACHE

Kind = Literal["live", "cached", "published"]


@dataclass(frozen=True)
class Result:
    """One number. `condition` is words of the form name=number, such as "eps=0.06 steps=20"; `model` is a key of the model
    table, or a name for who is in no table, such as people.

    `value` is in `unit`; `n` is the number of pictures behind it.
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

    def setting(self, name: str) -> float:
        """The number that `name` has in the condition; raises BadInput when it has none."""
        settings = dict(word.split("=") for word in self.condition.split())
        if name not in settings:
            raise BadInput(f"This result was measured at {self.condition!r}, which says nothing about {name!r}.")
        return float(settings[name])

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of a percentage of n pictures; None for any other unit."""
        return wilson(round(self.value / 100 * self.n), self.n) if self.unit == "%" else None


@cache
def published(table: str) -> tuple[Result, ...]:
    """The rows of cache/published/<table>.csv in their order; raises UnknownName when there is no such table."""
    files = {path.stem: path for path in sorted((SHIPPED_CACHE / "published").glob("*.csv"))}
    if table not in files:
        raise UnknownName("table of published results", table, files)
    with files[table].open(encoding="utf-8", newline="") as file:
        return tuple(_result(row) for row in csv.DictReader(file))


def _result(row: dict[str, str]) -> Result:
    return Result(**row | {"value": float(row["value"]), "n": int(row["n"]), "kind": "published"})
