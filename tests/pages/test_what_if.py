"""The What if page without a browser: predictions for samples, uploads and data sets, under corruptions and in
sequences.
"""

import re
import threading
from dataclasses import replace

import pytest
from PIL import Image

from robust_core import data as samples
from robust_core.corruptions.frost_photos import frost_source
from robust_core.data.image_set import ImageSet
from robust_core.jobs import queue
from robust_core.labels import IMAGENET, IMAGENET_A, MINI
from robust_core.models import catalogue
from robust_core.models.registry import REGISTRY
from robust_core.recordings.shipped import predictions_request
from robust_core.studies.predictions import PredictionsRequest
from robust_core.ui.what_if import whole_set
from robust_core.ui.words import plain
from tests.benchmark.trees import drawings, write_by_wnid
from tests.image_file_samples import encode
from tests.pages.opening import all_words, button, look_at, open_page, run_until

RED_PNG = encode(Image.new("RGB", (48, 40), "red"), "PNG")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The empty folder in which data sets are looked for."""
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_without_models_the_page_offers_the_smallest_steps(monkeypatch):
    monkeypatch.setattr(catalogue, "TABLE", REGISTRY)
    app = open_page(world="ImageNet")
    assert "No ImageNet model is ready on this machine." in app.info[0].value
    assert any(button.label.startswith("Download 10") for button in app.button), "ResNet-50 has 102 MB"
    assert [
        any(words in block.value for block in app.code) for words in ("pip install -r requirements.txt", "import FILE")
    ] == [True, True]


def test_two_models_predict_for_the_first_sample(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    text = all_words(app)
    assert "true label: **bull mastiff**" in text
    assert "entropy" in text
    assert "of 2 right" in text


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_what_was_recorded_stands_there_until_the_models_have_answered(world, monkeypatch):
    begun = threading.Event()
    work = whole_set.run

    def once_begun(request):
        begun.wait()
        return (yield from work(request))

    monkeypatch.setattr(whole_set, "run", once_begun)
    asked = predictions_request(IMAGENET if world == "ImageNet" else MINI)
    for spec in asked.models:  # another test may have asked the same
        queue("device").forget(asked.of(spec).key)
    app = open_page(world=world)
    try:
        before = all_words(app)
        assert "CACHED" in before
        assert "LIVE" not in before
        assert "computing" not in before
        assert not any(one.label == "Cancel" for one in app.button)
    finally:
        begun.set()
    after = all_words(run_until(app, lambda app: "CACHED" not in all_words(app)))
    assert "LIVE" in after
    assert _entropies(after) == _entropies(before)
    assert len(_entropies(after)) == 3


def _entropies(text: str) -> list[str]:
    return re.findall(r"entropy [0-9.]+ bits", text)


def test_an_upload_is_predicted_and_another_file_is_named(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value(
        [("red.png", RED_PNG, "image/png"), ("notes.txt", b"hello", "text/plain")]
    ).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert "red.png · true label unknown" in all_words(app)
    assert app.error[0].value == "notes.txt is not a whole PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or AVIF image."


def test_what_had_to_be_assumed_is_told_beside_the_image(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    floats = Image.new("F", (48, 40), 0.5)
    app.file_uploader(key="uploader").set_value([("floats.tif", encode(floats, "TIFF"), "image/tiff")]).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert "32-bit float samples without a stated range; 0 to 1 was assumed." in all_words(app)


@pytest.mark.parametrize(("size", "shown"), [((480, 48), True), ((48, 40), False)])
def test_of_a_panorama_the_input_square_is_shown_by_itself(ready, size, shown):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value(
        [("wide.png", encode(Image.new("RGB", size, "red"), "PNG"), "image/png")]
    ).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert len(app.get("image")) == 1 + shown


def test_an_upload_survives_a_look_at_the_samples(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("red.png", RED_PNG, "image/png")]).run()
    app.selectbox(key="source").set_value("Photographs from Foolbox").run()
    app.selectbox(key="source").set_value("Upload").run()
    assert "red.png" in all_words(app)


def test_many_images_get_a_table_and_an_interval(ready):
    app = open_page()
    app.multiselect(key="images").set_value(app.multiselect(key="images").options[:3]).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    table = app.dataframe[0].value
    assert list(table.columns) == ["Image", "True label", *(spec.title for spec in ready)]
    assert len(table) == 3
    assert "n = 3" in all_words(app)


def test_a_markdown_name_stays_a_name(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("**bold** [x] `y`.png", RED_PNG, "image/png")]).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert any(r"\*\*bold\*\*" in element.value for element in app.markdown)


def test_weights_that_vanish_are_said_and_can_be_tried_again(ready, tmp_path):
    app = open_page()
    run_until(app, lambda app: "LIVE" in all_words(app))
    for spec in ready:
        (tmp_path / "weights" / spec.weights.name).unlink()
    app.run()
    assert not app.exception
    assert "No ImageNet model is ready" in all_words(app)


def test_fog_changes_the_predictions_and_says_that_it_is_live(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    app.selectbox(key="corruption").set_value("Fog")
    app.slider(key="severity").set_value(4).run()
    run_until(app, lambda app: "Fog, severity 4; n = 1" in all_words(app))
    assert "live corruption, not stored ImageNet-C" in all_words(app)


def test_frost_says_what_it_is_made_of(ready):
    app = open_page(corruption="Frost", severity="2")
    made_of = frost_source().protocol
    run_until(app, lambda app: f"Frost, severity 2; {made_of}; n = 1" in all_words(app))
    assert f"not stored ImageNet-C. {made_of[:1].upper()}{made_of[1:]}." in all_words(app)


def test_the_strip_has_every_severity_and_every_model(ready):
    app = open_page(more="Severity strip")
    for spec in ready:  # on its card, and under each of six images
        title = plain(spec.title)
        run_until(app, lambda app, title=title: sum(title in element.value for element in app.markdown) == 7)


def test_a_link_alone_starts_no_expensive_work(ready):
    app = open_page(more="Corruption grid")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert not queue("device").active()
    assert "One image, live corruption" not in all_words(app)
    button(app, "Run: 76 images").click().run()
    run_until(app, lambda app: all_words(app).count("One image, live corruption") == 2)
    assert all_words(app).count(f"not a stored data set; {frost_source().protocol}.") == 2


def test_imagenet_c_bar_has_a_grid_of_its_own(ready):
    app = open_page(more="Corruption grid", grid="ImageNet-C-bar")
    run_until(app, lambda app: any(one.label == "Run: 51 images for each model" for one in app.button))


def test_a_corruption_of_imagenet_c_bar_is_named_as_such(ready):
    app = open_page(corruption="ImageNet-C-bar: Plasma noise", severity="3")
    run_until(app, lambda app: "Plasma noise, severity 3; n = 1" in all_words(app))
    assert "live corruption, not stored ImageNet-C-bar" in all_words(app)


def test_a_sequence_is_played(ready):
    app = open_page(more="Sequence", sequence="Brightness")
    run_until(app, lambda app: any(one.label == "Run the sequence" for one in app.button))
    button(app, "Run the sequence").click().run()
    run_until(app, lambda app: "of 30 comparisons" in all_words(app))


def test_unknown_words_in_a_link_are_named(ready):
    app = open_page(corruption="Locusts", more="Everything", world="Mars")
    words = all_words(app)
    for value in ("Locusts", "Everything", "Mars"):
        assert f"“{value}”. It is ignored." in words


def test_imagenet_a_is_compared_among_its_200_classes_unless_asked_otherwise(ready, data):
    write_by_wnid(data / "imagenet-a", drawings(2, IMAGENET_A))
    app = open_page(source="ImageNet-A")
    run_until(app, lambda app: "predictions compared among 200 classes; n = 1" in all_words(app))
    app.session_state["compared"] = "all 1,000"
    app.run()
    assert "predictions compared among" not in all_words(app)


def test_the_protocols_of_data_sets_do_not_bind_the_models_of_mini(data):
    write_by_wnid(data / "imagenet-a", drawings(2, IMAGENET_A))
    app = open_page(world="Mini", source="ImageNet-A")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert not app.exception
    assert "compared among" not in all_words(app)


def test_the_same_image_stays_when_the_stored_severity_changes(ready, data):
    for severity in ("3", "4"):
        write_by_wnid(data / "imagenet-c" / "fog" / severity, drawings(2))
    app = open_page(source="ImageNet-C")
    app.multiselect(key="images").set_value(["drawing_0001.png"]).run()
    app.session_state["stored_severity"] = "4"
    app.run()
    assert app.multiselect(key="images").value == ["drawing_0001.png"]


def test_images_are_drawn_by_a_seed(ready):
    app = open_page()
    app.number_input(key="drawn_n").set_value(3)
    app.number_input(key="drawn_seed").set_value(5).run()
    button(app, "Draw").click().run()
    drawn = app.multiselect(key="images").value
    assert len(drawn) == 3
    assert drawn != app.multiselect(key="images").options[:3]
    again = open_page()
    again.number_input(key="drawn_n").set_value(3)
    again.number_input(key="drawn_seed").set_value(5).run()
    button(again, "Draw").click().run()
    assert again.multiselect(key="images").value == drawn


def test_stored_imagenet_c_is_cropped_and_not_resized(ready, data):
    write_by_wnid(data / "imagenet-c" / "fog" / "3", drawings(2))
    app = open_page(source="ImageNet-C")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert app.selectbox(key="stored").value == "fog"
    (collection,) = [one for one in samples.list_collections() if one.title == "ImageNet-C"]
    shown = samples.read(samples.list_samples(collection.key, condition="fog/3")[0].id)
    assert shown.centre_crop_only
    jobs = app.session_state["job_slots"]
    for spec in ready:
        expected = PredictionsRequest((spec,), ImageSet.of([shown]))
        assert jobs[f"what_if:{spec.key}"].key == expected.key
        assert PredictionsRequest((spec,), ImageSet.of([replace(shown, centre_crop_only=False)])).key != expected.key


# ReaL labels


def test_a_validation_image_is_judged_by_its_real_labels_as_well(ready):
    """Known by its file name alone: image 3 has the labels 230 and 231, of image 1 nobody found any, and a photo of
    another name is no validation image.
    """
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    files = [("ILSVRC2012_val_00000003.JPEG", "blue"), ("ILSVRC2012_val_00000001.png", "red"), ("red.png", "green")]
    app.file_uploader(key="uploader").set_value(
        [(name, encode(Image.new("RGB", (48, 40), colour), "PNG"), "image/png") for name, colour in files]
    ).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    text = all_words(app)
    assert "ReaL labels, by the file's name: **Shetland sheepdog**, **collie**." in text
    assert "By the ReaL labels " in text
    assert "among the ReaL labels" in text
    overview = next(frame.value for frame in app.dataframe if "ReaL labels" in frame.value)
    assert overview["ReaL labels"].fillna("-").tolist() == ["Shetland sheepdog, collie", "none: left out", "-"]
    assert any(re.search("ReaL accuracy [01] of 1 ", caption.value) for caption in app.caption)
    look_at(app, "ILSVRC2012_val_00000001.png")
    run_until(app, lambda app: "ReaL leaves this image out" in all_words(app))
    look_at(app, "red.png")
    run_until(app, lambda app: "red.png · true label unknown" in all_words(app))
    assert "ReaL leaves" not in all_words(app)
    assert "By the ReaL" not in all_words(app)
