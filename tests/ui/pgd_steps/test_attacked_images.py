"""Which set the controls describe, seen through the page (no browser: AppTest)."""

import pytest
from streamlit.testing.v1 import AppTest

from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import NAMES, read_synthetic
from robust_core.labels import IMAGENET, MINI
from robust_core.ui.server import warmup
from tests.benchmark.trees import drawn_tree
from tests.pages.opening import PAGES, all_words, open_page

pytestmark = pytest.mark.usefixtures("own_cache")


def choose(avoid: int | None = None, **state) -> ImageSet:
    """What `choose_images` gives when the sidebar and the controls hold `state`."""

    def script():
        import streamlit as st

        from robust_core.ui.pgd_steps import attacked_images as pgd_images

        st.session_state["chosen"] = pgd_images.choose_images(st.session_state["avoid"])

    app = AppTest.from_function(script, default_timeout=30)
    for key, value in {"avoid": avoid, **state}.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception, app.exception
    return app.session_state["chosen"]


def drawn(**state) -> ImageSet:
    return choose(world_chosen=MINI, source="Synthetic images", **state)


def foolbox(**state) -> ImageSet:
    return choose(world_chosen=IMAGENET, source="Photographs from Foolbox", **state)


def test_synthetic_images_take_the_categories_in_turn_and_are_labelled_by_shape():
    images = drawn(n=20, set_seed=0)
    assert images.names == (*NAMES, *NAMES[:4])
    for place in (0, 17):
        image = images.read(images.ids[place])
        assert (image.label, image.label_space) == (place % 16, MINI)


def test_fewer_images_are_the_beginning_of_more_and_another_seed_shares_none():
    assert drawn(n=5).ids == drawn(n=64).ids[:5]
    assert not set(drawn(n=64, set_seed=1).ids) & set(drawn(n=64, set_seed=0).ids)
    assert len(set(drawn(n=64).ids)) == 64


def test_images_of_the_class_that_all_are_to_become_are_left_out():
    without = drawn(n=20, set_seed=0, avoid=NAMES.index("dog"))
    assert "dog" not in without.names
    assert without.names == (*(name for name in NAMES if name != "dog"), *NAMES[:5])
    assert "15 categories in turn" in without.rule
    every = foolbox(n=20, set_seed=3)
    label = every.read(every.ids[0]).label
    assert foolbox(n=20, set_seed=3, avoid=label).ids == every.ids[1:]


def test_the_scene_is_the_sidebars():
    assert drawn(n=1, scene="hard").ids == ("mini/hard/airplane/airplane/0",)
    assert read_synthetic("mini/hard/airplane/airplane/0").label == 0


def test_images_are_drawn_by_the_printed_rule():
    images = foolbox(n=6, set_seed=2)
    assert len(set(images.ids)) == 6
    assert images.ids == foolbox(n=6, set_seed=2).ids
    assert images.ids != foolbox(n=6, set_seed=3).ids
    assert "6 of the 20 images" in images.rule
    assert "SHA-256" in images.rule
    assert "count as errors" in images.rule


def test_more_than_there_are_gives_all():
    assert len(foolbox(n=64).ids) == 20


@pytest.mark.parametrize(("only", "count"), [(True, 1), (False, 20)])
def test_the_class_of_the_sidebar_counts_only_when_asked_for(only, count):
    state = {"class": foolbox(n=20).names[0].rsplit(" (", 1)[0], "only_class": only}
    assert len(foolbox(n=20, **state).ids) == count


def test_uploads_say_that_their_labels_are_unknown():
    images = choose(world="ImageNet", source="Upload")
    assert images.ids == ()
    assert "clean prediction stands in" in images.rule


@pytest.mark.parametrize(
    ("source", "condition", "link"),
    [("ImageNet-C", "fog/3", {"stored_severity": "3"}), ("ImageNet-P", "brightness", {})],
)
def test_a_stored_condition_is_the_sidebars(ready, tmp_path, monkeypatch, source, condition, link):
    warmup.wait()
    drawn_tree(tmp_path / "data", 3, corruptions=["fog"], severities=(2, 3), perturbations=["brightness"])
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(PAGES["pgd_steps"], world="ImageNet", source=source, **link)
    assert not app.error
    assert f"3 of the 3 images of {source} · {condition}." in all_words(app)
