"""What is mixed, how much of each, and what is measured; all of it stands in the link."""

from collections.abc import Sequence

import streamlit as st

from robust_core.attacks.config import AttackConfig
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.errors import BadInput
from robust_core.labels import LabelSpace
from robust_core.mixing.table import MIX_KINDS, Alphas, MixKind, ladder, of_two, require_one_architecture
from robust_core.models.spec import ModelSpec
from robust_core.recordings.shipped import (
    LEVELS,
    MIX_CORRUPTION,
    MIX_N,
    MIX_SEVERITY,
    MIX_STEPS,
    MIXED,
    defence_images,
)
from robust_core.studies.mixing import MixingRequest, usual_norm_images
from robust_core.studies.mixing_outcomes import ATTACKED_IMAGES, CORRUPTED_IMAGES
from robust_core.ui import links, words
from robust_core.ui.compare_attacks import pgd_choice
from robust_core.ui.conditions import TITLES

NO_MODEL, NO_CORRUPTION = "No third model", "None"
MOST_IMAGES, FIRST_PERCENT, FIRST_PARTS, MOST_PARTS = 256, 90, (2, 1, 1), 10


def choose_kind() -> MixKind:
    """What is averaged."""
    titles = {row.title: row for row in MIX_KINDS.values()}
    links.note_unknown("mix_kind", "kind of mixture", list(titles))
    first = next(iter(titles))
    fixed = {"key": "mix_kind", "bind": "query-params", "persist_state": "session", "required": True}
    return titles[st.segmented_control("What is mixed", list(titles), default=first, **fixed)]


def choose_models(specs: Sequence[ModelSpec], space: LabelSpace) -> tuple[ModelSpec, ...]:
    """Two or three different models of those in the sidebar; none, and a request to choose others, where one is named
    twice.
    """
    usual = [spec for key in MIXED[space] for spec in specs if spec.key == key]
    first, second = usual if len(usual) == len(MIXED[space]) else specs[:2]
    titles = {spec.title: spec for spec in specs}
    named = [_choose("First model", "mix_first", list(titles), first.title)]
    named.append(_choose("Second model", "mix_second", list(titles), second.title))
    if len(specs) > len(named):
        named.append(_choose("Third model", "mix_third", [NO_MODEL, *titles], NO_MODEL))
    mixed = [titles[one] for one in named if one in titles]
    if len(set(named)) < len(named):
        st.info(f"Choose {('two', 'three')[len(mixed) - 2]} different models.", icon=":material/arrow_upward:")
        return ()
    return tuple(mixed)


def choose_alphas(specs: Sequence[ModelSpec]) -> Alphas | None:
    """The mix that is looked at; None where no model has a part."""
    if len(specs) == len(FIRST_PARTS):
        parts = [_parts(number, spec) for number, spec in enumerate(specs)]
        total = sum(parts)
        return tuple(part / total for part in parts) if total else None
    title = f"α of {words.plain(specs[1].title)}, %"
    percent = links.number(
        st.slider, title, 0, 100, FIRST_PERCENT, 5, key="mix_percent", persist_state="session", format="%d%%"
    )
    st.caption(f"The rest, {100 - percent}%, is {words.plain(specs[0].title)}.")
    return of_two(percent / 100)


def choose_up() -> str:
    """What the vertical axis is: the kind of images on which a mix is robust."""
    titles = {"Under attack": ATTACKED_IMAGES, "Corrupted": CORRUPTED_IMAGES}
    links.note_unknown("mix_up", "axis", list(titles))
    fixed = {"key": "mix_up", "bind": "query-params", "persist_state": "session", "required": True}
    return titles[st.segmented_control("Vertical axis", list(titles), default=next(iter(titles)), **fixed)]


def choose_request(specs: tuple[ModelSpec, ...], kind: MixKind, space: LabelSpace) -> MixingRequest:
    """The ladder of mixes, and what is measured of each; raises BadInput for models that this kind cannot mix."""
    n = links.number(
        st.slider, "Images (n)", 1, MOST_IMAGES, MIX_N[space], key=f"{space.key}_mix_n", persist_state="session"
    )
    images = defence_images(space, n)
    st.caption(words.plain(images.rule))
    norm = pgd_choice.choose_norm("mix_norm")
    usual = [f"{LEVELS[space]:g}/255"]
    (eps,) = pgd_choice.choose_eps(f"mix_eps_{space.key}", norm, usual, several=False)
    steps = pgd_choice.choose_steps(f"mix_steps_{space.key}", MIX_STEPS[space])
    attack = AttackConfig.of("pgd", norm, eps, steps, pgd_choice.choose_seed("mix_seed"))
    condition = _choose_condition()
    if kind.one_architecture:
        require_one_architecture(specs)
    norm_images = usual_norm_images(space, images) if kind.one_architecture else None
    return MixingRequest(specs, images, kind.key, ladder(len(specs)), condition, attack, norm_images)


def refusal(error: BadInput) -> None:
    """Why these models are not mixed, and what can be."""
    st.info(f"{words.plain(str(error))} Mix probabilities or logits instead.", icon=":material/info:")


def _choose(label: str, key: str, options: list[str], first: str) -> str:
    links.note_unknown(key, "model", options)
    if st.session_state.get(key, first) not in options:
        st.session_state[key] = first  # of a model that is gone
    return st.selectbox(label, options, options.index(first), key=key, bind="query-params", persist_state="session")


def _parts(number: int, spec: ModelSpec) -> int:
    title = f"Parts of {words.plain(spec.title)}"
    key, first = f"mix_parts_{number + 1}", FIRST_PARTS[number]
    return links.number(st.slider, title, 0, MOST_PARTS, first, key=key, persist_state="session")


def _choose_condition() -> Condition:
    titles = [NO_CORRUPTION, *TITLES]
    links.note_unknown("mix_corruption", "corruption", titles)
    first = next(title for title, name in TITLES.items() if name == MIX_CORRUPTION)
    fixed = {"bind": "query-params", "persist_state": "session"}
    title = st.selectbox("Also measured under", titles, titles.index(first), key="mix_corruption", **fixed)
    severity = links.number(st.slider, "Severity", 1, 5, MIX_SEVERITY, key="mix_severity", persist_state="session")
    return CLEAN if title == NO_CORRUPTION else Condition(TITLES[title], severity, 0)
