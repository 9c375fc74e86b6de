"""What can be taken away: every map as PNG and NPY, all numbers as CSV, in one ZIP."""

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from robust_core import csv_cells
from robust_core.plots import map_images
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.ui import words
from robust_core.ui.attributions.map_controls import Display
from robust_core.ui.attributions.map_jobs import AskedMaps, MapJobs

if TYPE_CHECKING:
    from robust_core.attributions.quality import AttributionMetrics


def show_export(request: AskedMaps, found: MapJobs, display: Display) -> None:
    """One button for all that is there."""
    there = {one: explanation for one in found.maps if (explanation := found.explanation(one))}
    if there:
        st.download_button(
            f"{words.count(len(there), 'map')} as PNG and NPY, numbers as CSV (ZIP)",
            lambda: as_zip(request, {one: (map_, found.evidence(one)) for one, map_ in there.items()}, display),
            "attributions.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
        )


def as_zip(
    request: AskedMaps, found: "dict[MapRequest, tuple[Explanation, AttributionMetrics | None]]", display: Display
) -> bytes:
    """maps/<n>_<model>_<method>.npy holds a map as it was computed, _signed.npy its values for each colour, .png how it
    looks on its own scale; numbers.csv has a row for each map, requests.json what was asked.
    """
    buffer, rows, asked = io.BytesIO(), [], {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (question, (explanation, metrics)) in enumerate(found.items(), start=1):
            name, one = f"maps/{number:02}_{question.spec.key}_{question.method}", explanation.attribution
            limit = map_images.scale_limit([one.map], display.percentile)
            for suffix, values in (("", one.map), ("_signed", one.values)):
                with archive.open(f"{name}{suffix}.npy", "w") as file:
                    np.save(file, values)
            with archive.open(f"{name}.png", "w") as file:
                shown = map_images.overlay(explanation.rgb, one.map, limit, display.opacity)
                Image.fromarray(shown).save(file, "PNG")
            row = attribution_maps.row(question.spec, request.image.name, question.condition, explanation, metrics)
            rows.append({"map": name} | row | {"png_limit": limit})
            asked[name] = question.identity
        archive.writestr("numbers.csv", csv_cells.of_frame(pd.DataFrame(rows)))
        archive.writestr("requests.json", json.dumps(asked, indent=1, ensure_ascii=False))
    return buffer.getvalue()
