from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.corruptions import BENCHMARK_15, C_BAR_10
from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, UnknownName
from robust_core.events import result_of
from robust_core.images import to_pixels
from robust_core.models.loading import load_network
from robust_core.studies import corruption_sweep, predictions
from robust_core.studies.corruption_sweep import CorruptionSweepRequest
from robust_core.studies.predictions import PredictionsRequest
from tests.made_images import make_image
from tests.outcomes import events_and_result

FOG = Condition("fog", 3, seed=5)


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


def swept_by(spec, image, conditions):
    return corruption_sweep.run(CorruptionSweepRequest((spec,), image, conditions))


def probabilities(model, pixels):
    return model.logits(pixels).softmax(1).numpy()


def test_severity_nought_is_the_clean_image_itself():
    pixels = torch.rand(1, 3, 36, 36)
    assert Condition("fog", 0, 5).apply(pixels) is pixels
    assert CLEAN.apply(pixels) is pixels
    assert not torch.equal(FOG.apply(pixels), pixels)


def test_a_condition_says_what_it_is():
    assert str(FOG) == "Fog, severity 3"
    assert str(Condition("fog", 0, 1)) == "clean"


@pytest.mark.parametrize(
    ("name", "severity", "error"), [("frog", 1, UnknownName), ("fog", 6, BadInput), ("fog", -1, BadInput)]
)
def test_a_condition_outside_the_table_is_refused(name, severity, error):
    with pytest.raises(error):
        Condition(name, severity, 0)


def test_a_sweep_is_the_model_on_the_corrupted_input(model, tiny_model):
    image = make_image(0)
    conditions = (CLEAN, FOG, Condition("contrast", 5, 0))
    pixels = to_pixels(image, tiny_model.preprocess)[None]
    expected = [pixels, corrupt(pixels, "fog", 3, 5), corrupt(pixels, "contrast", 5, 0)]
    swept = result_of(swept_by(tiny_model, image, conditions))
    assert swept.conditions == conditions
    for prediction, given in zip(swept.predictions, expected, strict=True):
        np.testing.assert_allclose(prediction.probabilities, probabilities(model, given)[0], atol=1e-6)


def test_a_sweep_agrees_with_the_prediction_under_the_same_condition(tiny_model):
    image = make_image(1)
    swept = result_of(swept_by(tiny_model, image, (FOG,))).predictions[0]
    request = PredictionsRequest((tiny_model,), ImageSet.of([image]), FOG)
    np.testing.assert_allclose(
        swept.probabilities,
        result_of(predictions.run(request)).only.predictions[0].probabilities,
        atol=1e-6,
    )


def test_progress_counts_conditions(tiny_model):
    events, swept = events_and_result(swept_by(tiny_model, make_image(0), corruption_sweep.corruption_grid(CLEAN)))
    assert [event.done for event in events[1:]] == list(range(0, 76, corruption_sweep.BATCH_SIZE))
    assert len(swept.predictions) == len(swept.frame) == 76
    assert len(swept.figure().data[0].y) == 76


def test_the_corruption_grid_is_the_benchmark_in_its_order():
    clean, *rest = corruption_sweep.corruption_grid(replace(FOG, seed=9))
    assert clean.severity == 0
    assert [condition.corruption for condition in rest] == [name for name in BENCHMARK_15 for _ in range(5)]
    assert [condition.severity for condition in rest] == [1, 2, 3, 4, 5] * 15
    assert {condition.seed for condition in rest} == {9}
    c_bar = corruption_sweep.corruption_grid(replace(FOG, seed=9), C_BAR_10)[1:]
    assert [(one.corruption, one.severity) for one in c_bar] == [(name, n) for name in C_BAR_10 for n in range(1, 6)]


def test_the_strip_goes_from_clean_to_five():
    assert [condition.severity for condition in corruption_sweep.severity_strip(FOG)] == [0, 1, 2, 3, 4, 5]


def test_images_are_what_the_model_sees(tiny_model):
    image = make_image(2)
    clean, foggy = result_of(corruption_sweep.images_under(image, tiny_model.preprocess, [CLEAN, FOG]))
    pixels = to_pixels(image, tiny_model.preprocess)[None]
    np.testing.assert_array_equal(clean, (pixels[0] * 255).round().byte().permute(1, 2, 0).numpy())
    np.testing.assert_array_equal(foggy / np.float32(255), FOG.apply(pixels)[0].permute(1, 2, 0).numpy())
