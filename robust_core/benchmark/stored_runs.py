"""Runs on the disk: a folder for each run, a file for each finished unit, and the numbers when all units are there.

<store>/<experiment>/<model>/<key>/run.json        what determines the predictions, in words
                                   units/*.npz     the predictions, a file per unit; each appears whole or not at all
                                   answers.npz     the same predictions in one file, where a finished run was packed to
                                   be
                                                   handed on
                                   results.csv     the numbers, once everything is there

The key is a hash of everything that determines the predictions but the images, and a unit's name ends with a hash of
its images. So other weights, another protocol or seed have another folder, other images other units, nothing is ever
mixed, and the stores of several machines can be laid over each other. The numbers are those of the images with which
the run was last finished.
"""

import csv
import hashlib
import io
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from robust_core import settings
from robust_core.errors import DataUnavailable
from robust_core.files import read_record, replacing, write_record
from robust_core.results import BenchmarkCondition, Result, read, write

UnitPredictions = Mapping[str, np.ndarray]
FIELDS = "fields"  # the names of all arrays in a file, so that a damaged one cannot lack any


def own_store() -> Path:
    """Where the user's own runs go."""
    return settings.cache_dir() / "runs" / "benchmarks"


def stores() -> tuple[Path, ...]:
    """Where finished runs may lie: the shipped ones of the mini family, then the user's own."""
    return (settings.SHIPPED_CACHE / "mini" / "results", own_store())


@dataclass(frozen=True)
class Run:
    """One run in its folder; `identity` is what determines its predictions."""

    folder: Path

    @cached_property
    def identity(self) -> dict:
        """The content of run.json; empty when it is missing or damaged."""
        return read_record(self.folder / "run.json")

    @property
    def title(self) -> str:
        """The keys of its experiment and model; a path would say too much in a browser."""
        return " with ".join(self.folder.parts[-3:-1])

    @property
    def is_finished(self) -> bool:
        """Whether its numbers are there."""
        return (self.folder / "results.csv").is_file()

    @property
    def images_digest(self) -> str:
        """The digest of all its images, once it is finished; equal ones were asked in the same order."""
        return self.identity.get("pictures", "")

    def results(self) -> tuple[Result, ...]:
        """Its numbers; none as long as it is not finished, or when the file is damaged."""
        try:
            return read(self.folder / "results.csv", "cached")
        except (OSError, ValueError, TypeError, KeyError, csv.Error):
            return ()

    def predictions(self) -> dict[BenchmarkCondition, UnitPredictions]:
        """The predictions by condition, each field with a row per image; only of a finished run.

        Raises DataUnavailable when units are missing or damaged.
        """
        return joined(self._units())

    # Units

    def read_unit(self, name: str) -> UnitPredictions | None:
        """The predictions of the unit called `name`; None when it was not computed, or its file is damaged."""
        return _read_arrays(self._unit(name)) or self._packed.get(name)

    def holds(self, name: str) -> bool:
        """Whether there is anything that `read_unit` could read."""
        return self._unit(name).is_file() or name in self._packed

    def write_unit(self, name: str, predictions: UnitPredictions) -> None:
        """Write a unit at once or not at all; raises DataUnavailable when the disk does not take it."""
        with self._writing():
            _put(self._unit(name), _as_bytes(predictions))

    def lock(self, name: str) -> FileLock | None:
        """A lock on the unit, to be released by the caller; None while another process has it. A process that dies
        gives its locks up.
        """
        with self._writing():
            (self.folder / "locks").mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "locks" / name, thread_local=False)
            try:
                lock.acquire(blocking=False)
            # the folder of the locks goes when another process has finished the run
            except (Timeout, FileNotFoundError):
                return None
        return lock

    def begin(self, identity: Mapping) -> None:
        """Write down what determines the predictions, unless that was done."""
        if not read_record(self.folder / "run.json"):
            with self._writing():
                write_record(self.folder / "run.json", dict(identity))

    def finish(self, identity: Mapping, units: Sequence[str], images_digest: str, results: Iterable[Result]) -> None:
        """Write the numbers, and of which units they are; what attempts that were killed left behind goes."""
        with self._writing():
            write_record(self.folder / "run.json", {**identity, "pictures": images_digest, "units": list(units)})
            with replacing(self.folder / "results.csv") as path:
                write(path, results)
        shutil.rmtree(self.folder / "locks", ignore_errors=True)
        for left in (self.folder / "units").glob(".*"):
            left.unlink(missing_ok=True)

    def pack(self, store: Path) -> "Run":
        """A copy of this finished run in `store`, with all predictions in one file; raises DataUnavailable when they
        are not all there.
        """
        copy = Run(store / self.folder.relative_to(self.folder.parents[2]))
        arrays = {f"{name}/{field}": values for name, unit in self._units().items() for field, values in unit.items()}
        with copy._writing():
            for name in ("run.json", "results.csv"):
                _put(copy.folder / name, (self.folder / name).read_bytes())
            _put(copy.folder / "answers.npz", _as_bytes(arrays))
        return copy

    def _units(self) -> dict[str, UnitPredictions]:
        """The units of a finished run by name, in order."""
        names = self.identity.get("units", ())
        units = {name: unit for name in names if (unit := self.read_unit(name)) is not None}
        if not units or len(units) < len(set(names)):
            raise DataUnavailable(
                f"The predictions of {self.title} are not all there; run it again, which computes what is missing."
            )
        return units

    @cached_property
    def _packed(self) -> Mapping[str, UnitPredictions]:
        units: defaultdict[str, dict[str, np.ndarray]] = defaultdict(dict)
        for key, values in (_read_arrays(self.folder / "answers.npz") or {}).items():
            name, _, field = key.rpartition("/")
            units[name][field] = values
        return units

    def _unit(self, name: str) -> Path:
        return self.folder / "units" / f"{name}.npz"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataUnavailable(
                f"The predictions of {self.title} cannot be written ({error.strerror or 'input or output error'}); "
                "what was finished is safe, and the next attempt goes on from there."
            ) from error


def run_of(identity: Mapping, store: Path) -> Run:
    """The run with this identity in `store`, begun or not."""
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    return Run(store / identity["experiment"] / identity["model"] / key)


def runs_in(store: Path) -> list[Run]:
    """All runs of a store, begun and finished, by experiment, model and key; not those whose run.json is damaged."""
    return [run for path in sorted(store.glob("*/*/*/run.json")) if (run := Run(path.parent)).identity]


def tables(store: Path) -> list[Path]:
    """The numbers of every finished run of a store, a file each."""
    return sorted(store.glob("*/*/*/results.csv"))


def finished(store: Path) -> list[Run]:
    """The finished runs of a store."""
    return [run for run in runs_in(store) if run.is_finished]


def merge(source: Path, store: Path) -> int:
    """Copy every sound unit of the runs in `source` that `store` lacks, and say how many these were.

    Raises DataUnavailable when there are no runs in `source`, or the disk does not take them.
    """
    runs, copied = runs_in(source), 0
    if not runs:
        raise DataUnavailable(f"There are no runs in {source}; expected <experiment>/<model>/<key>/run.json below it.")
    for run in runs:
        own = Run(store / run.folder.relative_to(source))
        own.begin({name: value for name, value in run.identity.items() if name not in ("pictures", "units")})
        for name in sorted(
            {*run.identity.get("units", ()), *(path.stem for path in (run.folder / "units").glob("[!.]*.npz"))}
        ):
            predictions = run.read_unit(name)
            if predictions is not None and own.read_unit(name) is None:
                own.write_unit(name, predictions)
                copied += 1
    return copied


def unit_name(condition: BenchmarkCondition, number: int, digest: str) -> str:
    """The name of a unit: the condition as words of a file name, the unit's number, and the digest of its
    images.
    """
    return f"{condition.replace(' ', '+') or 'all'}.{number:04d}.{digest}"


def joined(units: Mapping[str, UnitPredictions]) -> dict[BenchmarkCondition, UnitPredictions]:
    """The predictions of units by name, put together by the condition that the name begins with, in order."""
    by_condition: defaultdict[BenchmarkCondition, list[UnitPredictions]] = defaultdict(list)
    for name, predictions in units.items():
        words = name.rsplit(".", 2)[0]
        by_condition[BenchmarkCondition("" if words == "all" else words.replace("+", " "))].append(predictions)
    return {condition: concatenated(group) for condition, group in by_condition.items()}


def concatenated(parts: Sequence[UnitPredictions]) -> UnitPredictions:
    """The predictions of parts as those of one whole."""
    return {field: np.concatenate([part[field] for part in parts]) for field in parts[0]}


def _as_bytes(arrays: UnitPredictions) -> bytes:
    buffer = io.BytesIO()
    named = {**arrays, FIELDS: np.array(sorted(arrays))}
    np.savez_compressed(buffer, **named)  # type: ignore[arg-type]  # no array is called allow_pickle
    return buffer.getvalue()


def _put(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _read_arrays(path: Path) -> UnitPredictions | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)  # reads every array, each with its check sum
        return arrays if arrays.pop(FIELDS).tolist() == sorted(arrays) else None
    # zlib.error, NotImplementedError, RuntimeError, ...: whatever zipfile, zlib or NumPy stumbles over
    except Exception:
        return None
