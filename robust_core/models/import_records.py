"""What is kept of an imported model beside its weights, and the row of the model table that it becomes."""

from dataclasses import fields

from robust_core.images import Preprocess
from robust_core.labels import CLASSES, IMAGENET, LabelSpace, own_label_space
from robust_core.models.architectures import ARCHITECTURES, builder
from robust_core.models.registry import RESIZE_256_BILINEAR
from robust_core.models.repairs import REPAIRS
from robust_core.models.spec import Architecture, ModelSpec, WeightFile

FAMILY = "Imported"


def row_of(key: str, record: dict) -> ModelSpec | None:
    """The model `key` as its record describes it; None for a record that is damaged or of an older table."""
    try:
        return sound_row(key, record)
    except (KeyError, TypeError):
        return None


def sound_row(key: str, record: dict) -> ModelSpec:
    """What `row_of` gives for a sound record; raises KeyError or TypeError for another."""
    repairs = {repair.__name__: repair for repair in REPAIRS}
    label_space = _label_space(record)
    return ModelSpec(
        key=key,
        title=record["title"],
        family=FAMILY,
        training_data="not known: the user's own file",
        architecture=_architecture(record, label_space),
        weights=WeightFile(
            url=f"cache/weights/{record['file']}",
            sha256=record["sha256"],
            bytes=record["bytes"],
            licence="the user's own file",
            source=f"{record['imported_from']}, imported on {record['date']}",
        ),
        preprocess=_preprocess(record),
        label_space=label_space,
        repair=repairs[record["repair"]],
        published=None,
        note=_note(record),
    )


def architecture_entry(architecture: Architecture) -> dict:
    """What a record holds of an architecture: all but the function that builds it, and what was measured on weights of
    the table.
    """
    left_out = ("build", "bfloat16")
    return {one.name: getattr(architecture, one.name) for one in fields(architecture) if one.name not in left_out}


def class_entries(classes: LabelSpace) -> list[str]:
    """The list that `own_label_space` makes into these classes: WordNet ids where they are ImageNet's, else names."""
    return [
        name if index is None else CLASSES[index].wnid
        for name, index in zip(classes.names, classes.imagenet, strict=True)
    ]


def _architecture(record: dict, label_space: LabelSpace) -> Architecture:
    """The architecture as it was recorded, so that listing models imports no timm; earlier records hold its name
    alone.
    """
    recorded = record["architecture"]
    name = recorded if isinstance(recorded, str) else recorded["name"]
    if label_space == IMAGENET and name in ARCHITECTURES:
        return ARCHITECTURES[name]
    return Architecture(build=builder(name, len(label_space.names)), **recorded)


def _preprocess(record: dict) -> Preprocess:
    if "preprocess" not in record:
        return RESIZE_256_BILINEAR
    recorded = record["preprocess"]
    return Preprocess(**recorded | {"mean": tuple(recorded["mean"]), "std": tuple(recorded["std"])})


def _label_space(record: dict) -> LabelSpace:
    recorded = record.get("classes")
    return own_label_space(recorded["title"], recorded["classes"]) if recorded else IMAGENET


def _note(record: dict) -> str:
    read = f", read {record['read']}" if "read" in record else ""
    stated = record.get("preprocess_from", "assumed to be ImageNet's standard")
    return f"Your own file{read}. Preprocessing: {stated}."
