"""What the papers report of mixtures, and what Mini says to it: the recorded runs of all kinds beside each other."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from robust_core.labels import MINI
from robust_core.mixing.table import MIX_KINDS, Alphas, of_two
from robust_core.recordings.shipped import mixing_request
from robust_core.results import Result, published
from robust_core.studies.mixing import MixingRequest
from robust_core.studies.mixing_outcomes import ATTACKED_IMAGES, CLEAN_IMAGES, MixPoint, Mixture, points_in_words
from robust_core.ui import recorded, words

TABLE, MIXTURE, ROBUST_PART = "robustbench", "(Bai2024MixedNUTS)", "(Liu2023Comprehensive_Swin-L)"
AUTOATTACK = "AutoAttack"
LOOKED_AT: Alphas = of_two(0.9)  # where most of the robust model is left
WEIGHTS = (
    "WiSE-FT averages a zero-shot CLIP model with its fine-tuned self. It gains 4 to 6 points under distribution shift "
    "over earlier methods, and 1.6 on ImageNet (Wortsman et al. 2022, abstract)."
)
IN_MINI = {  # of the mix LOOKED_AT, with its gains; a test holds them against the recorded runs
    "probabilities": "**In Mini** as in the papers: 10% of the ordinary network gains clean accuracy, {clean} points. "
    "The loss under attack, {attacked}, is not told apart from zero.",
    "logits": "**In Mini** 10% of the ordinary network gains clean accuracy by logits, {clean} points against "
    "{clean_by_probabilities} by probabilities, but loses robustness: {attacked} under attack. The papers, too, mix "
    "probabilities.",
    "weights": "**In Mini** averaged weights of two networks trained apart gain no clean accuracy, {clean} points at "
    "10% of the ordinary one, and lose robustness: {attacked} under attack. WiSE-FT's own setting, a model and its own "
    "fine-tuned self, is not here.",
}


def show(wanted: MixingRequest, shown: MixingRequest | None) -> None:
    """What Mini says of a kind of mixture, where that and its models are wanted and `shown`; and the numbers of its
    paper.
    """
    if wanted.label_space == MINI:
        if all(map(_is_of_mini, (wanted, shown or wanted))) and wanted.kind == (shown or wanted).kind:
            st.markdown(said_of_mini(wanted.kind))
        with st.expander("Probabilities, logits and weights in Mini, side by side", icon=":material/table_rows:"):
            _show_kinds()
    with st.expander("Published: what mixtures gained elsewhere", icon=":material/menu_book:"):
        said = WEIGHTS if wanted.row.one_architecture else _of_outputs()
        st.markdown(f"{words.BADGES['published']} {said}")


def in_mini() -> Mapping[str, Mixture]:
    """The recorded runs of Mini by the kind of mixture."""
    found = {key: recorded.find(mixing_request(MINI, key)) for key in MIX_KINDS}
    return {key: one.result for key, one in found.items() if one is not None}


def said_of_mini(kind: str) -> str:
    """The sentences of a kind of mixture with the gains of its recorded run; "" where that is not there."""
    recorded_runs = in_mini()
    if not {kind, "probabilities"} <= set(recorded_runs):
        return ""
    point, alone = looked_at(recorded_runs[kind])
    by_probabilities, alone_there = looked_at(recorded_runs["probabilities"])
    said = IN_MINI[kind].format(
        clean=points_in_words(point.gain(alone, CLEAN_IMAGES)),
        attacked=points_in_words(point.gain(alone, ATTACKED_IMAGES)),
        clean_by_probabilities=points_in_words(by_probabilities.gain(alone_there, CLEAN_IMAGES)),
    )
    than = f"Against {words.plain(recorded_runs[kind].models[1].title)} alone; {recorded_runs[kind].attack}"
    return f"{said} :small[{than}; n = {point.n}; 95% intervals.]"


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


def _is_of_mini(request: MixingRequest) -> bool:
    """Whether its models are those of the recorded runs."""
    return request.models == mixing_request(MINI, request.kind).models


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
