"""The strip of images: what it offers, and what a click chooses (no browser: AppTest)."""

import json

import pytest

from robust_core.ui import image_strip, sample_picker
from robust_core.ui.server import thumbnails, warmup
from robust_core.ui.uploads import Uploads
from tests.pages.opening import PAGES, all_words, open_page, run_until

pytestmark = pytest.mark.usefixtures("own_cache")


def strip(app) -> dict:
    """What the component was given."""
    (found,) = [one for one in app.get("bidi_component") if "image_strip" in one.proto.component_name]
    return json.loads(found.proto.json)


def test_the_samples_are_offered_and_the_first_is_looked_at(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    shown = strip(app)
    assert len(shown["images"]) == 20
    assert shown["chosen"] == [shown["current"]] == [shown["images"][0]["id"]]


def test_a_link_to_an_image_looks_at_it(ready):
    app = open_page(images="cannon (13)")
    assert strip(app)["current"] == "foolbox/13"


def test_several_images_are_chosen_and_one_is_looked_at(ready):
    app = open_page(images=["cannon (13)", "drum (10)"])
    app.session_state[image_strip.CURRENT] = "foolbox/10"
    app.run()
    shown = strip(app)
    assert set(shown["chosen"]) == {"foolbox/13", "foolbox/10"}
    assert shown["current"] == "foolbox/10"


def test_in_mini_every_shape_is_offered_as_it_would_be_drawn():
    warmup.wait()
    app = open_page(PAGES["what_if"], world="Mini", texture="cat", scene="hard", draw="11")
    shown = strip(app)
    assert [one["name"] for one in shown["images"]][:2] == ["airplane", "bear"]
    assert all(one["id"].startswith("mini/hard/") and one["id"].endswith("/cat/11") for one in shown["images"])
    assert shown["current"] == "mini/hard/elephant/cat/11"


def test_several_seeds_come_first_and_the_other_shapes_stay():
    warmup.wait()
    shown = strip(open_page(PAGES["what_if"], world="Mini", n_synthetic="3"))
    assert shown["chosen"] == [one["id"] for one in shown["images"][:3]]
    assert len(shown["images"]) == 3 + 15


@pytest.mark.parametrize(
    ("before", "picked", "after"),
    [(["a"], "2", ["b"]), (["a", "b"], "2", ["a", "b"]), (["a"], "9", ["a"]), ([], "1", ["a"])],
)
def test_a_click_on_a_sample_makes_it_the_only_one_unless_it_is_chosen_already(monkeypatch, before, picked, after):
    state = {"listed": {"a": "1", "b": "2"}, "images": before}
    monkeypatch.setattr(sample_picker.st, "session_state", state)
    sample_picker.choose(picked)
    assert state["images"] == after


def test_a_click_on_an_upload_turns_to_the_uploads(monkeypatch):
    state = {}
    monkeypatch.setattr(image_strip.st, "session_state", state)
    image_strip._pick("upload/abc")
    assert state == {image_strip.CURRENT: "upload/abc", "source": "Upload"}


def test_what_was_uploaded_last_is_looked_at_once(monkeypatch):
    state = {image_strip.CURRENT: thumbnails.UPLOAD + "a"}
    monkeypatch.setattr(image_strip.st, "session_state", state)
    brought = Uploads(latest="b")
    image_strip._look_at_latest(brought, {"foolbox/00"})  # another source is chosen
    assert state[image_strip.CURRENT] == thumbnails.UPLOAD + "a"
    image_strip._look_at_latest(brought, {thumbnails.UPLOAD + "a", thumbnails.UPLOAD + "b"})
    assert state[image_strip.CURRENT] == thumbnails.UPLOAD + "b"
    state[image_strip.CURRENT] = thumbnails.UPLOAD + "a"  # a click on another one stays
    image_strip._look_at_latest(brought, {thumbnails.UPLOAD + "a", thumbnails.UPLOAD + "b"})
    assert state[image_strip.CURRENT] == thumbnails.UPLOAD + "a"


def test_a_click_on_a_sample_turns_back_from_the_uploads(monkeypatch):
    state = {"listed": {"a": "1"}, image_strip.LAST: (None, "Photographs", {"1": "a"}), "source": "Upload"}
    monkeypatch.setattr(image_strip.st, "session_state", state)
    image_strip._pick("1")
    assert (state["source"], state["images"], state[image_strip.CURRENT]) == ("Photographs", ["a"], "1")
