"""What can be taken away: every map as PNG and NPY, all numbers as CSV, in one ZIP."""

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from robust_core.jobs import Job, State
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.ui import words
from robust_core.ui.attributions import map_images
from robust_core.ui.attributions.map_controls import Display
from robust_core.ui.attributions.map_jobs import AskedMaps, explanation_of

if TYPE_CHECKING:
    from robust_core.attributions.quality import AttributionMetrics


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
    """maps/<n>_<model>_<method>.npy holds a map as it was computed, .png how it looks on its own scale; numbers.csv has
    a row for each map, requests.json what was asked.
    """
    buffer, rows, asked = io.BytesIO(), [], {}
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
            metrics = _metrics_of(metrics_by_method.get(question))
            row = attribution_maps.row(question.spec, request.image.name, question.condition, explanation, metrics)
            rows.append({"map": name} | row | {"png_limit": limit})
            asked[name] = question.identity
        archive.writestr("numbers.csv", pd.DataFrame(rows).to_csv(index=False))
        archive.writestr("requests.json", json.dumps(asked, indent=1, ensure_ascii=False))
    return buffer.getvalue()


def _metrics_of(job: Job | None) -> "AttributionMetrics | None":
    return job.result if job is not None and job.state is State.DONE else None
