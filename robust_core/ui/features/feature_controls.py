"""The controls of the Features page: the experiment, what is maximised, from what, and in how many steps; they are kept
in the URL.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.feature_experiments import EXPERIMENTS, PAPER_STEPS, PAPER_UNITS, Ascent, Experiment
from robust_core.studies.feature_visualization import unit_count
from robust_core.ui import image_strip, links, pickers, prediction_cards, words, worlds
from robust_core.ui.features.feature_jobs import FeatureRun
from robust_core.ui.links import note_unknown

TITLES = {row.title: row for row in EXPERIMENTS.values()}
FIRST_EXPERIMENT = EXPERIMENTS["class"].title
STARTS = {"An image": "image", "Noise": "noise"}
FIRST_CLASS = {IMAGENET: "zebra", MINI: "knife"}  # the latter can be recognised where training was adversarial
FIRST_STEPS, FIRST_STEPS_MINI = 20, 150
MAX_MODELS = 4
MAX_SEED = 9_999


def choose(specs: Sequence[ModelSpec], class_here: DeltaGenerator, settings_here: DeltaGenerator) -> FeatureRun | None:
    """What the controls describe for the first of `specs`; None, after a word on why, where an image is missing. The
    class comes to `class_here`, what experts set to `settings_here`.
    """
    chosen = tuple(specs[:MAX_MODELS])
    if len(specs) > MAX_MODELS:
        st.caption(f"Only the first {MAX_MODELS} of {len(specs)} models are run.")
    with settings_here:
        experiment = _choose_experiment()
        start = _choose_start(experiment)
        ascent = None if experiment.maximizes == "nothing" else _choose_ascent(experiment, chosen, class_here)
        seed = _choose_seed() if start == "noise" else 0
    if start == "noise":
        return FeatureRun(chosen, experiment, ascent, None, seed)
    image = _choose_image(chosen)
    return image and FeatureRun(chosen, experiment, ascent, image, seed)


def describe(run: FeatureRun) -> str:
    """What is set, in one line."""
    return " · ".join(value for title, value in run.settings.items() if title != "models")


def _choose_experiment() -> Experiment:
    note_unknown("experiment", "experiment", list(TITLES))
    fixed = {
        "default": FIRST_EXPERIMENT,
        "key": "experiment",
        "bind": "query-params",
        "persist_state": "session",
        "required": True,
        "wrap": True,
    }
    return TITLES[st.segmented_control("Experiment", list(TITLES), **fixed)]


def _choose_start(experiment: Experiment) -> str:
    if len(experiment.starts) == 1:
        return experiment.starts[0]
    note_unknown("from", "start", list(STARTS))
    fixed = {
        "default": next(iter(STARTS)),
        "key": "from",
        "bind": "query-params",
        "persist_state": "session",
        "required": True,
    }
    return STARTS[st.segmented_control("Start from", list(STARTS), **fixed)]


def _choose_seed() -> int:
    st.markdown("**Reproducibility**")
    return links.number(st.number_input, "Seed of the noise", 0, MAX_SEED, 0, key="noise_seed", persist_state="session")


def _choose_ascent(experiment: Experiment, specs: Sequence[ModelSpec], class_here: DeltaGenerator) -> Ascent:
    target = _choose_unit(specs) if experiment.maximizes == "unit" else _choose_class(class_here)
    first = FIRST_STEPS_MINI if worlds.world() == MINI else FIRST_STEPS
    meaning = "Each moves every value of the image by 1/255 or not at all; the paper took 500"
    key = f"{worlds.world().key}_ascent_steps"
    kept = {"key": key, "help": meaning, "persist_state": "session"}
    return Ascent(experiment.key, target, links.number(st.slider, "Steps", 10, PAPER_STEPS, first, 10, **kept))


def _choose_unit(specs: Sequence[ModelSpec]) -> int:
    """A feature that every one of the networks has; at first one of the paper's."""
    counts = {spec.title: unit_count(spec.architecture) for spec in specs}
    last = min(counts.values()) - 1
    first = next((unit for unit in PAPER_UNITS if unit <= last), 0)
    has = "; ".join(f"{words.plain(title)}: {count:,}" for title, count in counts.items())
    meaning = (
        f"One input to the final linear layer ({has}). The paper's six, of 2,048: {', '.join(map(str, PAPER_UNITS))}"
    )
    if st.session_state.get("unit", 0) > last:
        del st.session_state["unit"]
    return links.number(
        st.number_input, f"Unit (0 to {last:,})", 0, last, first, key="unit", help=meaning, persist_state="session"
    )


def _choose_class(place: DeltaGenerator) -> int:
    space = worlds.world()
    names, first = space.names, FIRST_CLASS.get(space)
    note_unknown("excite", "class", names)
    if worlds.just_entered("excite"):
        st.session_state["excite"] = first or names[0]
    return names.index(
        place.selectbox(
            "Class to excite",
            names,
            names.index(first) if first else 0,
            key="excite",
            bind="query-params",
            persist_state="session",
            width=300,
        )
    )


def _choose_image(specs: Sequence[ModelSpec]) -> LabelledImage | None:
    image = image_strip.choose_images().image
    if image is None:
        pickers.show_what_is_missing(specs, ())
        return None
    prediction_cards.show_decoding_note(image)
    return image
