from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.events import result_of
from robust_core.models.loading import load_network
from robust_core.studies import perturbation_sequence
from robust_core.studies.perturbation_sequence import PerturbationRequest
from tests.made_images import make_image
from tests.studies.test_corruption_sweep import probabilities


def asked(spec, image, perturbation):
    return perturbation_sequence.run(PerturbationRequest((spec,), image, perturbation, 0))


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


def test_a_sequence_counts_flips_by_the_published_rule(model, tiny_model):
    image = make_image(3, size=(80, 90))
    frames = result_of(perturbation_sequence.frames_of(image, tiny_model.preprocess, "brightness", 0))
    sequence = result_of(asked(tiny_model, image, "brightness"))
    seen = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2) / 255
    labels = probabilities(model, seen).argmax(1)
    assert len(frames) == len(sequence.predictions) == 31
    assert [prediction.label for prediction in sequence.predictions] == labels.tolist()
    assert sequence.flip_probability == pytest.approx(np.mean(labels[1:] != labels[:-1]))
    assert sequence.frame["class"].to_list() == [tiny_model.label_space.names[label] for label in labels]
    assert len(sequence.figure().data[0].y) == 31


def test_what_lay_outside_the_crop_moves_into_the_sequence(tiny_model):
    """Translation shifts the whole resized image before the crop, so no black border may come in at 2 px."""
    image = make_image(4, size=(120, 120))
    frames = np.stack(result_of(perturbation_sequence.frames_of(image, tiny_model.preprocess, "translate", 0)))
    assert len(frames) == 41
    assert frames[18:23].reshape(5, -1, 3).max(-1).min() > 0


def test_noise_is_compared_with_the_first_frame(tiny_model):
    sequence = result_of(asked(tiny_model, make_image(5), "gaussian_noise"))
    labels = [prediction.label for prediction in sequence.predictions]
    assert sequence.flip_probability == pytest.approx(np.mean([label != labels[0] for label in labels[1:]]))


def test_a_sequence_of_a_stored_image_is_not_resized(model, tiny_model):
    """Stored images have the size of the input, so that the first frame of noise is the image itself."""
    image = make_image(6, size=(36, 36))
    stored = result_of(asked(tiny_model, replace(image, centre_crop_only=True), "gaussian_noise")).predictions[0]
    pixels = torch.from_numpy(image.rgb.copy()).permute(2, 0, 1)[None] / 255
    np.testing.assert_allclose(stored.probabilities, probabilities(model, pixels)[0], atol=1e-6)
