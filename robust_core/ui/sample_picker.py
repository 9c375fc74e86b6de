"""Choosing among the images of a collection: condition, class, then images by name or drawn by a seed."""

from collections.abc import Sequence

import streamlit as st

from robust_core import data
from robust_core.data.collection import SUBSETS
from robust_core.ui import words
from robust_core.ui.links import note_unknown

EVERY_CLASS, ALL_CLASSES = "every class", "all 1,000"
MAX_CLASSES_AT_ONCE = 40
MAX_LISTED = 500
MAX_CHOSEN = 12


def show_samples(collection: data.Collection) -> None:
    """The controls for one collection; what they choose stands in the URL."""
    if collection.label_subset in SUBSETS:
        subset = f"its {len(SUBSETS[collection.label_subset])}"
        note_unknown("compared", "choice of classes", [subset, ALL_CLASSES])
        st.segmented_control(
            "Classes compared",
            [subset, ALL_CLASSES],
            default=subset,
            key="compared",
            bind="query-params",
            persist_state="session",
            required=True,
        )
    st.session_state["condition"] = condition = _choose_condition(collection.conditions)
    label = _choose_class(collection, condition)
    listed = data.list_samples(collection.key, condition=condition, label=label)
    titles = unique_titles(listed[:MAX_LISTED])
    st.session_state["listed"] = titles
    note_unknown("images", "image", list(titles))
    _keep_or_choose_first((collection.key, condition, label), list(titles))
    st.multiselect(
        "Images",
        list(titles),
        default=list(titles)[:1],
        key="images",
        bind="query-params",
        persist_state="session",
        max_selections=MAX_CHOSEN,
    )
    if len(listed) > MAX_LISTED:
        st.caption(f"The first {MAX_LISTED} of {len(listed):,} images are listed.")
    _show_draw(collection, condition, label, len(titles))
    for sentence in data.left_out(collection.key, condition=condition):
        st.caption(words.plain(sentence))


def listed() -> dict[str, str]:
    """The ids of the images that can be chosen, by title."""
    return st.session_state.get("listed", {})


def chosen_ids() -> list[str]:
    """The ids of the chosen images."""
    titles = listed()
    return [titles[title] for title in st.session_state.get("images", ()) if title in titles]


def choose(sample_id: str) -> None:
    """Work on this image alone, unless it is one of the chosen already; for callbacks."""
    title = next((title for title, one in listed().items() if one == sample_id), None)
    if title is not None and title not in st.session_state.get("images", ()):
        st.session_state["images"] = [title]


def classes_compared(collection: data.Collection) -> tuple[int, ...] | None:
    """The classes among which the collection's protocol looks for the prediction, unless the user asked for all: then
    None.
    """
    return None if st.session_state.get("compared") == ALL_CLASSES else SUBSETS.get(collection.label_subset)


def _choose_condition(conditions: Sequence[str]) -> str | None:
    """One of "<corruption>/<severity>" by two controls, or of plain names by one; None where there are none."""
    if not conditions:
        return None
    severities: dict[str, list[str]] = {}
    for condition in conditions:
        name, _, severity = condition.partition("/")
        severities.setdefault(name, []).append(severity)
    note_unknown("stored", "stored condition", list(severities))
    name = st.selectbox(
        "Stored condition", list(severities), key="stored", bind="query-params", persist_state="session"
    )
    levels = sorted(filter(None, severities[name]))
    if not levels:
        return name
    note_unknown("stored_severity", "stored severity", levels)
    level = st.segmented_control(
        "Stored severity",
        levels,
        default=levels[0],
        key="stored_severity",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    return f"{name}/{level}"


def _choose_class(collection: data.Collection, condition: str | None) -> int | None:
    names = {
        collection.label_space.names[index]: index for index in data.list_classes(collection.key, condition=condition)
    }
    if not names:
        return None
    options = [EVERY_CLASS, *names] if len(names) <= MAX_CLASSES_AT_ONCE else list(names)
    note_unknown("class", "class", options)
    return names.get(st.selectbox("Class", options, key="class", bind="query-params", persist_state="session"))


def _keep_or_choose_first(place: tuple, titles: list[str]) -> None:
    """In another place, keep the images that are there too, as those of ImageNet-C are at every severity; else take
    the first.
    """
    if st.session_state.get("images_from", place) != place:
        kept = [title for title in st.session_state.get("images", ()) if title in titles]
        st.session_state["images"] = kept or titles[:1]
    st.session_state["images_from"] = place


def _show_draw(collection: data.Collection, condition: str | None, label: int | None, available: int) -> None:
    with st.expander("Draw by a seed"):
        st.caption("The same seed always draws the same images.", help=data.SELECTION_RULE)
        left, right = st.columns(2)
        n = left.number_input("Images", 1, min(MAX_CHOSEN, max(available, 1)), 1, key="drawn_n")
        seed = right.number_input("Seed", 0, 99_999, 0, key="drawn_seed")
        st.button(
            "Draw",
            on_click=_draw,
            args=(collection.key, int(n), int(seed), condition, label),
            disabled=not available,
            width="stretch",
        )


def _draw(key: str, n: int, seed: int, condition: str | None, label: int | None) -> None:
    ids = {sample_id: title for title, sample_id in st.session_state.get("listed", {}).items()}
    drawn = data.draw(key, n, seed, condition=condition, label=label)
    st.session_state["images"] = [ids[sample.id] for sample in drawn if sample.id in ids]


def unique_titles(listed: Sequence[data.Sample]) -> dict[str, str]:
    """Sample ids by title; a title that occurs again gets its number."""
    titles: dict[str, str] = {}
    for sample in listed:
        title, number = sample.title, 2
        while title in titles:
            title, number = f"{sample.title} ({number})", number + 1
        titles[title] = sample.id
    return titles
