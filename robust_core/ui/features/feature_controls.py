"""The controls of the Features page: the experiment, what is maximized, from what, and in how many steps; they are kept
in the URL.
"""

from collections.abc import Sequence

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.feature_experiments import EXPERIMENTS, PAPER_STEPS, PAPER_UNITS, Ascent, Experiment
from robust_core.studies.feature_visualization import unit_count
from robust_core.ui import image_strip, links, pickers, prediction_cards, words, worlds
from robust_core.ui.features.feature_jobs import FeatureRun
from robust_core.ui.links import note_unknown

TITLES = {row.title: row for row in EXPERIMENTS.values()}
STARTS = {"The sidebar's image": "image", "Noise": "noise"}
FIRST_STEPS, FIRST_STEPS_MINI = 60, 150
MAX_MODELS = 4
MAX_SEED = 9_999


def choose(specs: Sequence[ModelSpec]) -> FeatureRun | None:
    """What the controls describe for the first of `specs`; None, after a word on why, where an image is missing."""
    note_unknown("experiment", "experiment", list(TITLES))
    title = st.segmented_control(
        "Experiment", list(TITLES), default=next(iter(TITLES)), key="experiment", bind="query-params", required=True
    )
    experiment = TITLES[title]
    chosen = tuple(specs[:MAX_MODELS])
    if len(specs) > MAX_MODELS:
        st.caption(f"Only the first {MAX_MODELS} of {len(specs)} models are asked.")
    start, seed = _choose_start(experiment)
    ascent = None if experiment.maximizes == "nothing" else _choose_ascent(experiment, chosen)
    if start == "noise":
        return FeatureRun(chosen, experiment, ascent, None, seed)
    image = _choose_image(chosen)
    return image and FeatureRun(chosen, experiment, ascent, image, seed)


def _choose_start(experiment: Experiment) -> tuple[str, int]:
    """Where it starts, and the seed of the noise, 0 where there is none."""
    left, right = st.columns(2, vertical_alignment="bottom")
    start = experiment.starts[0]
    if len(experiment.starts) > 1:
        note_unknown("from", "start", list(STARTS))
        default = next(iter(STARTS))
        start = STARTS[
            left.segmented_control(
                "Start from", list(STARTS), default=default, key="from", bind="query-params", required=True
            )
        ]
    if start == "image":
        return start, 0
    place = right if len(experiment.starts) > 1 else left
    return start, links.number(place.number_input, "Seed of the noise", 0, MAX_SEED, 0, key="noise_seed")


def _choose_ascent(experiment: Experiment, specs: Sequence[ModelSpec]) -> Ascent:
    left, right = st.columns(2, vertical_alignment="bottom")
    target = _choose_unit(left, specs) if experiment.maximizes == "unit" else _choose_class(left)
    first = FIRST_STEPS_MINI if worlds.world() == MINI else FIRST_STEPS
    meaning = "Each moves every value of the image by 1/255 or not at all; the paper took 500"
    steps = links.number(
        right.slider, "Steps", 10, PAPER_STEPS, first, 10, key=f"{worlds.world().key}_ascent_steps", help=meaning
    )
    return Ascent(experiment.key, target, steps)


def _choose_unit(place, specs: Sequence[ModelSpec]) -> int:
    """A feature that every one of the networks has; at first one of the paper's."""
    counts = {spec.title: unit_count(spec.architecture) for spec in specs}
    last = min(counts.values()) - 1
    first = next((unit for unit in PAPER_UNITS if unit <= last), 0)
    has = "; ".join(f"{words.plain(title)}: {count:,}" for title, count in counts.items())
    meaning = (
        f"Of the features that the last layer reads ({has}). The paper's six, of 2,048: "
        f"{', '.join(map(str, PAPER_UNITS))}"
    )
    if st.session_state.get("unit", 0) > last:
        del st.session_state["unit"]
    return links.number(place.number_input, f"Unit (0 to {last:,})", 0, last, first, key="unit", help=meaning)


def _choose_class(place) -> int:
    names = worlds.world().names
    note_unknown("excite", "class", names)
    return names.index(place.selectbox("Class", names, key="excite", bind="query-params"))


def _choose_image(specs: Sequence[ModelSpec]) -> LabelledImage | None:
    image = image_strip.choose_images().image
    if image is None:
        pickers.show_what_is_missing(specs, ())
        return None
    prediction_cards.show_decoding_note(image)
    return image
