"""Whether a map can be believed: a light with a word before the map, and the figures behind it."""

import base64
from typing import TYPE_CHECKING

import pyarrow
import streamlit as st

from robust_core.attributions.curve_protocols import get_protocol
from robust_core.plots import charts, map_images

if TYPE_CHECKING:
    from robust_core.attributions.checks import Check
    from robust_core.attributions.explain import Attribution
    from robust_core.attributions.quality import AttributionMetrics

LIGHTS = {  # by the word: each has a shape of its own, too
    "passed its checks": ":green-badge[:material/check_circle: {}]",
    "doubtful": ":orange-badge[:material/warning: {}]",
    "failed a check": ":red-badge[:material/cancel: {}]",
    "not checked yet": ":gray-badge[:material/pending: {}]",
    "passed so far": ":blue-badge[:material/rule: {}]",
}
HOW_TO_READ_METRICS = (
    "**Insertion**: area under the class's probability as pixels appear, most important first; high is good. "
    "**Deletion**: the same as they turn grey; low is good. {protocol} Both count only beside random maps of equal "
    "smoothness (thin lines). **Infidelity** (Yeh et al. 2019): the squared error of the score drop that the map "
    "predicts when squares are covered, relative to a map of zeros. 0 is best; above 1 is worse than no map. "
    "**Unexplained at its best scale**: the same after the best rescaling, 0 to 1, so that methods compare. "
    "**Sensitivity**: how much the map changes, relative to its size, when no pixel moves by more than 5/255."
)


def is_failed(attribution: "Attribution", metrics: "AttributionMetrics | None") -> bool:
    """Whether the map fails a check, and is greyed."""
    from robust_core.attributions.checks import failures

    return bool(failures(attribution, metrics))


def show_light(attribution: "Attribution", metrics: "AttributionMetrics | None") -> None:
    """The light, as a word with a colour and a shape."""
    from robust_core.attributions.checks import light

    word = light(attribution, metrics).value
    st.markdown(LIGHTS[word].format(word))
    if word == "passed so far":
        st.caption("Not compared with random maps yet.")


def show_failures(attribution: "Attribution", metrics: "AttributionMetrics | None") -> None:
    """Why the map is greyed, if it is."""
    from robust_core.attributions.checks import failures

    for check in failures(attribution, metrics):
        st.caption(f"**Greyed:** {check.sentence}")


def show_figures(attribution: "Attribution", metrics: "AttributionMetrics | None") -> None:
    """Every check with its number, its limits and their sources, then the curves behind them."""
    from robust_core.attributions.checks import CHECKS

    with st.popover("Figures", type="tertiary"):
        rows = [_row(check, attribution, metrics) for check in CHECKS]
        # not by way of pandas, which takes ten times as long, for every map at every rerun
        st.dataframe(pyarrow.Table.from_pylist([row for row in rows if row]), hide_index=True)
        if metrics is not None:
            _show_metrics(metrics)


def _row(
    check: "Check", attribution: "Attribution", metrics: "AttributionMetrics | None"
) -> dict[str, str | float] | None:
    """What one check says; None where it does not apply to the method."""
    said = check.light(attribution, metrics)
    if said is None:
        return None
    value = None if said.value == "not checked yet" else check.measure(attribution, metrics)
    return {
        "Check": check.title,
        "Says": said.value,
        "Value": "" if value is None else charts.number(value, ".2f"),
        "Doubtful above": f"{check.doubtful_above:g}",
        "Fails above": "never" if check.fails_above == float("inf") else f"{check.fails_above:g}",
        "Source": check.source,
    }


def _show_metrics(metrics: "AttributionMetrics") -> None:
    curves, controls = metrics.curves, metrics.controls.curves if metrics.controls else ()
    svg = map_images.curves_svg(curves.insertion, curves.deletion, [(one.insertion, one.deletion) for one in controls])
    alt = f"Insertion, area {curves.insertion_area:.2f}, and deletion, area {curves.deletion_area:.2f}"
    st.image("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), width="stretch", alt=alt)
    own, best = metrics.infidelity.own_scale, metrics.infidelity.best_scale
    infidelity = "" if own is None else f"infidelity {charts.number(own, '.2f')}, "
    st.caption(
        f":orange[insertion] {curves.insertion_area:.2f}, :blue[deletion] {curves.deletion_area:.2f}  \n"
        f"{infidelity}unexplained at its best scale {best:.2f}  \n"
        f"sensitivity {charts.number(metrics.sensitivity, '.2f')}{_beside_random(metrics)}",
        help=HOW_TO_READ_METRICS.format(protocol=get_protocol(metrics.protocol).sentence),
    )


def _beside_random(metrics: "AttributionMetrics") -> str:
    controls = metrics.controls
    if controls is None:
        return ""
    drawn = len(controls.curves)
    said = f"random map {drawn} does as well" if controls.better else f"better than all of {drawn} random maps"
    return f"  \n{said}, p = {controls.p_value:.2f}"
