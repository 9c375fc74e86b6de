"""What was measured of concepts: how much each counts, what is left without them, models beside each other."""

import pandas as pd
import streamlit as st

from robust_core.plots import concept_charts
from robust_core.studies.concept_claims import MOST, carrying
from robust_core.studies.concept_outcomes import (
    GAIN,
    IMPORTANCE,
    MEASURES,
    ON_OBJECT,
    ORDERS,
    RANDOM,
    SURVIVES,
    TEXTURE,
    ModelConcepts,
    mean_of,
)
from robust_core.studies.concepts import Concepts
from robust_core.ui.attributions.concept_cards import written
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart

CHART_PX = 300


def show_importance(one: ModelConcepts) -> None:
    """How much each concept counts, with its interval."""
    estimates = [one.get(IMPORTANCE, number) for number in one.numbers]
    values = [(found.value, found.low, found.high) for found in estimates if found is not None]
    said = "; ".join(f"concept {number}: {value[0]:.2f}" for number, value in enumerate(values, start=1))
    live_chart(
        concept_charts.importances(values, model_colours()[one.spec.key]),
        key="concept_importance",
        height_px=CHART_PX,
        alt=f"Importance of each concept. {said}",
        png_name="concept_importance",
    )


def show_deletion(one: ModelConcepts) -> None:
    """What is left of the predictions as concepts are taken away, in each order."""
    curves = [(ORDERS[order], [_kept(one, order, gone) for gone in range(len(one.numbers) + 1)]) for order in ORDERS]
    said = "; ".join(f"{title}: {values[1][0]:.0f}% after one" for title, values in curves)
    live_chart(
        concept_charts.deletions(curves, model_colours()[one.spec.key]),
        key="concept_deletion",
        height_px=CHART_PX,
        alt=f"Images that keep their prediction as concepts are taken away. {said}",
        png_name="concept_deletion",
    )


def _kept(one: ModelConcepts, order: int, gone: int) -> concept_charts.Bounds:
    if order == RANDOM:
        mean = mean_of(100 * one.kept[RANDOM, gone])
        return mean.value, mean.low, mean.high
    share = one.kept_share(order, gone)
    assert share is not None  # there is at least one image
    return 100 * share.estimate, 100 * share.low, 100 * share.high


def show_models(found: Concepts) -> None:
    """What models have in common and what not, a column for each."""
    st.markdown("**Models beside each other**")
    columns = {one.spec.title: _column(one) for one in found.by_model}
    st.dataframe(pd.DataFrame(columns).fillna("–").rename_axis("Measure"))


def _column(one: ModelConcepts) -> dict[str, str]:
    rows = {
        "Images (n)": str(one.n),
        f"Concepts that carry {MOST:.0%} of the importance": str(carrying(one)),
        "Importance of concept 1": written(one.get(IMPORTANCE, 1), ".2f"),
        "Prediction survives the sum of concepts": written(one.get(SURVIVES), ".0f", "%"),
        "Lost sooner than in random order, points": written(one.get(GAIN), ".1f"),
    }
    if (on := one.get(ON_OBJECT)) is not None:
        rows["Heat on the object, weighted by importance"] = written(on, ".0f", "%")
    if (texture := one.get(TEXTURE, 1)) is not None:
        rows["Strength of concept 1 with another texture"] = written(texture, ".0f", "%")
    return rows


def show_table(found: Concepts) -> None:
    """Every number, and what it means."""
    with st.expander("Every number with n and 95% interval", icon=":material/table_rows:"):
        rows = [
            {
                "Model": one.spec.title,
                "Concept": str(it.number) if it.number else "all",
                "Measure": it.measure.title,
                "Value": written(it.estimate, ".3g"),
                "Unit": it.measure.unit,
                "n": it.n,
                "Interval": it.method,
            }
            for one in found.by_model
            for it in one.measured
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        st.markdown("\n".join(f"- **{one.title}** ({one.unit}): {one.about}" for one in MEASURES))
