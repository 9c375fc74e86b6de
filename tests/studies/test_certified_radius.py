"""Proof and attack of a set of images, on a network whose smoothed classifier is known in closed form."""

import math
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

import robust_core as rc
from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.certificates.votes import Votes
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.catalogue import get_spec
from robust_core.recordings.codec import from_bytes, to_bytes
from robust_core.studies import certified_radius
from robust_core.studies.certified_images import CertifiedImage, radii, share
from robust_core.studies.certified_radius import CertifiedRadius, CertifiedRadiusRequest
from tests.certificates.networks import away, grey, two_sided
from tests.outcomes import events_and_result

SHIFTS = (-0.7, -0.25, 0.0, 0.3, 0.6)
LEVELS = np.stack(
    [((grey() + shift * away().reshape(3, 8, 8)) * 255).round().byte().permute(1, 2, 0).numpy() for shift in SHIFTS]
)
SEARCH = SmoothedSearch(steps=8, draws=4)


def asked(spec, labels=(0,) * 5, **options):
    usual = {"sigma": 0.4, "n": 200, "search": SEARCH, "n0": 20}
    return CertifiedRadiusRequest((spec,), rc.load_images(LEVELS, labels=list(labels)), **(usual | options))


def distances(model):
    """How far each image is from the boundary, below 0 beyond it."""
    pixels = torch.from_numpy(LEVELS).permute(0, 3, 1, 2).float() / 255
    weights, bias = model.network.body[1].weight[0], model.network.body[1].bias[0]
    return (pixels.flatten(1) @ weights + bias).tolist()


@pytest.fixture(scope="module")
def found():
    model = two_sided(0.3, classes=16)

    @contextmanager
    def using(_spec):
        yield model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certified_radius, "using", using)
        events, result = events_and_result(certified_radius.run(asked(model.spec)))
    return model, events, result


def test_every_image_lies_between_proof_and_attack(found):
    model, _, result = found
    true = distances(model)
    assert min(true) < 0 < max(true), "the images lie on both sides"
    for image, distance in zip(result.by_model[0].images, true, strict=True):
        if distance < 0:
            assert not image.certified
            assert image.attack_distance == 0
        else:
            assert image.radius <= distance <= image.attack_distance < distance + 0.7 * 0.4
        assert not image.proof_is_broken


def test_the_curves_are_those_of_the_images(found):
    _, _, result = found
    frame, images = result.frame, result.by_model[0].images
    for (bound, radius), group in frame.groupby(["bound", "radius"]):
        (row,) = group.to_dict("records")
        certified = [one.certified and one.radius >= radius for one in images]
        broken = [one.attack_distance <= radius for one in images]
        held = {
            "certified": certified,
            "not broken": [not one for one in broken],
            "in between": [not a and not b for a, b in zip(certified, broken, strict=True)],
        }[bound]
        assert row["accuracy_percent"] == pytest.approx(100 * sum(held) / 5)
        assert row["low_percent"] <= row["accuracy_percent"] <= row["high_percent"]
        assert row["n"] == 5
    wide = frame.pivot(index="radius", columns="bound", values="accuracy_percent")
    assert (wide["certified"] + wide["in between"] - wide["not broken"]).abs().max() < 1e-9
    assert (wide["certified"].diff().dropna() <= 0).all()
    assert wide.index[-1] >= max(one.attack_distance for one in images if one.attack_distance < math.inf)
    assert "α = 0.001" in frame["protocol"][0]
    assert len(result.figure().data) == 4


def test_the_events_are_votes_and_images_as_they_come(found):
    _, events, result = found
    images = [event for event in events if isinstance(event, CertifiedImage)]
    assert tuple(images) == result.by_model[0].images
    assert all(isinstance(event, Votes | Progress | CertifiedImage) for event in events)
    assert {event.index for event in events if isinstance(event, Votes)} <= set(range(5))


def test_a_recording_is_the_same_result(found):
    _, _, result = found
    plain = replace(result, by_model=tuple(replace(one, spec=get_spec("mini_resnext")) for one in result.by_model))
    again = from_bytes(to_bytes(plain))
    assert isinstance(again, CertifiedRadius)
    assert again.by_model[0].images == result.by_model[0].images
    assert again.by_image()["attack_distance"].tolist() == plain.by_image()["attack_distance"].tolist()
    assert again.frame.equals(plain.frame)


def test_without_an_attack_there_is_a_lower_bound_alone(model_of):
    model = two_sided(0.3, classes=16)
    _, result = events_and_result(certified_radius.run(asked(model_of(model), search=None)))
    assert set(result.frame["bound"]) == {"certified"}
    assert result.by_image()["attack_distance"].isna().all()
    assert result.by_model[0].backward_passes == 0
    assert result.by_model[0].forward_passes == 5 * 220


def test_the_passes_are_no_more_than_foretold(found):
    _, _, result = found
    one, foretold = result.by_model[0], asked(result.by_model[0].spec).passes
    assert one.forward_passes + 2 * one.backward_passes <= foretold


def test_without_a_label_the_candidate_counts(model_of):
    model = two_sided(0.3, classes=16)
    request = replace(asked(model_of(model)), images=rc.load_images(LEVELS, labels=None), search=None)
    _, result = events_and_result(certified_radius.run(request))
    images = result.by_model[0].images
    assert [one.right for one in images] == [one.candidate for one in images]
    assert result.frame["n_labels_known"].unique().tolist() == [0]


def test_a_broken_proof_is_an_alarm(found):
    _, _, result = found
    images = result.by_model[0].images
    first = next(one for one in images if one.certified)
    lying = [replace(first, attack_distance=first.radius / 2) if one is first else one for one in images]
    wrong = replace(result, by_model=(replace(result.by_model[0], images=tuple(lying)),))
    assert not any("ALARM" in sentence for sentence in result.sentences())
    assert "ALARM" in wrong.sentences()[0]
    assert wrong.by_image()["proof_is_broken"].sum() == 1


def test_a_change_that_was_not_found_counts_as_not_broken():
    missed = CertifiedImage(0, 1, True, 1, 10, 0.6, 0.1, math.inf, None)
    assert share([missed], "not broken", 100.0).estimate == 1
    smoothing = asked(get_spec("mini_resnext")).smoothing(get_spec("mini_resnext"))
    assert max(radii([missed], smoothing)) < 3 * 0.4


def test_an_abstention_is_no_certificate_of_the_right_class():
    unsure = CertifiedImage(0, 1, True, 1, 10, 0.4, 0.0, 0.05, 2)
    assert unsure.abstains
    assert not unsure.certified
    assert share([unsure], "certified", 0.0).estimate == 0
    assert share([unsure], "in between", 0.0).estimate == 1


@pytest.mark.parametrize("wrong", [{"sigma": 0}, {"sigma": -0.5}, {"alpha": 1.5}, {"n": 10}, {"n0": 0}, {"n": 10**7}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(BadInput):
        asked(get_spec("mini_resnext"), **wrong)


@pytest.mark.parametrize(("key", "sigma"), [("012", 0.12), ("025", 0.25), ("050", 0.5)])
def test_a_model_that_was_trained_with_noise_is_smoothed_with_that(key, sigma):
    spec = get_spec(f"mini_resnext_noise_{key}")
    assert asked(spec, sigma=None).smoothing(spec).sigma == sigma
    assert asked(spec, sigma=0.3).smoothing(spec).sigma == 0.3


def test_a_model_that_was_trained_without_noise_needs_a_sigma():
    with pytest.raises(BadInput, match="not trained with noise"):
        asked(get_spec("mini_resnext"), sigma=None)
    with pytest.raises(BadInput, match="not trained with noise"):
        asked(get_spec("efficientnet_lite0"), sigma=None)
