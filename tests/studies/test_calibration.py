from dataclasses import replace

import numpy as np
import pytest

from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.labels import IMAGENET
from robust_core.studies import calibration, predictions
from robust_core.studies.calibration import CalibrationRequest
from robust_core.studies.predictions import PredictionsRequest
from tests.made_images import make_image
from tests.studies.test_predictions import events_and_result


def labelled(n, label=lambda place: place % 7):
    return [replace(make_image(place), label=label(place), label_space=IMAGENET) for place in range(n)]


def measured(spec, images, **options):
    return result_of(calibration.run(CalibrationRequest((spec,), ImageSet.of(images), **options)))


def test_the_whole_agrees_with_the_predictions(tiny_model):
    images = labelled(10)
    found = measured(tiny_model, images)
    seen = result_of(predictions.run(PredictionsRequest((tiny_model,), ImageSet.of(images)))).only.predictions
    correct = [one.label == image.label for one, image in zip(seen, images, strict=True)]
    confidence = np.array([one.probabilities.max() for one in seen])
    whole = found.by_model[0].whole
    assert (whole.n, whole.accuracy.estimate) == (10, np.mean(correct))
    own = [one.probabilities[image.label] for one, image in zip(seen, images, strict=True)]
    assert whole.nll_nats.estimate == pytest.approx(-np.log(own).mean(), rel=1e-4)
    shown = [one for one in whole.bins if one.n]
    assert sum(one.n * one.mean_confidence for one in shown) == pytest.approx(confidence.sum(), rel=1e-4)


def test_a_temperature_is_fitted_on_one_half_and_told_on_the_other(tiny_model):
    found = measured(tiny_model, labelled(11), seed=2)
    one = found.by_model[0]
    assert (one.n_fitted, one.before.n, one.after.n) == (5, 6, 6)
    assert (one.before.temperature, one.before.accuracy) == (1.0, one.after.accuracy)
    frame = found.frame
    assert frame["images"].to_list() == ["all", "held-out half", "held-out half"]
    assert frame["n_fitted"].to_list() == [0, 0, 5]
    assert (frame["ece_percent_low"] <= frame["ece_percent_high"]).all()
    assert found.bins_frame["n"].sum() == 11 + 6 + 6
    assert len(found.figure().data) >= 2
    other = measured(tiny_model, labelled(11), seed=3)
    assert other.by_model[0].after.temperature != one.after.temperature
    assert other.frame.loc[0, "nll_nats"] == frame.loc[0, "nll_nats"]


def test_what_a_reader_must_know_is_said(tiny_model):
    images = [*labelled(6), make_image(7)]
    caveats = measured(tiny_model, images).by_model[0].caveats
    assert any("With 6 images" in sentence for sentence in caveats)
    assert "Left out for want of a label that this model knows: 1." in caveats


def test_too_few_labels_are_refused(tiny_model):
    with pytest.raises(BadInput, match="2 of 3 images have a label"):
        measured(tiny_model, [*labelled(2), make_image(5)])
    with pytest.raises(BadInput, match="no images"):
        CalibrationRequest((tiny_model,), ImageSet.of([]))


def test_only_the_classes_of_a_protocol_are_in_the_running(tiny_model):
    images = labelled(6, label=lambda place: (3, 8)[place % 2])
    among = replace(ImageSet.of(images), classes=(3, 8))
    found = result_of(calibration.run(CalibrationRequest((tiny_model,), among))).by_model[0].whole
    assert min(one.mean_confidence for one in found.bins if one.n) >= 0.5


def test_a_condition_counts_its_seed_on_across_batches(tiny_model):
    """So the last image is corrupted as it is alone with its own seed."""
    images = labelled(20)
    whole = Condition("gaussian_noise", 5, 100)
    together = measured(tiny_model, images, condition=whole)
    assert together.frame["condition"].unique().tolist() == ["Gaussian noise, severity 5"]
    clean = measured(tiny_model, images)
    assert together.frame.loc[0, "nll_nats"] != clean.frame.loc[0, "nll_nats"]


def test_progress_counts_images(tiny_model):
    events, _ = events_and_result(calibration.run(CalibrationRequest((tiny_model,), ImageSet.of(labelled(20)))))
    assert [event.done for event in events] == [0, 0, 16]
