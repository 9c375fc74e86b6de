"""`rc.calibration` and `rc.ood`: known answers, and what they refuse."""

import numpy as np
import pytest
from PIL import Image

import robust_core as rc
from robust_core.errors import BadInput

MINI = "mini_resnext"


@pytest.fixture(scope="module")
def images():
    return rc.load_images("mini", 12)


@pytest.fixture
def things(tmp_path):
    """A folder of two images without labels."""
    for value in (40, 200):
        Image.fromarray(np.full((64, 64, 3), value, np.uint8)).save(tmp_path / f"{value}.png")
    return tmp_path


def test_the_bins_hold_every_image_once_and_make_up_the_ece(images):
    found = rc.calibration(MINI, images, progress=False)
    bins = found.bins_frame.query("images == 'all'")
    assert len(bins) == 15
    assert bins["n"].sum() == 12
    gaps = (bins["mean_confidence"] - bins["accuracy_percent"] / 100).abs() * bins["n"] / 12
    assert found.frame["ece_percent"][0] == pytest.approx(100 * gaps.sum())


def test_the_known_against_themselves_are_chance(images):
    found = rc.ood(MINI, images, images, progress=False).frame
    assert found["auroc_percent"].to_list() == [50] * 3
    assert (found["low_percent"] < 50).all()
    assert (found["high_percent"] > 50).all()


@pytest.mark.parametrize("kind", ["blobs", "Blobs", "uniform noise", "Plain colours"])
def test_synthetic_images_are_found_by_key_and_title_and_are_as_many_as_the_known(images, kind):
    found = rc.ood(MINI, images, kind, progress=False)
    assert found.frame["n_unknown"].to_list() == [12] * 3
    assert found.is_synthetic


def test_a_folder_of_unknown_things_needs_no_labels(images, things):
    for given in (things, str(things), rc.load_images(things, labels=None)):
        found = rc.ood(MINI, images, given, progress=False)
        assert found.frame["n_unknown"].to_list() == [2] * 3
        assert not found.is_synthetic


@pytest.mark.parametrize(
    ("unknown", "options", "sentence"),
    [
        ("plaid", {}, "no set of unknown images called 'plaid'"),
        ("foolbox", {"n": 3}, "n counts synthetic images"),
        ("blobs", {"n": 0}, "n must be"),
        ("blobs", {"seed": -1}, "seed must be"),
        (7, {}, "Expected a folder, arrays or a list of images"),
    ],
)
def test_what_is_no_unknown_set_is_refused_with_a_sentence(images, unknown, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        rc.ood(MINI, images, unknown, progress=False, **options)


def test_calibration_needs_labels(things):
    with pytest.raises(BadInput, match="0 of 2 images have a label that mini_resnext knows"):
        rc.calibration(MINI, rc.load_images(things, labels=None), progress=False)


def test_events_come_one_by_one(images):
    for work in (rc.stream.calibration(MINI, images), rc.stream.ood(MINI, images, "blobs", 3)):
        event = next(work)
        assert (event.done, event.total) == (0, 12)
