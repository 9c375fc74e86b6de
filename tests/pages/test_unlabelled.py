"""An upload has no label: every page that looks at it works, and says what takes the label's place."""

import pytest
from PIL import Image

from robust_core.ui.server import warmup
from tests.image_file_samples import encode
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

IMAGE = encode(Image.new("RGB", (48, 40), "red"), "PNG")


def open_upload(page, **link):
    """The page with an upload as its image."""
    warmup.wait()
    app = open_page(PAGES[page], world="Mini", source="Upload", **link)
    app.file_uploader(key="uploader").set_value([("red.png", IMAGE, "image/png")]).run()
    return sound(app)


def sound(app):
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


@pytest.mark.parametrize("explain", ["The prediction", "The second best", "The true label", "A class"])
def test_attributions_explain_an_upload(explain):
    app = open_upload("attributions", explain=explain, methods="Grad-CAM")
    run_until(sound(app), lambda app: all_words(app).count("logit") == 3)
    sound(app)


def test_the_true_label_gives_way_to_the_prediction_when_the_image_has_none():
    app = open_page(PAGES["attributions"], world="Mini", explain="The true label")
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("red.png", IMAGE, "image/png")]).run()
    sound(app)


def test_an_upload_is_attacked_away_from_the_prediction_which_is_said():
    app = open_upload("attributions", methods="Grad-CAM")
    run_until(app, lambda app: all_words(app).count("logit") == 3)
    button(app, "Under attack").click().run()
    assert "PGD away from the model's clean prediction, as the label is unknown" in all_words(app)
    button(app, "Attack and explain").click().run()
    run_until(app, lambda app: all_words(app).count("Spearman's correlation with the map of step 0") == 3)
    sound(app)


@pytest.mark.parametrize(
    ("page", "link", "press", "said"),
    [
        ("what_if", {"more": "Severity strip"}, "", "Computed now"),
        ("what_if", {"more": "Corruption grid"}, "Run: 76", "Probability of the clean prediction"),
        ("what_if", {"more": "Sequence"}, "Run the sequence", "of 30 comparisons"),
        ("pgd_steps", {"steps": "2"}, "Run", "The labels are unknown: each model's clean prediction stands in"),
        ("features", {"experiment": "Input gradient"}, "Run", "Gradient of its prediction"),
        ("features", {"experiment": "Class", "Mini_ascent_steps": "10"}, "Run", "probability of"),
        ("shape_or_texture", {"stimulus": "Any image"}, "", "Shape and texture unknown"),
    ],
)
def test_other_pages_work_with_an_upload(page, link, press, said):
    app = open_upload(page, **link)
    if press:
        run_until(app, lambda app: any(one.label.startswith(press) for one in app.button))
        button(app, press).click().run()
    run_until(sound(app), lambda app: said in all_words(app))
    run_until(app, lambda app: not any(job.active for job in app.session_state["job_slots"].values()))
    sound(app.run())
