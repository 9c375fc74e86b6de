"""What the strongest attack says against PGD: a headline, and a sentence for each model."""

import streamlit as st

from robust_core.studies.attack_comparison import AttackComparison
from robust_core.studies.attack_outcome import Gap, worst_of
from robust_core.ui import words

STRONGEST = "autoattack"  # what the field takes for it


def show(found: AttackComparison) -> None:
    """The model on which the two differ most as a headline."""
    gaps = of_the_strongest(found)
    if gaps:
        one = max(gaps, key=lambda gap: -gap.difference.estimate)
        same = one.left_by_first == one.left_by_second
        other = "the same" if same else f"{one.left_by_second.estimate:.1%}"
        said = f"{one.first.title} says {one.left_by_first.estimate:.1%} is left, {one.second.title} says {other}"
        st.subheader(said, anchor=False)
        st.caption(f"{words.plain(one.first.spec.title)}, {one.ball}: {_difference(one)}; n = {one.difference.n}.")


def show_every_model(found: AttackComparison) -> None:
    """Every model with its intervals, and what all attacks leave together."""
    st.markdown("\n".join(_line(gap, found) for gap in of_the_strongest(found)))


def of_the_strongest(found: AttackComparison) -> list[Gap]:
    """For each model and ball the gap between PGD and AutoAttack, or, without that, whatever leaves least."""
    best: dict[tuple[str, str], Gap] = {}
    for gap in found.gaps:
        key = gap.first.spec.name, gap.ball
        if key not in best or _rank(gap) < _rank(best[key]):
            best[key] = gap
    return list(best.values())


def _rank(gap: Gap) -> tuple[bool, float]:
    return gap.second.config.attack != STRONGEST, gap.difference.estimate


def _line(gap: Gap, found: AttackComparison) -> str:
    worst = worst_of(found.outcomes[gap.first.spec.name], gap.first.config.norm, gap.radius)
    return (
        f"- **{words.plain(gap.first.spec.title)}**: {gap.first.title} leaves {gap.left_by_first}, {gap.second.title} "
        f"{gap.left_by_second}: {_difference(gap)}. All of them together: {worst}"
    )


def _difference(gap: Gap) -> str:
    points = gap.difference
    said = f"{_signed(points.estimate)} points [{_signed(points.low)}, {_signed(points.high)}]"
    if gap.p_value is None:
        return said
    p_value = "p < 0.001" if gap.p_value < 0.001 else f"p = {gap.p_value:.2g}"
    return f"{said} (Newcombe), {p_value} (McNemar, exact)"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
