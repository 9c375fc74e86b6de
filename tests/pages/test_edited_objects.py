"""What the What if page says when the object of a scene of Mini is edited, without a browser."""

import re

import pytest

import robust_core as rc
from robust_core import data as samples
from robust_core.data.edited_photos import cutout_of, edited_photo
from robust_core.data.sample_boxes import proposed_box
from robust_core.data.synthetic import read_edited
from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.jobs import queue
from robust_core.ui.server import warmup
from robust_core.ui.what_if.edited_views import BEFORE
from tests.pages.opening import all_words, button, open_page, run_until

MODELS = ("Mini ResNeXt", "Mini ResNeXt WSL")
ELEPHANT = "mini/clean/elephant/elephant/7"


def opened(**parameters):
    warmup.wait()
    return open_page(world="Mini", models=MODELS, **parameters)


def test_the_object_that_is_moved_is_what_the_models_are_asked_about():
    app = opened(more="Move the object", zoom="0.5", right_percent="-15.0", background="clutter")
    run_until(app, lambda app: all_words(app).count("Right at ") == 2)
    image = read_edited(ELEPHANT, ObjectEdit(0.5, -15, background="clutter"))
    known = rc.predict(["mini_resnext", "mini_resnext_wsl"], [image], progress=False).frame.query("rank == 1")
    words = all_words(app)
    assert all(f"**{row['class']}** {100 * row['probability']:.1f}%" in words for _, row in known.iterrows())
    assert "Probability of the true class, elephant" in words
    assert not app.exception


def test_a_map_counts_the_places_at_which_a_model_is_right():
    app = opened(more="Move the object", zoom="0.5")
    run_until(app, lambda app: all_words(app).count("Right at ") == 2)
    edits = ObjectEdit(0.5).along("place")
    found = rc.edit_objects("mini_resnext", rc.draw_images("mini", 1), edits, progress=False)
    assert len(found.edits) == 50
    right = sum(
        rc.predict("mini_resnext", [read_edited(ELEPHANT, edit)], progress=False).frame["class"][0] == "elephant"
        for edit in edits
    )
    assert f"Right at {right} of 49 places." in all_words(app)


@pytest.mark.parametrize(("kind", "worst"), [("Size", "size × 0.4"), ("Background", "background: ")])
def test_a_set_of_scenes_is_asked_on_demand_and_as_the_front_door_asks(kind, worst):
    app = opened(more_all="Edited objects", edit_kind=kind, edited_n="16")
    run_until(app, lambda app: "Predictions as CSV" in [one.label for one in app.download_button])
    assert not queue("device").active(), "a link alone starts nothing expensive"
    button(app, "Run: 7 × 16 images for each model").click().run()
    run_until(app, lambda app: "95% Wilson intervals" in all_words(app))
    known = rc.edit_objects(
        ["mini_resnext", "mini_resnext_wsl"], rc.draw_images("mini", 16), kind.lower(), progress=False
    ).frame
    shown = app.dataframe[-1].value
    assert shown["Edit"].to_list() == known["edit"].to_list()
    assert [float(one.split("%")[0]) for one in shown["Accuracy"]] == pytest.approx(
        known["accuracy_percent"].to_list(), abs=0.051
    )
    assert re.search(rf"at worst .* \({worst}.*, chosen on these scenes\)", all_words(app))
    right = [int(one) for one in shown["n right unedited"]]
    assert right == known["n_right_unedited"].to_list()
    assert not app.exception


TWO = [one.title for one in samples.list_samples("foolbox")][:2]
DOG = {"more": "Move the object", "models": ("EfficientNet-Lite0",)}


def opened_photo(**parameters):
    warmup.wait()
    return open_page(**{**DOG, **parameters})


def test_the_object_of_a_photo_is_cut_out_and_judged_beside_its_control():
    app = opened_photo(zoom="0.5", photo_background="checks")
    run_until(app, lambda app: "How much can it change?" in [one.value for one in app.subheader])
    photo = rc.load_images("foolbox")[0]
    box = proposed_box(photo)
    control, edited = (edited_photo(photo, box, edit) for edit in (UNEDITED, ObjectEdit(0.5, background="checks")))
    views = [photo, control, photo.with_pixels(cutout_of(photo, box).background), edited]
    known = rc.predict("efficientnet_lite0", views, progress=False).frame.query("rank == 1")
    words = all_words(app)
    for name, (_, row) in zip((*BEFORE, "edited"), known.iterrows(), strict=True):
        assert re.search(rf"{name}:\]? ?.* \**{row['class']}\** {100 * row['probability']:.1f}%", words), name
    found = rc.edit_objects(
        "efficientnet_lite0", [photo], ObjectEdit(0.5, background="checks").along("place"), boxes=box, progress=False
    )
    right = int(found.by_model[0].correct[1:].sum())
    assert f"Right at {right} of 49 places." in words
    assert "The cut itself changes the answer" not in words
    assert not app.exception


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ("20, 20, 140, 80", "does not lie in the photo"),
        ("20, 20, 21, 21", "expected at least 8 px a side and 1% of the image"),
        ("0, 0, 100, 100", "covers the whole image"),
        ("80, 20, 20, 60", "upper left to its lower right corner"),
        ("a box", "A box is four numbers, such as 20, 10, 80, 90; got “a box”"),
    ],
)
def test_a_box_that_is_none_is_said_and_starts_nothing(box, sentence):
    app = opened_photo(box=box)
    run_until(app, lambda app: "Predictions as CSV" in [one.label for one in app.download_button])
    assert sentence in " ".join(one.value for one in app.warning)
    assert "Size, times its own" in [one.label for one in app.slider]
    assert not queue("device").active()
    assert "Where is it lost?" not in [one.value for one in app.subheader]
    button(app, "Proposed box").click().run()
    run_until(app, lambda app: "Where is it lost?" in [one.value for one in app.subheader])
    assert not app.warning
    assert not app.exception


def test_sections_of_objects_are_open_in_either_world():
    app = opened_photo(more_all="Edited objects", images=TWO)
    run_until(app, lambda app: "Run: 7 × 2 images for each model" in [one.label for one in app.button])
    next(one for one in app.button_group if one.key == "world").set_value("Mini").run()
    run_until(app, lambda app: "Run: 7 × 32 images for each model" in [one.label for one in app.button])
    assert [app.session_state[key] for key in ("more", "more_all")] == ["Move the object", "Edited objects"]
    assert "Size, times its own" in [one.label for one in app.slider]
    assert not app.exception


def test_photos_are_asked_in_their_boxes_and_the_table_begins_with_original_and_control():
    app = opened_photo(more="", more_all="Edited objects", edit_kind="Background", images=TWO)
    run_until(app, lambda app: "Predictions as CSV" in [one.label for one in app.download_button])
    button(app, "Run: 7 × 2 images for each model").click().run()
    run_until(app, lambda app: "95% Wilson intervals" in all_words(app))
    shown = app.dataframe[-1].value
    known = rc.edit_objects("efficientnet_lite0", rc.load_images("foolbox")[:2], "background", progress=False).frame
    assert shown["Edit"].to_list() == known["edit"].to_list()
    assert shown["Edit"].to_list()[:2] == ["original", "cut out and pasted back"]
    assert not app.exception


def test_a_view_that_is_left_and_opened_again_keeps_its_settings():
    app = opened_photo(zoom="0.5", photo_background="noise", box="20, 10, 70, 95")
    run_until(app, lambda app: "Where is it lost?" in [one.value for one in app.subheader])
    more = next(one for one in app.button_group if one.key == "more")
    more.set_value("Severity strip").run()
    run_until(app, lambda app: not queue("device").active())
    assert "Size, times its own" not in [one.label for one in app.slider]
    next(one for one in app.button_group if one.key == "more").set_value("Move the object").run()
    assert next(one for one in app.slider if one.key == "zoom").value == 0.5
    assert [app.session_state[key] for key in ("photo_background", "box")] == ["noise", "20, 10, 70, 95"]
    assert not app.exception


def test_a_table_of_boxes_is_taken_by_file_and_one_that_cannot_be_read_is_said():
    app = opened_photo(more="", more_all="Edited objects", images=TWO)
    run_until(app, lambda app: "Predictions as CSV" in [one.label for one in app.download_button])
    head = b"file,x0,y0,x1,y1\n"
    for content, sentence in (
        (head + b"imagenet_00_243.jpg,1,2,3\n", "boxes.csv, line 2: Expected a box as four numbers"),
        (head + b"another.jpg,1,2,30,40\n", "boxes.csv names none of these photos, such as "),
        (b"\xff\xfe\x00", "boxes.csv is no CSV table in UTF-8"),
    ):
        app.file_uploader(key="boxes_table").set_value(("boxes.csv", content, "text/csv")).run()
        assert sentence in " ".join(one.value for one in app.error)
        assert not [one for one in app.button if one.label.startswith("Run: ")]
    table = head + b"some/folder/imagenet_00_243.jpg,100,40,320,470\n"
    app.file_uploader(key="boxes_table").set_value(("boxes.csv", table, "text/csv")).run()
    button(app, "Run: 7 × 2 images for each model").click().run()
    run_until(app, lambda app: "95% Wilson intervals" in all_words(app))
    photos = rc.load_images("foolbox")[:2]
    boxes = [(100, 40, 320, 470), proposed_box(photos[1])]
    known = rc.edit_objects("efficientnet_lite0", photos, "size", boxes=boxes, progress=False).frame
    shown = [float(one.split("%")[0]) for one in app.dataframe[-1].value["Accuracy"]]
    assert shown == pytest.approx(known["accuracy_percent"].to_list(), abs=0.051)
    assert not app.exception
    assert not app.error
