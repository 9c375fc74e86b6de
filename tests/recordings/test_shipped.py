"""What is shipped is there, small, what the pages ask at first, and what a run gives today."""

import numpy as np
import pytest

from robust_core import settings
from robust_core.attacks.scoring import ANY_STEP_SO_FAR
from robust_core.events import result_of
from robust_core.labels import IMAGENET, MINI
from robust_core.recordings import store
from robust_core.recordings.shipped import SHIPPED, attack_request
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import accuracies
from robust_core.studies.attack_frames import MAX_FRAMES

LARGEST_BYTES = 15_000_000
RECOMPUTED = 1  # model of each world: an attack of 50 steps takes a while


def recordings():
    return [(row.key, request.of(spec)) for row in SHIPPED for request in [row.request()] for spec in request.models]


@pytest.mark.parametrize(("key", "request_"), recordings(), ids=lambda one: getattr(one, "key", one)[:2])
def test_every_recorded_request_has_a_recording(key, request_):
    found = store.find(request_)
    assert found is not None
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
