"""Mixing desk: it opens with a recorded frontier, a slider names a mix, and one mix alone is measured beside it."""

import pytest

from robust_core.labels import MINI
from robust_core.recordings import store
from robust_core.recordings.shipped import MIXED, mixing_request
from robust_core.studies.mixing_outcomes import points_in_words
from robust_core.ui.mixing_desk import published, runs
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

pytestmark = pytest.mark.usefixtures("own_cache")
SHORT = {"world": "Mini", "mini_mix_n": "4", "mix_steps_mini": "5"}


def said_on(app):
    """Every sentence of the page, without what keeps names from being read as Markdown."""
    return all_words(app).replace("\\", "")


def opened(**link):
    warmup.wait()
    return open_page(PAGES["mixing_desk"], **({"world": "Mini"} | link))


def test_it_opens_with_the_recorded_frontier_and_the_chosen_mix_in_numbers():
    app = opened()
    assert not app.exception
    said = said_on(app)
    assert "CACHED" in said
    assert "**0.10 × Mini ResNeXt + 0.90 × Mini ResNeXt, adversarially trained**" in said
    point = next(one for one in store.find(mixing_request(MINI)).result.points if one.alphas == (0.1, 0.9))
    values = {one.label: one.value for one in app.metric}
    assert values["Clean"] == f"{100 * point.accuracy('clean').estimate:.1f}%"
    assert values["Under attack"] == f"{100 * point.accuracy('attacked').estimate:.1f}%"
    assert "Against Mini ResNeXt, adversarially trained alone, in points: clean +" in said
    assert "Gaussian noise, severity 3; [" in said, "the corruption stands where its number does"
    assert "Corrupted: Gaussian noise, severity 3, seed 0." in said


def test_the_slider_shows_another_mix_of_the_ladder_at_once_and_asks_for_one_between():
    app = opened(mix_percent="50")
    assert "**0.50 × Mini ResNeXt + 0.50 ×" in said_on(app)
    app = opened(mix_percent="85")
    assert "This mix has not been measured." in said_on(app)
    assert button(app, "Measure this mix")


def test_a_run_draws_the_ladder_and_one_mix_more_is_measured_beside_it():
    app = opened(**SHORT, mix_percent="85")
    button(app, "Run").click()
    run_until(app, lambda app: "LIVE" in said_on(app))
    run = app.session_state["mixing_run"]
    assert len(run.request.images) == 4
    assert "This mix has not been measured." in said_on(app)
    button(app, "Measure this mix").click().run()
    run_until(app, lambda app: "**0.15 × Mini ResNeXt + 0.85 ×" in said_on(app))
    assert len(next(one.value for one in app.dataframe if "Seconds" in one.value)) == 12


def test_averaged_weights_say_of_which_images_their_statistics_are_and_three_models_have_parts():
    app = opened(**SHORT, mix_kind="Weights", mix_third="Mini ResNeXt WSL")
    assert [one.value for one in app.slider if one.label.startswith("Parts of")] == [2, 1, 1]
    button(app, "Run").click()
    run_until(app, lambda app: "LIVE" in said_on(app))
    said = said_on(app)
    assert "recomputed on 256 images of Mini, none of them measured" in said
    assert "0.50 × Mini ResNeXt + 0.25 × Mini ResNeXt, adversarially trained + 0.25 × Mini ResNeXt WSL" in said


def test_models_that_have_no_common_architecture_are_no_error():
    app = opened(world="ImageNet", mix_kind="Weights")
    assert not app.exception
    assert "Weights are averaged within one architecture" in said_on(app)
    assert "Mix probabilities or logits instead." in said_on(app)


def test_one_model_named_twice_is_asked_about():
    app = opened(mix_first="Mini ResNeXt", mix_second="Mini ResNeXt")
    assert "Choose two different models." in said_on(app)
    for again in ("Mini ResNeXt", "Mini ResNeXt, adversarially trained"):
        assert "Choose three different models." in said_on(opened(mix_third=again))
    app = opened(mix_first="Mini ResNeXt", mix_second="Mini ResNeXt", mix_third="Mini ResNeXt WSL")
    assert "Choose three different models." in said_on(app)


def test_one_model_in_the_sidebar_is_too_few():
    app = opened(models="Mini ResNeXt")
    assert "Choose at least two models in the sidebar." in said_on(app)


def test_the_published_mixture_is_the_tables_row():
    found = published.rows(published.MIXTURE)
    assert (found["clean"].value, found["attacked"].value, found["clean"].n) == (81.48, 58.62, 5000)
    app = opened(world="ImageNet")
    assert "**81.5% clean and 58.6% under AutoAttack**" in said_on(app)


def test_a_single_mix_belongs_to_the_settings_under_which_it_was_asked():
    request = mixing_request(MINI)
    assert MIXED[MINI] == tuple(spec.key for spec in request.models)
    assert runs.MixingRun(request).settings["attack"] == str(request.attack)


def test_what_is_said_of_mini_holds_in_the_recorded_runs():
    found = {key: published.looked_at(its) for key, its in published.in_mini().items()}
    clean, attacked = (
        {key: mix.gain(alone, images) for key, (mix, alone) in found.items()} for images in ("clean", "attacked")
    )
    assert set(found) == {"probabilities", "logits", "weights"} == set(published.IN_MINI)
    assert clean["probabilities"].low > 0
    assert attacked["probabilities"].low < 0 < attacked["probabilities"].high
    assert clean["logits"].low > 0 > attacked["logits"].high
    assert clean["logits"].estimate > clean["probabilities"].estimate
    assert clean["weights"].low < 0 < clean["weights"].high
    assert clean["weights"].estimate < 0 > attacked["weights"].high
    for kind in found:
        said = published.said_of_mini(kind)
        assert points_in_words(clean[kind]) in said
        assert points_in_words(attacked[kind]) in said


def test_what_is_said_of_mini_stands_only_with_its_models_and_its_kind():
    app = opened(mix_kind="Weights")
    assert "averaged weights of two networks trained apart" in said_on(app)
    assert "In Mini" not in said_on(opened(mix_kind="Weights", mix_second="Mini ResNeXt WSL"))
    app = opened()
    app.segmented_control(key="mix_kind").set_value("Weights")
    app.slider(key="mini_mix_n").set_value(4).run()
    assert "Changed since the run below: mixed: probabilities → weights" in said_on(app)
    assert "In Mini" not in said_on(app), "the greyed run is of another kind"
