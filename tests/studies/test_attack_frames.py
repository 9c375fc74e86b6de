import numpy as np
import pytest
import torch

from robust_core.attacks.threat import PAPER as PAPER_THREAT
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.images import LabelledImage, to_pixels
from robust_core.models.loading import load_network
from robust_core.studies import attack_curve, attack_frames
from robust_core.studies.attack_curve import AttackCurveRequest
from tests.attacks.threats import threat
from tests.made_images import make_image
from tests.outcomes import events_and_result
from tests.studies.test_attack_curve import image_set


def frames_of(spec, images, place, threat_model):
    return trajectory_of(spec, images, (place,), threat_model).frames[place]


def trajectory_of(spec, images, places, threat_model):
    request = AttackCurveRequest((spec,), images, (threat_model,), frames_of=places)
    (trajectory,) = result_of(attack_curve.run(request)).trajectories[spec.name]
    return trajectory


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


@pytest.mark.parametrize("steps", range(1, 101))
def test_a_sequence_has_at_most_13_frames_the_first_steps_and_the_last_among_them(steps):
    frames = attack_frames.frame_steps(steps)
    assert frames[0] == 0
    assert frames[-1] == steps
    assert min(steps + 1, 11) <= len(frames) <= attack_frames.MAX_FRAMES
    gaps = np.diff(frames)
    assert (gaps > 0).all()
    assert (np.diff(gaps) >= -1).all(), "later ones lie farther apart, but for rounding"


def test_frames_change_neither_numbers_nor_the_key(tiny_model):
    images, threats = image_set([3, None, 700]), (threat(steps=4),)
    plain = AttackCurveRequest((tiny_model,), images, threats)
    with_frames = AttackCurveRequest((tiny_model,), images, threats, frames_of=(2, 0))
    assert plain.key == with_frames.key
    one, other = (result_of(attack_curve.run(request)) for request in (plain, with_frames))
    assert one.frame.equals(other.frame)
    assert one.trajectories["tiny"][0].frames == {}
    assert list(other.trajectories["tiny"][0].frames) == [2, 0]


def test_events_carry_no_pixels_of_frames(tiny_model):
    request = AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=2),), frames_of=(0,))
    events, _ = events_and_result(attack_curve.run(request))
    assert all(len(step.pixels) == 0 for step in attack_curve.only_steps(events))


def test_a_place_without_an_image_has_no_frames(tiny_model):
    with pytest.raises(BadInput, match="Frames are of the images 0 to 1; got"):
        AttackCurveRequest((tiny_model,), image_set([3, 4]), (threat(),), frames_of=(2,))


def test_frames_stay_within_their_bytes():
    for side_px in (64, 224, 600):
        taken = attack_frames.most_with_frames(side_px) * 2 * attack_frames.MAX_FRAMES * 3 * side_px**2
        assert taken <= attack_frames.MOST_BYTES


@pytest.mark.parametrize(
    "threat_model",
    [threat(steps=3), threat(steps=3, start="random", restarts=2, seed=4), threat(steps=3, norm="l2", eps=1.0)],
)
def test_a_sequence_is_the_images_own_part_of_the_set(tiny_model, threat_model):
    trajectory = trajectory_of(tiny_model, image_set([None, None, None]), (2,), threat_model)
    whole, sequence = trajectory.steps, trajectory.frames[2]
    assert sequence.steps == (0, 1, 2, 3)
    assert list(sequence.label) == [int(step.label[2]) for step in whole]
    assert list(sequence.probability) == [float(step.probability[2]) for step in whole]
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
