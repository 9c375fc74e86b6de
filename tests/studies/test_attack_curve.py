import gc

import numpy as np
import pytest
import torch

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER
from robust_core.attacks.threat import PAPER as PAPER_THREAT
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage, to_pixels
from robust_core.labels import IMAGENET
from robust_core.models.loading import load_network
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import ChosenImages
from tests.attacks.steps import trajectory
from tests.attacks.threats import attack, threat
from tests.made_images import make_image
from tests.outcomes import events_and_result


def chosen_images(labels, *, size=(60, 54), centre_crop_only=False):
    images = {f"id {seed}": make_image(seed, label, size) for seed, label in enumerate(labels)}
    return ChosenImages(
        tuple(images),
        tuple(image.name for image in images.values()),
        "made in a test",
        centre_crop_only,
        images.__getitem__,
    )


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


def test_a_trajectory_is_pgd_on_the_models_input(tiny_model, model):
    images = chosen_images([3, 700, None])
    expected = attack(
        model,
        torch.stack([to_pixels(images.read(one), tiny_model.preprocess) for one in images.ids]),
        [3, 700, None],
        threat(steps=4),
    )
    events, (trajectory,) = events_and_result(attack_curve.attack("tiny", images, [threat(steps=4)]))
    steps = trajectory.steps
    assert [step.step for step in steps] == [0, 1, 2, 3, 4]
    assert attack_curve.steps_so_far(events) == {threat(steps=4): list(steps)}
    for ours, theirs in zip(steps, expected, strict=True):
        torch.testing.assert_close(ours.loss, theirs.loss)
        assert ours.label.tolist() == theirs.label.tolist()
    assert steps[0].goal.known.tolist() == [True, True, False]


def test_several_eps_in_one_job_are_what_each_is_alone(tiny_model):
    images, threats = chosen_images([3, 700]), [threat(steps=3, eps=eps / 255) for eps in (1, 4)]
    together = result_of(attack_curve.attack("tiny", images, threats))
    assert [one.threat for one in together] == threats
    for one in together:
        (alone,) = result_of(attack_curve.attack("tiny", images, [one.threat]))
        assert [step.loss.tolist() for step in one.steps] == [step.loss.tolist() for step in alone.steps]


def test_all_images_can_be_driven_to_one_class(tiny_model):
    images, towards = chosen_images([3, None]), threat(steps=3, aim="chosen")
    (trajectory,) = result_of(attack_curve.attack("tiny", images, [towards], target=8))
    assert trajectory.steps[0].goal.targets.tolist() == [8, 8]
    sequence = result_of(attack_curve.attack_frames("tiny", images, 1, towards, target=8))
    assert sequence.probability == pytest.approx([float(step.probability[1]) for step in trajectory.steps], abs=1e-5)
    with pytest.raises(BadInput, match="differ"):
        result_of(attack_curve.attack("tiny", images, [towards], target=3))


def test_every_step_comes_as_soon_as_it_is_there(tiny_model):
    events = attack_curve.attack("tiny", chosen_images([1, 2]), [threat(steps=3)])
    seen = []
    while not seen or not isinstance(seen[-1], AttackStep):
        seen.append(next(events))
    assert seen[-1].step == 0
    assert all(isinstance(event, Progress) for event in seen[:-1])
    events.close()


def test_progress_counts_steps_also_where_one_batch_holds_all_images(tiny_model):
    events = list(attack_curve.attack("tiny", chosen_images([1, 2]), [threat(steps=3), threat(steps=2)]))
    assert [event.done for event in events if isinstance(event, Progress) and event.note == "attacking"] == [
        0,
        1,
        2,
        3,
        3,
        4,
        5,
    ]
    assert {event.total for event in events if isinstance(event, Progress) and event.unit == "steps"} == {5}


def test_images_of_no_number_are_refused():
    with pytest.raises(BadInput, match="at least one"):
        next(attack_curve.attack("tiny", chosen_images([]), [threat()]))
    with pytest.raises(BadInput, match="at least one"):
        next(attack_curve.attack("tiny", chosen_images([1]), []))


def test_accuracy_counts_what_is_wrong_when_clean():
    steps = trajectory([0, 1, 2, 3], [[0, 1, 2, 9], [0, 5, 2, 3], [5, 1, 2, 3]])
    assert [interval.estimate for interval in attack_curve.accuracies(steps, LAST_ITERATE)] == [0.75, 0.75, 0.75]
    assert [interval.estimate for interval in attack_curve.accuracies(steps, ANY_STEP_SO_FAR)] == [0.75, 0.5, 0.25]
    assert {interval.n for interval in attack_curve.accuracies(steps, LAST_ITERATE)} == {4}
    with pytest.raises(BadInput, match="targeted"):
        attack_curve.accuracies(steps, PAPER)


@pytest.mark.parametrize("steps", [1, 5, 23, 24, 50, 100])
def test_the_sequence_has_at_most_24_frames_first_and_last_among_them(steps):
    frames = attack_curve.frame_steps(steps)
    assert frames[0] == 0
    assert frames[-1] == steps
    assert len(frames) == min(steps + 1, attack_curve.MAX_FRAMES)
    assert max(np.diff(frames)) - min(np.diff(frames)) <= 1


@pytest.mark.parametrize(
    "threat_model",
    [threat(steps=3), threat(steps=3, start="random", restarts=2, seed=4), threat(steps=3, norm="l2", eps=1.0)],
)
def test_a_sequence_is_the_images_own_part_of_the_set(tiny_model, threat_model):
    images = chosen_images([None, None, None])
    whole = result_of(attack_curve.attack("tiny", images, [threat_model]))[0].steps
    sequence = result_of(attack_curve.attack_frames("tiny", images, 2, threat_model))
    assert sequence.steps == (0, 1, 2, 3)
    assert list(sequence.label) == [int(step.label[2]) for step in whole]
    assert sequence.probability == pytest.approx([float(step.probability[2]) for step in whole], abs=1e-5)
    assert list(sequence.correct) == [bool(step.correct[2]) for step in whole]


def test_the_change_is_signed_and_stretched_by_the_factor(tiny_model):
    images = chosen_images([None])
    sequence = result_of(attack_curve.attack_frames("tiny", images, 0, threat(steps=3, eps=4 / 255, step_size=1 / 255)))
    assert sequence.factor == 31
    assert (sequence.change[0] == 128).all(), "the clean frame has not changed"
    change = sequence.attacked[-1].astype(int) - sequence.attacked[0]
    np.testing.assert_allclose(sequence.change[-1], 127.5 + sequence.factor * change, atol=1)
    assert set(np.unique(np.abs(change))) <= {0, 1, 2, 3}


def test_what_is_stored_is_judged_as_it_is_and_as_an_upload(tiny_model, model):
    sequence = result_of(attack_curve.attack_frames("tiny", chosen_images([None]), 0, threat(steps=2)))
    stored = torch.from_numpy(sequence.stored).permute(2, 0, 1)[None].float() / 255
    np.testing.assert_allclose(sequence.stored_prediction.probabilities, model.logits(stored).softmax(1)[0], atol=1e-6)
    image = LabelledImage(sequence.stored, None, "", "", "", IMAGENET)
    uploaded = to_pixels(image, tiny_model.preprocess)[None]  # 36 px are resized to 40 px and cropped
    np.testing.assert_allclose(sequence.reopened.probabilities, model.logits(uploaded).softmax(1)[0], atol=1e-6)
    assert not np.array_equal(sequence.stored_prediction.probabilities, sequence.reopened.probabilities)


def test_images_stored_at_input_size_are_not_resized(tiny_model):
    sizes = [
        result_of(
            attack_curve.attack_frames(
                "tiny", chosen_images([None], size=(50, 50), centre_crop_only=crop), 0, threat(steps=1)
            )
        )
        for crop in (False, True)
    ]
    assert not np.array_equal(sizes[0].attacked[0], sizes[1].attacked[0])
    np.testing.assert_array_equal(sizes[1].attacked[0], make_image(0, size=(50, 50)).rgb[7:43, 7:43])


def test_without_a_radius_the_sequence_stands_still(tiny_model):
    sequence = result_of(
        attack_curve.attack_frames("tiny", chosen_images([None]), 0, threat(eps=0.0, step_size=0.0, steps=2))
    )
    assert (sequence.attacked == sequence.attacked[0]).all()
    assert (sequence.change == 128).all()


def test_the_papers_attack_can_be_shown_in_frames(tiny_model):
    sequence = result_of(attack_curve.attack_frames("tiny", chosen_images([5]), 0, PAPER_THREAT))
    assert sequence.factor == 8
    assert len(sequence.steps) == 11


def test_a_closed_attack_leaves_nothing_in_the_pool(tiny_model):
    from robust_core.models.pool import shared_pool

    events = attack_curve.attack("tiny", chosen_images([1]), [threat()])
    next(events), next(events)
    events.close()
    gc.collect()
    shared_pool().free_idle()
    assert shared_pool().keys() == ()


def test_an_attack_on_a_model_with_infinite_logits_shows_no_step(overflowing):
    seen = []
    with pytest.raises(NotFinite):
        seen.extend(
            event
            for event in attack_curve.attack("tiny", chosen_images([0, 0]), [threat(steps=2)])
            if not isinstance(event, Progress)
        )
    assert not seen


@pytest.mark.parametrize(
    ("norm", "eps"), [("l2", 1e300), ("l2", 1e-30), ("linf", 1.0), ("linf", 1e-40), ("linf", 1e-320)]
)
def test_a_sequence_of_an_attack_of_any_size_is_made_of_images(tiny_model, norm, eps):
    sequence = result_of(
        attack_curve.attack_frames("tiny", chosen_images([None]), 0, threat(norm=norm, eps=eps, step_size=eps, steps=2))
    )
    assert 1 <= sequence.factor <= attack_curve.LARGEST_FACTOR
    assert (sequence.stored == sequence.attacked[0]).all() == (eps < 1)
