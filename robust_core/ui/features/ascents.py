"""An ascent on the screen: the objective as it falls, the image as it grows, then the verdict with the last image, and
the frame sequence.
"""

import math
from collections.abc import Sequence
from functools import partial

import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import FOLLOWS_FRAMES, Line
from robust_core.studies.feature_visualization import AscentFrames, AscentStep
from robust_core.ui import jobs, recorded, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.frame_player import SequenceMarker, SequenceModel, SequenceStrip, frame_player
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features.feature_jobs import SLOT, FeatureRun
from robust_core.ui.server.frame_store import sequences_of

CHART_PX, LAST_PX = 300, 224


def show_objective(run: FeatureRun | None, running: dict[str, Job], wanted: FeatureRun) -> None:
    """What each network's ascent lowers or raises against steps, growing; before a run the empty axes of the `wanted`
    one.
    """
    shown = run or wanted
    if shown.ascent is None:
        return
    colours, lines = model_colours(), []
    for spec in run.specs if run else ():
        heights = [event.objective for event in running[spec.key].events if isinstance(event, AscentStep)]
        lines += [Line(spec.title, colours[spec.key], range(len(heights)), heights, [])] if heights else []
    figure = charts.loss_by_step(lines, shown.ascent.steps)
    figure["layout"]["xaxis"]["title"] = {"text": "steps (0 is the start)"}
    quantity = "activation" if shown.experiment.objective == "activation" else "cross-entropy"
    figure["layout"]["yaxis"]["title"] = {"text": quantity}
    alt = f"{quantity.capitalize()} against steps. " + "; ".join(
        f"{line.title}: {line.heights[-1]:.3g} at the last" for line in lines
    )
    live_chart(figure, key="ascent", height_px=CHART_PX, alt=alt, png_name="ascent")


def show_progress(run: FeatureRun, running: dict[str, Job]) -> None:
    """How each unfinished model stands, with its image so far and a button to cancel it."""
    waiting = [spec for spec in run.specs if running[spec.key].state is not State.DONE]
    for spec, column in zip(waiting, st.columns(max(1, len(waiting))), strict=False):
        with column:
            st.markdown(f"**{words.plain(spec.title)}**")
            seen = [
                event.rgb
                for event in running[spec.key].events
                if isinstance(event, AscentStep) and event.rgb is not None
            ]
            if seen:
                st.image(screen_images.screen_uri(seen[-1]), width=LAST_PX, alt=f"The image of {spec.title} so far")
            jobs.show_progress(SLOT + spec.key, running[spec.key])


def show_frames(run: FeatureRun, sequences: Sequence[tuple[ModelSpec, AscentFrames]]) -> None:
    """The images of all finished ascents side by side, and what each network predicts for every frame."""
    steps = sorted({step for _, sequence in sequences for step in sequence.steps})
    strips = [
        SequenceStrip(spec.title, sequences_of(sequence, "frames")[0], [sequence.place(step) for step in steps])
        for spec, sequence in sequences
    ]
    models = [sequence_model(spec, sequence, steps) for spec, sequence in sequences]
    names = [f"step {step} of {steps[-1]}" if step else "start" for step in steps]
    frame_player(
        [strips],
        models,
        ("Step", "Prediction", run.target),
        key="ascent_frames",
        frame_names=names,
        marker=SequenceMarker(FOLLOWS_FRAMES, steps),
    )


def sequence_model(spec: ModelSpec, sequence: AscentFrames, steps: Sequence[int]) -> SequenceModel:
    """The network's row beside the frame sequence at each of `steps`, bold where it predicts the target class."""
    cells, bold = [], []
    for place in map(sequence.place, steps):
        prediction = sequence.predictions[place]
        name, share = spec.label_space.names[prediction.label], charts.percent(float(prediction.probabilities.max()))
        cells.append((str(sequence.steps[place]), f"{name} {share}", _maximized(sequence, place)))
        bold.append(sequence.ascent.row.maximizes == "class" and prediction.label == sequence.ascent.target)
    return SequenceModel(spec.title, model_colours()[spec.key], cells, bold)


def show_verdicts(run: FeatureRun, sequences: Sequence[tuple[ModelSpec, AscentFrames]]) -> None:
    """For each network the last image, what it reached, judged on that very image, and the image as a PNG."""
    with st.container(key="shown_image"):
        columns = st.columns(len(sequences))
    for (spec, sequence), column in zip(sequences, columns, strict=True):
        with column:
            alt = f"The last image of {spec.title}: {verdict(sequence, run.target).replace('**', '')}"
            st.image(screen_images.screen_uri(sequence.frames[-1]), width=LAST_PX, alt=alt)
            reached = verdict(sequence, words.plain(run.target))
            st.markdown(f"**{words.plain(spec.title)}**: {reached} {_change(sequence)}")
            file = f"{run.experiment.key}_{run.ascent.target}_{spec.key}.png"
            image = partial(screen_images.png, sequence.frames[-1])
            st.download_button(
                "PNG",
                image,
                file,
                "image/png",
                key=f"png:{spec.key}",
                icon=":material/download:",
                on_click="ignore",
                type="tertiary",
            )


def verdict(sequence: AscentFrames, target: str) -> str:
    """What the ascent reached, in one or two sentences; `target` names the unit or class."""
    row, took, first, last = (
        sequence.ascent.row,
        words.count(sequence.steps[-1], "step"),
        _maximized(sequence, 0),
        _maximized(sequence, -1),
    )
    if row.maximizes == "unit":
        share = (
            f"; its share of the softmax: {charts.percent(math.exp(-sequence.objective[-1]))}"
            if row.objective == "cross_entropy"
            else ""
        )
        why = (
            " No gradient reaches a unit that is silent at the start."
            if sequence.maximized[0] == sequence.maximized[-1] == 0
            else ""
        )
        return f"activation of {target} from {first} at the start to **{last}** after {took}{share}.{why}"
    limit = row.stops_above
    if limit is None:
        return f"probability of {target} from {first} at the start to **{last}** after {took}."
    if sequence.maximized[-1] > limit:
        return f"**fooled**: {last} for {target} after {took}, more than {100 * limit:g}%."
    return f"not fooled yet: {last} for {target} after {took}, not more than {100 * limit:g}%; more steps may do."


def _change(sequence: AscentFrames) -> str:
    return f"No pixel changed by more than {sequence.largest_change}/255."  # which the eye may not see


def show_protocol(run: FeatureRun, some: AscentFrames) -> None:
    """Badge and protocol, where and when it was computed."""
    start = f"noise, seed {run.noise_seed}" if run.image is None else words.plain(run.image.name)
    recording = run.recording(run.specs[0])
    st.caption(
        f"{recorded.badge(recording)} {run.experiment.title}: {words.plain(run.target)}, from {start}: L∞ PGD, "
        f"at most {words.count(run.ascent.steps, 'step')} of 1/255, no effective ε limit (the paper: 4.0), no random "
        f"start; {recorded.computed(some.device, recording)}. Protocol: {run.experiment.source}."
    )


def show_caveats(run: FeatureRun) -> None:
    """What the images show and what not."""
    resized = [spec.title for spec in run.specs if spec.preprocess.resize != spec.preprocess.crop]
    again = "" if not resized else " Uploaded again it is resized first, which can change the prediction."
    st.info(
        f"{run.experiment.shows} Predictions are for the 8-bit image at the network's input size, as in the "
        f"PNG.{again}",
        icon=":material/gavel:",
    )


def _maximized(sequence: AscentFrames, place: int) -> str:
    value = sequence.maximized[place]
    if sequence.ascent.row.maximizes == "class":
        return charts.percent(value)
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
