"""Concepts of a network that weighs colours: which they are, how much each counts and what is left without them is
known in closed form.
"""

from dataclasses import replace

import numpy as np
import pytest
from torch import nn

import robust_core as rc
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import mask_of
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models.batches import in_batches_of
from robust_core.models.catalogue import get_spec
from robust_core.studies import concepts
from robust_core.studies.concept_claims import carrying, verdicts
from robust_core.studies.concept_images import shown_crop
from robust_core.studies.concept_outcomes import FALLING, GAIN, IMPORTANCE, RISING, SURVIVES
from robust_core.studies.concepts import ConceptsRequest
from tests.craft.networks import SIDE_PX, colours
from tests.outcomes import events_and_result

HALF = SIDE_PX // 2
RED, GREEN, BLUE = range(3)
WEIGHTS, BIAS = [[3.0, 1.5, 0.0], [0.0, 0.0, 4.0]], (0.0, 0.05)


def patches(n=24, seed=0):
    """Images of four patches, each of one colour at one of three levels, 0 among them; the first is red."""
    rng = np.random.default_rng(seed)
    images = np.zeros((n, SIDE_PX, SIDE_PX, 3), np.uint8)
    for image in images:
        for top in (0, HALF):
            for left in (0, HALF):
                colour, level = (rng.integers(3), rng.choice([0, 120, 250])) if top or left else (RED, 250)
                image[top : top + HALF, left : left + HALF, colour] = level
    return ImageSet.of(
        [LabelledImage(rgb, None, f"patches {at}", "a test", f"{at}", MINI) for at, rgb in enumerate(images)]
    )


def parts(images, places):
    """What each image's colours add to the first logit (N,3)."""
    means = np.stack([images[int(place)].rgb.mean((0, 1)) / 255 for place in places])
    return means * np.array(WEIGHTS[0])


@pytest.fixture
def found(held):
    return run(held(colours(WEIGHTS, BIAS)))


def run(spec, images=None, label=0, number=3, **options):
    request = ConceptsRequest((spec,), patches() if images is None else images, label, number, **options)
    return result_of(concepts.run(request))


def test_concepts_are_the_colours_the_more_important_first(found):
    assert found.by_model[0].bank == pytest.approx(np.eye(3), abs=1e-3)


def test_only_images_of_the_class_count(found):
    one = found.by_model[0]
    images = patches()
    means = np.stack([image.rgb.mean((0, 1)) / 255 for image in images])
    expected = np.flatnonzero((means @ np.array(WEIGHTS).T + BIAS).argmax(1) == 0)
    assert one.images.tolist() == expected.tolist()
    assert 1 < one.n < len(images)
    assert one.crops_in_all == 9 * one.n


def test_importance_is_the_share_of_the_variance(found):
    """Of a linear head Var(c·m) = c²/12, so that the total index is c² / Σc²."""
    one = found.by_model[0]
    squares = parts(patches(), one.images) ** 2
    expected = squares / squares.sum(1, keepdims=True)
    assert one.importance.mean(0) == pytest.approx(expected.mean(0), abs=0.02)
    assert one.get(IMPORTANCE, 3).value == pytest.approx(0, abs=1e-6)


def test_the_effect_is_what_a_colour_adds(found):
    one = found.by_model[0]
    assert one.effect == pytest.approx(parts(patches(), one.images), abs=1e-3)
    assert one.logit[FALLING, 0] == pytest.approx(one.true_logit, abs=1e-3)
    assert one.get(SURVIVES).value == 100


def test_without_red_and_green_the_class_is_lost_and_without_blue_it_is_not(found):
    one = found.by_model[0]
    added = parts(patches(), one.images)
    blue = np.array([4 * patches()[int(place)].rgb[..., BLUE].mean() / 255 for place in one.images]) + BIAS[1]
    assert one.kept[FALLING, 1].tolist() == (added[:, GREEN] > blue).tolist()
    assert not one.kept[FALLING, 2].any()
    assert one.kept[RISING, 1].all()
    assert one.get(GAIN).value > 0


def test_both_halves_of_the_images_have_the_same_concepts(found):
    one = found.by_model[0]
    assert one.found_again == pytest.approx(np.ones(3), abs=1e-3)
    assert one.other_cosine == pytest.approx(0, abs=1e-3)
    assert one.crop_error == pytest.approx(0, abs=1e-3)


def test_the_strongest_crops_of_a_colour_are_full_of_it(found):
    one = found.by_model[0]
    for number, colour in enumerate((RED, GREEN, BLUE), start=1):
        crops = one.prototypes(number)
        assert len({crop.place for crop in crops}) == len(crops) > 1
        best = shown_crop(patches(), one.spec, crops[0])
        assert best.shape == (HALF, HALF, 3)
        assert best[..., colour].mean() == 250
        assert best.sum() == best[..., colour].sum()


def test_the_current_image_is_explained_in_the_same_concepts(found):
    image = next(iter(patches()))
    maps = found.maps(image)[found.by_model[0].spec.name]
    inner = (slice(None), slice(1, -1), slice(1, -1))
    assert maps.heat[inner] == pytest.approx(image.rgb.transpose(2, 0, 1)[inner] / 255, abs=1e-2)
    weights = np.array(WEIGHTS[maps.label])
    assert maps.effect == pytest.approx(image.rgb.mean((0, 1)) / 255 * weights, abs=1e-3)


def test_every_class_takes_every_image_with_its_own_prediction(held):
    one = run(held(colours(WEIGHTS, BIAS)), label=None).by_model[0]
    assert one.n == len(patches())
    assert set(one.predicted) == {0, 1}
    expected = np.stack([image.rgb.mean((0, 1)) / 255 for image in patches()]) @ np.array(WEIGHTS).T + BIAS
    assert one.true_logit == pytest.approx(expected.max(1), abs=1e-5)


def test_other_batches_come_to_the_same(held):
    spec = held(colours(WEIGHTS, BIAS))
    request = ConceptsRequest((spec,), patches(), 0, 3)
    one_by_one = result_of(in_batches_of(1, concepts.run(request))).by_model[0]
    at_once = result_of(concepts.run(request)).by_model[0]
    assert one_by_one.importance == pytest.approx(at_once.importance, abs=1e-5)


def test_progress_is_told_and_rows_say_how_they_were_made(held):
    events, found = events_and_result(concepts.run(ConceptsRequest((held(colours(WEIGHTS, BIAS)),), patches(), 0, 3)))
    assert {"looking at the images", "masking concepts", "taking concepts away"} <= {
        event.note for event in events if isinstance(event, Progress)
    } | {"looking at the images"}
    frame = found.frame
    assert {"model", "concept", "measure", "value", "low", "high", "n", "interval_method", "protocol"} <= {*frame}
    assert (frame["n"] == found.by_model[0].n).all()
    assert frame["protocol"].str.contains("class: airplane; layer act; nine crops").all()
    assert len(found.figure().data) == 1


def test_few_crops_are_warned_of(held):
    spec = held(colours(WEIGHTS, BIAS))
    few = run(spec, patches()[:8])
    assert "Fewer than 100 crops" in " ".join(few.sentences())
    assert "Fewer than 100 crops" not in " ".join(run(spec).sentences())


def test_one_image_has_no_interval_and_no_halves(held):
    one = run(held(colours(WEIGHTS, BIAS)), patches()[:1], label=None, number=2).by_model[0]
    assert np.isnan(one.found_again).all()
    assert np.isnan(one.get(IMPORTANCE, 1).low)
    assert [said.says for said in verdicts(one)] == ["undecided", "undecided"]


def test_verdicts_follow_the_intervals(held):
    """Where one colour counts alone, Mini is not as the paper has it; where two do, it is."""
    alone = run(held(colours([[3.0, 0.1, 0.0], [0.0, 0.0, 4.0]], BIAS, "alone"))).by_model[0]
    assert [said.says for said in verdicts(alone)][1] == "contradicts"
    assert carrying(alone) == 1
    two = run(held(colours([[2.0, 4.0, 0.0], [0.0, 0.0, 4.0]], BIAS, "two"))).by_model[0]
    assert [said.says for said in verdicts(two)] == ["agrees", "agrees"]
    assert carrying(two) == 2


def test_concepts_that_explain_little_decide_nothing(found):
    one = found.by_model[0]
    kept = one.kept.copy()
    kept[:, 0] = 0
    assert {said.says for said in verdicts(replace(one, kept=kept))} == {"undecided"}


class Centred(nn.Module):
    def forward(self, pixels):
        return pixels - 0.5


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"act": Centred}, "fall below zero"),
        ({"label": 2}, "predicts bicycle for none of the 24 images"),
        ({"images": patches()[:1], "label": None, "number": 10}, "9 crops cannot have 10 concepts"),
        ({"number": 1}, "concepts must be a whole number from 2"),
        ({"label": 99}, "label must be a whole number from 0 to"),
        ({"crop_fraction": 1.0}, "crop_fraction must be a number from 0.2 to 0.9"),
    ],
)
def test_what_does_not_fit_is_a_sentence(held, given, sentence):
    model = colours(WEIGHTS, BIAS, act=given.pop("act", nn.ReLU))
    with pytest.raises(BadInput, match=sentence):
        run(held(model), **given)
    assert not any(module._forward_hooks for module in model.network.modules())


def test_of_scenes_of_mini_it_is_known_where_the_object_is():
    images = rc.draw_images("mini", 4, label=11)
    one = run(get_spec("mini_resnext_wsl"), images, 11).by_model[0]
    areas = [mask_of(images.ids[place]).mean() for place in one.images]
    assert one.object_area == pytest.approx(areas, abs=1e-6)
    assert one.on_object.shape == (one.n, 3)
    assert np.nanmax(one.on_object) <= 1 + 1e-6
    assert one.strength.shape == (2, one.n, 3)
    assert np.nanmean(one.on_object[:, 0]) > np.mean(areas), "the class is not in the background alone"
