"""What can be taken away: every map as PNG and NPY, all numbers as CSV, in one ZIP."""

import io
import zipfile

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from robust_core.jobs import Job, State
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.ui import words
from robust_core.ui.attributions import map_images
from robust_core.ui.attributions.map_controls import Display
from robust_core.ui.attributions.map_jobs import AskedMaps, explanation_of


def show_export(
    request: AskedMaps, maps: dict[MapRequest, Job], metrics_by_method: dict[MapRequest, Job], display: Display
) -> None:
    """One button for all that is there."""
    found = {one: explanation for one, job in maps.items() if (explanation := explanation_of(job))}
    if found:
        st.download_button(
            f"{words.count(len(found), 'map')} as PNG and NPY, numbers as CSV (ZIP)",
            lambda: as_zip(request, found, metrics_by_method, display),
            "attributions.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
        )


def as_zip(
    request: AskedMaps, found: dict[MapRequest, Explanation], metrics_by_method: dict[MapRequest, Job], display: Display
) -> bytes:
    """maps/<model>_<method>_<n>.npy holds a map as it was computed, .png how it looks on its own scale; numbers.csv has
    a row per map.
    """
    buffer, rows = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (question, explanation) in enumerate(found.items(), start=1):
            name = f"maps/{number:02}_{question.spec.key}_{question.method}"
            limit = map_images.scale_limit([explanation.attribution.map], display.percentile)
            with archive.open(f"{name}.npy", "w") as file:
                np.save(file, explanation.attribution.map)
            with archive.open(f"{name}.png", "w") as file:
                Image.fromarray(
                    map_images.overlay(explanation.rgb, explanation.attribution.map, limit, display.opacity)
                ).save(file, "PNG")
            rows.append(
                {"map": name, "image": request.image.name}
                | _numbers(question, explanation, metrics_by_method.get(question))
                | {"png_limit": limit}
            )
        archive.writestr("numbers.csv", pd.DataFrame(rows).to_csv(index=False))
    return buffer.getvalue()


def _numbers(question: MapRequest, explanation: Explanation, metrics_job: Job | None) -> dict[str, object]:
    one = explanation.attribution
    numbers = {
        "model": question.spec.key,
        "weights_sha256": question.spec.weights.sha256,
        "condition": str(question.condition),
        "seed": question.condition.seed,
        "method": question.method,
        "settings": "; ".join(f"{key}={value}" for key, value in question.settings),
        "class": one.target,
        "logit": one.score,
        "probability": one.probability,
        "completeness_gap": one.completeness_gap,
        "seconds": one.seconds,
    }
    if metrics_job is None or metrics_job.state is not State.DONE:
        return numbers
    metrics = metrics_job.result
    return numbers | {
        "infidelity": metrics.infidelity,
        "sensitivity": metrics.sensitivity,
        "insertion_area": metrics.curves.insertion_area,
        "deletion_area": metrics.curves.deletion_area,
        "random_insertion_area": float(np.mean([control.insertion_area for control in metrics.controls])),
        "random_deletion_area": float(np.mean([control.deletion_area for control in metrics.controls])),
    }
