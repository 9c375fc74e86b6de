"""Measurements of a family of weight files, kept in a JSON file: what was measured before is not measured again."""

import json
from collections.abc import Generator, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from robust_core.errors import WeightsUnavailable
from robust_core.events import Progress, mapped
from robust_core.mini.hard_set import HardSet
from robust_core.mini.identity import WORLD
from robust_core.mini.measurement import Measurement, measure
from robust_core.mini.weights import describe, weight_file

Family = dict[str, Measurement]


def read(record: Path) -> Family:
    """The measurements in the file `record`, by model; none when there is no file or it is of another world."""
    stored = json.loads(record.read_text("utf-8")) if record.exists() else {}
    if stored.get("generator") != WORLD:
        return {}
    return {key: Measurement.from_record(model) for key, model in stored["models"].items()}


def measuring(record: Path, folder: Path, keys: Iterable[str], hard_set: HardSet) -> Generator[Progress, None, Family]:
    """Measure the models `keys` in `folder` and write each to `record` as soon as it is done; returns the family.

    Raises WeightsUnavailable when a model is missing.
    """
    family = read(record)
    for key in keys:
        path = weight_file(folder, key)
        if not path.exists():
            raise WeightsUnavailable(f"The weights of {key} are not in {folder.name}; train them first.")
        if key in family and family[key].file == describe(path):
            continue
        family[key] = yield from mapped(measure(path, hard_set.indices), partial(_named, key))
        _write(record, family)
    return family


def _named(key: str, event: Progress) -> Progress:
    return replace(event, note=f"{key}: {event.note}")


def _write(record: Path, family: Family) -> None:
    stored = {
        "generator": WORLD,
        "models": {key: measurement.record() for key, measurement in family.items()},
    }
    record.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
