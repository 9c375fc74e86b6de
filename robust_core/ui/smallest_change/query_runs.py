"""A run of attacks that see decisions alone, recorded or asked for with the button, and its settings, which stand in
the URL.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakSet

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core import data
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS
from robust_core.data.drawn_sets import collection_images, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job
from robust_core.jobs.durations import Durations
from robust_core.models.spec import ModelSpec
from robust_core.recordings import shipped
from robust_core.studies import query_curve
from robust_core.studies.query_curve import QueryCurveRequest, QueryTrajectory, counts_queries
from robust_core.ui import image_source, jobs, links, run_button, uploads, words, worlds
from robust_core.ui.study_run import StudyRun, recorded_part, start_each

NAME, SLOT = "query_curves", "query_curves:"
MOST_QUERIES, MOST_IMAGES = 2_000, 32
MAX_SEED = 9_999
FRAMES_OF = (0,)
_seconds: dict[str, Durations] = defaultdict(Durations)  # of a query, by model and attack
_noted: WeakSet[QueryTrajectory] = WeakSet()


class QueryRun(StudyRun[QueryCurveRequest]):
    """Which models are attacked by what on which images; whether that is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        return {
            "models": ", ".join(spec.title for spec in self.specs),
            "images": f"{len(self.request.images)} of {self.request.images.title}",
            "attacks": "; ".join(map(str, self.request.attacks)),
        }

    @property
    def queries(self) -> int:
        """Of all images, attacks and models."""
        return len(self.specs) * len(self.request.images) * sum(one.steps for one in self.request.attacks)


def wanted(specs: Sequence[ModelSpec], images: ImageSet, attacks: tuple[AttackConfig, ...]) -> QueryRun:
    """What the controls ask for."""
    return QueryRun(QueryCurveRequest(tuple(specs), images, attacks, frames_of=FRAMES_OF))


def choose_attacks() -> tuple[AttackConfig, ...]:
    """What the controls say; empty where no attack is chosen."""
    titles = {ATTACKS[key].title: key for key in shipped.QUERY_ATTACKS if counts_queries(ATTACKS[key])}
    links.note_unknown("query_attacks", "attack", list(titles))
    chosen = st.pills(
        "Attacks",
        list(titles),
        selection_mode="multi",
        default=list(titles),
        key="query_attacks",
        bind="query-params",
        persist_state="session",
    )
    queries = links.number(
        st.slider,
        "Queries for each image",
        100,
        MOST_QUERIES,
        shipped.QUERIES,
        100,
        key="queries",
        help="Each query sends one image through the model once; the attack sees the predicted class alone.",
        persist_state="session",
    )
    seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="query_seed", persist_state="session")
    return tuple(AttackConfig.of(titles[one], "l2", None, int(queries), int(seed)) for one in titles if one in chosen)


def choose_images() -> ImageSet:
    """What the controls describe, none of it read yet."""
    image_source.show_controls(of_set=True)
    if image_source.chosen_source() == image_source.UPLOAD:
        uploads.show_uploader()
        uploads.show_kept()
        images = uploads.uploaded_images()[:MOST_IMAGES]
        return ImageSet.of(images, "uploads", f"The first {len(images)} uploads.")
    n = int(
        links.number(st.slider, "Images (n)", 1, MOST_IMAGES, shipped.N_ASKED, key="n_asked", persist_state="session")
    )
    images = _drawn(n)
    st.caption(words.plain(images.rule))
    return images


def _drawn(n: int) -> ImageSet:
    source = image_source.chosen_source()
    if source == image_source.SYNTHETIC:
        return synthetic_images(n, 0, st.session_state.get("scene", "clean"))
    collection = next(one for one in data.list_collections() if one.title == source)
    condition = st.session_state.get("condition") if collection.conditions else None
    return collection_images(collection, n, 0, worlds.world(), condition=condition)


def choose_run(wanted: QueryRun, button: DeltaGenerator, note: DeltaGenerator) -> QueryRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    note.caption(f"{wanted.queries:,} queries in all{forecast(wanted)}.")
    there = recorded_part(wanted.request)
    here = QueryRun(there, recorded=True) if there else None
    return run_button.choose_run(NAME, wanted, button, note, recorded=here)


def note_seconds(trajectories: Iterable[QueryTrajectory]) -> None:
    """Remember how long these took, each once."""
    for one in trajectories:
        if one not in _noted and one.passes:
            _noted.add(one)
            _seconds[one.spec.key].note(one.config.attack, one.seconds / one.passes)


def forecast(run: QueryRun) -> str:
    """About how long the run takes, by what this process has measured; "" where it has not yet."""
    usual = [_seconds[spec.key].usual(one.attack) for spec in run.specs for one in run.request.attacks]
    known = [seconds for seconds in usual if seconds is not None]
    if len(known) < len(usual):
        return ""
    each = len(run.request.images) * run.request.attacks[0].steps
    return f", {jobs.roughly(each * sum(known))}"


def start(run: QueryRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    return start_each(run, SLOT, query_curve.run)
