"""What a card says of a concept, and its sheet of crops."""

import numpy as np
import pytest

from robust_core.labels import MINI
from robust_core.recordings import shipped, store
from robust_core.studies.layer_biases import Estimate
from robust_core.ui.attributions.concept_cards import GAP_PX, montage, sentences, written


@pytest.fixture(scope="module")
def one():
    request = shipped.concepts_request(MINI)
    return store.find(request.of(request.models[0])).result.by_model[0]


def test_a_concept_that_speaks_against_the_class_raises_the_logit_when_it_is_gone(one):
    effect = one.effect.mean(0)
    said = [" ".join(sentences(one, number)) for number in one.numbers]
    for text, value in zip(said, effect, strict=True):
        assert f"the logit {'falls' if value >= 0 else 'rises'} by {abs(value):.2f} [" in text
    assert any("rises" in text for text in said)


def test_what_only_scenes_know_is_left_out_of_photos(one):
    photos = shipped.concepts_request(shipped.IMAGENET)
    photo = store.find(photos.of(photos.models[0])).result.by_model[0]
    assert "on the object" in " ".join(sentences(one, 1))
    assert "on the object" not in " ".join(sentences(photo, 1))
    assert "another texture" not in " ".join(sentences(photo, 1))


def test_crops_are_three_in_a_row():
    crops = [np.full((4, 5, 3), number, np.uint8) for number in range(4)]
    sheet = montage(crops)
    assert sheet.shape == (2 * 4 + GAP_PX, 3 * 5 + 2 * GAP_PX, 3)
    assert (sheet[:4, 5 + GAP_PX : 10 + GAP_PX] == 1).all()
    assert (sheet[4 + GAP_PX :, :5] == 3).all()
    assert (sheet[4 + GAP_PX :, 5 + GAP_PX :] == 255).all()


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [(Estimate(0.5, 0.25, 0.75), "0.50 [0.25, 0.75]"), (Estimate(-0.5), "−0.50"), (None, "–")],
)
def test_numbers_are_written_with_their_interval_where_it_is_known(estimate, expected):
    assert written(estimate, ".2f") == expected
