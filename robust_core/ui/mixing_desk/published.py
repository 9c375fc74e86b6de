"""What the papers report of mixtures, and what Mini says to it: the recorded runs of all kinds beside each other."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from robust_core.labels import MINI, LabelSpace
from robust_core.mixing.table import MIX_KINDS, Alphas, MixKind, of_two
from robust_core.recordings.shipped import mixing_request
from robust_core.results import Result, published
from robust_core.studies.mixing_outcomes import ATTACKED_IMAGES, CLEAN_IMAGES, MixPoint, Mixture, points_in_words
from robust_core.ui import recorded, words

TABLE, MIXTURE, ROBUST_PART = "robustbench", "(Bai2024MixedNUTS)", "(Liu2023Comprehensive_Swin-L)"
AUTOATTACK = "AutoAttack"
LOOKED_AT: Alphas = of_two(0.9)  # where most of the robust model is left
WEIGHTS = (
    "WiSE-FT averages a zero-shot CLIP model with its fine-tuned self. It gains 4 to 6 points under distribution shift "
    "over earlier methods, and 1.6 on ImageNet (Wortsman et al. 2022, abstract)."
)
IN_MINI = {  # of the mix LOOKED_AT; a test holds them against the recorded runs
    "probabilities": "**In Mini** as in the papers: 10% of the ordinary network gains clean accuracy. What is lost "
    "under attack is within its interval of zero.",
    "logits": "**In Mini** 10% of the ordinary network gains as much clean accuracy by logits, but loses robustness. "
    "The papers, too, mix probabilities.",
    "weights": "**Mini contradicts WiSE-FT**: 10% of the other network's weights gains no clean accuracy and loses "
    "robustness. These two were trained apart; WiSE-FT mixes a model with its own fine-tuned self.",
}


def show(space: LabelSpace, kind: MixKind) -> None:
    """What Mini says of a kind of mixture, and the numbers of its paper."""
    if space == MINI:
        st.markdown(IN_MINI[kind.key])
        with st.expander("Probabilities, logits and weights in Mini, side by side", icon=":material/table_rows:"):
            _show_kinds()
    with st.expander("Published: what mixtures gained elsewhere", icon=":material/menu_book:"):
        said = WEIGHTS if kind.one_architecture else _of_outputs()
        st.markdown(f"{words.BADGES['published']} {said}")


def in_mini() -> Mapping[str, Mixture]:
    """The recorded runs of Mini by the kind of mixture."""
    found = {key: recorded.find(mixing_request(MINI, key)) for key in MIX_KINDS}
    return {key: one.result for key, one in found.items() if one is not None}


def looked_at(mixture: Mixture) -> tuple[MixPoint, MixPoint]:
    """The mix that is looked at, and its larger part alone."""
    alone = mixture.part(1)
    assert alone is not None  # of every ladder
    return next(point for point in mixture.points if point.alphas == LOOKED_AT), alone


def rows(model: str) -> dict[str, Result]:
    """Clean accuracy and that under AutoAttack of one of RobustBench's ImageNet models."""
    found = [one for one in published(TABLE) if one.model.endswith(model)]
    clean = next(one for one in found if one.metric == "top1")
    attacked = next(one for one in found if one.metric == "top1_under_attack" and AUTOATTACK in one.protocol)
    return {"clean": clean, "attacked": attacked}


def _show_kinds() -> None:
    found = in_mini()
    st.dataframe(pd.DataFrame(_row(key, its) for key, its in found.items()), hide_index=True)
    any_one = next(iter(found.values()))
    first, second = (spec.title for spec in any_one.models)
    st.caption(
        f"{words.BADGES['cached']} {LOOKED_AT[0]:.2f} × {words.plain(first)} + {LOOKED_AT[1]:.2f} × "
        f"{words.plain(second)}; {words.plain(str(any_one.attack))}. Gains are over the second alone, in points, "
        "paired (Newcombe). All intervals are 95%."
    )


def _row(key: str, mixture: Mixture) -> dict[str, str]:
    point, alone = looked_at(mixture)
    measured = {
        "Clean": str(point.accuracy(CLEAN_IMAGES)),
        "Gain, clean": points_in_words(point.gain(alone, CLEAN_IMAGES)),
        "Under attack": str(point.accuracy(ATTACKED_IMAGES)),
        "Gain, under attack": points_in_words(point.gain(alone, ATTACKED_IMAGES)),
    }
    return {"Mixed": MIX_KINDS[key].title} | measured


def _of_outputs() -> str:
    mixture, robust = rows(MIXTURE), rows(ROBUST_PART)
    both = [
        f"{its['clean'].value:.1f}% clean and {its['attacked'].value:.1f}% under AutoAttack"
        for its in (mixture, robust)
    ]
    n, source = mixture["clean"].n, mixture["clean"].source.partition(";")[0]
    return (
        f"MixedNUTS, on ImageNet at L∞ 4/255: **{both[0]}**. Its robust part alone, a Swin-L: **{both[1]}** "
        f"(n = {n:,}; {words.plain(source)}). It reshapes the logits first, which this page does not."
    )
