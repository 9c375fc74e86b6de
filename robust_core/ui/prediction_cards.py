"""How predictions look: one card per model for an image, one table for many images, and who agrees with whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.corruptions.condition import Condition
from robust_core.cue_conflict.decisions import RULES
from robust_core.images import LabelledImage, Preprocess
from robust_core.intervals import wilson
from robust_core.jobs import Job, State
from robust_core.labels import IMAGENET
from robust_core.models.import_records import FAMILY
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.recordings.store import Recording
from robust_core.studies.predictions import (
    ModelPredictions,
    Prediction,
    Predictions,
    PredictionsRequest,
    among,
    true_label,
)
from robust_core.ui import jobs, real_words, recorded, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.conditions import describe
from robust_core.ui.server import script_turns

BARS_PX = 190
WHOLE_SHARE = 0.999
SMALL_SHARE = 0.5  # where models see less of the image than this, what they see is shown by itself
# an image so many times taller than wide is shown no higher than this, lest the rest go off the screen
TALL, TALL_PX = (2, 360)


def show_image(
    image: LabelledImage, spec: ModelSpec, preprocess: Preprocess, seen: Job | None, condition: Condition
) -> None:
    """The image: whole, with what models see of it; or, under a condition, what the first model sees."""
    if seen is None:
        _show_whole(image, preprocess)
    else:
        if seen.state is State.DONE:
            st.session_state["seen_last"] = seen.result[0]
        if "seen_last" in st.session_state:
            st.image(
                screen_images.screen_uri(st.session_state["seen_last"]),
                width="stretch",
                alt=f"{image.name}, {describe(condition)}",
                caption="" if seen.state is State.DONE else "computing …",
            )
    truth = truth_of(image, spec)
    st.markdown(
        f"{words.plain(image.name)} · " + (f"true label: **{words.plain(truth)}**" if truth else "true label unknown")
    )
    if sentence := real_words.labels_sentence(real_words.labels_of_image(image, spec)):
        st.markdown(sentence)
    st.caption(f"{describe(condition) or _what_is_seen(image, preprocess)}Source: {words.plain(image.source)}.")
    show_decoding_note(image)


def show_decoding_note(image: LabelledImage) -> None:
    """What had to be assumed to decode the image, if anything had."""
    if image.decoding_note:
        st.caption(f":material/info: {words.plain(image.decoding_note)}")


def _show_whole(image: LabelledImage, preprocess: Preprocess) -> None:
    height, width, _ = image.rgb.shape
    is_tall = height > TALL * width
    st.image(
        _framed_uri(image.digest, preprocess, TALL_PX if is_tall else screen_images.LONGEST_PX, image.rgb),
        width="content" if is_tall else "stretch",
        alt=f"{image.name}; a frame marks what models see",
    )
    if screen_images.input_share(image.rgb, preprocess) < SMALL_SHARE:
        st.image(
            _square_uri(image.digest, preprocess, image.rgb),
            width="stretch",
            alt=f"{image.name}, as models see it",
            caption="The central crop, as the models see it",
        )


@script_turns.kept(64)
def _framed_uri(digest: str, preprocess: Preprocess, longest_side_px: int, _rgb: np.ndarray) -> str:
    # a photo has a hundred times the pixels of a screen's corner
    quick = screen_images.smaller(_rgb) if preprocess.resize else _rgb
    return screen_images.screen_uri(screen_images.with_crop_frame(quick, preprocess), longest_side_px)


@script_turns.kept(64)
def _square_uri(digest: str, preprocess: Preprocess, _rgb: np.ndarray) -> str:
    return screen_images.screen_uri(screen_images.input_square(_rgb, preprocess))


def _what_is_seen(image: LabelledImage, preprocess: Preprocess) -> str:
    whole = preprocess.crop is None or screen_images.input_share(image.rgb, preprocess) > WHOLE_SHARE
    return "" if whole else "The models see only the bright central crop. "


def results_of(
    specs: Sequence[ModelSpec], running: dict[str, Job], slot: str, recorded: Mapping[str, Recording]
) -> dict[str, tuple[Predictions, Recording | None]]:
    """What is there by model: computed now or, until that is there, `recorded`; with the recording."""
    found: dict[str, tuple[Predictions, Recording | None]] = {}
    for spec in specs:
        job = running[slot + spec.key]
        if job.state is State.DONE:
            found[spec.key] = job.result, None
        elif job.active and spec.key in recorded:
            found[spec.key] = recorded[spec.key].result, recorded[spec.key]
    return found


def compared(done: dict[str, ModelPredictions], classes: Sequence[int] | None) -> dict[str, ModelPredictions]:
    """The predictions with only `classes` in the running, where the protocol says so."""
    return done if classes is None else {key: among(predicted, classes) for key, predicted in done.items()}


def show_cards(
    specs: Sequence[ModelSpec],
    running: dict[str, Job],
    done: dict[str, ModelPredictions],
    image: LabelledImage,
    number: int,
    slot: str,
) -> None:
    """A card per model: its prediction, or the last one, faint, while the new one is computed, or what went wrong."""
    colours, last = model_colours(), st.session_state.setdefault("last_predictions", {})
    for row in rows_of_cards(specs):
        for spec, column in row:
            with column.container(border=True):
                st.markdown(f"**{words.plain(spec.title)}**")
                job = running[slot + spec.key]
                if spec.key in done:
                    last[spec.key] = (done[spec.key].predictions[number], done[spec.key], image)
                if spec.key in last and not job.ended_without:
                    show_card(spec, *last[spec.key], colours[spec.key], stale=spec.key not in done)
                stands_in = job.active and spec.key in done
                if job.state is not State.DONE and not stands_in:
                    jobs.show_progress(slot + spec.key, job)


def rows_of_cards(specs: Sequence[ModelSpec]) -> Iterator[Iterator[tuple[ModelSpec, DeltaGenerator]]]:
    """Each model with the column of its card, row by row: three in one row, otherwise two."""
    width = 3 if len(specs) == 3 else 2
    for first in range(0, len(specs), width):
        yield zip(specs[first : first + width], st.columns(width), strict=False)


def show_agreement(
    specs: Sequence[ModelSpec], done: dict[str, ModelPredictions], image: LabelledImage, number: int
) -> None:
    """Who predicts alike, and who is right, by the true label and by the ReaL labels."""
    predictions = [done[spec.key].predictions[number] for spec in specs]
    names = [spec.label_space.names[one.label] for spec, one in zip(specs, predictions, strict=True)]
    real = real_words.agreement(real_words.labels_of_image(image, specs[0]), predictions)
    st.markdown(agreement(names, truth_of(image, specs[0])) + real)


def show_all_images(
    images: Sequence[LabelledImage], specs: Sequence[ModelSpec], done: dict[str, ModelPredictions]
) -> None:
    """Where there are several images: all predictions, and top-1 over those that have a label."""
    if len(images) < 2:
        return
    st.dataframe(overview(images, specs, done), hide_index=True, placeholder="")
    for spec in specs:
        top1 = accuracy_words(images, spec, done[spec.key])
        sentences = [*filter(None, (top1, real_words.accuracy_words(images, spec, done[spec.key])))]
        if sentences:
            st.caption(words.plain("; ".join(sentences if top1 else [f"{spec.title}: {sentences[0]}"])))


def show_export(
    request: PredictionsRequest, done: dict[str, ModelPredictions], recordings: Sequence[Recording] = ()
) -> None:
    """What these numbers are, those of some models from `recordings`, and the numbers themselves to take away."""
    some = next(iter(done.values()))
    condition = "; ".join(filter(None, (str(request.condition), request.condition.protocol)))
    live = f"{words.BADGES['live']} {words.computed_now(some.device)}"
    origin = recorded.origin(some.device, recordings[0]) if recordings else live
    if 0 < len(recordings) < len(done):
        origin += f" for {len(recordings)} of {len(done)} models, {live} for the others"
    compared = f"predictions compared among {len(some.classes)} classes; " if some.classes else ""
    st.markdown(
        f"{origin}, {prepared(request.models)}; "
        f"{condition}; {compared}n = {len(request.images)}. "
        "A few images are an illustration, not a benchmark."
    )
    st.download_button(
        "Predictions as CSV",
        lambda: Predictions.of(request, done.values()).csv(),
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def prepared(specs: Sequence[ModelSpec]) -> str:
    """By whose word images were prepared: the publisher's, or for imported models what their rows say."""
    own = any(spec.family == FAMILY for spec in specs)
    return (
        "each model with the preprocessing that the Models page states"
        if own
        else "each model with its publisher's preprocessing"
    )


def show_card(
    spec: ModelSpec,
    prediction: Prediction,
    predicted: ModelPredictions,
    image: LabelledImage,
    colour: str,
    *,
    stale: bool,
) -> None:
    """One model's best five, its category, how undecided it is and what it cost; a `stale` prediction is one for an
    earlier question.
    """
    names = [spec.label_space.names[index] for index, _ in prediction.top()]
    probabilities = [probability for _, probability in prediction.top()]
    truth = true_label(image, spec.label_space)
    figure = charts.top_predictions(
        names, probabilities, None if truth is None else spec.label_space.names[truth], colour, stale=stale
    )
    alt = f"{spec.title}: " + ", ".join(
        f"{name} {charts.percent(p)}" for name, p in zip(names, probabilities, strict=True)
    )
    live_chart(figure, key=f"bars:{spec.key}", height_px=BARS_PX, alt=alt)
    if stale:
        st.caption(":material/hourglass_top: computing; this is the prediction before the change")
        return
    per_image = predicted.forward_seconds / len(predicted.predictions)
    category = f"{category_words(prediction)} · " if spec.label_space == IMAGENET and not predicted.classes else ""
    real = real_words.verdict(real_words.labels_of_image(image, spec), prediction)
    among_real = f"{real} · " if real else ""
    st.caption(f"{among_real}{category}entropy {prediction.entropy_bits:.2f} bits · {words.seconds(per_image)}")


def category_words(prediction: Prediction) -> str:
    """The 16-category decision; both, with their rules, when the published rules disagree."""
    decisions = prediction.categories()
    if len(set(decisions.values())) == 1:
        return f"16 categories: **{next(iter(decisions.values()))}**"
    return "16 categories: " + ", ".join(f"**{decisions[rule.key]}** ({rule.title})" for rule in RULES)


def agreement(names: Sequence[str], truth: str | None) -> str:
    """Who predicts alike, in one sentence, and whether that is the true label."""
    (common, count), *_ = Counter(names).most_common(1)
    right = (
        "" if truth is None else f" True label: **{words.plain(truth)}** ({names.count(truth)} of {len(names)} right)."
    )
    if count == len(names):
        return (
            f"All {count} models predict **{words.plain(common)}**."
            if count > 1
            else f"It predicts **{words.plain(common)}**."
        ) + right
    if count == 1:
        return f"The {len(names)} models predict differently." + right
    return f"{count} of {len(names)} models predict **{words.plain(common)}**." + right


def overview(
    images: Sequence[LabelledImage], specs: Sequence[ModelSpec], predicted: dict[str, ModelPredictions]
) -> pd.DataFrame:
    """One row per image, one column per model with its prediction; a tick where it is the true label."""
    rows = []
    for number, image in enumerate(images):
        row = {"Image": image.name, "True label": truth_of(image, specs[0]) or "unknown"}
        if (labels := real_words.in_table(real_words.labels_of_image(image, specs[0]))) is not None:
            row["ReaL labels"] = labels
        for spec in specs:
            prediction, truth = predicted[spec.key].predictions[number], true_label(image, spec.label_space)
            mark = "" if truth is None else "✓ " if prediction.label == truth else "✗ "
            row[spec.title] = mark + spec.label_space.names[prediction.label]
        rows.append(row)
    return pd.DataFrame(rows)


def accuracy_words(images: Sequence[LabelledImage], spec: ModelSpec, predicted: ModelPredictions) -> str | None:
    """Top-1 over the labelled images with its interval; None without any."""
    stored_prediction = [
        (prediction.label, truth)
        for image, prediction in zip(images, predicted.predictions, strict=True)
        if (truth := true_label(image, spec.label_space)) is not None
    ]
    interval = wilson(sum(label == truth for label, truth in stored_prediction), len(stored_prediction))
    return None if interval is None else f"{spec.title}: top-1 {interval}; interval: 95%, {interval.method}"


def truth_of(image: LabelledImage, spec: ModelSpec) -> str | None:
    """The name of the image's true label in the words of this model's classes, or None."""
    truth = true_label(image, spec.label_space)
    return None if truth is None else spec.label_space.names[truth]
