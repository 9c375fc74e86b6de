"""Every page opens alone, twice, and says what to do when there is nothing to work with (no browser: AppTest)."""

import io
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.models.spec import WeightFile
from robust_core.ui import warmup
from robust_core.ui.words import plain
from tests.loopback import serving
from tests.models.rows import tiny_spec

ROOT = Path(__file__).resolve().parent.parent
SHELL = str(ROOT / "robust_core" / "ui" / "shell.py")
PAGES = sorted((ROOT / "pages").rglob("*.py"))
WHAT_IF = ROOT / "pages" / "live" / "what_if.py"
WAIT_SECONDS = 60


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)


@pytest.fixture
def ready(tmp_path, monkeypatch, request):
    """A table of two tiny models whose weights are there; keys of their own, since jobs are remembered by key."""
    specs = tuple(tiny_spec(tmp_path / "weights", f"{name}_{abs(hash(request.node.name))}", seed=n) for n, name in enumerate(("first", "second")))
    monkeypatch.setattr(catalogue, "TABLE", specs)
    return specs


def open_page(path: Path = WHAT_IF, **parameters: str) -> AppTest:
    app = AppTest.from_file(SHELL, default_timeout=WAIT_SECONDS)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(str(path)).run()


def run_until(app: AppTest, holds) -> AppTest:
    """Rerun, as the page's own timer would, until `holds(app)`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds(app):
        assert time.monotonic() < deadline, app
        app.run()
    return app


def all_words(app: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (app.markdown, app.caption, app.info, app.error, app.warning, app.success) for element in kind)


def png(colour="red", size=(48, 40)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_page_opens_alone_and_twice_without_any_model(page, monkeypatch):
    monkeypatch.setattr(catalogue, "TABLE", catalogue.TABLE[:8])
    app = open_page(page)
    for _ in range(2):
        assert not app.exception, app.exception[0].value
        assert app.title
        app.run()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_page_opens_alone_and_twice_with_models(page, ready):
    app = open_page(page)
    for _ in range(2):
        assert not app.exception, app.exception[0].value
        app.run()


def test_without_models_the_page_offers_the_two_smallest_steps():
    app = open_page(world="ImageNet")
    assert "No ImageNet model is ready on this machine yet" in app.info[0].value
    assert any(button.label.startswith("Download 10") for button in app.button), "ResNet-50 has 102 MB"
    assert "python -m robust_core.models import FILE" in app.code[0].value


def test_two_models_answer_about_the_first_sample(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    text = all_words(app)
    assert "true label: **bull mastiff**" in text
    assert "entropy" in text
    assert "of 2 right" in text


def test_an_upload_is_answered_and_another_file_is_named(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("red.png", png(), "image/png"), ("notes.txt", b"hello", "text/plain")]).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert "red.png · true label unknown" in all_words(app)
    assert app.error[0].value == "notes.txt is not a whole PNG, JPEG, WebP, BMP, TIFF or GIF picture."


def test_an_upload_survives_a_look_at_the_samples(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("red.png", png(), "image/png")]).run()
    app.selectbox(key="source").set_value("Photographs from Foolbox").run()
    app.selectbox(key="source").set_value("Upload").run()
    assert "red.png" in all_words(app)


def test_many_pictures_get_a_table_and_an_interval(ready):
    app = open_page()
    app.multiselect(key="pictures").set_value(app.multiselect(key="pictures").options[:3]).run()
    run_until(app, lambda app: "LIVE" in all_words(app))
    table = app.dataframe[0].value
    assert list(table.columns) == ["Picture", "True label", *(spec.title for spec in ready)]
    assert len(table) == 3
    assert "n = 3" in all_words(app)


def test_a_markdown_name_stays_a_name(ready):
    app = open_page()
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([("**bold** [x] `y`.png", png(), "image/png")]).run()
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


@pytest.fixture
def downloadable(tmp_path, monkeypatch, request):
    """A table of one tiny model whose weights a server on this machine has."""
    spec = tiny_spec(tmp_path / "elsewhere", f"remote_{abs(hash(request.node.name))}")
    content = (tmp_path / "elsewhere" / spec.weights.name).read_bytes()
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(content) as server:
        weights = WeightFile(server.url, spec.weights.sha256, len(content), "none", "a test")
        spec = replace(spec, weights=weights)
        monkeypatch.setattr(catalogue, "TABLE", (spec,))
        yield spec, server


def state_of(app: AppTest) -> str:
    return app.dataframe[0].value["State"].iloc[0]


def models_page() -> AppTest:
    return open_page(ROOT / "pages" / "evidence" / "models.py", world="ImageNet")


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label.startswith(label))


def test_a_model_is_downloaded_verified_and_removed(downloadable):
    spec, _ = downloadable
    app = models_page()
    assert state_of(app) == "not downloaded"
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    assert spec.title in app.multiselect(key="models").options or run_until(app, lambda app: spec.title in app.multiselect(key="models").options)
    button(app, "Verify").click().run()
    run_until(app, lambda app: app.success)
    assert spec.weights.sha256 in app.success[0].value
    button(app, "Remove").click().run()
    assert state_of(app) == "not downloaded"
    assert "were removed" in all_words(app)


def test_a_failed_download_says_why_and_works_when_tried_again(downloadable):
    _, server = downloadable
    server.status = 503
    app = models_page()
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app).startswith("failed: "))
    assert "503" in all_words(app)
    server.status = None
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")


def test_a_download_is_cancelled_and_goes_on_where_it_stopped(downloadable):
    spec, server = downloadable
    server.stall_after = 5000
    app = models_page()
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app).startswith("downloading"))
    button(app, "Cancel").click().run()
    run_until(app, lambda app: state_of(app) == "not downloaded")
    server.stall_after = None
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    assert any("Range" in headers for headers in server.asked)


def test_nothing_is_left_in_the_queues():
    for name in ("device", "download"):
        assert not queue(name).active()


def test_fog_changes_the_answers_and_says_that_it_is_live(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    app.selectbox(key="corruption").set_value("Fog")
    app.slider(key="severity").set_value(4).run()
    run_until(app, lambda app: "Fog, severity 4; n = 1" in all_words(app))
    assert "live corruption, not stored ImageNet-C" in all_words(app)


def test_frost_says_what_it_is_made_of(ready):
    app = open_page(corruption="Frost", severity="2")
    run_until(app, lambda app: "Frost, severity 2; n = 1" in all_words(app))
    assert "frost" in all_words(app).split("Frost: ")[1][:60]


def test_the_strip_has_every_severity_and_every_model(ready):
    app = open_page(more="Severity strip")
    for spec in ready:  # on its card, and under each of six pictures
        title = plain(spec.title)
        run_until(app, lambda app, title=title: sum(title in element.value for element in app.markdown) == 7)


def test_a_link_alone_starts_no_expensive_work(ready):
    app = open_page(more="Fingerprint")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert not queue("device").active()
    assert "One picture, live corruption" not in all_words(app)
    button(app, "Run: 76 pictures").click().run()
    run_until(app, lambda app: all_words(app).count("One picture, live corruption") == 2)


def test_a_sequence_is_played(ready):
    app = open_page(more="Sequence", sequence="Brightness")
    run_until(app, lambda app: any(one.label == "Run the sequence" for one in app.button))
    button(app, "Run the sequence").click().run()
    run_until(app, lambda app: "of 30 comparisons" in all_words(app))


PGD = ROOT / "pages" / "live" / "pgd_steps.py"


@pytest.fixture
def small_attack(ready):
    """The PGD page with two tiny models and a short attack on four photographs, torch being there."""
    warmup.wait()
    app = open_page(PGD, world="ImageNet")
    app.slider(key="n").set_value(4)
    return app.slider(key="steps").set_value(5).run()


def run_the_attack(app: AppTest) -> AppTest:
    button(app, "Run").click().run()
    return run_until(app, lambda app: "What does the attack do to a picture?" in [one.value for one in app.subheader])


def test_an_attack_says_its_protocol_its_n_and_that_it_is_an_upper_bound(small_attack):
    words = all_words(run_the_attack(small_attack))
    assert "LIVE" in words
    assert "L∞, ε 4/255, step 0.4/255, 5 steps, untargeted, from the clean picture, seed 0; n = 4" in words
    assert "Accuracy under PGD-k is an upper bound on robust accuracy" in words
    assert "Steps × step size is less than ε" in words, "5 steps of ε/10"
    assert "4 of the 20 pictures" in words


def test_no_attack_begins_by_itself(small_attack):
    assert "job_slots" not in small_attack.session_state or not any(
        slot.startswith("pgd") for slot in small_attack.session_state["job_slots"]
    )
    assert not button(small_attack, "Run").disabled


def test_survivors_and_fallen_make_up_all_pictures(small_attack):
    app = run_the_attack(small_attack)
    counts = []
    for which in ("Survived", "Fell", "All"):
        app.segmented_control(key="at_which").set_value(which).run()
        counts.append(len(app.dataframe[0].value))
    assert counts[0] + counts[1] == counts[2] == 4


def test_changed_settings_keep_the_last_run_and_ask_for_another(small_attack):
    app = run_the_attack(small_attack)
    assert button(app, "Run").disabled
    app.select_slider(key="eps").set_value("8/255").run()
    assert "The settings have changed" in all_words(app)
    assert "ε 4/255" in all_words(app)
    assert not button(app, "Run").disabled


def test_another_reading_needs_no_other_run(small_attack):
    app = run_the_attack(small_attack)
    app.selectbox(key="reading").set_value("Last iterate").run()
    assert "read as “Last iterate”" in all_words(app)
    assert button(app, "Run").disabled


def test_the_papers_protocol_fixes_all_but_steps_and_seed(small_attack):
    app = small_attack
    app.segmented_control(key="protocol").set_value("Orhan 2019").run()
    assert "ε 15.3/255, step 2/255, 5 steps, targeted (random class), from a random start, not clipped, stops at success" in all_words(app)
    words = all_words(run_the_attack(app))
    assert "read as “The paper's protocol”" in words
    assert "harder than any wrong one" in words


def test_several_eps_run_in_one_job_and_the_page_looks_at_one(small_attack):
    app = small_attack
    app.segmented_control(key="against").set_value("ε").run()
    app.pills(key="eps_set").set_value(["4/255", "1/255"]).run()
    app = run_the_attack(app)
    assert len([slot for slot in app.session_state["job_slots"] if slot.startswith("pgd:")]) == 2
    assert "ε 4/255, step 0.4/255" in all_words(app)
    app.select_slider(key="at_eps").set_value("1/255").run()
    assert "ε 1/255, step 0.1/255" in all_words(app)


def test_the_papers_eps_are_run_by_its_protocol(small_attack):
    app = small_attack
    app.segmented_control(key="protocol").set_value("Orhan 2019")
    app.segmented_control(key="against").set_value("ε").run()
    assert "Each ε of 2.55/255, 5.1/255, 10.2/255, 15.3/255, 20.4/255, 25.5/255." in all_words(app)


def test_all_pictures_can_be_driven_to_a_chosen_class(small_attack):
    app = small_attack
    app.selectbox(key="aim").set_value("Chosen class").run()
    app.selectbox(key="target").set_value("goldfish").run()
    assert "targeted (goldfish)" in all_words(run_the_attack(app))


def test_an_l2_attack_from_random_starts(small_attack):
    app = small_attack
    app.segmented_control(key="norm").set_value("L2")
    app.segmented_control(key="start").set_value("Random in the ball").run()
    app.slider(key="restarts").set_value(2).run()
    assert "L2, ε 0.5, step 0.05, 5 steps, untargeted, from a random start, 2 restarts" in all_words(run_the_attack(app))


def test_unknown_words_in_a_link_are_named(ready):
    app = open_page(corruption="Locusts", more="Everything", world="Mars")
    words = all_words(app)
    for value in ("Locusts", "Everything", "Mars"):
        assert f"“{value}”. It is ignored." in words


def photograph_tree(root: Path, folder: str) -> None:
    """Two pictures of ImageNet-A classes in the layout of `folder`."""
    for wnid in ("n02077923", "n02110341"):
        (root / folder / wnid).mkdir(parents=True)
        (root / folder / wnid / "one.png").write_bytes(png(size=(300, 240)))


def test_imagenet_a_is_compared_among_its_200_classes_unless_asked_otherwise(ready, tmp_path, monkeypatch):
    photograph_tree(tmp_path / "data", "imagenet-a")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(source="ImageNet-A")
    run_until(app, lambda app: "answers compared among 200 classes; n = 1" in all_words(app))
    app.session_state["compared"] = "all 1,000"
    app.run()
    assert "answers compared among" not in all_words(app)


def test_the_protocols_of_data_sets_do_not_bind_the_drawn_worlds_models(tmp_path, monkeypatch):
    photograph_tree(tmp_path / "data", "imagenet-a")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(world="Mini", source="ImageNet-A")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert not app.exception
    assert "compared among" not in all_words(app)


def test_the_same_picture_stays_when_the_stored_severity_changes(ready, tmp_path, monkeypatch):
    for severity in ("3", "4"):
        photograph_tree(tmp_path / "data", f"imagenet-c/fog/{severity}")
        (tmp_path / "data" / "imagenet-c" / "fog" / severity / "n02077923" / "two.png").write_bytes(png("blue", (240, 240)))
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(source="ImageNet-C")
    app.multiselect(key="pictures").set_value(["two.png"]).run()
    app.session_state["stored_severity"] = "4"
    app.run()
    assert app.multiselect(key="pictures").value == ["two.png"]


def test_pictures_are_drawn_by_a_seed(ready):
    app = open_page()
    app.number_input(key="drawn_n").set_value(3)
    app.number_input(key="drawn_seed").set_value(5).run()
    button(app, "Draw").click().run()
    drawn = app.multiselect(key="pictures").value
    assert len(drawn) == 3
    assert drawn != app.multiselect(key="pictures").options[:3]
    again = open_page()
    again.number_input(key="drawn_n").set_value(3)
    again.number_input(key="drawn_seed").set_value(5).run()
    button(again, "Draw").click().run()
    assert again.multiselect(key="pictures").value == drawn


def test_stored_imagenet_c_is_cropped_and_not_resized(ready, tmp_path, monkeypatch):
    photograph_tree(tmp_path / "data", "imagenet-c/fog/3")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(source="ImageNet-C")
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert app.selectbox(key="stored").value == "fog"
    assert all(key[3] is True for key in (job.key for name, job in app.session_state["job_slots"].items() if name.startswith("what_if:")))
