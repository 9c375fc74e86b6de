"""The Shape or texture page without a browser: what it says, what it does not begin by itself, and what a click leads
to.
"""

import numpy as np
import pytest
from PIL import Image

from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.ui.server import warmup
from robust_core.ui.shape_or_texture import published
from robust_core.ui.words import BADGES
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

STIMULI = (
    "cat1-dog1.png",
    "cat2-oven1.png",
    "truck1-clock1.png",
    "boat3-knife2.png",
    "oven1-oven2.png",
    "bicycle6-bicycle3.png",
)


def open_cues(**parameters):
    warmup.wait()
    return open_page(PAGES["shape_or_texture"], **parameters)


def run_all(app):
    button(app, "Run").click().run()
    return run_until(
        app,
        lambda app: "Which images?" in [one.value for one in app.subheader] or "decided; coverage" in all_words(app),
    )


def labels(app):
    return [one.label for one in app.button]


@pytest.fixture
def published_set(ready, tmp_path, monkeypatch):
    """Two tiny models, and a folder in which four of six images are cue conflicts."""
    folder = tmp_path / "data" / "cue-conflict"
    folder.mkdir(parents=True)
    for number, name in enumerate(STIMULI):
        pixels = np.random.default_rng(number).integers(0, 256, (224, 224, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    return ready


def test_one_stimulus_gets_a_verdict_from_every_model():
    app = run_until(open_cues(world="Mini", mini_number="30"), lambda app: all_words(app).count("votes for") >= 3)
    assert "Shape: :violet[**elephant**] · texture: :orange[**car**]" in all_words(app)
    assert not app.exception


def test_a_link_alone_asks_about_one_stimulus_only():
    app = open_cues(
        world="Mini", mini_stimuli="128", models=["Mini ResNeXt", "Mini ResNeXt WSL", "Mini ResNeXt, stylised"]
    )
    run_until(app, lambda app: all_words(app).count("votes for") >= 3)
    assert not queue("device").active()
    assert "decided; coverage" not in all_words(app), "what a run over many says"
    assert "LIVE" in all_words(app)
    assert "CACHED" not in all_words(app)


def test_on_arrival_models_differ_on_the_first_stimulus_and_nothing_runs():
    app = open_cues(world="Mini")
    verdicts = [line for line in all_words(app).split("\n") if "votes for" in line]
    assert len(verdicts) == 3
    assert any("**shape**" in line for line in verdicts)
    assert any("**texture**" in line for line in verdicts)
    assert "CACHED" in all_words(app)
    assert "job_slots" not in app.session_state or not app.session_state["job_slots"]
    button(app, "Run again").click().run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert "CACHED" not in all_words(app)


@pytest.mark.parametrize("tab", ["Many", "Categories", "Gallery"])
def test_over_many_the_recorded_run_is_there_on_arrival(tab):
    app = open_cues(world="Mini", tab=tab)
    assert not app.exception
    assert button(app, "Run again")
    shown = all_words(app) + "\n".join(one.value for one in app.subheader)
    assert {"Many": "CACHED", "Categories": "16 stimuli per category", "Gallery": "Which images?"}[tab] in shown
    assert not queue("device").active()


def test_an_old_link_opens_the_view_of_one():
    app = open_cues(world="Mini", mini_number="30", rule="best of the 207 mapped classes")
    assert app.segmented_control(key="tab").value == "One"
    assert app.number_input(key="mini_number").value == 30


def test_a_run_says_bias_coverage_and_n_and_shows_no_people_in_mini():
    app = run_all(open_cues(world="Mini", mini_stimuli="64", tab="Many"))
    words = all_words(app)
    assert "LIVE" in words
    assert "n = 64; a model's class is its category" in words
    assert words.count("decided; coverage") == 3
    assert "McNemar" in words
    assert "PUBLISHED" not in words


def test_changed_settings_keep_the_last_run_and_ask_for_another():
    app = run_all(open_cues(world="Mini", mini_stimuli="64", tab="Many"))
    app.number_input(key="mini_stimuli").set_value(128).run()
    assert "Changed since the run below: n: 64 → 128." in all_words(app)
    assert "n = 64" in all_words(app)
    assert not button(app, "Run").disabled


def test_the_gallery_shows_what_was_asked_for_and_leads_back_to_the_stimulus():
    app = run_all(open_cues(world="Mini", mini_stimuli="64", tab="Gallery"))
    found = {}
    for which in ("By shape", "By texture", "By neither"):
        app.segmented_control(key="gallery_which").set_value(which).run()
        found[which] = int(all_words(app).split(" of 64 images. Below")[0].rsplit("\n", 1)[-1])
    assert sum(found.values()) == 64
    app.segmented_control(key="gallery_which").set_value("Disagreement").run()
    assert app.selectbox(key="gallery_other").options == ["Mini ResNeXt WSL", "Mini ResNeXt, adversarially trained"]
    app.segmented_control(key="gallery_which").set_value("By texture").run()
    look = next(one for one in app.button if (one.key or "").startswith("look:"))
    look.click().run()
    assert app.segmented_control(key="tab").value == "One"
    assert app.number_input(key="mini_number").value == int(look.key.removeprefix("look:")) + 1


def test_the_sidebars_drawing_can_be_given_another_texture():
    app = open_cues(world="Mini", stimulus="Any image")
    run_until(app, lambda app: all_words(app).count("which is") >= 3)
    button(app, "Give it another texture").click().run()
    run_until(app, lambda app: all_words(app).count("votes for") >= 3)
    assert app.selectbox(key="texture").value not in ("the same as the shape", "elephant")
    assert "Give it another texture" not in labels(app)


def test_a_cue_is_taken_away_and_said():
    app = open_cues(world="Mini", mini_number="30", distortion="Silhouette")
    run_until(app, lambda app: all_words(app).count("votes for") >= 3)
    assert "Silhouette, fill fraction 1" in all_words(app)
    app.selectbox(key="distortion").set_value("Scrambled patches").run()
    run_until(app, lambda app: "Scrambled patches, tiles per side 4" in all_words(app))
    assert app.number_input(key="distortion_seed").value == 0


def test_the_other_world_has_other_sets_numbers_and_choices(published_set, monkeypatch):
    monkeypatch.setattr(catalogue, "TABLE", (*published_set, *MINI_REGISTRY))
    app = open_cues(
        world="ImageNet", stimulus="Make a conflict", as_orhan="true", imagenet_number="5", imagenet_stimuli="5"
    )
    app.toggle(key="as_orhan").set_value(False).run()
    assert not app.exception
    app.segmented_control(key="world").set_value("Mini").run()
    assert not app.exception
    run_until(app, lambda app: all_words(app).count("votes for") >= 3)
    app.selectbox(key="distortion").set_value("Silhouette").run()
    app.number_input(key="mini_number").set_value(900).run()
    app.segmented_control(key="world").set_value("ImageNet").run()
    run_until(app, lambda app: all_words(app).count("votes for") >= 2)
    assert not app.exception
    assert app.number_input(key="imagenet_number").value <= 4
    assert app.selectbox(key="distortion").value == "Nothing"


def test_without_the_published_stimuli_it_is_said_how_to_get_them(ready):
    arrived = open_cues(world="ImageNet")
    assert arrived.segmented_control(key="tab").options == ["One", "Many", "Glasses"]
    assert arrived.segmented_control(key="tab").value == "Many"
    assert all_words(arrived).count("PUBLISHED") >= 2
    assert not arrived.info, "no box before the answer"
    app = run_until(open_cues(world="ImageNet", tab="One"), lambda app: all_words(app).count("predicts") >= 2)
    assert app.segmented_control(key="stimulus").options == ["Any image"], "no model here can make a conflict"
    assert "python -m robust_core data fetch cue-conflict" in all_words(app)
    assert "From the set" not in app.segmented_control(key="stimulus").options
    assert "Silhouette" not in app.selectbox(key="distortion").options, "nobody knows the mask of an image"
    assert "Run" not in labels(app)


def test_a_published_set_is_run_and_read_by_either_rule(published_set):
    app = run_all(open_cues(world="ImageNet", tab="Many"))
    words = all_words(app)
    assert "n = 4; decision by the best of the 207 mapped classes" in words
    assert "2 without a conflict are left out" in words
    assert f"{BADGES['published']} **People**" in words
    assert "95.9" in words or "n = 791 to 9,634 decided images" in words
    app.segmented_control(key="rule").set_value("mean probability per category").run()
    assert "decision by the mean probability per category" in all_words(app)
    assert button(app, "Run").disabled, "another rule needs no other run"


@pytest.mark.parametrize("tab", ["One", "Many"])
def test_whom_the_published_set_favours_is_said_and_mini_favours_none(published_set, tab):
    favours = "Style transfer favours the network whose features it used: VGG-19"
    assert favours in all_words(open_cues(world="ImageNet", tab=tab))
    assert "Style transfer favours" not in all_words(open_cues(world="Mini", tab=tab))


def test_the_gallery_of_another_order_leads_nowhere(published_set):
    app = run_all(open_cues(world="ImageNet", tab="Gallery"))
    app.number_input(key="stimuli_seed").set_value(1).run()
    assert "Changed since the run below: set:" in all_words(app)
    looks = [one for one in app.button if (one.key or "").startswith("look:")]
    assert len(looks) == 4
    assert all(one.disabled for one in looks)


def test_as_orhan_did_there_is_one_image_more(published_set):
    app = open_cues(world="ImageNet", as_orhan="true")
    assert app.number_input(key="imagenet_stimuli").max == 5
    assert "counts twice" in app.toggle(key="as_orhan").help


def test_making_a_conflict_says_what_is_missing(published_set):
    app = open_cues(world="ImageNet", stimulus="Make a conflict")
    assert "No model on this machine can make a conflict" in all_words(app)
    assert not queue("device").active()


def test_every_published_set_can_stand_beside_them(published_set):
    app = open_cues(world="ImageNet", tab="Many")
    for reference in published.REFERENCES:
        app.button_group(key="references").set_value([reference.title]).run()
        assert f"PUBLISHED] **{reference.title}**" in all_words(app)


def test_unknown_words_in_a_link_are_named(published_set):
    words = all_words(open_cues(world="ImageNet", stimulus="Dreams", rule="dice", distortion="Fog", set="elsewhere"))
    words += all_words(open_cues(world="ImageNet", tab="Five"))
    for value in ("Dreams", "dice", "Fog", "elsewhere", "Five"):
        assert f"“{value}”. It is ignored." in words


# Glasses.


def open_glasses(**parameters):
    return open_cues(world="Mini", tab="Glasses", **parameters)


def headlines(app):
    return [one.value for one in app.subheader]


def test_glasses_have_answered_on_arrival_and_nothing_runs():
    app = open_glasses()
    assert not app.exception
    assert any("lowers the shape bias of" in one for one in headlines(app))
    words = all_words(app)
    assert "CACHED" in words
    assert "n = 1,024" in words
    assert words.count("decided; coverage goes from") == 3
    assert "Mini contradicts the literature" in words
    assert "No people were measured on Mini's stimuli" in words
    assert "PUBLISHED" not in words
    assert button(app, "Run again")
    assert not queue("device").active()


@pytest.mark.parametrize(
    ("title", "strength", "said"),
    [
        ("High-pass", "σ 2 px", "raises"),
        ("Grey", "75% of colour removed", "raises"),
        ("Low resolution", "factor 4", "lowers"),
    ],
)
def test_every_filter_has_a_recorded_run_and_stands_in_the_link(title, strength, said):
    key = next(row.key for row in INPUT_FILTERS.values() if row.title == title)
    app = open_glasses(glasses=title, **{f"{key}_worn": strength})
    assert not app.exception
    assert app.select_slider(key=f"{key}_worn").value == strength
    assert any(f"{said} the shape bias" in one for one in headlines(app))
    assert "Mini contradicts" in all_words(app) or said == "raises"


def test_a_link_that_asks_for_what_is_not_there_is_told_so():
    app = open_glasses(glasses="Sunglasses", blur_worn="σ 99 px", worn_on="Postcards")
    assert not app.exception
    words = all_words(app)
    for asked in ("Sunglasses", "σ 99 px", "Postcards"):
        assert asked in words


def test_other_stimuli_are_asked_for_with_the_button_and_grow():
    app = open_glasses(mini_worn_stimuli="16")
    assert "No recorded run has these settings" in all_words(app)
    button(app, "Run").click().run()
    app = run_until(app, lambda app: "LIVE" in all_words(app))
    assert "n = 16" in all_words(app)
    app.number_input(key="mini_worn_stimuli").set_value(32).run()
    assert "Changed since the run below: n: 16 → 32." in all_words(app)


def test_another_stimulus_stays_in_the_view():
    app = open_glasses()
    button(app, "Another").click().run()
    assert app.segmented_control(key="tab").value == "Glasses"
    assert not app.exception


def test_accuracy_under_corruption_is_recorded_too():
    app = open_glasses(worn_on="Corrupted images")
    assert not app.exception
    assert any("Gaussian noise, severity 3: blur" in one for one in headlines(app))
    words = all_words(app)
    assert "CACHED" in words
    assert "(Newcombe, paired; n = 64), the largest gain of all here" in words
    assert "**Clean images**" in words
    app.selectbox(key="worn_under").set_value("clean").run()
    assert not app.exception


def test_other_corruptions_are_asked_for_with_the_button():
    app = open_glasses(worn_on="Corrupted images", n="8", worn_corruptions=["Fog"], worn_severity="5")
    button(app, "Run").click().run()
    app = run_until(app, lambda app: "LIVE" in all_words(app))
    assert "**Fog, severity 5**" in all_words(app)
    assert not app.exception


def test_without_the_published_stimuli_only_corrupted_images_are_looked_at(ready):
    app = open_cues(tab="Glasses")
    assert not app.exception
    assert app.segmented_control(key="worn_on").options == ["Corrupted images"]
    assert "data fetch cue-conflict" in all_words(app)


def test_on_the_published_stimuli_people_are_beside_the_models(published_set):
    app = open_cues(tab="Glasses", imagenet_worn_stimuli="4")
    button(app, "Run").click().run()
    app = run_until(app, lambda app: "LIVE" in all_words(app))
    assert not app.exception
    assert "n = 4; decision by the best of the 207 mapped classes" in all_words(app)
    assert "Mini" not in all_words(app).replace("The world Mini", "")
