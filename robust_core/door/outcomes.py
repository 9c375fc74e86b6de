"""What the studies of the door return: a tidy table, a figure, and where the numbers come from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.errors import BadInput
from robust_core.intervals import Interval

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.door.image_sets import ImageSet
    from robust_core.models.spec import ModelSpec


@dataclass(frozen=True)
class Provenance:
    """All that determines the numbers of a result, as plain values: the study and its settings, the models, the images,
    the versions.
    """

    study: str
    settings: Mapping[str, Any]
    models: tuple[Mapping[str, Any], ...]
    images: Mapping[str, Any]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, study: str, specs: "Iterable[ModelSpec]", images: Mapping[str, Any], **settings: Any) -> "Provenance":
        """What is known of `study` with these models, images and settings, in this process."""
        import torch

        import robust_core

        versions = {"robust-lab": robust_core.__version__, "torch": torch.__version__}
        return cls(study, settings, tuple(map(_model, specs)), images, versions)


def _model(spec: "ModelSpec") -> dict[str, Any]:
    return {
        "model": spec.name,
        "architecture": spec.architecture.name,
        "weights_sha256": spec.weights.sha256,
        "preprocessing": str(spec.preprocess),
        "classes": spec.label_space.title,
    }


def about(images: "ImageSet") -> dict[str, Any]:
    """What identifies a set of images."""
    return {"title": images.title, "n": len(images), "rule": images.rule, "sha256": images.digest}


@dataclass(frozen=True, eq=False)
class Outcome:
    """A result: `frame` is its table, a number in each row with its n, interval and protocol; columns name their
    units.
    """

    frame: "pandas.DataFrame"
    provenance: Provenance = field(repr=False)

    def figure(self) -> "Figure":
        """The result as a Plotly figure."""
        raise NotImplementedError

    def save(self, path: "str | Path") -> Path:
        """Write the result to `path`, by its suffix: .csv or .parquet holds the table, .json the table and its
        provenance, .html the figure.

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
        self.frame.to_csv(path, index=False)

    def _json(self, path: Path) -> None:
        rows = json.loads(self.frame.to_json(orient="records"))
        path.write_text(
            json.dumps(
                {"provenance": asdict(self.provenance), "rows": rows}, indent=1, ensure_ascii=False, default=str
            ),
            encoding="utf-8",
        )

    def _parquet(self, path: Path) -> None:
        self.frame.to_parquet(path, index=False)

    def _html(self, path: Path) -> None:
        self.figure().write_html(path, include_plotlyjs=True)


def percent(name: str, interval: Interval | None) -> dict[str, float | None]:
    """A share in percent, with the bounds of its 95% interval, as columns."""
    values = (None,) * 3 if interval is None else (interval.estimate, interval.low, interval.high)
    return {
        f"{column}_percent": None if value is None else 100 * value
        for column, value in zip((name, "low", "high"), values, strict=True)
    }
