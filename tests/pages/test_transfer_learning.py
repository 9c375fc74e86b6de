"""Transfer learning: it opens with recorded runs in every view, says what Mini contradicts, and takes own classes."""

import io

import pytest

from robust_core.recordings import store
from robust_core.recordings.shipped import fine_tuning_request, probe_request, similarity_request
from robust_core.ui.server import warmup
from robust_core.ui.transfer_learning import published
from tests.data.archive_files import zipped
from tests.made_images import make_image
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

pytestmark = pytest.mark.usefixtures("own_cache")
ZIP_TYPE = "application/zip"


def said_on(app):
    """Every sentence of the page, without what keeps names from being read as Markdown."""
    return all_words(app).replace("\\", "")


def opened(**link):
    warmup.wait()
    return open_page(PAGES["transfer_learning"], **({"world": "Mini"} | link))


def recorded_probe(task):
    request = probe_request(task)
    first, *rest = [store.find(request.of(spec)).result for spec in request.models]
    return first.joined(rest)


def a_png(seed):
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(make_image(seed, 3, (64, 64)).rgb).save(buffer, "PNG")
    return buffer.getvalue()


def archive(classes, each):
    return zipped({f"{name}/{n}.png": a_png(20 * place + n) for place, name in enumerate(classes) for n in range(each)})


@pytest.mark.parametrize(("title", "task"), [("New shapes", "new_shapes"), ("New surfaces", "new_surfaces")])
def test_it_opens_with_the_recorded_probe_and_its_verdict(title, task):
    app = opened(new_classes=title)
    assert not app.exception
    said, (spot,) = said_on(app), recorded_probe(task).sweet_spots()
    assert "CACHED" in said
    assert app.subheader[0].value.startswith(f"{title}: best at ε = {spot.best_eps:g}/255")
    verdict = {
        "agrees": "Mini **agrees**",
        "contradicts": "Mini **contradicts**",
        "undecided": "Mini **does not decide**",
    }
    assert verdict[spot.says] in said
    assert ("no turning point is seen" in said) is any(
        one.best_eps == one.largest_eps
        for key in ("new_shapes", "new_surfaces")
        for one in recorded_probe(key).sweet_spots()
    )
    assert "Nadeau & Bengio 2003" in said


def test_the_table_pairs_each_model_of_the_series_with_the_one_without_attacks():
    app = opened()
    table = next(one.value for one in app.dataframe if "ε of training" in one.value)
    assert table["ε of training"].tolist() == ["0", "0.5", "1", "2", "4", "8", "16", "–", "–"]
    assert (table["Less the one without attacks, points"] == "–").tolist() == [True, *[False] * 6, True, True]


def test_similarity_and_fine_tuning_open_with_their_recordings():
    app = opened(transfer_view="Feature similarity")
    assert not app.exception
    for sentence in store.find(similarity_request("new_shapes")).result.sentences():
        assert sentence in said_on(app)
    app = opened(transfer_view="Fine-tuning")
    assert not app.exception
    said, request = said_on(app), fine_tuning_request("new_shapes")
    for spec in request.models:
        found = store.find(request.of(spec)).result
        assert f"**{spec.title}**: {found.after(found.by_model[0])} after all steps" in said


def test_two_steps_are_measured_before_anything_is_trained():
    app = opened(transfer_view="Fine-tuning", tuning_steps="30", tuned_models="Mini ResNeXt, 40 epochs")
    button(app, "How long does it take?").click()
    run_until(app, lambda app: "30 steps take about" in said_on(app))
    assert "LIVE" not in said_on(app)


def test_cancelling_a_run_of_nine_models_brings_the_recording_back():
    app = opened()
    app.number_input(key="probe_seed").set_value(5).run()
    button(app, "Run").click().run()
    run_until(app, lambda app: any(one.label == "Cancel" for one in app.button))
    assert sum(one.label == "Cancel" for one in app.button) == 1, "one bar for all"
    button(app, "Cancel").click().run()
    assert not app.exception
    assert "CACHED" in said_on(app)
    assert "Changed since the run below" in said_on(app)


def test_own_classes_are_probed():
    app = opened(world="ImageNet", models="EfficientNet-Lite0")
    assert "a folder for each class" in said_on(app)
    app.file_uploader(key="own_classes").set_value(("own.zip", archive("ab", 5), ZIP_TYPE)).run()
    run_until(app, lambda app: any(one.label == "Run" for one in app.button))
    button(app, "Run").click()
    run_until(app, lambda app: "LIVE" in said_on(app))
    assert not app.exception
    assert "Chance: 50.0%" in said_on(app)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (archive("a", 5), "The images are of one class"),
        (archive("ab", 3), "at least 5 images of each class"),
        (zipped({"1.png": a_png(1)}), "has no folders"),
        (b"text", "not a .zip archive"),
    ],
    ids=["one class", "too few", "no folders", "no archive"],
)
def test_an_archive_that_does_not_do_is_refused_in_a_sentence(content, sentence):
    app = opened(new_classes="Your own (.zip)")
    app.file_uploader(key="own_classes").set_value(("own.zip", content, ZIP_TYPE)).run()
    run_until(app, lambda app: sentence in said_on(app))
    assert not app.exception
    assert all(one.label != "Run" for one in app.button)


def test_the_published_numbers_say_where_the_best_eps_lies():
    table = published.table(published.rows())
    assert len(table) == 48
    row = table[(table["Data set"] == "cifar10") & (table["Network"] == "resnet18")].iloc[0]
    assert (row["Fixed-feature, %"], row["Best ε, fixed-feature"]) == (91.6, 3)
    assert "73 of 96 best models" in said_on(opened(world="ImageNet"))
