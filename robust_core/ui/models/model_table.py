"""The table of models for a page: values, columns and facts in words; nothing here draws."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.intervals import wilson
from robust_core.models import weights
from robust_core.models.spec import ModelSpec
from robust_core.ui import weight_downloads, words, worlds

VALIDATION_IMAGES = 50_000  # of ImageNet, all of which every publisher of an accuracy here took
FEW = 3  # names in the overview
PUBLISHED = "PUBLISHED: accuracy on ImageNet's 50,000 validation images, as the publisher states it; 95% interval below"
ACCURACY = {"format": "%.1f%%", "min_value": 0, "max_value": 100, "width": 110, "help": PUBLISHED}
COLUMNS = {
    "Model": st.column_config.TextColumn(width=215),
    "State": st.column_config.TextColumn(width=105),
    "Top-1 %": st.column_config.ProgressColumn("Top-1 accuracy ↑", **ACCURACY),
    "Parameters, M": st.column_config.NumberColumn("Parameters", format="%.1f M"),
    "Download, MB": st.column_config.NumberColumn("Download", format="%,.1f MB"),
    "Memory, MB": st.column_config.NumberColumn(
        "Memory", format="%,.1f MB", help="What the float32 parameters take once loaded"
    ),
}
ORDER = ("Model", "State", "Top-1 %", "Download, MB", "Training", "Parameters, M", "Memory, MB")


def as_table(specs: Sequence[ModelSpec]) -> pd.DataFrame:
    """One row per model in the order of `specs`."""
    present = {spec.key for spec in weights.present_among(specs)}
    return pd.DataFrame([_row(spec, weight_downloads.standing(spec, spec.key in present)) for spec in specs])


def ready_first(specs: Sequence[ModelSpec]) -> list[ModelSpec]:
    """`specs` in their order, but first those whose weights are here, of these the ones of the chosen world."""
    present = {spec.key for spec in weights.present_among(specs)}
    return sorted(specs, key=lambda spec: (spec.key not in present, spec.label_space != worlds.world()))


def overview(specs: Sequence[ModelSpec]) -> str:
    """How many models are ready, which, and what can be done with them and with the others."""
    ready = weights.present_among(specs)
    named = ", ".join(spec.title for spec in ready[:FEW])
    more = f" and {len(ready) - FEW} more" if len(ready) > FEW else ""
    others = len(specs) - len(ready)
    first = f"**{len(ready)} of {words.count(len(specs), 'model')} are ready**"
    first += (
        f": {words.plain(named)}{more}. Choose them in the sidebar of any live page, each in its world."
        if ready
        else "."
    )
    return (
        f"{first} Download another {others} below, or import your own." if others else f"{first} Import your own below."
    )


def facts(spec: ModelSpec) -> dict[str, str]:
    """What a model is, by name, as Markdown."""
    return _escaped(
        {
            "Training": spec.family,
            "Training data": spec.training_data,
            "ImageNet accuracy": _published(spec),
            "Preprocessing": str(spec.preprocess),
            "Network": f"{spec.architecture.name}, {spec.architecture.parameters:,} parameters, activation maps from "
            f"{spec.cam_layer}",
            "Note": spec.note,
        }
    )


def sources(spec: ModelSpec) -> dict[str, str]:
    """Where a model's weights are from, under which licence and with which hash, by name, as Markdown."""
    escaped = _escaped(
        {
            "Licence of the weights": spec.weights.licence,
            "Weights": spec.weights.source,
            "SHA-256": spec.weights.sha256 or _recorded(spec),
        }
    )
    if weights.downloadable(spec):
        escaped["Weights"] = f"<{spec.weights.url}> ({escaped['Weights']})"
    return escaped


def _escaped(known: dict[str, str]) -> dict[str, str]:
    return {name: words.plain(text) for name, text in known.items() if text}


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
    return f"{percent:.1f}% [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _row(spec: ModelSpec, standing: weight_downloads.Standing) -> dict:
    return {
        "Model": spec.title,
        "State": str(standing),
        "Training": spec.family,
        "Top-1 %": spec.published.top1_percent if spec.published else None,
        "Parameters, M": spec.architecture.parameters / 1e6,
        "Download, MB": spec.weights.bytes / 1e6 if spec.weights.bytes else None,
        "Memory, MB": spec.memory_bytes / 1e6,
        "Licence of the weights": spec.weights.licence,
    }
