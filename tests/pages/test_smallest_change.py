"""The page on smallest changes without a browser: what is there on arrival, what a link begins, what a run says."""

import pytest

from robust_core.jobs import queue
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until


def open_changes(**parameters):
    warmup.wait()
    return open_page(PAGES["smallest_change"], **parameters)


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_on_arrival_the_photo_is_ranked_by_a_recorded_run(world):
    app = open_changes(world=world)
    words = all_words(app)
    assert not app.exception
    assert "CACHED" in words
    assert words.count("more breakable than") == 3
    assert words.count("reference images") >= 3
    assert "upper bound" in words
    assert button(app, "Run again")
    assert not queue("device").active()


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_many_images_have_curves_and_medians_with_intervals(world):
    words = all_words(open_changes(world=world, changes_of="Many images"))
    assert words.count("median ε") == 3
    assert words.count("right when clean") == 3
    assert "(DKW)" in words
    assert "CACHED" in words


def test_a_link_alone_begins_nothing_and_a_run_is_compared_only_with_its_like():
    app = open_changes(world="Mini", change_steps="20", models="Mini ResNeXt")
    assert not queue("device").active()
    assert "LIVE" not in all_words(app)
    button(app, "Run").click().run()
    words = all_words(run_until(app, lambda app: "LIVE" in all_words(app)))
    assert "ε = " in words
    assert "No reference images were searched like this" in words
    assert "more breakable" not in words


def test_another_norm_keeps_the_last_result_and_says_what_changed():
    app = open_changes(world="Mini")
    app.segmented_control(key="change_norm").set_value("L2").run()
    words = all_words(app)
    assert "Changed since the run below: search: L∞" in words
    assert words.count("more breakable than") == 3


@pytest.mark.parametrize(("key", "value"), [("change_norm", "L7"), ("changes_of", "None"), ("change_steps", "-1")])
def test_unknown_words_in_a_link_are_named(key, value):
    said = all_words(open_changes(world="Mini", **{key: value}))
    assert f"“{value}”" in said


def test_without_an_image_it_is_said_what_to_do():
    app = open_changes(world="Mini", source="Upload")
    assert "Choose or upload at least one image" in all_words(app)
    assert not app.exception


def test_by_queries_a_recorded_run_has_curves_and_its_protocol():
    app = open_changes(world="Mini", changes_of="By queries")
    words = all_words(app)
    assert not app.exception
    assert "CACHED" in words
    assert words.count("right when clean") >= 3
    assert "HopSkipJump, smallest change, L2" in words
    assert "upper bound" in words
    assert "queries in all" in words
    assert not queue("device").active()


def test_by_queries_a_run_begins_with_the_button():
    options = {"changes_of": "By queries", "queries": "100", "n_asked": "2", "models": "Mini ResNeXt"}
    app = open_changes(world="Mini", **options)
    assert "LIVE" not in all_words(app)
    assert not queue("device").active()
    button(app, "Run").click().run()
    words = all_words(run_until(app, lambda app: "LIVE" in all_words(app)))
    assert "after 100 queries, n = 2 right when clean" in words


def test_by_queries_without_an_attack_it_is_said_what_to_do():
    app = open_changes(world="Mini", changes_of="By queries")
    app.button_group(key="query_attacks").set_value([]).run()
    assert "Choose at least one attack" in all_words(app)
    assert not app.exception
