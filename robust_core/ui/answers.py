"""How answers look: one card per model for a picture, one table for many pictures, and who agrees with whom."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.cue_conflict.decisions import RULES
from robust_core.images import LabelledImage
from robust_core.intervals import wilson
from robust_core.models.spec import ModelSpec
from robust_core.predictions import Answers, Prediction, class_name, true_label
from robust_core.ui import charts, words
from robust_core.ui.components.live_chart import live_chart

BARS_PX = 190


def show_card(spec: ModelSpec, prediction: Prediction, answers: Answers, image: LabelledImage, colour: str) -> None:
    """One model's best five, its category, how undecided it is and what it cost."""
    names = [class_name(index, spec.label_space) for index, _ in prediction.top()]
    probabilities = [probability for _, probability in prediction.top()]
    truth = true_label(image, spec.label_space)
    figure = charts.top_answers(names, probabilities, None if truth is None else class_name(truth, spec.label_space), colour)
    alt = f"{spec.title}: " + ", ".join(f"{name} {charts.percent(p)}" for name, p in zip(names, probabilities, strict=True))
    live_chart(figure, key=f"bars:{spec.key}", height_px=BARS_PX, alt=alt)
    per_picture = answers.forward_seconds / len(answers.predictions)
    st.caption(f"{category_words(prediction)} · entropy {prediction.entropy_bits:.2f} bits · {words.seconds(per_picture)}")


def category_words(prediction: Prediction) -> str:
    """The 16-category decision; both, with their rules, when the published rules disagree."""
    decisions = prediction.categories()
    if len(set(decisions.values())) == 1:
        return f"16 categories: **{next(iter(decisions.values()))}**"
    return "16 categories: " + ", ".join(f"**{decisions[rule.key]}** ({rule.title})" for rule in RULES)


def agreement(names: Sequence[str], truth: str | None) -> str:
    """Who answers alike, in one sentence, and whether that is the true label."""
    (common, count), *_ = Counter(names).most_common(1)
    right = "" if truth is None else f" True label: **{words.plain(truth)}** ({names.count(truth)} of {len(names)} right)."
    if count == len(names):
        return (f"All {count} models answer **{words.plain(common)}**." if count > 1 else f"It answers **{words.plain(common)}**.") + right
    if count == 1:
        return f"The {len(names)} models answer differently." + right
    return f"{count} of {len(names)} models answer **{words.plain(common)}**." + right


def overview(images: Sequence[LabelledImage], specs: Sequence[ModelSpec], answers: dict[str, Answers]) -> pd.DataFrame:
    """One row per picture, one column per model with its answer; a tick where it is the true label."""
    rows = []
    for number, image in enumerate(images):
        row = {"Picture": image.name, "True label": _truth(image, specs[0]) or "unknown"}
        for spec in specs:
            prediction, truth = answers[spec.key].predictions[number], true_label(image, spec.label_space)
            mark = "" if truth is None else "✓ " if prediction.label == truth else "✗ "
            row[spec.title] = mark + class_name(prediction.label, spec.label_space)
        rows.append(row)
    return pd.DataFrame(rows)


def accuracy_words(images: Sequence[LabelledImage], spec: ModelSpec, answers: Answers) -> str | None:
    """Top-1 over the labelled pictures with its interval; None without any."""
    judged = [
        (prediction.label, truth)
        for image, prediction in zip(images, answers.predictions, strict=True)
        if (truth := true_label(image, spec.label_space)) is not None
    ]
    interval = wilson(sum(label == truth for label, truth in judged), len(judged))
    return None if interval is None else f"{spec.title}: top-1 {interval}"


def _truth(image: LabelledImage, spec: ModelSpec) -> str | None:
    truth = true_label(image, spec.label_space)
    return None if truth is None else class_name(truth, spec.label_space)
