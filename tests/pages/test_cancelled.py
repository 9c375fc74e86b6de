"""A run that is cancelled before anything of it is done, on every page that opens with a recorded one."""

import threading
import time

import pytest

from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.ui.server import job_log, warmup
from tests.pages.opening import PAGES, WAIT_SECONDS, all_words, button, open_page, run_until

WHERE = {
    "mixing_desk": ("mixing_desk", {}),
    "biases": ("features", {"features_view": "Layer biases"}),
    "cues": ("features", {"features_view": "Cue removal"}),
    "alignment": ("features", {"features_view": "Gradient alignment"}),
    "images": ("features", {}),
    "glasses": ("shape_or_texture", {"tab": "Glasses"}),
    "votes": ("shape_or_texture", {"tab": "Many"}),
    "transfer_matrix": ("compare_attacks", {"compare": "Transfer"}),
    "defence": ("break_a_defence", {}),
    "smallest_change": ("smallest_change", {}),
    "probe": ("transfer_learning", {}),
    "similarity": ("transfer_learning", {"transfer_view": "Feature similarity"}),
    "fine_tuning": ("transfer_learning", {"transfer_view": "Fine-tuning"}),
}


@pytest.fixture
def begun(monkeypatch):
    """Set once a job runs; none ends before the test."""
    found, over = threading.Event(), threading.Event()

    def endless(_key, _work, _queue_name):
        def run():
            while not over.is_set():
                found.set()
                time.sleep(0.02)
                yield Progress(0, 1, "steps", "working")
            raise BadInput("The test is over.")  # a result would be kept

        return run

    monkeypatch.setattr(job_log, "logged", endless)
    yield found
    over.set()


@pytest.mark.parametrize("where", WHERE)
def test_the_recorded_run_is_shown_again(where, begun):
    page, settings = WHERE[where]
    warmup.wait()
    app = open_page(PAGES[page], world="Mini", **settings)
    button(app, "Run again").click().run()
    assert begun.wait(WAIT_SECONDS)
    said = []

    def is_recorded(app):
        said.append(all_words(app))
        for one in [one for one in app.button if one.label == "Cancel"][:1]:
            one.click()
        return "Shown is the recorded run." in said[-1]

    run_until(app.run(), is_recorded)
    assert not app.exception
    assert "CACHED" in said[-1]
    assert not button(app, "Run again").disabled
    assert not [one for one in app.button if one.label == "Cancel"], "what was cancelled does not begin again"
