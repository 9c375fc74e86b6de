"""Whether a model knows what it does not know: where unknown images come from, and how far its scores part them from
known ones.
"""

from collections.abc import Iterator
from functools import partial

import streamlit as st

from robust_core import data
from robust_core.confidence.separation import SCORES, Score
from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import UNKNOWN_KINDS, SyntheticUnknown
from robust_core.plots import confidence_charts as charts
from robust_core.studies.ood import ModelOod, Ood, OodRequest
from robust_core.ui import image_source, links, uploads, words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.what_if import result_table
from robust_core.ui.what_if.whole_set import WholeSet

ABOUT = (
    "Does a model know what it does not know? It should score your clean images above images of none of its classes. "
    "AUROC is the probability that it does; 50% is chance. FPR95 is the share of unknown images that pass where 95% of "
    "the known ones do."
)
UPLOADED = "Uploaded images"
MOST = 500
CHART_PX = 260


def request_for(whole: WholeSet) -> OodRequest | None:
    """The clean images against those that the controls choose; None, with the reason, where there are none."""
    unknown = choose_unknown(len(whole.images), whole.condition.seed)
    return None if unknown is None else OodRequest(tuple(whole.specs), whole.image_set, unknown)


def show(found: Ood) -> None:
    """For each model how known and unknown images score, then every score's numbers with their intervals."""
    by_title = {score.title: score for score in SCORES}
    note_unknown("score", "score", list(by_title))
    chosen = st.segmented_control(
        "Score",
        list(by_title),
        default=SCORES[0].title,
        key="score",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    result_table.in_two_columns(found.by_model, partial(_show_scores, score=by_title[chosen]))
    result_table.show_caveats(found.caveats)
    result_table.show(
        found,
        [row for one in found.by_model for row in _rows(one)],
        f"Unknown: {found.unknown_title}. In brackets are 95% intervals: DeLong's for AUROC (Wilson's where all or "
        "none are told apart); Wilson's for FPR95, which takes the threshold as given.",
        "unknown_images",
    )


def _show_scores(one: ModelOod, score: Score) -> None:
    found = one.by_score[score.key]
    live_chart(
        charts.score_histogram(found.known, found.unknown, score.title, found.threshold),
        key=f"scores:{one.spec.key}",
        height_px=CHART_PX,
        alt=f"{one.spec.title}: {score.title} of known and of unknown images, AUROC {found.auroc.estimate:.1%}",
        png_name=f"scores_{one.spec.key}",
    )
    st.caption(
        f"AUROC {found.auroc.estimate:.1%}. At least 95% of the known images reach the dashed line, and "
        f"{found.fpr95.estimate:.1%} of the unknown ones."
    )


def _rows(one: ModelOod) -> Iterator[dict[str, str | int]]:
    for score in SCORES:
        found = one.by_score[score.key]
        yield {
            "Model": one.spec.title,
            "Score": score.title,
            "AUROC": words.bounded(found.auroc.estimate, found.auroc.low, found.auroc.high, ".1%"),
            "FPR95": words.bounded(found.fpr95.estimate, found.fpr95.low, found.fpr95.high, ".1%"),
            "AUPR": f"{found.aupr:.1%}",
            "n known": len(found.known),
            "n unknown": len(found.unknown),
        }


def choose_unknown(known: int, seed: int) -> ImageSet | SyntheticUnknown | None:
    """What the controls say; None, with the reason, where there are no such images."""
    synthetic = {row.title: key for key, row in UNKNOWN_KINDS.items()}
    collections = _other_collections()
    sources = [*synthetic, *collections, *([UPLOADED] if image_source.chosen_source() != image_source.UPLOAD else [])]
    note_unknown("unknown", "set of unknown images", sources)
    left, right = st.columns([3, 1])
    source = left.selectbox(
        "Unknown images from",
        sources,
        key="unknown",
        bind="query-params",
        persist_state="session",
        help="They must show none of the models' classes: a known class among them counts as a mistake that is none",
    )
    if source == UPLOADED:
        return _uploaded()
    n = int(
        links.number(
            right.number_input, "How many", 1, MOST, min(max(known, 2), MOST), key="n_unknown", persist_state="session"
        )
    )
    if source in synthetic:
        return SyntheticUnknown(synthetic[source], n, seed)
    key = collections[source]
    drawn = data.draw(key, min(n, len(data.list_samples(key))), seed)
    return ImageSet(tuple(one.id for one in drawn), data.read, source, f"{len(drawn)} drawn by seed {seed}.")


def _other_collections() -> dict[str, str]:
    """The keys of collections without conditions, by title, apart from the one whose images are the known ones."""
    chosen = image_source.chosen_source()
    return {one.title: one.key for one in data.list_collections() if one.title != chosen and not one.conditions}


def _uploaded() -> ImageSet | None:
    images = uploads.kept_images()
    if not images:
        st.info(
            "Nothing is uploaded yet. Drop the unknown images above, then choose the known ones again.",
            icon=":material/upload:",
        )
        return None
    return ImageSet.of(images, UPLOADED)
