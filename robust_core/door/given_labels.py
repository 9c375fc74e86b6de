"""Labels that a caller gives to images: numbers, names, or a mapping from file names."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from robust_core.errors import BadInput
from robust_core.labels import POSITIONS, LabelSpace, own_label_space

LABELS = (
    'labels must be "wnid", "folder", None, whole numbers or class names one for each image, or a mapping from '
    "file names to them"
)


def by_id(ids: Sequence[str], labels: Any) -> dict[str, Any]:
    """The label of each image, by its id, as it was given; raises BadInput where there is not one for each."""
    if isinstance(labels, str):
        if labels != "folder" or any("/" not in one for one in ids):
            raise BadInput(
                f"{LABELS}; got {labels!r}{'' if labels != 'folder' else ' for images that lie in no subfolder'}."
            )
        return {one: one.split("/")[0] for one in ids}
    if isinstance(labels, Mapping):
        by_name = {one: {one, Path(one).name, Path(one).stem} & set(labels) for one in ids}
        if lacking := [one for one, names in by_name.items() if not names]:
            raise BadInput(
                f"The labels name {len(ids) - len(lacking):,} of {len(ids):,} images; the first that they lack is "
                f"{Path(lacking[0]).name}."
            )
        return {one: labels[next(iter(names))] for one, names in by_name.items()}
    if not isinstance(labels, Iterable):
        raise BadInput(f"{LABELS}; got {type(labels).__name__}.")
    given = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    if len(given) != len(ids):
        raise BadInput(f"There are {len(ids):,} images and {len(given):,} labels; expected one for each.")
    return dict(zip(ids, given, strict=True))


def counted(given: Mapping[str, Any], classes: Sequence[str] | None) -> tuple[LabelSpace, dict[str, int]]:
    """The label space of labels by id, and each as an index in it; raises BadInput for labels that `classes` do not
    have.
    """
    names = list(classes) if classes is not None else None
    if all(isinstance(one, str) for one in given.values()):
        names = names if names is not None else sorted(set(given.values()))
        if unknown := set(given.values()) - set(names):
            raise BadInput(f"{sorted(unknown)[0]!r} is none of the {len(names)} classes.")
        return own_label_space("the labels given", names), {one: names.index(label) for one, label in given.items()}
    if not all(type(one) is int and one >= 0 for one in given.values()):
        strange = next(one for one in given.values() if type(one) is not int or one < 0)
        raise BadInput(f"{LABELS}; got {strange!r} among them.")
    if names is not None and (most := max(given.values())) >= len(names):
        raise BadInput(f"There are {len(names)} classes, 0 to {len(names) - 1}; got {most} as a label.")
    return own_label_space("the labels given", names) if names else POSITIONS, dict(given)
