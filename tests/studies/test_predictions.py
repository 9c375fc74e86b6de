from dataclasses import replace

import numpy as np
import pandas
import pytest
import torch

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress, result_of
from robust_core.images import to_pixels
from robust_core.jobs import JobQueue, Room
from robust_core.labels import CATEGORIES, CLASSES, IMAGENET, IMAGENET_A, MINI
from robust_core.models.loading import load_network
from robust_core.studies import predictions
from robust_core.studies.predictions import (
    ModelPredictions,
    Prediction,
    Predictions,
    PredictionsRequest,
    among,
    true_label,
)
from tests.made_images import make_image
from tests.outcomes import events_and_result

CPU = torch.device("cpu")


def asked(spec, images):
    return predictions.run(PredictionsRequest((spec,), ImageSet.of(images)))


def predict(spec, images):
    """What one model predicts."""
    return result_of(asked(spec, images)).only


@pytest.fixture
def spec(tiny_model):
    return tiny_model


def row(**masses):
    """Probabilities with the given mass on class indices, written c404=0.7."""
    values = np.zeros(1000, dtype=np.float32)
    for name, mass in masses.items():
        values[int(name[1:])] = mass
    return Prediction(values, IMAGENET)


def test_predictions_are_the_softmax_of_the_model_on_its_own_preprocessing(spec, tmp_path):
    images = [make_image(seed) for seed in range(3)]
    predicted = predict(spec, images)
    model = load_network(spec, tmp_path / "weights" / "tiny.safetensors", CPU)
    expected = model.logits(torch.stack([to_pixels(image, spec.preprocess) for image in images])).softmax(1)
    np.testing.assert_array_equal([p.probabilities for p in predicted.predictions], expected.numpy())
    assert (predicted.spec, predicted.device) == (spec, "cpu")
    assert predicted.forward_seconds > 0


def test_stored_benchmark_images_are_cropped_and_not_resized(spec, tmp_path):
    image = make_image(0)
    cropped = predict(spec, [replace(image, centre_crop_only=True)]).predictions[0].probabilities
    model = load_network(spec, tmp_path / "weights" / "tiny.safetensors", CPU)
    pixels = to_pixels(image, replace(spec.preprocess, resize=None))
    np.testing.assert_array_equal(cropped, model.logits(pixels[None]).softmax(1)[0].numpy())
    assert not np.array_equal(cropped, predict(spec, [image]).predictions[0].probabilities)


def test_progress_counts_images(spec):
    events, result = events_and_result(asked(spec, [make_image(seed) for seed in range(20)]))
    assert [(event.done, event.total) for event in events] == [(0, 20), (0, 20), (16, 20)]
    assert all(isinstance(event, Progress) for event in events)
    assert len(result.only.predictions) == 20


def test_no_images_are_refused(spec):
    with pytest.raises(BadInput, match="no images"):
        PredictionsRequest((spec,), ImageSet.of([]))


def test_thirty_different_requests_at_once_equal_the_serial_predictions_bit_for_bit(spec):
    images = [make_image(seed) for seed in range(30)]
    serial = [predict(spec, [image]).predictions[0].probabilities for image in images]
    queue = JobQueue("test", Room(64, 64, 64))
    jobs = [
        queue.submit(image.digest, lambda image=image: asked(spec, [image]), f"session {image.digest}")
        for image in images
    ]
    assert all(job.finished.wait(30) for job in jobs)
    for job, expected in zip(jobs, serial, strict=True):
        np.testing.assert_array_equal(job.result.only.predictions[0].probabilities, expected)


def test_the_best_come_first_and_a_tie_goes_to_the_lower_index():
    prediction = row(c3=0.2, c900=0.4, c7=0.2, c1=0.2)
    assert prediction.label == 900
    assert [index for index, _ in prediction.top(4)] == [900, 1, 3, 7]


@pytest.mark.parametrize(
    ("values", "bits"),
    [([1, 0, 0, 0], 0.0), ([0.5, 0.5, 0, 0], 1.0), ([0.25] * 4, 2.0), ([0.5, 0.25, 0.125, 0.125], 1.75)],
)
def test_entropy_in_bits(values, bits):
    assert Prediction(np.array(values, dtype=np.float32), MINI).entropy_bits == pytest.approx(bits)


def test_both_rules_are_read_and_a_mini_class_is_its_category():
    dog, airplane = CATEGORIES["dog"][0], CATEGORIES["airplane"][0]
    assert row(**{f"c{dog}": 0.5, f"c{airplane}": 0.2}).categories() == {
        "restricted_argmax": "dog",
        "mean_probability": "airplane",
    }
    mini = Prediction(np.eye(16, dtype=np.float32)[5], MINI)
    assert set(mini.categories().values()) == {list(CATEGORIES)[5]}


def test_labels_cross_from_imagenet_to_the_categories_but_not_back():
    dog = make_image(0, label=CATEGORIES["dog"][0])
    assert true_label(dog, IMAGENET) == dog.label
    assert MINI.names[true_label(dog, MINI)] == "dog"
    assert true_label(make_image(0, label=0), MINI) is None, "a tench is in none of the 16 categories"
    assert true_label(make_image(0), IMAGENET) is None
    assert true_label(replace(dog, label=3, label_space=MINI), IMAGENET) is None


def test_class_names_differ_since_screens_compare_them():
    assert len({row.name for row in CLASSES}) == len(CLASSES)


def test_among_a_subset_is_the_softmax_over_its_logits(spec):
    predicted = predict(spec, [make_image(0)])
    (restricted,) = among(predicted, IMAGENET_A).predictions
    logits = np.log(predicted.predictions[0].probabilities[list(IMAGENET_A)].astype(np.float64))
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(restricted.probabilities[list(IMAGENET_A)], expected, rtol=1e-5)
    assert np.count_nonzero(restricted.probabilities) == 200
    assert restricted.label in IMAGENET_A


def test_a_label_makes_no_other_request_and_shows_in_the_table(spec):
    unlabelled, labelled = make_image(0), make_image(0, label=CATEGORIES["dog"][0])
    requests = [PredictionsRequest((spec,), ImageSet.of([image])) for image in (unlabelled, labelled)]
    assert requests[0] == requests[1]
    assert requests[0] != PredictionsRequest((spec,), ImageSet.of([make_image(1)]))
    assert requests[0] != PredictionsRequest((spec,), ImageSet.of([unlabelled]), Condition("fog", 1, 0))
    earlier = result_of(predictions.run(requests[0]))
    table = Predictions.of(requests[1], earlier.by_model).frame
    assert set(table["true_class"]) == {CLASSES[CATEGORIES["dog"][0]].name}


def test_the_table_holds_what_is_needed_to_check_the_numbers(spec):
    images = [make_image(0, label=CATEGORIES["dog"][0]), make_image(1)]
    result = result_of(asked(spec, images))
    rows = result.frame.to_dict("records")
    assert len(rows) == 10
    assert [entry["rank"] for entry in rows] == [1, 2, 3, 4, 5] * 2
    assert rows[0]["true_class"] == CLASSES[CATEGORIES["dog"][0]].name
    assert pandas.isna(rows[5]["true_class"])
    assert {entry["weights_sha256"] for entry in rows} == {spec.weights.sha256}
    assert rows[0]["probability"] == result.only.predictions[0].probabilities.max()
    assert len(result.figure().data[0].y) == 5


def test_a_model_with_infinite_logits_predicts_nothing(overflowing):
    with pytest.raises(NotFinite, match="Tiny tiny computed NaN or infinite logits for 2 of 2 images"):
        predict(overflowing, [make_image(0), make_image(1)])


def test_among_classes_that_have_no_probability_at_all_is_said(spec):
    sure = row(**{f"c{next(index for index in range(1000) if index not in IMAGENET_A)}": 1.0})
    predicted = ModelPredictions(spec, "cpu", CLEAN, (sure,), 0.0, 0.0)
    with pytest.raises(NotFinite, match="no probability for any of the 200 classes"):
        among(predicted, IMAGENET_A)
