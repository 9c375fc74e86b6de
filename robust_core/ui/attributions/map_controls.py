"""The controls of the maps: what is explained, by which methods with which parameters, and how the maps are drawn. They
stand in the URL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attributions.curve_protocols import CURVE_PROTOCOLS, USUAL_PROTOCOL
from robust_core.attributions.methods import METHODS, Choice, Method, Number, Value, methods_for
from robust_core.attributions.targets import PREDICTED, RIVAL, Target
from robust_core.images import LabelledImage
from robust_core.labels import CATEGORIES, IMAGENET, MINI, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import true_label
from robust_core.ui import links
from robust_core.ui.links import note_unknown

PREDICTION, SECOND, TRUTH, ONE_CLASS, CATEGORY = (
    "The prediction",
    "The second best",
    "The true label",
    "A class",
    "A category",
)
COMMON, EACH = "One scale per method", "Each map its own"
FIRST_METHODS = ("grad_cam",)  # the others on demand
MAX_METHODS = 6
COLOUR = "a colour"
HEX_COLOUR = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Display:
    """How maps are drawn: one scale over the models, the percentile at which it ends, and how much the map hides the
    image.
    """

    common: bool
    percentile: float
    opacity: float


def choose_target(image: LabelledImage, label_space: LabelSpace) -> Target:
    """The class that the maps explain."""
    truth = true_label(image, label_space)
    options = [
        PREDICTION,
        SECOND,
        *([TRUTH] if truth is not None else []),
        ONE_CLASS,
        *([CATEGORY] if label_space == IMAGENET else []),
    ]
    note_unknown("explain", "target", options)
    chosen = st.segmented_control(
        "Explain",
        options,
        default=PREDICTION,
        key="explain",
        bind="query-params",
        persist_state="session",
        required=True,
        wrap=True,
    )
    # always there, as a control that appears together with its value leaves the value out of the URL
    if chosen != CATEGORY:
        names = class_options(label_space)
        note_unknown("explained_class", "class", names)
        name = st.selectbox(
            "Class",
            names,
            key="explained_class",
            bind="query-params",
            persist_state="session",
            disabled=chosen != ONE_CLASS,
        )
    if chosen == ONE_CLASS:
        return Target("class", names.index(name))
    if chosen == CATEGORY:
        note_unknown("explained_category", "category", list(CATEGORIES))
        meaning = "Its best class on this image is explained, as in the paper's decision rule"
        return Target(
            "category",
            st.selectbox(
                "Category",
                list(CATEGORIES),
                key="explained_category",
                bind="query-params",
                persist_state="session",
                help=meaning,
            ),
        )
    if chosen == TRUTH and truth is not None:  # the label may have gone with the image before
        return Target("class", truth)
    return RIVAL if chosen == SECOND else PREDICTED


def explain_class(index: int, label_space: LabelSpace) -> None:
    """Set the controls to one class, as a click on a prediction does; for callbacks."""
    st.session_state["explain"] = ONE_CLASS
    st.session_state["explained_class"] = class_options(label_space)[index]


def class_options(label_space: LabelSpace) -> list[str]:
    """The classes as they can be chosen; ImageNet has some names twice, as own lists may, so there each is shown with
    its number.
    """
    if label_space == MINI:
        return list(label_space.names)
    return [f"{name} ({index})" for index, name in enumerate(label_space.names)]


def choose_methods(specs: Sequence[ModelSpec], said: DeltaGenerator) -> tuple[dict[str, dict[str, Value]], str]:
    """The chosen methods by key, each with all its settings, and the protocol of insertion and deletion; only methods
    that hold for one of `specs` at least are offered. What a link asks for in vain comes to `said`.
    """
    offered = [row for row in METHODS.values() if any(row in methods_for(spec.architecture) for spec in specs)]
    titles = {row.title: row for row in offered}
    with said:
        note_unknown("methods", "method", list(titles), _why_not_offered)
    first = [METHODS[key].title for key in FIRST_METHODS if METHODS[key] in offered]
    chosen = st.multiselect(
        "Methods",
        list(titles),
        default=first,
        key="methods",
        bind="query-params",
        persist_state="session",
        max_selections=MAX_METHODS,
    )
    rows = [titles[title] for title in chosen]
    with st.expander("Of the methods and their checks"):
        return {row.key: _choose_settings(row, said) for row in rows}, _choose_protocol(said)


def choose_display() -> Display:
    """How the maps are drawn; changing it computes nothing anew."""
    note_unknown("scale", "scale", (COMMON, EACH))
    meaning = (
        "A common scale compares models; its own scale also shows a weak map. Maps of two methods never share a "
        "scale: their units differ."
    )
    scale = st.segmented_control(
        "Scale",
        (COMMON, EACH),
        default=COMMON,
        key="scale",
        bind="query-params",
        persist_state="session",
        required=True,
        help=meaning,
    )
    percentile = links.number(
        st.slider,
        "Scale ends at the percentile",
        90.0,
        100.0,
        99.0,
        0.5,
        key="clip",
        help="Percentile of the magnitudes in the map",
    )
    opacity = links.number(st.slider, "Opacity of the map, %", 0, 100, 75, 5, key="opacity")
    return Display(scale == COMMON, percentile, opacity / 100)


def in_one_line(target: Target, methods: Sequence[str], display: Display, label_space: LabelSpace) -> str:
    """What is set, in one line."""
    aims = {"predicted": "the prediction", "rival": "the second best"}
    named = label_space.names[target.which] if target.aim == "class" else target.which
    scale = "one scale per method" if display.common else "each map on its own scale"
    by = ", ".join(METHODS[method].title for method in methods) or "no method"
    return f"{by} · explains {aims.get(target.aim, named)} · {scale} · opacity {display.opacity:.0%}"


def describe(row: Method, settings: dict[str, Value]) -> str:
    """The settings of a map in one line; a method that draws ends earlier where another seed would change little."""
    most = {"samples", "masks"} if row.draws else set()
    return ", ".join(
        f"at most {value:,} {key}" if key in most else f"{key.replace('_', ' ')} {value}"
        for key, value in settings.items()
    )


def _choose_protocol(said) -> str:
    """How insertion and deletion are drawn when the maps are checked."""
    titles = {row.title: row for row in CURVE_PROTOCOLS.values()}
    meaning = " ".join(f"**{row.title}**: {row.sentence} Source: {row.source}." for row in titles.values())
    with said:
        note_unknown("curves", "protocol", list(titles))
    usual = list(titles).index(CURVE_PROTOCOLS[USUAL_PROTOCOL].title)
    chosen = st.selectbox(
        "Insertion and deletion",
        list(titles),
        usual,
        key="curves",
        bind="query-params",
        persist_state="session",
        help=meaning,
    )
    return titles[chosen].key


def _choose_settings(row: Method, said) -> dict[str, Value]:
    st.markdown(f"**{row.title}.** {row.sentence} :gray[{row.source}.]")
    controls = st.container()
    with said:
        return {one.key: _choose(one, f"{row.key}_{one.key}", controls) for one in row.parameters}


def _choose(parameter: Number | Choice, key: str, place) -> Value:
    if isinstance(parameter, Number):
        limits = (parameter.low, parameter.high, parameter.default, parameter.step)
        return links.number(place.slider, parameter.title, *limits, key=key, help=parameter.meaning)
    options = [*parameter.options, *([COLOUR] if parameter.or_colour else [])]
    note_unknown(key, parameter.title.lower(), options)
    chosen = place.selectbox(
        parameter.title,
        options,
        options.index(parameter.default),
        key=key,
        bind="query-params",
        persist_state="session",
        help=parameter.meaning,
    )
    return _choose_colour(f"{key}_colour", place) if chosen == COLOUR else chosen


def _choose_colour(key: str, place) -> str:
    links.note_unless(HEX_COLOUR.fullmatch, key, "colour")
    chosen = place.color_picker("Colour", "#808080", key=key, bind="query-params", persist_state="session")
    # a link may say #fa0 for #ffaa00
    return chosen if len(chosen) == 7 else "#" + "".join(2 * digit for digit in chosen[1:])


def _why_not_offered(title: str) -> str:
    row = next((row for row in METHODS.values() if row.title == title), None)
    return f"{title} is not offered for these models. {row.limit}" if row else ""
