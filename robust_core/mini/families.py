"""Measurements of a family of weight files, kept in a JSON file: what was measured before is not measured again."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from robust_core.errors import WeightsUnavailable
from robust_core.events import Progress
from robust_core.mini.hard_set import HardSet
from robust_core.mini.identity import generator_hash
from robust_core.mini.measurement import Measurement, measure
from robust_core.mini.weights import describe, weight_file

Family = dict[str, Measurement]


def read(record: Path) -> Family:
    """The measurements in the file `record`, by model; none when there is no file or it is of another world."""
    stored = json.loads(record.read_text("utf-8")) if record.exists() else {}
    if stored.get("generator") != generator_hash():
        return {}
    return {key: Measurement.from_record(model) for key, model in stored["models"].items()}


def measuring(record: Path, folder: Path, keys: Iterable[str], hard_set: HardSet) -> Iterator[Progress | Family]:
    """Measure the models `keys` in `folder` and write each to `record` as soon as it is done; the last event is the
    family.

    Raises WeightsUnavailable when a model is missing.
    """
    family = read(record)
    for key in keys:
        path = weight_file(folder, key)
        if not path.exists():
            raise WeightsUnavailable(f"The weights of {key} are not in {folder.name}; train them first.")
        if key in family and family[key].file == describe(path):
            continue
        for event in measure(path, hard_set.indices):
            if isinstance(event, Progress):
                yield Progress(event.done, event.total, event.unit, f"{key}: {event.note}")
        family[key] = event
        _write(record, family)
    yield family


def _write(record: Path, family: Family) -> None:
    stored = {
        "generator": generator_hash(),
        "models": {key: measurement.record() for key, measurement in family.items()},
    }
    record.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
