"""The view on linear probes: accuracy against the ε of training, and over images per class."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.intervals import Interval
from robust_core.jobs import Job, State
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.models.training_eps import training_eps
from robust_core.studies import linear_probe
from robust_core.studies.linear_probe import FOLDS, MOST_REPEATS, REPEATS, LinearProbeRequest
from robust_core.studies.probed_models import SOURCE, TURNS_NOWHERE, LinearProbe, ProbedModel, SweetSpot
from robust_core.ui import jobs, links, on_page, recorded, run_button, words
from robust_core.ui.features import bias_runs
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part
from robust_core.ui.transfer_learning import probe_curves, published

NAME, SLOT = "probe", "probe:"
CANCELLED = "probe_cancelled"  # in the session, until the whole page has run
MAX_SEED = 9_999
SECONDS_EACH = 20  # of a model on 400 images, measured on two cores of which one was free


class ProbeRun(StudyRun[LinearProbeRequest]):
    """Whose features are probed; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return bias_runs.settings_of(request, folds=f"{request.repeats} × {request.folds}", seed=str(request.seed))


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    with settings:
        repeats = links.number(
            st.slider,
            "Repeats of the cross-validation",
            1,
            MOST_REPEATS,
            REPEATS,
            key="probe_repeats",
            persist_state="session",
        )
        seed = links.number(
            st.number_input, "Seed of folds and draws", 0, MAX_SEED, 0, key="probe_seed", persist_state="session"
        )
    wanted = ProbeRun(LinearProbeRequest(tuple(specs), images, FOLDS, int(repeats), seed=int(seed)))
    there = recorded_part(wanted.request)
    here = ProbeRun(there, recorded=True) if there else None
    about = f"Logistic regression on what the last layer reads, {repeats} × {FOLDS} folds; n = {len(images)}"
    shown = "Shown is the recorded run. " if here else ""
    cancelled = f"**Cancelled.** {shown}" if st.session_state.pop(CANCELLED, False) else ""
    note.caption(f"{cancelled}{about}. About {jobs.roughly(SECONDS_EACH * len(specs) * len(images) / 400)}.")
    run = run_button.choose_run(NAME, wanted, button, note, recorded=here)
    jobs.poll_and_draw(partial(_results, run), _asked_again, alone=True)


def _asked_again() -> bool:
    """Whether the whole page has to run: the run was cancelled, or a forecast has become known."""
    return forecast.note_measured() or CANCELLED in st.session_state


def _results(run: ProbeRun | None) -> None:
    if run is not None and CANCELLED not in st.session_state:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    published.show()
    words.show_how_to_read("transfer_learning")


def _show_run(run: ProbeRun) -> None:
    running = bias_runs.start(run, SLOT, linear_probe.run)
    found = _finished(run, running)
    if found is None:
        return
    if not any(job.active for job in running.values()):
        _show_verdicts(found)
    if found.series():
        probe_curves.show_over_eps(run.request, found)
    else:
        probe_curves.show_bars(found)
    probe_curves.show_learning_curves(found)
    seconds = sum(one.seconds for one in found.by_model)
    st.caption(
        f"{_origin(run)}; {words.seconds(seconds)} for {words.count(len(found.by_model), 'probe')}. "
        f"{words.plain(found.protocol[0].upper() + found.protocol[1:])}. Intervals: 95%, corrected for folds that "
        f"share images (Nadeau & Bengio 2003). Chance: {found.chance:.1%}."
    )
    _show_table(found)


def _finished(run: ProbeRun, running: Mapping[str, Job]) -> LinearProbe | None:
    """What the models that are done came to, as one result; one bar says how far the others are."""
    of_spec = [(spec, running[SLOT + spec.key]) for spec in run.specs]
    done = [(spec, job) for spec, job in of_spec if job.state is State.DONE]
    for spec, job in done:
        on_page.show(run.request.of(spec), job.result, run.recording(spec))
    for spec, job in of_spec:
        if job.state is not State.DONE and not job.active:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(SLOT + spec.key, job)
    active = next(((spec, job) for spec, job in of_spec if job.active), None)
    if active is not None:
        share, said = jobs.how_far(active[1])
        so_far = f"{len(done)} of {words.count(len(of_spec), 'model')} done"
        st.progress((len(done) + share) / len(of_spec), words.plain(f"{so_far}; {active[0].title}: {said}"))
        st.button("Cancel", key="cancel_probes", on_click=_cancel, icon=":material/close:", type="tertiary")
    first, *rest = [job.result for _, job in done] or [None]
    return first.joined(rest) if first else None


def _cancel() -> None:
    jobs.keep_only(SLOT, ())
    run_button.forget(NAME)
    st.session_state[CANCELLED] = True


def _origin(run: ProbeRun) -> str:
    recording = run.recording(run.specs[0])
    return f"{recorded.badge(recording)} {recorded.when(recording)[:-1] if recording else 'Computed now'}"


def _show_verdicts(found: LinearProbe) -> None:
    """The best ε of each series in large, and what that says to the paper."""
    for spot in found.sweet_spots():
        at = {one.spec.key: found.accuracy(one) for one in found.by_model}
        best, reference = at[spot.best.key], at[spot.reference.key]
        st.subheader(
            f"{words.plain(found.title)}: best at ε = {spot.best_eps:g}{spot.unit} with {best.estimate:.1%}; "
            f"without attacks {reference.estimate:.1%}"
            if spot.best_eps
            else f"{words.plain(found.title)}: best without attacks, {best.estimate:.1%}",
            anchor=False,
        )
        box = st.warning if spot.says == "contradicts" else st.info
        box(_verdict(found, spot), icon=":material/gavel:")


def _verdict(found: LinearProbe, spot: SweetSpot) -> str:
    who = "Mini" if spot.best.label_space == MINI else "This"
    said = {
        "agrees": f"{who} **agrees** with {SOURCE}: a model trained against attacks transfers better.",
        "contradicts": f"{who} **contradicts** {SOURCE}: even the best model trained against attacks transfers worse.",
        "undecided": f"{who} **does not decide** whether {SOURCE} are right here.",
    }[spot.says]
    if spot.best_eps == spot.largest_eps:
        said += f" {TURNS_NOWHERE}"
    many = len(next(iter(found.series().values()))) - 1
    bounds = "all folds differ by the same" if spot.difference is None else _points(spot.difference)
    return (
        f"{said} The best of {many} such models, ε = {spot.rival_eps:g}{spot.unit}, less the one without attacks: "
        f"{bounds} points, an interval for {many} comparisons (Bonferroni); n = {len(found.labels)}."
    )


def _points(found: Interval) -> str:
    low, high = 100 * found.low, 100 * found.high
    return f"{100 * found.estimate:+.1f} [{low:+.1f}, {high:+.1f}]".replace("-", "−")


def _show_table(found: LinearProbe) -> None:
    with st.expander("Every model with n, 95% interval and difference", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame([_row(found, one) for one in found.by_model]), hide_index=True)


def _row(found: LinearProbe, one: ProbedModel) -> dict[str, Any]:
    reference, place = found.reference_of(one), training_eps(one.spec)
    difference = found.difference(one, reference) if reference else None
    return {
        "Model": one.spec.title,
        "ε of training": "–" if place is None else f"{place.eps:g}",
        "Accuracy": str(found.accuracy(one)),
        "Less the one without attacks, points": "–" if difference is None else _points(difference),
        "Features": one.units,
        "Seconds": round(one.seconds, 1),
    }
