"""What the whole set tells beyond predictions: the control that opens a section, and the work that it starts for each
model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import streamlit as st

from robust_core.jobs import Job
from robust_core.studies import calibration, object_edits, ood
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance
from robust_core.ui import image_source, jobs, on_page
from robust_core.ui.links import note_unknown
from robust_core.ui.what_if import edited_objects, reliability, unknown_images
from robust_core.ui.what_if.whole_set import WholeSet

SLOT = "set:"
FEWEST = 2  # images


@dataclass(frozen=True)
class Section:
    """One question: `about` it in sentences, the `request` that the controls make (None where they cannot), the study,
    and how its result is drawn. It takes `fewest` images of the set, and `button` says what a run takes.
    """

    about: str
    request: Callable[[WholeSet], Any]
    run: Callable[[Any], Any]
    show: Callable[[Any], None]
    fewest: Callable[[WholeSet], int] = lambda whole: FEWEST
    button: Callable[[Any], str] = lambda request: f"Run: {len(request.images)} images for each model"


SECTIONS = {
    "Calibration": Section(reliability.ABOUT, reliability.request_for, calibration.run, reliability.show),
    "Unknown images": Section(unknown_images.ABOUT, unknown_images.request_for, ood.run, unknown_images.show),
    "Edited objects": Section(
        edited_objects.ABOUT,
        edited_objects.request_for,
        object_edits.run,
        edited_objects.show,
        fewest=edited_objects.fewest,
        button=edited_objects.button,
    ),
}


def show_section(whole: WholeSet) -> None:
    """The control that opens one of the sections, and the open one; none is open at first."""
    offered = list(SECTIONS)
    note_unknown("more_all", "section", offered)
    chosen = st.segmented_control(
        "Look further at all images", offered, key="more_all", bind="query-params", persist_state="session"
    )
    request = _asked(SECTIONS[chosen], whole) if chosen else None
    started = _start(SECTIONS[chosen], request) if chosen and request else {}
    jobs.keep_only(SLOT, started)
    jobs.wait_a_moment(started.values())
    if chosen and request and jobs.all_done(started):
        found = _together(request, [job.result for job in started.values()])
        on_page.show(request, found, None)
        SECTIONS[chosen].show(found)


def _start(section: Section, request: Request) -> dict[str, Job]:
    """A job for each model, by slot."""
    parts = {f"{SLOT}{spec.key}": request.of(spec) for spec in request.models}
    return {slot: jobs.start(slot, part.key, partial(section.run, part)) for slot, part in parts.items()}


def _together(request: Request, parts: Sequence[Any]) -> Any:
    """The results of all models as one."""
    provenance = Provenance.of(request, parts[0].provenance.images_sha256)
    by_model = tuple(chain.from_iterable(part.by_model for part in parts))
    return replace(parts[0], provenance=provenance, by_model=by_model)


def _asked(section: Section, whole: WholeSet) -> Request | None:
    """What the controls ask for, once the button was pressed for exactly this; a link alone starts no work."""
    st.caption(section.about)
    if len(whole.images) < section.fewest(whole):
        st.info("This takes more than one image; choose more under “More”.", icon=":material/arrow_upward:")
        image_source.show_take_more()
        return None
    request = section.request(whole)
    if request is None or st.session_state.get("asked_of_all") == request.key:
        return request
    st.button(
        section.button(request),
        key="ask_of_all",
        type="primary",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update(asked_of_all=request.key),
    )
    return None
