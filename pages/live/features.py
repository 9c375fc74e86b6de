"""Features: which images excite a unit or a class of each network, and what is its prediction sensitive to?"""

import streamlit as st

from robust_core.jobs import State
from robust_core.ui import jobs, pickers, words, worlds
from robust_core.ui.features import ascents as feature_frames
from robust_core.ui.features import feature_controls, feature_jobs, input_gradients

st.title("What excites a network?", anchor=False)
st.write(
    "Change an image, or noise, until a feature or a class of each network is excited, and watch what appears in it."
)
words.show_how_to_read("features")
worlds.wait_for_torch()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()
wanted = feature_controls.choose(specs)
if wanted is None:
    st.stop()
run = feature_jobs.choose_run(wanted)


def show_ascents() -> None:
    running = feature_jobs.start(run)
    feature_frames.show_objective(run, running, wanted)
    sequences = (
        [(spec, running[spec.key].result) for spec in run.specs if running[spec.key].state is State.DONE] if run else []
    )
    if run and len(sequences) < len(run.specs):
        feature_frames.show_progress(run, running)
    if sequences and not any(job.active for job in running.values()):
        feature_frames.show_frames(run, sequences)
        feature_frames.show_verdicts(run, sequences)
        feature_frames.show_caveats(run, sequences[0][1])


def results() -> None:
    if run and run.ascent is None:
        input_gradients.show_gradients(run, feature_jobs.start(run))
    else:
        show_ascents()


jobs.poll_and_draw(results)
