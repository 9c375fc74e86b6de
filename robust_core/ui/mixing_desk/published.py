"""What the papers report of mixtures, and where Mini says something else."""

import streamlit as st

from robust_core.labels import MINI, LabelSpace
from robust_core.mixing.table import MixKind
from robust_core.results import Result, published
from robust_core.ui import words

TABLE, MIXTURE, ROBUST_PART = "robustbench", "(Bai2024MixedNUTS)", "(Liu2023Comprehensive_Swin-L)"
AUTOATTACK = "AutoAttack"
WEIGHTS = (
    "WiSE-FT averages a zero-shot CLIP model with its fine-tuned self. It gains 4 to 6 points under distribution shift "
    "over fine-tuning before it, and 1.6 on ImageNet (Wortsman et al. 2022, abstract)."
)
IN_MINI = {
    "probabilities": "",
    "logits": "",
    "weights": "",
}


def show(space: LabelSpace, kind: MixKind) -> None:
    """The paper's numbers for a kind of mixture, and in Mini how it differs."""
    if space == MINI:
        st.markdown(IN_MINI[kind.key])
    with st.expander("Published: what mixtures gained elsewhere", icon=":material/menu_book:"):
        said = WEIGHTS if kind.one_architecture else _of_outputs()
        st.markdown(f"{words.BADGES['published']} {said}")


def rows(model: str) -> dict[str, Result]:
    """Clean accuracy and that under AutoAttack of one of RobustBench's ImageNet models."""
    found = [one for one in published(TABLE) if one.model.endswith(model)]
    clean = next(one for one in found if one.metric == "top1")
    attacked = next(one for one in found if one.metric == "top1_under_attack" and AUTOATTACK in one.protocol)
    return {"clean": clean, "attacked": attacked}


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
