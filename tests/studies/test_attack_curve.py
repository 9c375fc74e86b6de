import copy
import gc
from dataclasses import replace

import pytest
import torch

from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress, result_of
from robust_core.images import to_pixels
from robust_core.models import copies
from robust_core.models.loading import load_network
from robust_core.report.plain import to_plain
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest
from tests.attacks.steps import trajectory
from tests.attacks.threats import attack, threat
from tests.made_images import make_image
from tests.outcomes import events_and_result


def image_set(labels, *, size=(60, 54), centre_crop_only=False):
    images = {
        f"id {seed}": replace(make_image(seed, label, size), centre_crop_only=centre_crop_only)
        for seed, label in enumerate(labels)
    }
    return ImageSet(tuple(images), images.__getitem__, "Test", "made in a test")


def attacked(spec, images, threats, targets=None):
    """The events and the result of an attack by one model."""
    return attack_curve.run(AttackCurveRequest((spec,), images, tuple(threats), targets))


def trajectories(*arguments):
    """What one model's attacks come to."""
    ((_, found),) = result_of(attacked(*arguments)).trajectories.items()
    return found


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


def test_a_trajectory_is_pgd_on_the_models_input(tiny_model, model):
    images = image_set([3, 700, None])
    expected = attack(
        model,
        torch.stack([to_pixels(images.read(one), tiny_model.preprocess) for one in images.ids]),
        [3, 700, None],
        threat(steps=4),
    )
    events, result = events_and_result(attacked(tiny_model, images, [threat(steps=4)]))
    (trajectory,) = result.trajectories["tiny"]
    steps = trajectory.steps
    assert [step.step for step in steps] == [0, 1, 2, 3, 4]
    assert attack_curve.steps_so_far(events) == {threat(steps=4): list(steps)}
    for ours, theirs in zip(steps, expected, strict=True):
        torch.testing.assert_close(ours.loss, theirs.loss)
        assert ours.label.tolist() == theirs.label.tolist()
    assert steps[0].goal.known.tolist() == [True, True, False]


def test_several_eps_in_one_job_are_what_each_is_alone(tiny_model):
    images, threats = image_set([3, 700]), [threat(steps=3, eps=eps / 255) for eps in (1, 4)]
    together = trajectories(tiny_model, images, threats)
    assert [one.threat for one in together] == threats
    for one in together:
        (alone,) = trajectories(tiny_model, images, [one.threat])
        assert [step.loss.tolist() for step in one.steps] == [step.loss.tolist() for step in alone.steps]


def test_all_images_can_be_driven_to_one_class(tiny_model):
    images, towards = image_set([3, None]), threat(steps=3, aim="chosen")
    (trajectory,) = trajectories(tiny_model, images, [towards], 8)
    assert trajectory.steps[0].goal.targets.tolist() == [8, 8]
    with pytest.raises(BadInput, match="differ"):
        trajectories(tiny_model, images, [towards], 3)


def test_every_step_comes_as_soon_as_it_is_there(tiny_model):
    events = attacked(tiny_model, image_set([1, 2]), [threat(steps=3)])
    seen = []
    while not seen or not isinstance(seen[-1], AttackStep):
        seen.append(next(events))
    assert seen[-1].step == 0
    assert all(isinstance(event, Progress) for event in seen[:-1])
    events.close()


def test_progress_counts_steps_also_where_one_batch_holds_all_images(tiny_model):
    events = list(attacked(tiny_model, image_set([1, 2]), [threat(steps=3), threat(steps=2)]))
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


def test_images_of_no_number_are_refused(tiny_model):
    with pytest.raises(BadInput, match="at least one"):
        next(attacked(tiny_model, image_set([]), [threat()]))
    with pytest.raises(BadInput, match="at least one"):
        next(attacked(tiny_model, image_set([1]), []))


def test_accuracy_counts_what_is_wrong_when_clean():
    steps = trajectory([0, 1, 2, 3], [[0, 1, 2, 9], [0, 5, 2, 3], [5, 1, 2, 3]])
    assert [interval.estimate for interval in attack_curve.accuracies(steps, LAST_ITERATE)] == [0.75, 0.75, 0.75]
    assert [interval.estimate for interval in attack_curve.accuracies(steps, ANY_STEP_SO_FAR)] == [0.75, 0.5, 0.25]
    assert {interval.n for interval in attack_curve.accuracies(steps, LAST_ITERATE)} == {4}
    with pytest.raises(BadInput, match="targeted"):
        attack_curve.accuracies(steps, PAPER)


def test_a_closed_attack_leaves_nothing_in_the_pool(tiny_model):
    from robust_core.models.pool import shared_pool

    events = attacked(tiny_model, image_set([1]), [threat()])
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
            for event in attacked(overflowing, image_set([0, 0]), [threat(steps=2)])
            if not isinstance(event, Progress)
        )
    assert not seen


def curve_of(spec, steps, frames_of=(), **options):
    request = AttackCurveRequest((spec,), image_set([3, 700]), (threat(steps=steps),), frames_of=frames_of)
    return result_of(attack_curve.run(request, **options))


def test_an_attack_that_leaves_no_image_stops_and_every_number_stays(tiny_model):
    """Tiny models are right about no photo, so that all is said at the clean images."""
    whole, early = curve_of(tiny_model, 9), curve_of(tiny_model, 9, until_flat=ANY_STEP_SO_FAR)
    ((long,),), ((short,),) = whole.trajectories.values(), early.trajectories.values()
    assert (long.stopped, short.stopped) == (False, True)
    assert [step.step for step in short.steps] == list(range(attack_curve.FLAT_STEPS + 1))
    for ours, theirs in zip(short.steps, long.steps, strict=False):
        assert ours.loss.tolist() == theirs.loss.tolist()
    columns = ["step", "accuracy_percent", "low_percent", "high_percent", "n"]
    assert early.frame[columns].equals(whole.frame[columns])
    assert early.frame.mean_loss_nats.isna().sum() == 9 - attack_curve.FLAT_STEPS


def test_the_frames_of_an_attack_that_was_stopped_end_with_its_last_step(tiny_model):
    ((short,),) = curve_of(tiny_model, 40, frames_of=(0,), until_flat=ANY_STEP_SO_FAR).trajectories.values()
    assert short.frames[0].steps[-1] == short.steps[-1].step


def test_where_an_image_is_left_or_may_come_back_nothing_stops(tiny_model):
    steps = trajectory([0, 1], [[0, 1], *[[0, 9]] * 8])
    assert not any(attack_curve._flat(steps[:last], ANY_STEP_SO_FAR) for last in range(1, 10))
    with pytest.raises(BadInput, match="may rise again"):
        curve_of(tiny_model, 3, until_flat=LAST_ITERATE)


def test_only_a_rule_by_which_images_only_fall_knows_the_rest():
    steps = trajectory([0, 1], [[0, 1], [5, 9], [5, 9]], threat_model=threat(steps=4))
    known = attack_curve.accuracies_to_the_end(steps, ANY_STEP_SO_FAR)
    assert [one.estimate for one in known] == [1, 0, 0, 0, 0]
    assert len(attack_curve.accuracies_to_the_end(steps, LAST_ITERATE)) == 3


def test_where_folding_is_not_safe_that_is_said_and_in_float32_nothing_is(tiny_model, monkeypatch):
    monkeypatch.setattr(copies, "folded", copy.deepcopy)
    monkeypatch.setattr(copies, "LARGEST_GAP", -1)  # so that no copy is near enough
    found = result_of(attack_curve.run(AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=1),))))
    assert found.notes == ("Tiny tiny serves as it is: folding its batch norm changes a logit by 0, more than -1.",)
    assert found.sentences()[-1] == found.notes[0]
    assert set(found.by_image()["precision"]) == {"float32_folded"}
    asked = AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=1, precision="float32"),))
    plain = result_of(attack_curve.run(asked))
    assert plain.notes == ()
    assert plain.frame["protocol"][0].endswith("; batch norm not folded")


def test_bfloat16_is_refused_before_any_model_is_loaded(tiny_model, monkeypatch):
    monkeypatch.setattr(attack_curve, "using", None)
    request = AttackCurveRequest((tiny_model,), image_set([3]), (threat(precision="bfloat16_float32_stem"),))
    with pytest.raises(BadInput, match="Tiny tiny is attacked in float32 alone"):
        result_of(attack_curve.run(request))


def test_the_usual_precision_is_in_no_key_and_no_record(tiny_model):
    def request(precision):
        return AttackCurveRequest((tiny_model,), image_set([3]), (threat(precision=precision),))

    assert "precision" not in request("float32_folded").key[-1]
    assert "precision" not in str(to_plain(request("float32_folded").threats))
    assert request("float32").key != request("float32_folded").key
    assert to_plain(request("float32").threats[0])["fields"]["precision"] == "float32"
