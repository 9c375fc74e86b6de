"""What every study returns: a tidy table, a figure, and where the numbers come from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from robust_core import csv_cells
from robust_core.errors import BadInput
from robust_core.intervals import Interval

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.report.report_images import ReportImage
    from robust_core.studies.request import Request


@cache
def _versions() -> Mapping[str, str]:
    """Of all that a result's numbers depend on; they do not change within a process."""
    import platform
    from importlib.metadata import version

    import torch

    import robust_core

    versions = {"robust-lab": robust_core.__version__, "torch": str(torch.__version__)}
    return versions | {"torchvision": version("torchvision"), "python": platform.python_version()}


@dataclass(frozen=True)
class Provenance:
    """All that determines the numbers of a result, as plain values: the request, what its images were, the versions,
    and the `machine` in words. `asked` is the request itself, which a recorded result does not have.
    """

    request: Mapping[str, Any]
    images_sha256: str | None
    versions: Mapping[str, str]
    machine: str = ""
    asked: "Request | None" = field(default=None, compare=False, repr=False, metadata={"recorded": False})

    @classmethod
    def of(cls, request: "Request", images_sha256: str | None = None) -> "Provenance":
        """What is known of `request` in this process; `images_sha256` is over the images as they were read."""
        from robust_core.models.device import this_machine

        return cls(request.identity, images_sha256, _versions(), this_machine(), request)

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return (
            dict(self.request)
            | {"images_sha256": self.images_sha256, "versions": dict(self.versions)}
            | ({"machine": self.machine} if self.machine else {})
        )

    @property
    def header(self) -> str:
        """The line that heads a CSV file; `pandas.read_csv(path, skiprows=1)` leaves it out."""
        return csv_cells.heading(self.plain)


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A result: `frame` is its table, a number in each row with its n, interval and protocol; columns name their
    units. `parts` names the field that holds what each model came to, by which results of several models are one;
    "" where a result is of one model.
    """

    parts: ClassVar[str] = ""

    provenance: Provenance = field(repr=False)

    def to_frame(self) -> "pandas.DataFrame":
        """The result as a tidy table."""
        raise NotImplementedError

    @cached_property
    def frame(self) -> "pandas.DataFrame":
        """The result as a tidy table, made once."""
        return self.to_frame()

    def figure(self) -> "Figure":
        """The result as a Plotly figure."""
        raise NotImplementedError

    def report_images(self) -> "tuple[ReportImage, ...]":
        """The images that belong beside its numbers."""
        return ()

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know beside its numbers."""
        return ()

    @property
    def options(self) -> Mapping[str, Any]:
        """The fields that say how its numbers are counted, which no request says."""
        return {}

    def can_join(self, other: "StudyResult") -> bool:
        """Whether `other` is of the same study on other models, counted alike."""
        if not self.parts or type(self) is not type(other) or self.options != other.options:
            return False
        ours, theirs = ({**one.provenance.request, "models": None} for one in (self, other))
        return ours == theirs and self.provenance.images_sha256 == other.provenance.images_sha256

    def joined(self, others: Iterable[Self]) -> Self:
        """This result with what other models came to."""
        others = list(others)
        if not others:
            return self
        parts = [getattr(one, self.parts) for one in (self, *others)]
        every = (
            {name: part for one in parts for name, part in one.items()}
            if isinstance(parts[0], Mapping)
            else tuple(part for one in parts for part in one)
        )
        models = [model for one in (self, *others) for model in one.provenance.request["models"]]
        request = {**self.provenance.request, "models": models}
        return replace(self, provenance=replace(self.provenance, request=request, asked=None), **{self.parts: every})

    def csv(self) -> str:
        """The table as CSV, below a line that says in JSON what was asked."""
        return self.provenance.header + csv_cells.of_frame(self.frame)

    def save(self, path: "str | Path") -> Path:
        """Write the result to `path`, by its suffix: .csv, .json or .parquet holds the table with its provenance, .html
        a report (see `report`).

        Returns the path. Raises BadInput for another suffix, or where the file cannot be written.
        """
        path = Path(path).expanduser()
        writers = {".csv": self._csv, ".json": self._json, ".parquet": self._parquet, ".html": self._html}
        if path.suffix.lower() not in writers:
            raise BadInput(f"A result is saved as {', '.join(writers)}; got {path.name!r}.")
        try:
            writers[path.suffix.lower()](path)
        except OSError as error:
            raise BadInput(f"{path.name} cannot be written: {error.strerror or error}.") from error
        return path

    def _csv(self, path: Path) -> None:
        path.write_text(self.csv(), encoding="utf-8")

    def _json(self, path: Path) -> None:
        rows = json.loads(self.frame.to_json(orient="records"))
        path.write_text(
            json.dumps({"provenance": self.provenance.plain, "rows": rows}, indent=1, ensure_ascii=False),
            encoding="utf-8",
        )

    def _parquet(self, path: Path) -> None:
        frame = self.frame.copy()
        frame.attrs["provenance"] = json.dumps(self.provenance.plain)  # pandas keeps it in the file
        frame.to_parquet(path, index=False)

    def _html(self, path: Path) -> None:
        from robust_core import report

        path.write_text(report.write(self), encoding="utf-8")


def percent(name: str, interval: Interval | None) -> dict[str, float | str | None]:
    """A fraction in percent, with the bounds of its 95% interval and their method, as columns."""
    columns = (f"{name}_percent", "low_percent", "high_percent", "interval_method")
    if interval is None:
        return dict.fromkeys(columns)
    values = (100 * interval.estimate, 100 * interval.low, 100 * interval.high)
    return dict(zip(columns, (*values, interval.method), strict=True))
