"""The Features page without a browser: what it begins by itself, what a run says, and what a link may ask for."""

import pytest

from robust_core.jobs import queue
from robust_core.studies.feature_experiments import EXPERIMENTS
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until


def open_features(**parameters):
    warmup.wait()
    return open_page(PAGES["features"], **{"world": "Mini", "mini_ascent_steps": "10", **parameters})


def run_it(app):
    button(app, "Run").click().run()
    return run_until(app, lambda app: "LIVE" in all_words(app))


def test_a_link_alone_begins_nothing():
    for row in EXPERIMENTS.values():
        app = open_features(experiment=row.title)
        assert not app.exception
        assert not button(app, "Run").disabled
        assert "CACHED" not in all_words(app), "other steps than the recorded run's"
        assert not queue("device").active()
        assert "LIVE" not in all_words(app)


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_on_arrival_a_recorded_ascent_of_a_class_is_there(world):
    warmup.wait()
    app = open_page(PAGES["features"], world=world)
    words = all_words(app)
    assert "CACHED" in words
    assert words.count("probability of") == 3
    assert button(app, "Run again")
    assert not queue("device").active()
    app.selectbox(key="excite").set_value(app.selectbox(key="excite").options[0]).run()
    assert "Changed since the run below: target:" in all_words(app)
    assert all_words(app).count("probability of") == 3, "the last result stays"


def test_a_unit_is_maximized_from_the_sidebars_image():
    words = all_words(run_it(open_features(experiment="Feature (Orhan 2019)", unit="17")))
    assert "Feature (Orhan 2019): unit 17, from elephant: L∞ PGD, at most 10 steps of 1/255" in words
    assert words.count("activation of unit 17 from") == 3
    assert "It does not say what the unit “means”" in words
    assert "no effective ε limit (the paper: 4.0)" in words


def test_a_unit_is_maximized_alone_by_another_objective():
    words = all_words(run_it(open_features(experiment="Feature alone", unit="17")))
    assert words.count("activation of unit 17 from") == 3
    assert "not the paper's objective" in words
    assert "share of the softmax" not in words


def test_a_class_is_maximized_from_noise():
    app = open_features(experiment="Class", noise_seed="4")
    app.segmented_control(key="from").set_value("Noise").run()
    app.selectbox(key="excite").set_value("dog").run()
    words = all_words(run_it(app))
    assert "Class: dog, from noise, seed 4" in words
    assert words.count("probability of dog from") == 3


def test_a_network_that_is_not_certain_is_not_called_fooled():
    words = all_words(run_it(open_features(experiment="Fool from noise")))
    assert words.count("not fooled yet") == 3
    assert "**fooled**" not in words


def test_an_input_gradient_names_its_class_its_scale_and_whom_to_compare():
    words = all_words(run_it(open_features(experiment="Input gradient")))
    assert words.count("Gradient of its prediction") == 3
    assert "clipped at the 99th percentile" in words
    assert "Compare Mini ResNeXt, adversarially trained with the others" in words


def test_changed_settings_keep_the_last_run_and_ask_for_another():
    app = run_it(open_features(experiment="Feature (Orhan 2019)", unit="17"))
    app.number_input(key="unit").set_value(18).run()
    assert "Changed since the run below: target: unit 17 → unit 18." in all_words(app)
    assert "activation of unit 17" in all_words(app)
    assert not button(app, "Run").disabled


def test_networks_that_share_a_number_of_features_limit_the_unit(ready):
    app = open_features(world="ImageNet", experiment="Feature (Orhan 2019)", imagenet_ascent_steps="10")
    assert app.number_input(key="unit").max == 3
    words = all_words(run_it(app))
    assert words.count("activation of unit 0 from") == 2
    assert "Uploaded again it is resized first" in words
    assert not app.exception


def test_of_many_models_only_the_first_are_asked():
    app = open_features(experiment="Input gradient")
    app.multiselect(key="models").set_value(app.multiselect(key="models").options[:5]).run()
    assert "Only the first 4 of 5 models are run." in all_words(app)
    assert all_words(run_it(app)).count("Gradient of its prediction") == 4


def test_without_an_image_it_is_said_what_to_do():
    app = open_features(source="Upload")
    assert "Choose or upload at least one image" in all_words(app)
    assert "Run" not in [one.label for one in app.button]


@pytest.mark.parametrize("key", ["experiment", "from", "excite"])
def test_unknown_words_in_a_link_are_named(key):
    title = "Fool from noise" if key == "excite" else "Class"
    app = open_features(**{"experiment": title, key: "Dreams"})
    assert "“Dreams”. It is ignored." in all_words(app)


VIEWS = ("Layer biases", "Cue removal", "Gradient alignment")
FOUND = {  # what the recorded run of each view says in Mini
    "Layer biases": "of the noise passes the first layer after adversarial training",
    "Cue removal": "right after adversarial training",
    "Gradient alignment": "with the edges",
}


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_with_a_recorded_run_and_begins_no_work(view, world):
    warmup.wait()
    app = open_page(PAGES["features"], world=world, features_view=view)
    assert not app.exception
    assert "CACHED" in all_words(app)
    assert button(app, "Run again")
    assert app.subheader[0].value
    assert all(slot.startswith("pass:") for slot in app.session_state["job_slots"]), "no work but a forecast"
    if world == "Mini":
        assert FOUND[view] in app.subheader[0].value
        assert "n = 64" in all_words(app)
    else:
        assert "Choose an adversarially trained model and another one" in all_words(app)


def test_what_mini_says_against_the_paper_is_said():
    warmup.wait()
    words = all_words(open_page(PAGES["features"], world="Mini", features_view="Layer biases"))
    assert "Of 5 comparisons with Chen et al. 2020, 3 agree and 1 contradicts; 1 is not decided." in words
    assert "Mini contradicts Chen et al. 2020 in the last layer: they found that units answer to fewer types" in words
    assert words.count("agrees]:") == 3
    assert "All 64 labels are known." in words
    cues = all_words(open_page(PAGES["features"], world="Mini", features_view="Cue removal"))
    assert "agrees]: Scrambled, −" in cues
    assert "1 agrees and none contradicts; 4 are not decided. Those that are not decided point the other way." in cues
    assert "near chance (1/16) a test cannot tell models apart. An interval reaches chance in:" in cues


def test_gradients_that_are_not_told_apart_are_no_headline_of_an_advantage():
    warmup.wait()
    app = open_page(PAGES["features"], world="Mini", features_view="Gradient alignment")
    assert app.subheader[0].value == (
        "Cosine with the edges above chance: 0.14 [0.12, 0.16] after adversarial training, 0.13 [0.12, 0.15] without: "
        "not told apart"
    )
    assert "Mini ResNeXt and Mini ResNeXt WSL: 0.14 [0.12, 0.15]" in all_words(app)


def test_numbers_of_photos_are_not_said_to_be_what_they_are_not():
    warmup.wait()
    layers = open_page(PAGES["features"], world="ImageNet", features_view="Layer biases")
    assert "amplifies the noise 5.1 times" in layers.subheader[0].value
    cues = open_page(PAGES["features"], world="ImageNet", features_view="Cue removal")
    assert ": 12.5% right in" in cues.subheader[0].value
    alignment = open_page(PAGES["features"], world="ImageNet", features_view="Gradient alignment")
    assert "0.09 [0.04, 0.14] below chance" in alignment.subheader[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_runs_on_other_images_and_says_so(view):
    warmup.wait()
    app = open_page(PAGES["features"], world="Mini", features_view=view, n="4")
    assert "LIVE" not in all_words(app)
    button(app, "Run").click().run()
    app = run_until(app, lambda app: "LIVE" in all_words(app) and app.subheader)
    assert "n = 4" in all_words(app)
    assert not app.exception
    table = app.dataframe[0].value
    assert set(table["Model"]) == {"Mini ResNeXt", "Mini ResNeXt WSL", "Mini ResNeXt, adversarially trained"}


def test_the_measure_over_depth_and_the_noise_stand_in_the_link():
    warmup.wait()
    app = open_page(
        PAGES["features"],
        world="Mini",
        features_view="Layer biases",
        layer_measure="Silent values",
        noise_sigma="0.25",
        bias_seed="3",
    )
    words = all_words(app)
    assert "Gaussian noise of σ 0.25; n = 64" in words
    assert "No recorded run has these settings" in words
    app.slider(key="noise_sigma").set_value(0.1)
    app.number_input(key="bias_seed").set_value(0).run()
    assert "**Silent values** (% of values)" in all_words(app)
    assert "CACHED" in all_words(app)


def test_changed_noise_keeps_the_recorded_run_and_asks_for_another():
    warmup.wait()
    app = open_page(PAGES["features"], world="Mini", features_view="Layer biases")
    app.slider(key="noise_sigma").set_value(0.2).run()
    assert "Changed since the run below: noise: σ 0.1 → σ 0.2." in all_words(app)
    assert FOUND["Layer biases"] in app.subheader[0].value


def test_some_of_the_recorded_models_are_shown_without_a_run():
    warmup.wait()
    app = open_page(PAGES["features"], world="Mini", features_view="Gradient alignment")
    app.multiselect(key="models").set_value(["Mini ResNeXt", "Mini ResNeXt, stylised"]).run()
    assert "Recorded for some of these models; run to add the others." in all_words(app)
    assert app.subheader[0].value.startswith("Mini ResNeXt: cosine")


def test_what_was_chosen_in_one_view_is_there_after_another():
    app = open_features(experiment="Input gradient")
    app.segmented_control(key="features_view").set_value("Layer biases").run()
    app.segmented_control(key="layer_measure").set_value("Silent values").run()
    app.segmented_control(key="features_view").set_value("Excite").run()
    assert app.segmented_control(key="experiment").value == "Input gradient"
    app.segmented_control(key="features_view").set_value("Layer biases").run()
    assert app.segmented_control(key="layer_measure").value == "Silent values"
    assert not app.exception


@pytest.mark.parametrize(("key", "view"), [("features_view", "Excite"), ("layer_measure", "Layer biases")])
def test_unknown_views_and_measures_in_a_link_are_named(key, view):
    warmup.wait()
    app = open_page(PAGES["features"], world="Mini", **{"features_view": view, key: "Dreams"})
    assert "“Dreams”. It is ignored." in all_words(app)


def test_gradients_have_their_cosines_beside_them():
    words = all_words(run_it(open_features(experiment="Input gradient")))
    assert words.count("Cosine with the edges of the image: **0.") == 3
    assert "Cosine of two gradients: Mini ResNeXt and Mini ResNeXt WSL **" in words
