"""What is shipped is there, small, what the pages ask at first, and what a run gives today."""

from dataclasses import replace

import numpy as np
import pytest

from robust_core import settings
from robust_core.attacks.scoring import ANY_STEP_SO_FAR
from robust_core.cue_conflict.decisions import RULES, category_scores
from robust_core.data.image_set import ImageSet
from robust_core.events import result_of
from robust_core.labels import IMAGENET, MINI
from robust_core.recordings import store
from robust_core.recordings.shipped import (
    SHIPPED,
    N,
    alignment_request,
    ascent_request,
    attack_request,
    biases_request,
    change_request,
    concepts_request,
    cues_request,
    maps_request,
    predictions_request,
    references_request,
    votes_request,
)
from robust_core.studies import (
    attack_curve,
    attribution_maps,
    concepts,
    cue_removal,
    gradient_alignment,
    predictions,
    simplicity_biases,
    smallest_change,
)
from robust_core.studies.attack_curve import accuracies
from robust_core.studies.attack_frames import MAX_FRAMES
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.study_result import StudyResult

LARGEST_BYTES = 18_000_000  # what a clone of the project can well carry; the photo asked about 300 times came last
RECOMPUTED = 1  # model of each world: an attack of 50 steps takes a while


def recordings():
    return [(row.key, request) for row in SHIPPED for request in row.requests()]


@pytest.mark.parametrize(("key", "request_"), recordings(), ids=lambda one: getattr(one, "key", one)[:2])
def test_every_recorded_request_has_a_recording(key, request_):
    found = store.find(request_)
    assert found is not None
    if isinstance(found.result, StudyResult):
        assert found.result.provenance.request == request_.identity


def test_together_they_are_small_and_nothing_else_lies_there():
    files = list((settings.SHIPPED_CACHE / "recordings").iterdir())
    assert sum(file.stat().st_size for file in files) <= LARGEST_BYTES
    assert {file.name for file in files} == {store.path_of(request).name for _, request in recordings()}


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_frames_are_few_and_belong_to_the_steps(space):
    for spec in attack_request(space).models:
        (trajectory,) = store.find(attack_request(space).of(spec)).result.trajectories[spec.name]
        for place, frames in trajectory.frames.items():
            assert len(frames.steps) <= MAX_FRAMES
            assert frames.label == tuple(int(trajectory.steps[step].label[place]) for step in frames.steps)


def test_a_run_of_today_gives_what_was_recorded():
    request = attack_request(MINI)
    spec = request.models[0]
    recorded = store.find(request.of(spec)).result.trajectories[spec.name][0].steps
    today = result_of(attack_curve.run(request.of(spec))).trajectories[spec.name][0].steps
    heights = [[one.estimate for one in accuracies(steps, ANY_STEP_SO_FAR)] for steps in (recorded, today)]
    np.testing.assert_allclose(*heights, atol=1 / 64 + 1e-9, err_msg="one image on the verge may round otherwise")
    assert recorded[0].label.tolist() == today[0].label.tolist()


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_a_prediction_of_today_is_what_was_recorded(space):
    for spec in predictions_request(space).models:
        request = predictions_request(space).of(spec)
        (recorded,), (today,) = (
            store.find(request).result.only.predictions,
            result_of(predictions.run(request)).only.predictions,
        )
        np.testing.assert_allclose(recorded.probabilities, today.probabilities, atol=1e-4)


def test_a_smallest_change_of_today_is_what_was_recorded():
    request = change_request(MINI)
    request = request.of(request.models[0])
    (recorded,), (today,) = store.find(request).result.found, result_of(smallest_change.run(request)).found
    np.testing.assert_allclose(recorded.distance, today.distance, rtol=1e-2)
    assert recorded.label.tolist() == today.label.tolist()


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_every_recorded_change_is_no_longer_than_what_any_search_found(space):
    for request in (references_request(space), change_request(space)):
        for spec in request.models:
            (found,) = store.find(request.of(spec)).result.found
            assert len(found.distance) == len(request.images)
            for distances in found.by_attack.values():
                assert (found.distance <= distances).all()


FEW = 8  # of the stimuli


@pytest.mark.parametrize("spec", votes_request().models, ids=lambda spec: spec.key)
def test_a_few_votes_of_today_are_what_was_recorded(spec):
    request = votes_request()
    recorded = store.find(request.of(spec)).result.by_model[0]
    images = ImageSet.of([request.stimuli.at(place).image for place in range(FEW)])
    today = result_of(predictions.run(PredictionsRequest((spec,), images))).only.predictions
    scores = category_scores(np.stack([one.probabilities for one in today]), RULES[0])
    np.testing.assert_allclose(recorded.scores[RULES[0].key][:FEW], scores, atol=1e-4)
    assert len(recorded.stimuli) == request.n


def test_layers_cues_and_gradients_of_today_are_what_was_recorded():
    layers, cues, gradients = biases_request(MINI), cues_request(MINI), alignment_request(MINI)
    spec = layers.models[-1]
    recorded, columns = store.find(layers.of(spec)).result, ["value", "low", "high"]
    layers_today = result_of(simplicity_biases.run(layers.of(spec)))
    np.testing.assert_allclose(recorded.frame[columns], layers_today.frame[columns], rtol=1e-3)
    recorded_cues, cues_today = store.find(cues.of(spec)).result, result_of(cue_removal.run(cues.of(spec)))
    for test, correct in recorded_cues.by_model[0].correct.items():
        assert (correct == cues_today.by_model[0].correct[test]).mean() > 1 - 2 / N[MINI], "one may be on the verge"
    today = result_of(gradient_alignment.run(gradients.of(spec)))
    recorded_cosines = store.find(gradients).result.of_models([spec]).edges[0].cosine
    np.testing.assert_allclose(recorded_cosines, today.edges[0].cosine, rtol=1e-3)


def test_concepts_of_today_are_what_was_recorded():
    request = concepts_request(MINI)
    one = request.of(request.models[-1])
    recorded, today = store.find(one).result.by_model[0], result_of(concepts.run(one)).by_model[0]
    assert recorded.images.tolist() == today.images.tolist()
    np.testing.assert_allclose(recorded.bank, today.bank, atol=0.02)
    np.testing.assert_allclose(recorded.importance.mean(0), today.importance.mean(0), atol=0.02)
    np.testing.assert_allclose(recorded.kept.mean(2), today.kept.mean(2), atol=0.05)


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_a_map_of_today_is_what_was_recorded(space):
    request = maps_request(space)
    one = request.of(request.models[0])
    ((recorded, metrics),) = store.find(one).result.explanations
    today = result_of(attribution_maps.explain(one.parts()[0]))
    np.testing.assert_array_equal(recorded.rgb, today.rgb)
    assert recorded.attribution.target == today.attribution.target
    scale = np.abs(today.attribution.map).max()
    np.testing.assert_allclose(recorded.attribution.map, today.attribution.map, atol=1e-3 * scale)
    assert metrics.controls is not None, "the light before the map is complete on arrival"


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_the_frames_of_an_ascent_begin_with_the_image_and_end_with_the_class(space):
    request = ascent_request(space)
    for spec in request.models:
        frames = store.find(request.of(spec)).result
        assert frames.maximized[-1] > 0.99 > frames.maximized[0]
        moved = np.abs(frames.frames.astype(int) - frames.frames[0]).max(axis=(1, 2, 3))
        assert (moved <= frames.steps).all(), "no more than a level a step"


@pytest.mark.parametrize("space", [IMAGENET, MINI], ids=["ImageNet", "Mini"])
def test_a_network_of_today_predicts_what_was_recorded_for_the_last_frame(space):
    request = ascent_request(space)
    spec = request.models[0]
    frames = store.find(request.of(spec)).result
    image = request.image.with_pixels(frames.frames[-1].copy())
    image = replace(image, centre_crop_only=True)
    (today,) = result_of(predictions.run(PredictionsRequest((spec,), ImageSet.of([image])))).only.predictions
    np.testing.assert_allclose(today.probabilities, frames.predictions[-1].probabilities, atol=1e-3)
