"""The Attributions page without a browser: what is there on arrival, what a button asks for, and what changes keep."""

import pytest

from robust_core.jobs import queue
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

FIRST_GRAPH = "Integrated Gradients"


def open_maps(**parameters):
    warmup.wait()
    return open_page(PAGES["attributions"], **{"world": "Mini", **parameters})


def subheaders(app):
    return [one.value for one in app.subheader]


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_on_arrival_recorded_maps_are_there_with_their_lights(world):
    words = all_words(open_maps(world=world))
    assert "CACHED" in words
    lights = sum(words.count(word) for word in ("passed its checks]", "doubtful]", "failed a check]"))
    assert lights == 3
    assert "not checked yet]" not in words


def test_another_image_gets_its_maps_at_once_and_no_light_yet():
    app = run_until(open_maps(shape="dog"), lambda app: all_words(app).count("not checked yet]") == 3)
    assert "Grad-CAM" in subheaders(app)
    assert "CACHED" not in all_words(app)
    assert "Run again" not in [one.label for one in app.button], "nothing is recorded of it"


def test_a_slow_method_waits_for_its_button_with_a_forecast():
    app = open_maps(methods=["Grad-CAM", FIRST_GRAPH], integrated_gradients_steps="16")
    assert FIRST_GRAPH not in subheaders(app)
    assert "Explain by 1 slow method: at most about" in all_words(app)
    assert not any(queue("device").active() and "integrated" in str(job) for job in app.session_state["job_slots"])
    button(app, "Explain by 1 slow method").click().run()
    run_until(app, lambda app: all_words(app).count("completeness gap") == 3)
    assert FIRST_GRAPH in subheaders(app)


def test_a_changed_setting_keeps_the_slow_maps_and_says_what_changed():
    app = open_maps(methods=["Grad-CAM", FIRST_GRAPH], integrated_gradients_steps="16")
    button(app, "Explain by 1 slow method").click().run()
    run_until(app, lambda app: all_words(app).count("completeness gap") == 3)
    app.button_group(key="explain").set_value("The second best").run()
    run_until(app, lambda app: all_words(app).count("not checked yet]") >= 3)
    assert "Changed since the run below: target: predicted → rival." in all_words(app)
    assert all_words(app).count("completeness gap") == 3
    assert not button(app, "Explain by 1 slow method").disabled


def test_run_again_computes_what_was_recorded():
    app = open_maps()
    button(app, "Run again").click().run()
    run_until(app, lambda app: all_words(app).count("not checked yet]") == 3)
    assert "CACHED" not in all_words(app)


def test_without_a_method_there_is_no_map_and_no_fault():
    app = open_maps(methods="")
    app.multiselect(key="methods").set_value([]).run()
    assert not app.exception
    assert "Grad-CAM" not in subheaders(app)
