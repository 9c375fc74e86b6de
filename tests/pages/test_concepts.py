"""The view on concepts without a browser: what it begins with, what it asks, and what it says of few images."""

import robust_core as rc
from robust_core.labels import MINI
from robust_core.recordings import shipped, store
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

MODEL = "Mini ResNeXt"


def opened(**parameters):
    warmup.wait()
    given = {"world": "Mini", "attributions_view": "Concepts", **parameters}
    return open_page(PAGES["attributions"], **given)


def test_on_arrival_the_recorded_concepts_are_there():
    app = run_until(opened(), lambda app: "in the current image it " in all_words(app))
    words = all_words(app)
    request = shipped.concepts_request(MINI)
    one = store.find(request.of(request.models[0])).result.by_model[0]
    assert "CACHED" in words
    assert f"Found in {one.crops_in_all} crops of {one.n} images that {MODEL} predicts as elephant" in words
    assert words.count("of its heat is on the object; the object covers 24%") == 6
    assert "Mini contradicts Fel et al. 2023: here one concept alone carries the class" in words
    assert button(app, "Run again")
    assert not app.exception


def test_another_model_is_shown_without_another_run():
    app = opened(concept_model="Mini ResNeXt WSL")
    assert "CACHED" in all_words(app)
    assert "carries “elephant” for Mini ResNeXt WSL" in "\n".join(one.value for one in app.subheader)


def test_a_run_finds_what_the_front_door_finds():
    app = opened(models=[MODEL], concept_class="car", concepts="2", concept_n="4")
    assert "No recorded run has these settings" in all_words(app)
    button(app, "Run").click().run()
    app = run_until(app, lambda app: "LIVE" in all_words(app))
    images = rc.draw_images("mini", 4, label=6)
    one = rc.concepts("mini_resnext", images, "car", concepts=2, progress=False).by_model[0]
    words = all_words(app)
    assert f"Found in {one.crops_in_all} crops of {one.n} images" in words
    assert f"importance {one.importance.mean(0)[0]:.2f}" in words
    assert "Fewer than 100 crops" in words


def test_photos_begin_with_every_class_and_say_what_would_help():
    app = opened(world="ImageNet", models=["EfficientNet-Lite0"])
    words = all_words(app)
    assert "6 concepts explain little of EfficientNet-Lite0" in [one.value for one in app.subheader]
    assert "These images show many classes" in words
    assert "Found in 180 crops of 20 images" in words
