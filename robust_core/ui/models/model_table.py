"""The table of models for a page: values and facts in words; nothing here draws."""

from collections.abc import Sequence

import pandas as pd

from robust_core.intervals import wilson
from robust_core.models import weights
from robust_core.models.spec import ModelSpec
from robust_core.ui import weight_downloads, words

VALIDATION_IMAGES = 50_000  # of ImageNet, all of which every publisher of an accuracy here took


def as_table(specs: Sequence[ModelSpec]) -> pd.DataFrame:
    """One row per model in the order of `specs`."""
    present = {spec.key for spec in weights.present_among(specs)}
    return pd.DataFrame([_row(spec, weight_downloads.standing(spec, spec.key in present)) for spec in specs])


def facts(spec: ModelSpec) -> dict[str, str]:
    """What is known about one model, by name, as Markdown."""
    known = {
        "Training": f"{spec.family}: {spec.training_data}",
        "ImageNet accuracy": _published(spec),
        "Licence of the weights": spec.weights.licence,
        "Weights": spec.weights.source,
        "SHA-256": spec.weights.sha256 or _recorded(spec),
        "Preprocessing": str(spec.preprocess),
        "Network": f"{spec.architecture.name}, {spec.architecture.parameters:,} parameters, activation maps from "
        f"{spec.cam_layer}",
        "Note": spec.note,
    }
    escaped = {name: words.plain(text) for name, text in known.items() if text}
    if weights.downloadable(spec):
        escaped["Weights"] = f"<{spec.weights.url}> ({escaped['Weights']})"
    return escaped


def _recorded(spec: ModelSpec) -> str:
    """The hash that was taken when the weights first came, where nobody published one."""
    recorded = weights.recorded_sha256(spec)
    return "no published SHA-256" + (f"; recorded at the first download: {recorded}" if recorded else "")


def _published(spec: ModelSpec) -> str:
    if spec.published is None:
        return "none published"
    top5 = f", top-5 {_with_interval(spec.published.top5_percent)}" if spec.published.top5_percent is not None else ""
    return (
        f"top-1 {_with_interval(spec.published.top1_percent)}{top5}; n = {VALIDATION_IMAGES:,}; 95%, Wilson; "
        f"PUBLISHED: {spec.published.source}"
    )


def _with_interval(percent: float) -> str:
    interval = wilson(round(percent / 100 * VALIDATION_IMAGES), VALIDATION_IMAGES)
    return f"{percent:.2f}% [{100 * interval.low:.2f}, {100 * interval.high:.2f}]"


def _row(spec: ModelSpec, standing: weight_downloads.Standing) -> dict:
    return {
        "Model": spec.title,
        "State": str(standing),
        "Training": spec.family,
        "Top-1 %": spec.published.top1_percent if spec.published else None,
        "Top-5 %": spec.published.top5_percent if spec.published else None,
        "Parameters, M": spec.architecture.parameters / 1e6,
        "Download, MB": spec.weights.bytes / 1e6 if spec.weights.bytes else None,
        "Memory, MB": spec.memory_bytes / 1e6,
        "Licence of the weights": spec.weights.licence,
    }
