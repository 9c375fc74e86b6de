"""The view on what excites a network: the experiment that is chosen, and what it came to."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from robust_core.jobs import State
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, links, on_page, run_button, words
from robust_core.ui.features import ascents, feature_controls, feature_jobs, input_gradients
from robust_core.ui.features.feature_jobs import FeatureRun


def show(specs: Sequence[ModelSpec]) -> None:
    """Controls, the button, and the run that is shown."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="feature_row"):
        class_here, run_here, settings_here = (st.container(width="content") for _ in range(3))
    note = st.container()
    settings = settings_here.popover("Settings", icon=":material/tune:")
    with links.notes_at(note):
        wanted = feature_controls.choose(specs, class_here, settings)
    if wanted is None:
        return
    note.caption(words.plain(feature_controls.describe(wanted)))
    run = feature_jobs.choose_run(wanted, run_here, note)
    jobs.poll_and_draw(partial(_results, run, wanted))


def _results(run: FeatureRun | None, wanted: FeatureRun) -> None:
    with st.container(key=run_button.place(feature_jobs.NAME)):
        if run and run.ascent is None:
            input_gradients.show_gradients(run, feature_jobs.start(run))
        else:
            _show_ascents(run, wanted)
    words.show_how_to_read("features")


def _show_ascents(run: FeatureRun | None, wanted: FeatureRun) -> None:
    running = feature_jobs.start(run)
    done = (
        [(spec, running[spec.key].result) for spec in run.specs if running[spec.key].state is State.DONE] if run else []
    )
    ended = bool(done) and not any(job.active for job in running.values())
    for spec, _ in done:
        on_page.show(run.request(spec), None)
    left, right = st.columns([3, 2])
    with right:
        ascents.show_objective(run, running, wanted)
        if ended:
            ascents.show_protocol(run, done[0][1])
    with left:
        if run and len(done) < len(run.specs):
            ascents.show_progress(run, running)
        if ended:
            ascents.show_verdicts(run, done)
            ascents.show_frames(run, done)
    if ended:
        ascents.show_caveats(run)
