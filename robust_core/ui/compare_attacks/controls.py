"""The controls: which attacks, in which norm, at which ε, with how many steps; they stand in the URL."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import PRECISIONS, PrecisionName
from robust_core.attacks.table import ATTACKS, NORM_TITLES, AttackNorm
from robust_core.labels import IMAGENET
from robust_core.recordings.shipped import COMPARED, LEVELS, OVER_EPS, OVER_EPS_LEVELS
from robust_core.ui import links, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps.attack_controls import EPS as BALLS
from robust_core.ui.pgd_steps.attack_controls import FIRST_EPS, MAX_SEED, meanings_of

EPS = BALLS | {
    "l1": {f"{length:g}": float(length) for length in (2, 5, 10, 20, 40, 80)},
    "l0": {f"{values:g}": float(values) for values in (5, 10, 20, 50, 100, 200, 500)},
}
FIRST = FIRST_EPS | {"l1": "10", "l0": "50"}
MEANINGS = {
    "linf": "The largest change of any pixel value, where 255/255 is the way from black to white",
    "l2": "The root of the summed squares over all values of the image, where 1 is the way from black to white",
    "l1": "The summed changes over all values of the image, where 1 is the way from black to white",
    "l0": "How many of the values of the image may change at all",
}
OWN_STEPS = "Each its own"
STEPS = (OWN_STEPS, "10", "20", "50", "100", "200")


@dataclass(frozen=True)
class Compared:
    """The attacks, in the order of the table, and the radii at which those are counted that look for the smallest
    change.
    """

    attacks: tuple[AttackConfig, ...]
    radii: tuple[float, ...] = ()


def choose(*, over_eps: bool) -> Compared:
    """What the controls describe: attacks in one ball, or, for a curve over ε, in several; none if none is chosen."""
    note_unknown("attack_norm", "norm", list(NORM_TITLES.values()))
    norm = _choose_norm()
    radii = _choose_several_eps(norm) if over_eps else (_choose_eps(norm),)
    keys = _choose_attacks(norm, over_eps=over_eps)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    note_unknown("attack_steps", "number of steps", STEPS)
    said = left.selectbox(
        "Steps",
        STEPS,
        key="attack_steps",
        bind="query-params",
        persist_state="session",
        help="Of each attack, or its queries; by itself PGD takes 50 steps and Square 5,000 queries",
    )
    seed = links.number(
        right.number_input,
        "Seed",
        0,
        MAX_SEED,
        0,
        key="attacks_seed",
        help="Of all that is random",
        persist_state="session",
    )
    numbers, steps = _choose_precision(middle), None if said == OWN_STEPS else int(said)
    configs = [AttackConfig.of(key, norm, radius, steps, seed, numbers) for key in keys for radius in radii]
    minimal = any(config.row.minimal for config in configs)
    return Compared(tuple(dict.fromkeys(configs)), radii if minimal else ())


def _choose_precision(place: DeltaGenerator) -> PrecisionName:
    titles = {one.title: one for one in PRECISIONS.values() if not one.bfloat16}
    note_unknown("attacks_precision", "precision", list(titles))
    said = place.selectbox(
        "Precision",
        list(titles),
        key="attacks_precision",
        bind="query-params",
        persist_state="session",
        help=meanings_of(list(titles)),
    )
    return titles[said].key


def _choose_norm() -> AttackNorm:
    searched = {norm for row in ATTACKS.values() for norm in row.norms}
    titles = {NORM_TITLES[norm]: norm for norm in NORM_TITLES if norm in searched}
    fixed = {"default": NORM_TITLES["linf"], "key": "attack_norm", "bind": "query-params", "required": True}
    return titles[st.segmented_control("Norm", list(titles), **fixed)]


def _choose_eps(norm: AttackNorm) -> float:
    key, first = f"ball_{norm}", FIRST[norm]
    if norm == "linf" and worlds.world() in LEVELS:
        first = f"{LEVELS[worlds.world()]:g}/255"
    note_unknown(key, "ε", list(EPS[norm]))
    if worlds.just_entered(key):
        st.session_state[key] = first
    said = st.select_slider(
        "ε", list(EPS[norm]), first, key=key, bind="query-params", persist_state="session", help=MEANINGS[norm]
    )
    return EPS[norm][said]


def _choose_several_eps(norm: AttackNorm) -> tuple[float, ...]:
    key, options = f"balls_{norm}", list(EPS[norm])
    first = options[2:6]
    if norm == "linf" and worlds.world() in OVER_EPS_LEVELS:
        first = [f"{levels:g}/255" for levels in OVER_EPS_LEVELS[worlds.world()]]
    note_unknown(key, "ε", options)
    if worlds.just_entered(key):
        st.session_state[key] = first
    chosen = st.pills(
        "ε",
        options,
        selection_mode="multi",
        default=first,
        key=key,
        bind="query-params",
        persist_state="session",
        help=MEANINGS[norm],
    )
    return tuple(sorted(EPS[norm][one] for one in chosen or first[:1]))


def _choose_attacks(norm: AttackNorm, *, over_eps: bool) -> Sequence[str]:
    titles = {row.title: key for key, row in ATTACKS.items() if norm in row.norms}
    first = OVER_EPS if over_eps else COMPARED.get(worlds.world(), COMPARED[IMAGENET])
    usual = [ATTACKS[key].title for key in first if key in titles.values()]
    key = f"attacks_{'over_eps_' if over_eps else ''}{norm}"
    note_unknown(key, "attack", list(titles))
    if worlds.just_entered(key):
        st.session_state[key] = usual or list(titles)[:1]
    chosen = st.multiselect(
        "Attacks",
        list(titles),
        default=usual or list(titles)[:1],
        key=key,
        bind="query-params",
        persist_state="session",
        help="Those that search in this norm. What each knows of a model, and what it costs, stands in the table below",
    )
    return [titles[one] for one in titles if one in chosen]
