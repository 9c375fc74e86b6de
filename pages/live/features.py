"""Features: which images excite a unit or a class of each network, and what is its prediction sensitive to?"""

import streamlit as st

from robust_core.jobs import State
from robust_core.ui import jobs, links, on_page, pickers, run_button, words, worlds
from robust_core.ui.features import ascents, feature_controls, feature_jobs, input_gradients

st.title("What excites a network?", anchor=False)
st.write("Change an image step by step until each network is sure that it shows the class you choose.")
worlds.wait_for_torch()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom", key="feature_row"):
    class_here, run_here, settings_here = (st.container(width="content") for _ in range(3))
note = st.container()
with links.notes_at(note):
    wanted = feature_controls.choose(specs, class_here, settings_here.popover("Settings", icon=":material/tune:"))
if wanted is None:
    st.stop()
note.caption(words.plain(feature_controls.describe(wanted)))
run = feature_jobs.choose_run(wanted, run_here, note)


def show_ascents() -> None:
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


def results() -> None:
    with st.container(key=run_button.place(feature_jobs.NAME)):
        if run and run.ascent is None:
            input_gradients.show_gradients(run, feature_jobs.start(run))
        else:
            show_ascents()
    words.show_how_to_read("features")


jobs.poll_and_draw(results)
