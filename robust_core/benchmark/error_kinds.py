"""The kinds of top-1 errors of Peychev et al. 2023 ("Automated Classification of Model Errors on ImageNet"): what a
model got wrong, and whether it was wrong at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from robust_core.results import Result

METRIC = "error_rate"


@dataclass(frozen=True)
class ErrorKind:
    """One kind, by its key in a condition; `meaning` completes "The prediction …"."""

    key: str
    title: str
    meaning: str


# in the order in which an error is put into the first kind that fits, least bad first
KINDS = (
    ErrorKind("collapsed_mapping", "same thing, another class", "names a class that means the same thing"),
    ErrorKind("multi_label", "multi-label right", "names something else that the image shows"),
    ErrorKind("fine_grained", "fine-grained", "is a class of the same group, such as another breed of dog"),
    ErrorKind("out_of_vocabulary", "out of vocabulary", "is near something that ImageNet has no class for"),
    ErrorKind("co_occurrence", "co-occurrence", "is a class that often appears with the label, but not here"),
    ErrorKind("non_prototypical", "non-prototypical", "fails on an unusual example of its class"),
    ErrorKind("unexplained", "unexplained", "has none of these excuses"),
)
KIND_TITLES = {kind.key: kind.title for kind in KINDS}


@dataclass(frozen=True)
class Errors:
    """The top-1 errors of one model on `n` images: how many of each kind, by its key."""

    model: str
    n: int
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def percent(self, kind: str, *, of_images: bool) -> float:
        """The share of one kind among the errors, or among the images."""
        whole = self.n if of_images else self.total
        return 100 * self.counts.get(kind, 0) / whole if whole else 0.0


def errors_by_model(rows: Iterable[Result]) -> dict[str, Errors]:
    """The errors behind rows of the metric `error_rate`, one row for each model and kind, which share one protocol."""
    found: dict[str, dict[str, Result]] = {}
    for row in rows:
        found.setdefault(row.model, {})[row.settings["kind"]] = row
    return {
        model: Errors(
            model,
            next(iter(kinds.values())).n,
            {kind: round(row.value / 100 * row.n) for kind, row in kinds.items()},
        )
        for model, kinds in found.items()
    }
