import numpy as np
import pytest
import torch

from robust_core.attacks.threat import PAPER as PAPER_THREAT
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.images import LabelledImage, to_pixels
from robust_core.models.loading import load_network
from robust_core.studies import attack_frames
from robust_core.studies.attack_frames import AttackFramesRequest
from tests.attacks.threats import threat
from tests.made_images import make_image
from tests.studies.test_attack_curve import image_set, trajectories


def frames_of(spec, images, place, threat_model):
    return result_of(attack_frames.run(AttackFramesRequest((spec,), images, (threat_model,), place=place)))


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


@pytest.mark.parametrize("steps", [1, 5, 23, 24, 50, 100])
def test_the_sequence_has_at_most_24_frames_first_and_last_among_them(steps):
    frames = attack_frames.frame_steps(steps)
    assert frames[0] == 0
    assert frames[-1] == steps
    assert len(frames) == min(steps + 1, attack_frames.MAX_FRAMES)
    assert max(np.diff(frames)) - min(np.diff(frames)) <= 1


@pytest.mark.parametrize(
    "threat_model",
    [threat(steps=3), threat(steps=3, start="random", restarts=2, seed=4), threat(steps=3, norm="l2", eps=1.0)],
)
def test_a_sequence_is_the_images_own_part_of_the_set(tiny_model, threat_model):
    images = image_set([None, None, None])
    whole = trajectories(tiny_model, images, [threat_model])[0].steps
    sequence = frames_of(tiny_model, images, 2, threat_model)
    assert sequence.steps == (0, 1, 2, 3)
    assert list(sequence.label) == [int(step.label[2]) for step in whole]
    assert sequence.probability == pytest.approx([float(step.probability[2]) for step in whole], abs=1e-5)
    assert list(sequence.correct) == [bool(step.correct[2]) for step in whole]


def test_the_change_is_signed_and_stretched_by_the_factor(tiny_model):
    images = image_set([None])
    sequence = frames_of(tiny_model, images, 0, threat(steps=3, eps=4 / 255, step_size=1 / 255))
    assert sequence.factor == 31
    assert (sequence.change[0] == 128).all(), "the clean frame has not changed"
    change = sequence.attacked[-1].astype(int) - sequence.attacked[0]
    np.testing.assert_allclose(sequence.change[-1], 127.5 + sequence.factor * change, atol=1)
    assert set(np.unique(np.abs(change))) <= {0, 1, 2, 3}


def test_what_is_stored_is_judged_as_it_is_and_as_an_upload(tiny_model, model):
    sequence = frames_of(tiny_model, image_set([None]), 0, threat(steps=2))
    stored = torch.from_numpy(sequence.stored).permute(2, 0, 1)[None].float() / 255
    np.testing.assert_allclose(sequence.stored_prediction.probabilities, model.logits(stored).softmax(1)[0], atol=1e-6)
    image = LabelledImage.of_pixels(sequence.stored, "", "")
    uploaded = to_pixels(image, tiny_model.preprocess)[None]  # 36 px are resized to 40 px and cropped
    np.testing.assert_allclose(sequence.reopened.probabilities, model.logits(uploaded).softmax(1)[0], atol=1e-6)
    assert not np.array_equal(sequence.stored_prediction.probabilities, sequence.reopened.probabilities)


def test_images_stored_at_input_size_are_not_resized(tiny_model):
    sizes = [
        frames_of(tiny_model, image_set([None], size=(50, 50), centre_crop_only=crop), 0, threat(steps=1))
        for crop in (False, True)
    ]
    assert not np.array_equal(sizes[0].attacked[0], sizes[1].attacked[0])
    np.testing.assert_array_equal(sizes[1].attacked[0], make_image(0, size=(50, 50)).rgb[7:43, 7:43])


def test_without_a_radius_the_sequence_stands_still(tiny_model):
    sequence = frames_of(tiny_model, image_set([None]), 0, threat(eps=0.0, step_size=0.0, steps=2))
    assert (sequence.attacked == sequence.attacked[0]).all()
    assert (sequence.change == 128).all()


def test_the_papers_attack_can_be_shown_in_frames(tiny_model):
    sequence = frames_of(tiny_model, image_set([5]), 0, PAPER_THREAT)
    assert sequence.factor == 8
    assert len(sequence.steps) == 11


@pytest.mark.parametrize(
    ("norm", "eps"), [("l2", 1e300), ("l2", 1e-30), ("linf", 1.0), ("linf", 1e-40), ("linf", 1e-320)]
)
def test_a_sequence_of_an_attack_of_any_size_is_made_of_images(tiny_model, norm, eps):
    sequence = frames_of(tiny_model, image_set([None]), 0, threat(norm=norm, eps=eps, step_size=eps, steps=2))
    assert 1 <= sequence.factor <= attack_frames.LARGEST_FACTOR
    assert (sequence.stored == sequence.attacked[0]).all() == (eps < 1)


def test_frames_of_several_attacks_or_of_an_image_that_is_not_there_are_refused(tiny_model):
    images = image_set([3, 4])
    with pytest.raises(BadInput, match="the image at 2"):
        AttackFramesRequest((tiny_model,), images, (threat(),), place=2)
    with pytest.raises(BadInput, match="2 attacks"):
        AttackFramesRequest((tiny_model,), images, (threat(), threat(eps=0.5)))
