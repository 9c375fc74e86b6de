"""The user's own weight files as rows of the model table: checked, copied into the weights folder, recorded, forgotten.

A record is `imported/<key>.json` in the weights folder. It lists a model only as long as its copy is there.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from robust_core import settings
from robust_core.errors import BadInput, UnknownName, WeightsUnavailable
from robust_core.labels import IMAGENET
from robust_core.models import digests
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.records import delete_leavings, read_record, replacing, write_record
from robust_core.models.registry import REGISTRY, RESIZE_256_BILINEAR
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.models.repairs import REPAIRS
from robust_core.models.spec import Architecture, ModelSpec, WeightFile

if TYPE_CHECKING:
    from torch import Tensor

    from robust_core.models.fitting import Shapes

FAMILY = "Imported"
KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
LONGEST_TITLE = 80


def import_file(path: Path | str, architecture: str, key: str, title: str) -> ModelSpec:
    """Take the weight file at `path` into the table as model `key`, and return its row.

    The file may be safetensors or any torch file that holds tensors only, plain or in a container that repairs.py knows; its
    keys and shapes must be exactly those of `architecture`. It gets ImageNet's standard preprocessing and 1,000 classes.
    Raises BadInput for a key or title that cannot be, UnknownName for another architecture, WeightsUnavailable for a file that
    cannot be read, does not fit or cannot be copied.
    """
    path = Path(path).expanduser()
    _check(path, key, title)
    if architecture not in ARCHITECTURES:
        raise UnknownName("architecture", architecture, ARCHITECTURES)
    repair = _fitting_repair(path, ARCHITECTURES[architecture])
    origin = {
        "architecture": architecture,
        "repair": repair.__name__,
        "title": title.strip(),
        "imported_from": path.name,
        "date": date.today().isoformat(),
    }
    try:
        record = _admit(path, key, origin)
    except OSError as error:
        raise WeightsUnavailable(f"{path.name} could not be copied into the weights folder (cache/weights): {error.strerror}.") from error
    return _row(key, record)


def imported() -> tuple[ModelSpec, ...]:
    """The rows of all imported files, by key; a record that is damaged, of an older table or without its copy is passed over."""
    rows = (_row(path.stem, read_record(path)) for path in sorted(_records_dir().glob("*.json")))
    return tuple(row for row in rows if row is not None and _copy_of(row).is_file())


def forget(key: str) -> None:
    """Delete the imported model `key`, row and copy; the file that it was copied from stays.

    Raises UnknownName for any other key, WeightsUnavailable when the folder cannot be written.
    """
    rows = {row.key: row for row in imported()}
    if key not in rows:
        raise UnknownName("imported model", key, rows)
    copy = _copy_of(rows[key])
    try:
        _record_path(key).unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    except OSError as error:
        raise WeightsUnavailable(f"{key} cannot be removed from the weights folder (cache/weights): {error.strerror}.") from error
    digests.forget(copy)


def _check(path: Path, key: str, title: str) -> None:
    if not KEY_PATTERN.fullmatch(key):
        raise BadInput(f"A key is 1 to 64 of a-z, 0-9 and _, not beginning with _; got {key!r}.")
    rows = (*REGISTRY, *MINI_REGISTRY, *imported())
    if key in {row.key for row in rows}:
        raise BadInput(f"There is a model called {key} already; choose another key.")
    if title in {row.title for row in rows}:  # people choose models by their titles
        raise BadInput(f"There is a model with the title {title!r} already; choose another one.")
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        raise BadInput(f"A title is one line of 1 to {LONGEST_TITLE} characters; got {title!r}.")
    if not path.is_file():
        raise BadInput(f"There is no file called {path.name}.")


def _fitting_repair(path: Path, architecture: Architecture) -> "Callable[[Mapping], Mapping[str, Tensor]]":
    """The first repair that turns the file into a state dict of `architecture`; raises WeightsUnavailable when none does."""
    from robust_core.models.checkpoints import extract_state, read_checkpoint
    from robust_core.models.fitting import expected_shapes, misfits, shapes_of

    checkpoint, expected = read_checkpoint(path), expected_shapes(architecture)
    states = {repair: extract_state(checkpoint, repair) for repair in REPAIRS}
    states = {repair: state for repair, state in states.items() if state is not None}
    for repair, state in states.items():
        if not misfits(shapes_of(state), expected):
            return repair
    raise WeightsUnavailable(_misfit_sentence(path.name, architecture.name, list(states.values()), expected))


def _misfit_sentence(file: str, architecture: str, states: "list[Mapping[str, Tensor]]", expected: "Shapes") -> str:
    """What does not fit, told about the reading of the file that shares most keys with the architecture."""
    from robust_core.models.fitting import fitting_architectures, misfits, shapes_of

    if not states:
        return f"{file} holds no state dict in a known container; save model.state_dict() alone."
    nearest = max(states, key=lambda state: len(state.keys() & expected.keys()))
    others = sorted({name for state in states for name in fitting_architectures(state)})
    advice = f"it would fit {' or '.join(others)}" if others else "it fits no architecture of the table"
    return f"{file} does not fit {architecture}: {', '.join(misfits(shapes_of(nearest), expected))}; {advice}."


def _admit(path: Path, key: str, origin: dict) -> dict:
    """Copy the file into the weights folder under its key and record it, both or neither; the record is returned.

    What an import under the same key that was killed has left is deleted.
    """
    from robust_core.models.checkpoints import is_safetensors

    target = settings.weights_dir() / f"{key}{'.safetensors' if is_safetensors(path) else '.pth'}"
    delete_leavings(target)
    with replacing(target) as temporary:
        shutil.copyfile(path, temporary)
        record = {"file": target.name, "sha256": digests.of_content(temporary), "bytes": temporary.stat().st_size} | origin
        write_record(_record_path(key), record)  # counts only from when the copy is in its place
    digests.remember(target, record["sha256"])
    return record


def _copy_of(row: ModelSpec) -> Path:
    return settings.weights_dir() / row.weights.name


def _records_dir() -> Path:
    return settings.weights_dir() / "imported"


def _record_path(key: str) -> Path:
    return _records_dir() / f"{key}.json"


def _row(key: str, record: dict) -> ModelSpec | None:
    repairs = {repair.__name__: repair for repair in REPAIRS}
    try:
        return ModelSpec(
            key=key,
            title=record["title"],
            family=FAMILY,
            training_data="not known: the user's own file",
            architecture=ARCHITECTURES[record["architecture"]],
            weights=WeightFile(
                url=f"cache/weights/{record['file']}",
                sha256=record["sha256"],
                bytes=record["bytes"],
                licence="the user's own file",
                source=f"{record['imported_from']}, imported on {record['date']}",
            ),
            preprocess=RESIZE_256_BILINEAR,
            label_space=IMAGENET,
            repair=repairs[record["repair"]],
            published=None,
            note="Your own file. Its preprocessing is assumed to be ImageNet's standard one.",
        )
    except KeyError:
        return None
