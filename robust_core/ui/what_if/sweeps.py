"""How one image under many conditions looks: the severity strip, the corruption grids, the frames of a perturbation
sequence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
import streamlit as st

from robust_core.corruptions import BENCHMARK_15, C_BAR_10, CORRUPTIONS
from robust_core.corruptions.condition import Condition
from robust_core.images import LabelledImage, Preprocess
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies import corruption_sweep, perturbation_sequence
from robust_core.studies.corruption_sweep import CorruptionSweep, CorruptionSweepRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest, PerturbationSequence
from robust_core.studies.predictions import true_label
from robust_core.ui import jobs, screen_images, words, worlds
from robust_core.ui.colours import model_colours
from robust_core.ui.components.frame_player import SequenceModel, SequenceStrip, frame_player
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns
from robust_core.ui.server.frame_store import FrameSequence, frame_sequence_of
from robust_core.ui.what_if import moved_object

GRID_PX = 470
GRIDS = {"ImageNet-C": BENCHMARK_15, "ImageNet-C-bar": C_BAR_10}


@dataclass(frozen=True, eq=False)
class Subject:
    """What is looked at: an image, and the models."""

    image: LabelledImage
    specs: Sequence[ModelSpec]

    @property
    def preprocess(self) -> Preprocess:
        """How the first model's input is made of it."""
        return self.specs[0].preprocess_for(self.image.centre_crop_only)

    def label_of(self, spec: ModelSpec, clean_label: int) -> tuple[int, str]:
        """The class whose probability is followed, and which it is: the true one where it is known, else the clean
        prediction.
        """
        truth = true_label(self.image, spec.label_space)
        return (clean_label, "clean prediction") if truth is None else (truth, "true label")


@dataclass(frozen=True)
class Section:
    """One way to look further: `start` begins the jobs by slot (none before the user asked for them), `show` draws what
    is done.
    """

    start: Callable[[Subject, Condition], dict[str, Job]]
    show: Callable[[Subject, dict[str, Job]], None]


def show_section(subject: Subject, condition: Condition) -> None:
    """The control that opens one of the sections, and the open one; none is open at first."""
    offered = list(SECTIONS)
    note_unknown("more", "section", offered)
    chosen = st.segmented_control(
        "Look further at this image", offered, key="more", bind="query-params", persist_state="session"
    )
    running = SECTIONS[chosen].start(subject, condition) if chosen else {}
    jobs.keep_only("sweep:", running)
    jobs.wait_a_moment(running.values())
    if running:
        SECTIONS[chosen].show(subject, running)


def start_seen(slot: str, subject: Subject, conditions: Sequence[Condition]) -> Job:
    """The job of what the first model sees under each of `conditions`."""
    key = ("images_under", subject.image.pixels_sha256, subject.preprocess, tuple(conditions))
    work = partial(corruption_sweep.images_under, subject.image, subject.preprocess, conditions)
    return jobs.start(slot, key, work)


def _start_strip(subject: Subject, condition: Condition) -> dict[str, Job]:
    conditions = corruption_sweep.severity_strip(condition)
    return {"sweep:images": start_seen("sweep:images", subject, conditions)} | _sweep_jobs(subject, conditions)


def _show_strip(subject: Subject, running: dict[str, Job]) -> None:
    """The image at severities 0 to 5 with each model's label and how sure it is."""
    if not jobs.all_done(running):
        return
    images = running["sweep:images"].result
    for column, severity, image in zip(st.columns(len(images)), corruption_sweep.SEVERITIES, images, strict=True):
        with column:
            st.image(
                screen_images.screen_uri(image),
                caption=f"severity {severity}" if severity else "clean",
                width="stretch",
                alt=f"{subject.image.name}, {f'severity {severity}' if severity else 'clean'}",
            )
            for spec in subject.specs:
                st.markdown(_prediction_line(subject, spec, running[f"sweep:{spec.key}"].result.predictions[severity]))


def _start_grids(subject: Subject, condition: Condition) -> dict[str, Job]:
    note_unknown("grid", "set of corruptions", list(GRIDS))
    grid = st.segmented_control(
        "Corruptions of",
        list(GRIDS),
        default="ImageNet-C",
        key="grid",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    conditions = corruption_sweep.corruption_grid(condition, GRIDS[grid])
    request = CorruptionSweepRequest(tuple(subject.specs), subject.image, conditions)
    asked = _asked(f"Run: {len(conditions)} images for each model", request.key)
    return _sweep_jobs(subject, conditions) if asked else {}


def _show_grids(subject: Subject, running: dict[str, Job]) -> None:
    """A heat map per model, corruptions by severities, of the probability of the true label or the clean
    prediction.
    """
    for first in range(0, len(subject.specs), 2):
        for spec, column in zip(subject.specs[first : first + 2], st.columns(2), strict=False):
            with column.container(border=True):
                st.markdown(f"**{words.plain(spec.title)}**")
                job = running[f"sweep:{spec.key}"]
                if job.state is State.DONE:
                    _show_grid(subject, spec, job.result)
                else:
                    jobs.show_progress(f"sweep:{spec.key}", job)


def _start_sequence(subject: Subject, condition: Condition) -> dict[str, Job]:
    if not worlds.has_torch():
        return {}
    from robust_core.corruptions.sequences import PERTURBATIONS

    titles = {row.title: name for name, row in PERTURBATIONS.items()}
    note_unknown("sequence", "sequence", list(titles))
    name = titles[
        st.selectbox(
            "Sequence of ImageNet-P", list(titles), key="sequence", bind="query-params", persist_state="session"
        )
    ]
    st.caption(f"{PERTURBATIONS[name].frames} frames: {PERTURBATIONS[name].rule}.")
    request = PerturbationRequest(tuple(subject.specs), subject.image, name, condition.seed)
    return _sequence_jobs(subject, request) if _asked("Run the sequence", request.key) else {}


def _sequence_jobs(subject: Subject, request: PerturbationRequest) -> dict[str, Job]:
    what = (request.image, subject.preprocess, request.perturbation, request.seed)
    key = ("sequence_frames", request.image.pixels_sha256, *what[1:])
    running = {"sweep:images": jobs.start("sweep:images", key, partial(perturbation_sequence.frames_of, *what))}
    for spec in request.models:
        part = request.of(spec)
        slot = f"sweep:{spec.key}"
        running[slot] = jobs.start(slot, part.key, partial(perturbation_sequence.run, part))
    return running


def _show_sequence(subject: Subject, running: dict[str, Job]) -> None:
    """The sequence frame by frame, each model's label on every frame, and how often it flipped."""
    if not jobs.all_done(running):
        return
    from robust_core.corruptions.sequences import PERTURBATIONS

    sequences = {spec.key: running[f"sweep:{spec.key}"].result for spec in subject.specs}
    row = PERTURBATIONS[next(iter(sequences.values())).perturbation]
    frames = running["sweep:images"].result
    models = [_sequence_model(spec, sequences[spec.key], row.reference) for spec in subject.specs]
    names = [f"frame {number} of {len(frames)}" for number in range(1, len(frames) + 1)]
    strip = SequenceStrip("", _sequence(running["sweep:images"].key, frames), range(len(frames)))
    frame_player([[strip]], models, ("Prediction", "Probability", "", "Flips so far"), key="frames", frame_names=names)
    for spec in subject.specs:
        sequence = sequences[spec.key]
        st.caption(
            f"{words.plain(spec.title)}: the label differs from that of the {row.reference} frame in "
            f"{sequence.flip_probability:.0%} of "
            f"{len(frames) - 1} comparisons; mean top-5 distance {sequence.top5_distance:.2f}. One sequence, live, not "
            "stored ImageNet-P."
        )


SECTIONS = {
    "Severity strip": Section(_start_strip, _show_strip),
    "Corruption grid": Section(_start_grids, _show_grids),
    "Sequence": Section(_start_sequence, _show_sequence),
    "Move the object": Section(
        lambda subject, condition: moved_object.start(subject.image, subject.specs, condition),
        lambda subject, running: moved_object.show(subject.image, subject.specs, running),
    ),
}


def _asked(label: str, what: tuple) -> bool:
    """Whether the user pressed the button for exactly this; a link alone never starts expensive work."""
    if st.session_state.get("asked_for") == what:
        return True
    st.button(
        label,
        key="ask",
        type="primary",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update(asked_for=what),
    )
    return False


def _sweep_jobs(subject: Subject, conditions: Sequence[Condition]) -> dict[str, Job]:
    running = {}
    for spec in subject.specs:
        request, slot = CorruptionSweepRequest((spec,), subject.image, tuple(conditions)), f"sweep:{spec.key}"
        running[slot] = jobs.start(slot, request.key, partial(corruption_sweep.run, request))
    return running


def _prediction_line(subject: Subject, spec: ModelSpec, prediction) -> str:
    truth = true_label(subject.image, spec.label_space)
    mark = "" if truth is None else ":green[✓] " if prediction.label == truth else ":red[✗] "
    name = words.plain(spec.label_space.names[prediction.label])
    return (
        f":small[:gray[{words.plain(spec.title)}]]  \n{mark}{name} "
        f"{charts.percent(float(prediction.probabilities.max()))}"
    )


def _show_grid(subject: Subject, spec: ModelSpec, sweep: CorruptionSweep) -> None:
    label, which = subject.label_of(spec, sweep.predictions[0].label)
    names = dict.fromkeys(condition.corruption for condition in sweep.conditions[1:])
    values = np.array([prediction.probabilities[label] for prediction in sweep.predictions[1:]]).reshape(len(names), 5)
    right = sum(prediction.label == label for prediction in sweep.predictions[1:])
    live_chart(
        charts.corruption_grid([CORRUPTIONS[name].title for name in names], values),
        key=f"corruption_grid:{spec.key}",
        height_px=GRID_PX,
        alt=f"{spec.title}: probability of {spec.label_space.names[label]} under {len(names)} corruptions at 5 "
        "severities",
        png_name=f"corruption_grid_{spec.key}",
    )
    clean = charts.percent(float(sweep.predictions[0].probabilities[label]))
    st.caption(
        f"Probability of the {which}, {words.plain(spec.label_space.names[label])} (clean: {clean}); it is the "
        f"prediction in {right} of {values.size} conditions. {_made(sweep.conditions)}"
    )


def _made(conditions: Sequence[Condition]) -> str:
    """How the images of a grid were made, in a sentence, with what frost is made of."""
    parts = dict.fromkeys(part for one in conditions if one.protocol for part in one.protocol.split("; "))
    return "; ".join(["One image, live corruption, not a stored data set", *parts]) + "."


def _sequence_model(spec: ModelSpec, sequence: PerturbationSequence, reference: str) -> SequenceModel:
    labels = [prediction.label for prediction in sequence.predictions]
    before = [labels[0]] * len(labels) if reference == "first" else [labels[0], *labels[:-1]]
    flipped = [label != earlier for label, earlier in zip(labels, before, strict=True)]
    shares = [charts.percent(float(prediction.probabilities.max())) for prediction in sequence.predictions]
    cells = [
        (spec.label_space.names[label], share, "flip" if flip else "", str(flips))
        for label, share, flip, flips in zip(labels, shares, flipped, accumulate(map(int, flipped)), strict=True)
    ]
    return SequenceModel(spec.title, model_colours()[spec.key], cells, flipped)


@script_turns.kept(8)
def _sequence(job_key: tuple, _frames: Sequence[np.ndarray]) -> FrameSequence:
    return frame_sequence_of(np.stack(_frames))
