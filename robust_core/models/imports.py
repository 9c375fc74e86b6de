"""The user's own weight files as rows of the model table: unwrapped, checked, stored anew in the weights folder,
recorded, forgotten.

What is stored is the plain state dict as safetensors, so that the user's file is read once and never again. A record is
`imported/<key>.json` in the weights folder. It lists a model only as long as its copy is there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core import settings
from robust_core.errors import BadInput, NotFinite, UnknownName, WeightsUnavailable
from robust_core.files import delete_stale_files, replacing, unchanged_record, write_record
from robust_core.labels import IMAGENET, LabelSpace
from robust_core.models import digests
from robust_core.models.architectures import builder, find_architecture
from robust_core.models.import_records import architecture_entry, class_entries, row_of, sound_row
from robust_core.models.preprocessing import changed_preprocess, stated_preprocess
from robust_core.models.registry import REGISTRY
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.models.registry_timm import TIMM_REGISTRY
from robust_core.models.repairs import plain
from robust_core.models.spec import Architecture, ModelSpec

if TYPE_CHECKING:
    from torch import Tensor

    from robust_core.models.containers import Weights

KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
LONGEST_TITLE = 80


def import_file(
    path: Path | str,
    architecture: str,
    key: str,
    title: str,
    *,
    weights: "Weights | None" = None,
    changes: Mapping[str, Any] | None = None,
    classes: LabelSpace = IMAGENET,
) -> ModelSpec:
    """Take the weight file at `path` into the table as model `key`, and return its row; its note tells how the file was
    read.

    The file may be safetensors or any torch file, plain or with whatever is wrapped around its tensors; their shapes
    must be exactly those of `architecture` (a name of the table, or `timm:NAME`) with as many classes as `classes` has.
    Where it holds averaged (EMA) weights beside the plain ones, the averaged are taken, as trainers evaluate, or those
    that `weights` names. Preprocessing is the one that is stated for the architecture, but for mean and std of a
    normaliser in the file, and for `changes`, keywords of `preprocessing.changed_preprocess`. Raises BadInput for a
    key, title or change that cannot be, UnknownName for another architecture, WeightsUnavailable for a file that cannot
    be read, does not fit, cannot predict or cannot be stored.
    """
    path = Path(path).expanduser()
    _check(path, key, title)
    found = _with_classes(find_architecture(architecture), classes)
    stated, where_stated = stated_preprocess(found)
    changed_preprocess(stated, **(changes or {}))  # what cannot be is said before a large file is read
    state, read, normaliser = _plain_state(path, found, weights)
    changes = normaliser | dict(changes or {})
    preprocess = changed_preprocess(stated, **changes)
    try:
        origin = {
            "architecture": architecture_entry(found),
            "repair": plain.__name__,
            "title": title.strip(),
            "imported_from": path.name,
            "original_sha256": digests.of_content(path),
            "original_bytes": path.stat().st_size,
            "read": read,
            "preprocess": asdict(preprocess),
            "preprocess_from": where_stated
            if preprocess == stated
            else f"{where_stated}, but for {_in_words(changes)}",
            "classes": None if classes == IMAGENET else {"title": classes.title, "classes": class_entries(classes)},
            "date": date.today().isoformat(),
        }
        record = _admit(state, key, origin)
    except OSError as error:
        raise WeightsUnavailable(
            f"{path.name} could not be copied into the weights folder (cache/weights): {error.strerror}."
        ) from error
    return sound_row(key, record)


def imported() -> tuple[ModelSpec, ...]:
    """The rows of all imported files, by key; a record that is damaged, of an older table or without its copy is passed
    over.
    """
    folder = _records_dir()
    if not folder.is_dir():
        return ()
    rows = (row_of(path.stem, dict(unchanged_record(path))) for path in sorted(folder.glob("*.json")))
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
        raise WeightsUnavailable(
            f"{key} cannot be removed from the weights folder (cache/weights): {error.strerror}."
        ) from error
    digests.forget(copy)


def _check(path: Path, key: str, title: str) -> None:
    if not KEY_PATTERN.fullmatch(key):
        raise BadInput(f"A key is 1 to 64 of a-z, 0-9 and _, not beginning with _; got {key!r}.")
    rows = (*REGISTRY, *TIMM_REGISTRY, *MINI_REGISTRY, *imported())
    if key in {row.key for row in rows}:
        raise BadInput(f"There is a model called {key} already; choose another key.")
    if title in {row.title for row in rows}:  # people choose models by their titles
        raise BadInput(f"There is a model with the title {title!r} already; choose another one.")
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        raise BadInput(f"A title is one line of 1 to {LONGEST_TITLE} characters; got {title!r}.")
    if path.is_dir():
        raise BadInput(
            f"{path.name} is a folder; import the weight file inside it, such as model.safetensors or a .pth."
        )
    if not path.is_file():
        raise BadInput(f"There is no file called {path.name}.")


def _in_words(changes: Iterable[str]) -> str:
    return ", ".join(name.removesuffix("_px").replace("_", " ") for name in changes)


def _with_classes(architecture: Architecture, classes: LabelSpace) -> Architecture:
    """The architecture with as many logits as there are classes, and its parameters counted anew."""
    if classes == IMAGENET:
        return architecture
    import torch

    build = builder(architecture.name, len(classes.names))
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in build().parameters())
    return replace(architecture, build=build, parameters=parameters)


def _plain_state(
    path: Path, architecture: Architecture, weights: "Weights | None"
) -> "tuple[dict[str, Tensor], str, dict]":
    """The plain state dict in the file, in words how it was found, and mean and std of a normaliser around it.

    Raises WeightsUnavailable when there is none.
    """
    from robust_core.models import containers, fitting, refusals, tensors
    from robust_core.models.checkpoints import read_checkpoint

    checkpoint, expected = read_checkpoint(path), fitting.expected_state(architecture)
    groups, shapes = containers.groups_of(checkpoint), fitting.shapes_of(expected)
    if not groups:
        raise WeightsUnavailable(refusals.without_tensors(path.name, checkpoint))
    readings = containers.readings_of(groups, shapes)
    whole = [reading for reading in readings if reading.is_whole]
    if not whole:
        raise WeightsUnavailable(refusals.misfit(path.name, architecture.name, checkpoint, readings, shapes))
    taken, told = containers.choose(whole, weights, path.name)
    told = "; ".join([told, *tensors.notes(taken.state.values())])
    return tensors.plain_state(taken.state, expected, path.name), told, containers.normaliser_of(taken)


def _admit(state: "dict[str, Tensor]", key: str, origin: dict) -> dict:
    """Store the state in the weights folder under its key and record it, both or neither; the record is returned.

    What an import under the same key that was killed has left is deleted. Empties `state`, which is large.
    """
    from robust_core.models.checkpoints import write_safetensors

    target = settings.weights_dir() / f"{key}.safetensors"
    delete_stale_files(target)
    with replacing(target) as temporary:
        write_safetensors(temporary, state)
        state.clear()
        record = {
            "file": target.name,
            "sha256": digests.of_content(temporary),
            "bytes": temporary.stat().st_size,
        } | origin
        _check_predicts(sound_row(key, record), temporary)
        write_record(_record_path(key), record)  # counts only from when the copy is in its place
    digests.remember(target, record["sha256"])
    return record


def _check_predicts(row: ModelSpec, path: Path) -> None:
    """Raise WeightsUnavailable when the network with these weights gives no finite logits for a gray image."""
    import torch

    from robust_core.models.loading import load_network

    size_px = row.preprocess.crop
    assert size_px is not None  # only wrapped networks take images whole
    pixels = torch.full((1, 3, size_px, size_px), 0.5)
    try:
        with torch.inference_mode():
            load_network(row, path, torch.device("cpu")).logits(pixels)
    except NotFinite as error:
        what = "its predictions for a gray image are not finite numbers, so the weights are damaged"
        raise WeightsUnavailable(f"{row.title} was not imported: {what}.") from error
    except (RuntimeError, ValueError, IndexError, AssertionError) as error:
        what = f"{row.architecture.name} with these weights cannot predict at {size_px} px"
        raise WeightsUnavailable(
            f"{row.title} was not imported: {what} ({str(error).splitlines()[0][:120]})."
        ) from error


def _copy_of(row: ModelSpec) -> Path:
    return settings.weights_dir() / row.weights.name


def _records_dir() -> Path:
    return settings.weights_dir() / "imported"


def _record_path(key: str) -> Path:
    return _records_dir() / f"{key}.json"
