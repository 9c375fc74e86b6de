"""The settings of the searches: the norm, their steps, and the seed; they stand in the URL."""

from dataclasses import dataclass

import streamlit as st

from robust_core.attacks.table import NORM_TITLES, AttackNorm
from robust_core.studies.smallest_change import NORMS, STEPS
from robust_core.ui import links

TITLES = {NORM_TITLES[norm]: norm for norm in NORMS}
FEWEST_STEPS, MOST_STEPS, STEP_OF_SLIDER = 10, 300, 10
MAX_SEED = 9_999


@dataclass(frozen=True)
class SearchSettings:
    """How is searched."""

    norm: AttackNorm
    steps: int
    seed: int

    def __str__(self) -> str:
        """In one line."""
        return f"{NORM_TITLES[self.norm]} · {self.steps} steps of each search · seed {self.seed}"


def choose_settings() -> SearchSettings:
    """What the controls say."""
    links.note_unknown("change_norm", "norm", list(TITLES))
    title = st.segmented_control(
        "Norm",
        list(TITLES),
        default=next(iter(TITLES)),
        key="change_norm",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    steps = links.number(
        st.slider,
        "Steps of each search",
        FEWEST_STEPS,
        MOST_STEPS,
        STEPS,
        STEP_OF_SLIDER,
        key="change_steps",
        help="Each step takes one forward and one backward pass for each image. More steps find smaller changes.",
        persist_state="session",
    )
    seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="change_seed", persist_state="session")
    return SearchSettings(TITLES[title], int(steps), int(seed))
