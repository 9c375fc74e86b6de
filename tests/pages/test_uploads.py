"""Uploads without a browser: many, in archives, labelled, removed, and after the server has lost them."""

import io
import re
import zipfile

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from robust_core.data.uploads import Note
from robust_core.jobs import queue
from robust_core.labels import CLASSES, IMAGENET
from robust_core.ui import uploads
from robust_core.ui.uploads import enumerated, in_sentences
from tests.image_file_samples import encode
from tests.pages.opening import PAGES, all_words, button, look_at, open_page, run_until


def png(seed: int) -> bytes:
    return encode(np.random.default_rng(seed).integers(0, 256, (40, 48, 3), dtype=np.uint8), "PNG")


def one(name: str, data: bytes) -> tuple[str, bytes, str]:
    return name, data, "application/octet-stream"


def zipped(members) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def bring(app, *files):
    app.file_uploader(key="uploader").set_value(list(files)).run()
    return run_until(app, lambda app: not app.session_state["uploads"].batch)


def opened(page="what_if", **link):
    return open_page(PAGES[page], source="Upload", **link)


def turn_to(app, page):
    """To another page by the menu; a browser keeps the source on the way, AppTest does not."""
    app.switch_page(str(PAGES[page]))
    app.session_state["source"] = "Upload"
    return app.run()


def live(app):
    return run_until(app, lambda app: "LIVE" in all_words(app))


def names_of(app) -> list[str]:
    return list(app.session_state["uploads"].digests().values())


def test_class_folders_of_an_archive_are_labels_with_a_tick_and_an_interval(ready):
    members = {f"{CLASSES[n].wnid}/{n}.png": png(n) for n in range(3)} | {"holiday/x.png": png(9)}
    app = live(bring(opened(world="ImageNet"), one("mine.zip", zipped(members))))
    table = app.dataframe[0].value
    assert list(table["True label"]) == [CLASSES[0].name, CLASSES[1].name, CLASSES[2].name, "unknown"]
    assert re.search(r"top\\?-1 \d of 3 ", all_words(app)), "top-1 is over the labelled ones"
    assert "interval: 95%, Wilson" in all_words(app)
    assert any(note.value.startswith("“holiday” is a folder that names no class") for note in app.info)


def test_a_file_that_is_no_image_leaves_the_images_as_they_were(ready):
    label = "bull mastiff"
    app = run_until(open_page(PAGES["what_if"], world="ImageNet"), lambda app: label in all_words(app))
    bring(app, one("notes.jpg", b"hello"))
    assert "notes.jpg is not a whole" in all_words(app)
    assert "the images that were chosen before are still here" in all_words(app)
    assert label in all_words(app)
    live(bring(app, one("a.png", png(0))))
    assert names_of(app) == ["a.png"]
    assert "chosen before" not in all_words(app)
    assert label not in all_words(app)


def test_a_page_that_began_with_uploads_has_no_images_to_go_back_to(ready):
    app = bring(opened(world="Mini"), one("notes.jpg", b"hello"))
    assert "notes.jpg is not a whole" in all_words(app)
    assert not app.exception


def test_what_was_said_of_files_is_dismissed_and_the_images_stay(ready):
    app = live(bring(opened(world="ImageNet"), one("a.png", png(0)), one("notes.txt", b"hello")))
    assert "notes.txt is not a whole" in all_words(app)
    button(app, "Dismiss").click().run()
    assert "notes.txt" not in all_words(app)
    assert names_of(app) == ["a.png"]


def test_a_label_by_hand_counts_and_is_remembered_and_can_be_taken_back(ready):
    app = live(bring(opened(world="ImageNet"), one("a.png", png(0)), one("b.png", png(1))))
    digest = next(iter(app.session_state["uploads"].digests()))
    key = f"true_class:imagenet:{digest}"
    assert app.selectbox(key=key).value is None
    live(app.selectbox(key=key).set_value(207).run())
    assert f"true label: **{CLASSES[207].name}**" in all_words(app)
    assert list(app.dataframe[0].value["True label"]) == [CLASSES[207].name, "unknown"]
    look_at(app, "b.png")
    assert key not in {one.key for one in app.selectbox}
    look_at(app, "a.png")
    assert app.selectbox(key=key).value == 207
    app.selectbox(key=key).set_value(None).run()
    assert "true label unknown" in all_words(live(app))


def test_a_label_given_in_imagenets_words_has_a_category_in_the_other_world():
    app = live(bring(opened(world="Mini"), one("a.png", png(0))))
    digest = next(iter(app.session_state["uploads"].digests()))
    app.session_state["uploads"].labels[digest, IMAGENET] = 207
    live(app.run())
    assert "true label: **dog**" in all_words(app)
    assert len(app.selectbox(key=f"true_class:mini:{digest}").options) == 17


def test_many_images_are_looked_at_one_by_one_and_predicted_on_demand(ready):
    app = live(bring(opened(world="ImageNet"), *(one(f"f{n}.png", png(n)) for n in range(40))))
    assert "n = 1." in all_words(app), "only the one that is looked at"
    assert not app.dataframe
    look_at(app, "f1.png")
    assert "f1.png · true label unknown" in all_words(app)
    button(app, "Predict all 40 images").click().run()
    run_until(app, lambda app: app.dataframe)
    assert list(app.dataframe[0].value["Image"]) == [f"f{n}.png" for n in range(40)]
    look_at(app, "f39.png")
    run_until(app, lambda app: "f39.png · true label unknown" in all_words(app))


def test_the_whole_set_waits_part_by_part_and_can_be_cancelled(ready, monkeypatch):
    from robust_core.ui.what_if import whole_set

    monkeypatch.setattr(whole_set, "PART", 4)
    app = live(bring(opened(world="ImageNet"), *(one(f"f{n}.png", png(n)) for n in range(100, 140))))
    button(app, "Predict all 40 images").click().run()
    parts = [slot for slot in app.session_state["job_slots"] if slot.startswith("all_images:")]
    assert sum(app.session_state["job_slots"][slot].active for slot in parts) <= 1


def test_removed_files_are_forgotten_and_what_came_before_another_page_stays(ready):
    app = bring(opened(world="ImageNet"), one("a.png", png(0)), one("b.png", png(1)))
    app.file_uploader(key="uploader").set_value([one("b.png", png(1))]).run()
    run_until(app, lambda app: not app.session_state["uploads"].batch)
    assert names_of(app) == ["b.png"]
    turn_to(app, "models")
    turn_to(app, "what_if")
    assert names_of(app) == ["b.png"]
    bring(app, one("c.png", png(2)))
    assert names_of(app) == ["b.png", "c.png"]
    button(app, "Remove them").click().run()
    assert names_of(app) == ["c.png"]
    assert len(app.session_state["uploads"].held) == 1


def test_streamlit_keeps_no_bytes_of_what_was_read(ready, monkeypatch):
    managers = []
    add = MemoryUploadedFileManager.add_file
    monkeypatch.setattr(
        MemoryUploadedFileManager,
        "add_file",
        lambda self, *args, **kwargs: (managers.append(self), add(self, *args, **kwargs)),
    )
    app = bring(opened(world="ImageNet"), one("a.png", png(0)))
    assert names_of(app) == ["a.png"]
    assert managers
    assert not managers[-1].get_stats()


def test_files_beyond_the_limit_are_named(ready, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_TOTAL_BYTES", 2 * len(png(0)) + 100)
    app = bring(opened(world="ImageNet"), *(one(f"f{n}.png", png(n)) for n in range(3)))
    assert names_of(app) == ["f0.png", "f1.png"]
    assert "f2.png was left out, since a session takes at most 0 MB of files." in app.error[0].value


def test_images_that_others_needed_the_memory_for_are_told(ready):
    app = live(bring(opened(world="ImageNet"), one("a.png", png(0)), one("b.png", png(1))))
    held, digests = app.session_state["uploads"].held, list(app.session_state["uploads"].digests())
    held.keep_only(digests[1:])
    app.run()
    assert app.error[0].value == "a.png was dropped, since other visitors needed the memory; upload it again."
    bring(app, one("b.png", png(1)), one("a again.png", png(0)))
    assert not app.error


def test_a_page_without_an_image_shows_the_progress_and_then_the_image(ready, monkeypatch):
    monkeypatch.setattr("robust_core.ui.jobs.PATIENCE_SECONDS", 0.0)
    app = opened(world="ImageNet")
    app.file_uploader(key="uploader").set_value([one(f"f{n}.png", png(n)) for n in range(2)]).run()
    assert "Choose or upload at least" not in all_words(app) or not app.session_state["uploads"].batch
    live(app)
    assert not queue("images").active()


@pytest.mark.parametrize("page", ["attributions", "features", "shape_or_texture", "pgd_steps"])
def test_every_page_takes_many_uploads(ready, page):
    app = opened(
        page, world="ImageNet", **({"tab": "One", "stimulus": "Any image"} if page == "shape_or_texture" else {})
    )
    if page == "features":
        app.session_state["experiment"] = "Input gradient"
        app.run()
    bring(app, *(one(f"f{n}.png", png(n)) for n in range(14)))
    assert not app.exception
    assert not app.error, app.error


def test_pgd_counts_labels_and_leaves_out_the_target(ready):
    app = opened("pgd_steps", world="ImageNet")
    bring(app, one("mine.zip", zipped({f"{CLASSES[n].wnid}/{n}.png": png(n) for n in range(2)} | {"x.png": png(5)})))
    assert "3 of the 3 uploaded images; the true class of 2 is known." in all_words(app)
    app.session_state["aim"], app.session_state["target"] = "Chosen class", CLASSES[0].name
    app.run()
    assert "2 of the 3 uploaded images; the true class of 1 is known." in all_words(app)


def test_notes_name_five_and_count_the_rest():
    assert enumerated(["a"] * 5) == "a, a, a, a, a"
    assert enumerated(["a"] * 7) == "a, a, a, a, a and 2 more"
    assert in_sentences([Note("a.png", "is empty"), Note("b.png", "is large"), Note("c.png", "is empty")]) == [
        "Each of these is empty: a.png, c.png.",
        "b.png is large.",
    ]
    assert in_sentences([Note("a", f"is {n}") for n in range(8)])[5:] == ["And 3 more such notes."]
