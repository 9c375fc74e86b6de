"""What the What if page says about the whole set: calibration and unknown images, without a browser."""

import numpy as np
import pytest
from PIL import Image

from robust_core import data as samples
from robust_core.corruptions import frost_photos
from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.events import result_of
from robust_core.jobs import queue
from robust_core.studies import calibration, ood
from robust_core.studies.calibration import CalibrationRequest
from robust_core.studies.ood import OodRequest
from tests.image_file_samples import encode
from tests.pages.opening import all_words, button, open_page, run_until

TITLES = [one.title for one in samples.list_samples("foolbox")][:8]
IMAGES = {"images": TITLES}


def run_section(name, **parameters):
    app = open_page(more_all=name, **IMAGES, **parameters)
    run_until(app, lambda app: "Predictions as CSV" in [one.label for one in app.download_button])
    assert not queue("device").active(), "a link alone starts nothing expensive"
    button(app, "Run: 8 images for each model").click().run()
    return run_until(app, lambda app: "In brackets are 95% intervals" in all_words(app))


def photos():
    return ImageSet.of(
        [samples.read(one.id) for one in samples.list_samples("foolbox")[:8]], "Photographs from Foolbox"
    )


def table(app):
    return app.dataframe[-1].value


def test_calibration_is_that_of_the_study_for_every_model(ready):
    app = run_section("Calibration", corruption="Fog", severity="3", as_stored="true")
    found = table(app)
    assert found["Model"].to_list() == [spec.title for spec in ready for _ in range(3)]
    assert found["Images"].to_list() == ["all", "held-out half", "held-out half"] * 2
    assert found["n"].to_list() == [8, 4, 4] * 2
    condition = calibration.Condition("fog", 3, 0, as_stored=True)
    whole = result_of(calibration.run(CalibrationRequest((ready[0],), photos(), condition))).by_model[0].whole
    assert found["ECE"][0].startswith(f"{whole.ece.estimate:.1%} [")
    words = all_words(app)
    assert "15 bins of equal width (Guo et al. 2017); Fog, severity 3; JPEG of quality 85, as stored." in words
    assert words.count("Scaling by T = ") == 2
    assert words.count("With 8 images, chance alone adds to the ECE") == 2
    assert not app.exception


def test_unknown_images_are_told_apart_as_in_the_study(ready):
    app = run_section("Unknown images", unknown="Blobs", n_unknown="5")
    found = table(app)
    request = OodRequest((ready[0],), photos(), SyntheticUnknown("blobs", 5))
    energy = result_of(ood.run(request)).by_model[0].by_score["energy"]
    assert found["AUROC"][2].startswith(f"{energy.auroc.estimate:.1%} [")
    assert found["n unknown"].to_list() == [5] * 6
    assert "Unknown: Blobs (blurred coin flips, black below 0.75), seed 0." in all_words(app)
    assert "nothing like photos" in all_words(app)
    app.session_state["score"] = "Negative energy, T = 1"
    app.run()
    assert f"AUROC {energy.auroc.estimate:.1%}. At least 95%" in all_words(app)
    assert not app.exception


def test_a_folder_of_unknown_things_is_offered(ready, tmp_path, monkeypatch):
    (tmp_path / "data" / "things").mkdir(parents=True)
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (48, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "data" / "things" / f"{number}.png")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = run_section("Unknown images", unknown="things")
    assert table(app)["n unknown"].to_list() == [3] * 6
    assert "nothing like photos" not in all_words(app)
    assert "Photographs from Foolbox" not in app.selectbox(key="unknown").options, "these are the known ones"


def test_uploads_can_be_the_unknown_ones(ready):
    app = open_page(more_all="Unknown images", unknown="Uploaded images", **IMAGES)
    run_until(app, lambda app: "Nothing is uploaded yet" in all_words(app))
    app.selectbox(key="source").set_value("Upload").run()
    files = [(f"{name}.png", encode(Image.new("RGB", (48, 40), name), "PNG"), "image/png") for name in ("red", "blue")]
    app.file_uploader(key="uploader").set_value(files).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    app.selectbox(key="source").set_value("Photographs from Foolbox").run()
    app.multiselect(key="images").set_value(TITLES).run()
    app.session_state["unknown"] = "Uploaded images"
    app.run()
    button(app, "Run: 8 images").click().run()
    run_until(app, lambda app: "In brackets are 95% intervals" in all_words(app))
    assert table(app)["n unknown"].to_list() == [2] * 6


@pytest.mark.parametrize("section", ["Calibration", "Unknown images"])
def test_one_image_is_too_few_and_that_is_said(ready, section):
    app = run_until(open_page(more_all=section), lambda app: "LIVE" in all_words(app))
    assert "This takes more than one image; choose more under “More”." in all_words(app)
    assert not any(one.label.startswith("Run: ") for one in app.button)


def test_images_without_labels_cannot_be_calibrated_and_that_is_said(ready):
    app = open_page(more_all="Calibration")
    app.selectbox(key="source").set_value("Upload").run()
    files = [(f"{name}.png", encode(Image.new("RGB", (48, 40), name), "PNG"), "image/png") for name in ("red", "blue")]
    app.file_uploader(key="uploader").set_value(files).run()
    run_until(app, lambda app: any(one.label.startswith("Run: ") for one in app.button))
    button(app, "Run: 2 images").click().run()
    run_until(app, lambda app: "0 of 2 images have a label that" in all_words(app))


def test_other_words_in_a_link_are_named(ready):
    words = all_words(open_page(more_all="Everything"))
    assert "“Everything”. It is ignored." in words
    assert "“Noises”. It is ignored." in all_words(open_page(more_all="Unknown images", unknown="Noises", **IMAGES))


def test_frost_and_the_jpeg_of_the_stored_sets_are_said_beside_the_numbers(ready, monkeypatch):
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    app = open_page(corruption="Frost", severity="2", as_stored="true")
    run_until(
        app, lambda app: "Frost, severity 2; procedural frost; JPEG of quality 85, as stored; n = 1" in all_words(app)
    )
    assert "Procedural frost; JPEG of quality 85, as stored." in all_words(app)
    requests = [job.key for slot, job in app.session_state["job_slots"].items() if slot.startswith("what_if:first")]
    assert all('"frost": "procedural frost"' in key[2] and '"as_stored": true' in key[2] for key in requests)


def test_the_jpeg_is_off_at_first_and_a_switch_that_is_none_is_named(ready):
    app = run_until(open_page(corruption="Fog", severity="2"), lambda app: "Fog, severity 2; n = 1" in all_words(app))
    assert app.toggle(key="as_stored").value is False
    assert "“maybe”. It is ignored." in all_words(open_page(as_stored="maybe"))
