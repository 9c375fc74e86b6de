"""A run knows of its request what a page asks; its jobs are one for each model."""

import numpy as np
from streamlit.testing.v1 import AppTest

from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.jobs import State
from robust_core.labels import MINI
from robust_core.recordings.shipped import predictions_request
from robust_core.studies.predictions import PredictionsRequest
from robust_core.ui.study_run import StudyRun, recorded_part


def test_a_run_is_of_what_it_asks():
    request = predictions_request(MINI)
    run = StudyRun(request)
    assert (run.key, run.specs, run.label_space) == (request.key, request.models, MINI)
    assert run.recording(request.models[0]) is None, "it was not said to be recorded"
    recording = StudyRun(request, recorded=True).recording(request.models[0])
    assert recording.result.only.spec == request.models[0]


def test_the_recorded_part_is_of_the_models_that_have_a_recording():
    request = predictions_request(MINI)
    assert recorded_part(request).key == request.key
    other = ImageSet.of([LabelledImage.of_pixels(np.zeros((64, 64, 3), np.uint8), "other", "", label_space=MINI)])
    assert recorded_part(PredictionsRequest(request.models, other)) is None


def test_the_jobs_of_a_recorded_run_are_done():
    def script():
        import streamlit as st

        from robust_core.labels import MINI
        from robust_core.recordings.shipped import predictions_request
        from robust_core.studies import predictions
        from robust_core.ui.study_run import StudyRun, start_each

        run = StudyRun(predictions_request(MINI), recorded=True)
        st.session_state["running"] = start_each(run, "test:", predictions.run)

    running = AppTest.from_function(script, default_timeout=60).run().session_state["running"]
    specs = predictions_request(MINI).models
    assert list(running) == [f"test:{spec.key}" for spec in specs]
    assert all(job.state is State.DONE for job in running.values())
