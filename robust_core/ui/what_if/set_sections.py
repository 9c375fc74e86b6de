"""What the whole set tells beyond predictions: whether confidence is accuracy, and whether unknown images are told
apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import streamlit as st

from robust_core.confidence.separation import SCORES
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import confidence_charts as charts
from robust_core.studies import calibration, ood
from robust_core.studies.calibration import Calibration, CalibrationRequest, ModelCalibration
from robust_core.studies.ood import ModelOod, Ood, OodRequest
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance
from robust_core.ui import jobs, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.what_if.unknown_images import choose_unknown

SLOT = "set:"
CHART_PX = 300


@dataclass(frozen=True, eq=False)
class Subject:
    """What is looked at: models, the images of the sidebar under a condition, and the classes in the running."""

    specs: Sequence[ModelSpec]
    images: Sequence[LabelledImage]
    condition: Condition
    classes: tuple[int, ...] | None

    @property
    def image_set(self) -> ImageSet:
        """The images as a study takes them."""
        return replace(ImageSet.of(self.images, st.session_state.get("source", "")), classes=self.classes)


@dataclass(frozen=True)
class Section:
    """One question: `about` it in a sentence, the `request` that the controls make (None where they cannot), the
    study, and how its result is drawn.
    """

    about: str
    request: Callable[[Subject], Request | None]
    run: Callable[[Any], Any]
    show: Callable[[Any], None]


def show(subject: Subject) -> None:
    """The control that opens one of the sections, and the open one; none is open at first."""
    if len(subject.images) < 2:
        jobs.keep_only(SLOT, ())
        return
    note_unknown("set", "section", list(SECTIONS))
    chosen = st.segmented_control("Look further at all images", list(SECTIONS), key="set", bind="query-params")
    request = _asked_for(SECTIONS[chosen], subject) if chosen else None
    running = {f"{SLOT}{spec.key}": request.of(spec) for spec in subject.specs} if request else {}
    started = {slot: jobs.start(slot, one.key, partial(SECTIONS[chosen].run, one)) for slot, one in running.items()}
    jobs.keep_only(SLOT, started)
    jobs.wait_a_moment(started.values())
    if request and started and _all_done(started):
        parts = [job.result for job in started.values()]
        by_model = tuple(chain.from_iterable(part.by_model for part in parts))
        provenance = Provenance.of(request, parts[0].provenance.images_sha256)
        SECTIONS[chosen].show(replace(parts[0], provenance=provenance, by_model=by_model))


def _asked_for(section: Section, subject: Subject) -> Request | None:
    """What the controls ask for, once the button was pressed for exactly this; a link alone starts no work."""
    st.caption(section.about)
    request = section.request(subject)
    if request is None or st.session_state.get("set_asked_for") == request.key:
        return request
    st.button(
        f"Run: {len(subject.images)} images for each model",
        key="ask_set",
        type="primary",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update(set_asked_for=request.key),
    )
    return None


def _all_done(running: dict[str, Job]) -> bool:
    """Whether every job is done; otherwise the first that is not says how it stands."""
    for slot, job in running.items():
        if job.state is not State.DONE:
            jobs.show_progress(slot, job)
            return False
    return True


def _calibration_request(subject: Subject) -> CalibrationRequest:
    seed = subject.condition.seed
    return CalibrationRequest(tuple(subject.specs), subject.image_set, subject.condition, seed)


def _ood_request(subject: Subject) -> OodRequest | None:
    unknown = choose_unknown(len(subject.images), subject.condition.seed)
    return None if unknown is None else OodRequest(tuple(subject.specs), subject.image_set, unknown)


def _show_calibration(found: Calibration) -> None:
    _in_two_columns(found.by_model, _show_reliability)
    columns = {"accuracy_percent": "Accuracy, %", "ece_percent": "ECE, %", "nll_nats": "NLL, nats", "brier": "Brier"}
    said = (
        f"{calibration.PROTOCOL}; {found.condition}; in brackets 95% intervals (Wilson for accuracy, else bootstrap)."
    )
    _show_table(found, ["model", "images", "temperature"], columns, said, "calibration")


def _show_reliability(one: ModelCalibration) -> None:
    figure = charts.reliability(one.whole.bins, model_colours()[one.spec.key], one.spec.title)
    alt = f"{one.spec.title}: accuracy against confidence, {one.whole.n} images"
    live_chart(figure, key=f"reliability:{one.spec.key}", height_px=CHART_PX, alt=alt, png_name="reliability")
    ece, before, after = (100 * scores.ece.estimate for scores in (one.whole, one.before, one.after))
    st.caption(
        f"ECE {ece:.1f}% on all {one.whole.n} images. On the {one.after.n} that the temperature was not fitted on: "
        f"{before:.1f}% before, {after:.1f}% after T = {one.after.temperature:.2f}."
    )
    _show_caveats(one.caveats)


def _show_ood(found: Ood) -> None:
    titles = {score.title: score.key for score in SCORES}
    note_unknown("score", "score", list(titles))
    chosen = st.segmented_control(
        "Score", list(titles), default=SCORES[0].title, key="score", bind="query-params", required=True
    )
    _in_two_columns(found.by_model, partial(_show_scores, key=titles[chosen], title=chosen))
    _show_caveats(found.caveats)
    columns = {"auroc_percent": "AUROC, %", "fpr95_percent": "FPR95, %", "aupr_percent": "AUPR, %"}
    said = f"Unknown images: {found.unknown_title}. In brackets 95% intervals (DeLong for AUROC, Wilson for FPR95)."
    _show_table(found, ["model", "score"], columns, said, "unknown_images")


def _show_scores(one: ModelOod, key: str, title: str) -> None:
    separation = one.by_score[key]
    figure = charts.score_histogram(separation.known, separation.unknown, title, separation.threshold)
    alt = f"{one.spec.title}: {title} of known and of unknown images"
    live_chart(figure, key=f"scores:{one.spec.key}", height_px=CHART_PX, alt=alt, png_name="scores")
    auroc = separation.auroc
    st.caption(
        f"AUROC {auroc.estimate:.1%} [{auroc.low:.1%}, {auroc.high:.1%}], {len(separation.known)} known and "
        f"{len(separation.unknown)} unknown images. At the dashed threshold, which 95% of the known ones reach, "
        f"{separation.fpr95.estimate:.1%} of the unknown ones pass for known."
    )


def _in_two_columns(by_model: Sequence[Any], draw: Callable[[Any], None]) -> None:
    for first in range(0, len(by_model), 2):
        for one, column in zip(by_model[first : first + 2], st.columns(2), strict=False):
            with column.container(border=True):
                st.markdown(f"**{words.plain(one.spec.title)}**")
                draw(one)


def _show_caveats(caveats: Sequence[str]) -> None:
    for sentence in caveats:
        st.caption(f":material/info: {words.plain(sentence)}")


def _show_table(found: Calibration | Ood, about: list[str], columns: dict[str, str], said: str, name: str) -> None:
    """The estimates with their intervals, by which protocol, and all of it as CSV."""
    frame = found.frame
    shown = frame[about].rename(columns=str.capitalize)
    for column, title in columns.items():
        shown[title] = [_with_bounds(row, column) for row in frame.to_dict("records")]
    st.dataframe(shown.assign(n=frame["n"]), hide_index=True)
    st.markdown(f"{words.BADGES['live']} {words.plain(said)}")
    st.download_button("CSV", found.csv, f"{name}.csv", "text/csv", icon=":material/download:", on_click="ignore")


def _with_bounds(row: dict[str, Any], column: str) -> str:
    names = [f"{column}_{bound}" for bound in ("low", "high")]
    if column in ("accuracy_percent", "auroc_percent"):
        names = ["low_percent", "high_percent"]
    if column == "fpr95_percent":
        names = ["fpr95_low_percent", "fpr95_high_percent"]
    bounds = [row[one] for one in names if one in row]
    return f"{row[column]:.4g}" + (f" [{bounds[0]:.4g}, {bounds[1]:.4g}]" if bounds else "")


SECTIONS = {
    "Calibration": Section(
        "Is a confidence of 80% right in 80% of cases? Of the labelled images, half (drawn by the seed) fit one "
        "temperature, and the other half show what it mends. ECE, the expected calibration error, is the mean gap "
        "between confidence and accuracy over 15 bins (Guo et al. 2017).",
        _calibration_request,
        calibration.run,
        _show_calibration,
    ),
    "Unknown images": Section(
        "Does a model know what it does not know? Its scores should be higher for the images of the sidebar, which "
        "are clean here, than for images of things that are none of its classes. AUROC is the probability that they "
        "are; 50% is chance.",
        _ood_request,
        ood.run,
        _show_ood,
    ),
}
