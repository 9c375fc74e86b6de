import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robust_core.corruptions.condition import CLEAN
from robust_core.cue_conflict.decisions import NAMES, RULES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import CueVotes
from robust_core.data.stimulus_sets import StimulusImage, StimulusSet, folder_set, synthetic_set
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.intervals import wilson
from robust_core.labels import CATEGORIES, IMAGENET
from robust_core.models import imports
from robust_core.models.catalogue import get_spec
from robust_core.resampling import OVER_EXEMPLARS
from robust_core.results import AS_IF_INDEPENDENT
from robust_core.studies import shape_bias
from robust_core.studies.predictions import ModelPredictions, Prediction, Predictions
from robust_core.studies.shape_bias import ModelResponses, ShapeBias, ShapeBiasRequest
from tests.made_images import make_image
from tests.outcomes import events_and_result

ARGMAX, MEAN = RULES
DATA = os.environ.get("ROBUST_LAB_TEST_DATA")


def votes_for(name: str) -> np.ndarray:
    """Probabilities (1000,) with all mass on the first class of a category."""
    probabilities = np.zeros(1000)
    probabilities[CATEGORIES[name][0]] = 1.0
    return probabilities


def asked_of(keys, stimuli, n):
    made = {"shape", "texture", "other", "torn"}
    specs = [replace(get_spec("resnet50"), key=key) if key in made else get_spec(key) for key in keys]
    return ShapeBiasRequest(tuple(specs), stimuli, n)


@pytest.fixture
def cats_in_dog(monkeypatch):
    """40 cats in the texture of dogs; the model called K predicts the K-th of cat, dog, truck and torn, and is given
    images as stored.
    """
    torn = 0.5 * votes_for("dog") + 0.2 * votes_for("airplane")
    probabilities_of = {
        "shape": votes_for("cat"),
        "texture": votes_for("dog"),
        "other": votes_for("truck"),
        "torn": torn,
    }
    asked = []

    def predict_images(request):
        asked.append((request.spec.key, len(request.images), request.images[0].centre_crop_only))
        yield Progress(0, len(request.images), "images")
        made = tuple(Prediction(probabilities_of[request.spec.key], IMAGENET) for _ in request.images)
        return Predictions(None, (ModelPredictions(request.spec, "cpu", CLEAN, made, 0.0, 0.0),), ())

    monkeypatch.setattr(shape_bias.predictions, "run", predict_images)
    image = replace(make_image(0), centre_crop_only=True)
    return StimulusSet(
        ("cats",),
        "Cats",
        tuple(map(str, range(40))),
        "",
        lambda place: StimulusImage(Stimulus(str(place), "", "cat", "dog"), image, None),
    ), asked


@pytest.mark.parametrize(
    ("key", "votes"), [("shape", CueVotes(40, 0, 40)), ("texture", CueVotes(0, 40, 40)), ("other", CueVotes(0, 0, 40))]
)
def test_a_model_of_known_predictions_gets_known_votes_under_both_rules(cats_in_dog, key, votes):
    (responses,) = result_of(shape_bias.run(asked_of([key], cats_in_dog[0], 40))).by_model
    assert responses.votes(ARGMAX) == responses.votes(MEAN) == votes


def test_the_rules_part_where_a_large_category_has_the_best_class(cats_in_dog):
    (responses,) = result_of(shape_bias.run(asked_of(["torn"], cats_in_dog[0], 3))).by_model
    assert responses.votes(ARGMAX) == CueVotes(0, 3, 3), "the best single class is a dog"
    assert responses.votes(MEAN) == CueVotes(0, 0, 3), "0.5 / 109 classes is less than 0.2 / 1 class of airplane"


def test_each_models_responses_come_whole_and_in_order_and_the_result_is_returned(cats_in_dog):
    stimuli, asked = cats_in_dog
    events, all_responses = events_and_result(shape_bias.run(asked_of(["shape", "other"], stimuli, 20)))
    assert [event.spec.key for event in events if isinstance(event, ModelResponses)] == ["shape", "other"]
    assert isinstance(all_responses, ShapeBias)
    assert list(all_responses.by_model) == [event for event in events if isinstance(event, ModelResponses)]
    assert [one.id for one in all_responses.by_model[0].stimuli] == [str(place) for place in range(20)]
    assert all_responses.by_model[0].scores["restricted_argmax"].shape == (20, 16)
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert {event.total for event in events if isinstance(event, Progress)} == {40}
    assert asked == [("shape", 16, True), ("shape", 4, True), ("other", 16, True), ("other", 4, True)], (
        "no image is resized"
    )


def test_whom_the_stimuli_favour_goes_with_the_result(cats_in_dog):
    drawn, of_folder = cats_in_dog[0], replace(cats_in_dog[0], key=("folder", "here"))
    found = [result_of(shape_bias.run(asked_of(["shape"], stimuli, 3))).caveats for stimuli in (drawn, of_folder)]
    assert found == [(), (of_folder.caveat,)]


@pytest.mark.parametrize(
    ("keys", "n", "expected"), [([], 5, "no model"), (["shape"], 0, "from 1 to 40"), (["shape"], 41, "from 1 to 40")]
)
def test_what_cannot_be_asked_is_refused(cats_in_dog, keys, n, expected):
    with pytest.raises(BadInput, match=expected):
        asked_of(keys, cats_in_dog[0], n)


def test_a_mini_model_gets_the_votes_that_its_card_counts():
    from robust_core.mini.measurement import count_cues
    from robust_core.mini.splits import CONFLICT, render
    from robust_core.mini.weights import SHIPPED, load, weight_file

    (responses,) = result_of(shape_bias.run(asked_of(["mini_resnext_wsl"], synthetic_set(), 128))).by_model
    counted = count_cues(load(weight_file(SHIPPED, "mini_resnext_wsl")), render(CONFLICT, 0, 128))
    assert responses.votes(ARGMAX) == responses.votes(MEAN) == CueVotes(counted.shape, counted.texture, counted.n)


def test_weak_supervision_and_style_raise_the_shape_bias_in_mini():
    all_responses = result_of(
        shape_bias.run(asked_of(["mini_resnext", "mini_resnext_wsl", "mini_resnext_stylised"], synthetic_set(), 256))
    )
    plain, weak, stylised = (responses.votes(ARGMAX).shape_bias_interval for responses in all_responses.by_model)
    assert plain.high < weak.low
    assert weak.high < stylised.low


def test_the_table_names_the_method_of_each_interval(cats_in_dog):
    stimuli, _ = cats_in_dog

    def with_exemplars(place):
        one = stimuli.at(place)
        return replace(one, stimulus=replace(one.stimulus, exemplars=(f"cat{place // 4}", f"dog{place % 3}")))

    clustered = replace(stimuli, at=with_exemplars)
    for asked, method in ((stimuli, AS_IF_INDEPENDENT), (clustered, OVER_EXEMPLARS)):
        frame = result_of(shape_bias.run(asked_of(["shape"], asked, 40))).frame
        assert set(frame["interval_method"]) == {method}
        assert (frame["low_percent"] < 100).all()
    undecided = result_of(shape_bias.run(asked_of(["other"], stimuli, 40))).frame.query("metric == 'shape_bias'")
    assert undecided[["value_percent", "low_percent", "interval_method"]].isna().all(axis=None)


def test_minis_stimuli_share_no_exemplars_so_that_wilson_is_right():
    frame = result_of(shape_bias.run(asked_of(["mini_resnext"], synthetic_set(), 8))).frame
    assert set(frame["interval_method"]) == {"Wilson"}


@pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")
def test_a_real_network_votes_for_texture(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    (weights,) = Path(DATA, "weights").glob("squeezenet1_0*.pth")
    imports.import_file(weights, "squeezenet1_0", "voting_squeezenet", "SqueezeNet")
    (responses,) = result_of(
        shape_bias.run(asked_of(["voting_squeezenet"], folder_set(Path(DATA) / "cue_conflict", seed=0), 144))
    ).by_model
    by_class, by_mean = responses.votes(ARGMAX), responses.votes(MEAN)
    assert by_class.n == by_mean.n == 144
    assert by_class.shape_bias_interval.high < 0.5
    alone = wilson(by_class.shape, by_class.decided)
    clustered = by_class.shape_bias_interval
    assert clustered.method == OVER_EXEMPLARS
    assert clustered.high - clustered.low >= alone.high - alone.low
    assert by_mean.coverage > by_class.coverage
    assert {NAMES[decision] for decision in responses.decisions(ARGMAX)} > {"dog", "bird"}
