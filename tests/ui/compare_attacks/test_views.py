"""The views of transfer and of severity × ε: recorded as they open, live at a click, and never by themselves."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from robust_core.ui.compare_attacks import published_transfer
from robust_core.ui.server import warmup
from tests.pages.opening import all_words, button, run_until

VIEW = Path(__file__).with_name("view.py")
TWO = ("mini_resnext", "mini_resnext_at8")


def opened(view, n=64, keys=TWO):
    warmup.wait()
    app = AppTest.from_file(str(VIEW), default_timeout=120)
    app.session_state["view"], app.session_state["model_keys"], app.session_state["n_images"] = view, keys, n
    return app.run()


def slots(app):
    found = app.session_state["job_slots"] if "job_slots" in app.session_state else {}  # noqa: SIM401
    return [slot for slot in found if slot.startswith(("transfer:", "plane:"))]


@pytest.mark.parametrize("view", ["transfer_matrix", "severity_plane"])
def test_a_view_opens_with_its_recorded_run_and_asks_before_another(view):
    app = opened(view)
    assert not app.exception
    words = all_words(app)
    assert "CACHED" in words
    assert "Wilson" in words
    assert len(app.dataframe) >= 1
    assert not slots(app)
    app.number_input[0].set_value(3).run()
    assert not app.exception
    assert "Press Run" in all_words(app) or "Changed since the run below" in all_words(app)
    assert not slots(app)


@pytest.mark.parametrize(
    ("view", "steps"), [("transfer_matrix", "transfer_steps_mini"), ("severity_plane", "plane_steps")]
)
def test_a_click_runs_it(view, steps):
    app = opened(view, n=2)
    app.segmented_control(key=steps).set_value(5).run()
    button(app, "Run").click().run()
    cells = {"transfer_matrix": 4, "severity_plane": 2 * 4 * 4}[view]
    app = run_until(app, lambda app: app.dataframe and len(app.dataframe[0].value) == cells)
    assert not app.exception
    assert "LIVE" in all_words(app)
    found = app.dataframe[0].value
    assert all(" of 2 [" in one or " of 1 [" in one for one in found.iloc[:, 2 if view == "transfer_matrix" else 3])


def test_what_costs_too_much_is_not_offered():
    app = opened("severity_plane", n=400)
    app.segmented_control(key="plane_steps").set_value(100).run()
    assert not app.exception
    assert "a run here takes at most" in " ".join(one.value for one in app.info)
    assert not any(one.label.startswith("Run") for one in app.button)


def test_the_published_table_is_every_attack_on_every_target():
    rows = published_transfer.rows()
    table = published_transfer.table(rows)
    assert table.shape == (97, 13)
    assert table.loc["FGSM", "VGG-16"] == 54.6
    means = table.mean(axis=1).to_list()
    assert means == sorted(means, reverse=True)
    assert {one.n for one in rows} == {1000}
