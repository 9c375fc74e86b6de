"""The controls of the attack that is tried across models or corruptions, and what a run of it costs."""

from collections.abc import Sequence

import streamlit as st

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS
from robust_core.attacks.threat import ThreatModel
from robust_core.data.image_set import ImageSet
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.ui import jobs, links
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.pgd_steps.attack_controls import EPS, MAX_SEED

NORMS = {"L∞": "linf", "L2": "l2"}
STEPS = (5, 10, 20, 50, 100)
MOST_PASSES = 1_000_000  # of images, forward or backward, in one run


def choose_norm(key: str) -> str:
    """In which norm the attack searches."""
    links.note_unknown(key, "norm", list(NORMS))
    return NORMS[
        st.segmented_control(
            "Norm", list(NORMS), default="L∞", key=key, bind="query-params", persist_state="session", required=True
        )
    ]


def choose_steps(key: str, first: int) -> int:
    """How many steps it makes."""
    links.note_unknown(key, "number of steps", [str(one) for one in STEPS])
    return st.segmented_control(
        "Steps", STEPS, default=first, key=key, bind="query-params", persist_state="session", required=True
    )


def choose_seed(key: str) -> int:
    """The seed of what is random."""
    return links.number(
        st.number_input, "Seed", 0, MAX_SEED, 0, key=key, help="Of all that is random", persist_state="session"
    )


def choose_eps(key: str, norm: str, first: Sequence[str], *, several: bool) -> tuple[float, ...]:
    """One radius or several, in the norm's own unit."""
    options = EPS[norm]
    key = f"{key}_{norm}"
    usual = [one for one in first if one in options] or list(options)[3:4]
    links.note_unknown(key, "ε", list(options))
    if several:
        said = st.pills(
            "ε",
            list(options),
            selection_mode="multi",
            default=usual,
            key=key,
            bind="query-params",
            persist_state="session",
        )
        return tuple(sorted(options[one] for one in said or usual))
    return (
        options[st.select_slider("ε", list(options), usual[0], key=key, bind="query-params", persist_state="session")],
    )


def in_words(specs: Sequence[ModelSpec], images: ImageSet, attack: AttackConfig, times: int) -> str:
    """About how long `times` such attacks on each model take, in a sentence; nothing before that was measured."""
    forecast.measure(specs, images)
    threat = ThreatModel("linf", 1.0, 1.0, attack.steps, "untargeted", "clean", 1, stop_at_success=False, seed=0)
    seconds = forecast.seconds(AttackCurveRequest(tuple(specs), images, (threat,)))
    return "" if seconds is None else f" A run takes about {jobs.roughly(seconds * times)}."


def too_much(specs: Sequence[ModelSpec], images: ImageSet, attack: AttackConfig, times: int) -> str:
    """Why a run is not offered, "" where it is."""
    each = sum(ATTACKS[attack.attack].passes(attack.steps, len(specs[0].label_space.names)))
    passes = each * times * len(images) * len(specs)
    if passes <= MOST_PASSES:
        return ""
    return (
        f"These settings take {passes:,} passes of images; a run here takes at most {MOST_PASSES:,}. Choose fewer "
        "models, images or steps, or use a notebook."
    )
