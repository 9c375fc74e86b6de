"""What the What if page says when the object of a scene of Mini is edited, without a browser."""

import re

import pytest

import robust_core as rc
from robust_core.data.synthetic import read_edited
from robust_core.edits.object_edit import ObjectEdit
from robust_core.jobs import queue
from robust_core.ui.server import warmup
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


def test_photos_have_no_object_that_could_be_drawn_again():
    app = open_page(more="Move the object", more_all="Edited objects")
    words = all_words(app)
    assert "“Move the object”" in words
    assert "“Edited objects”" in words
    assert "Size, times its own" not in [one.label for one in app.slider]
