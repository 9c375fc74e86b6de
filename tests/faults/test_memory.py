"""Out of memory, in every kind of job: once costs time alone, always is said in a sentence, and the next job finds the
model free.
"""

import math
from functools import partial

import numpy as np
import pytest
import torch

from robust_core.attributions.methods import METHODS
from robust_core.data.stimulus_sets import synthetic_set
from robust_core.jobs import State
from robust_core.models import pool as pool_module
from robust_core.studies import attack_curve, attribution_maps, corruption_sweep, feature_visualization, shape_bias
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.predictions import predict_images
from tests.attacks.threats import threat
from tests.faults.conftest import behind, run_to_the_end
from tests.made_images import make_image
from tests.studies.test_attack_curve import chosen_images
from tests.studies.test_attribution_maps import question

IMAGE = make_image(0, 3)
SHORT = threat(steps=2)
MOST_PLACES = 4


def evidence():
    """A map, and what speaks for it."""
    found = yield from attribution_maps.explain(question("saliency"), IMAGE)
    return (yield from attribution_maps.evaluate(question("saliency"), IMAGE, found))


WORKS = {
    "answers": partial(predict_images, "tiny", [IMAGE] * 3),
    "severities": partial(corruption_sweep.sweep, "tiny", IMAGE, corruption_sweep.severity_strip("contrast", 0)),
    "sequence": partial(corruption_sweep.predict_sequence, "tiny", IMAGE, "brightness", 0),
    "attack": partial(attack_curve.attack, "tiny", chosen_images([3, 700]), [SHORT]),
    "frame sequence of an attack": partial(attack_curve.attack_frames, "tiny", chosen_images([3]), 0, SHORT),
    **{
        f"map by {row.title}": partial(attribution_maps.explain, question(row.key), IMAGE)
        for row in METHODS.values()
        if row.holds_on is None
    },
    "evidence": evidence,
    "forgetting": partial(attribution_maps.randomize, question(), IMAGE, 3, 0),
    "maps under attack": partial(attribution_maps.attack, question(), IMAGE, SHORT, [0, 2]),
    "votes": partial(shape_bias.run, ["tiny"], synthetic_set(), 3),
    "ascent": partial(feature_visualization.maximize, "tiny", Ascent("class", 3, 2), IMAGE, centre_crop_only=False),
    "ascent alone": partial(
        feature_visualization.maximize, "tiny", Ascent("unit_alone", 3, 2), IMAGE, centre_crop_only=False
    ),
    "input gradient": partial(feature_visualization.input_gradient, "tiny", IMAGE, centre_crop_only=False),
}


@pytest.fixture
def pool(tiny_model, fuse, monkeypatch):
    monkeypatch.setattr(pool_module, "get_spec", {"tiny": behind(fuse, tiny_model)}.__getitem__)
    return pool_module.shared_pool()


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_memory_that_runs_out_once_at_any_pass_costs_time_alone(work, pool, fuse):
    assert run_to_the_end(work).state is State.DONE
    for place in {round(part) for part in np.linspace(0, fuse.passes - 1, MOST_PLACES)}:
        fuse.reset(blows_at=place, failures=1)
        job = run_to_the_end(work)
        assert (job.state, job.error, fuse.failures) == (State.DONE, None, 0), f"after {place} passes"


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_memory_that_no_longer_suffices_is_said_and_the_next_job_is_done(work, pool, fuse):
    assert run_to_the_end(work).state is State.DONE
    for place in {0, fuse.passes - 1}:
        fuse.reset(blows_at=place, failures=math.inf)
        job = run_to_the_end(work)
        assert job.state is State.FAILED, f"after {place} passes"
        assert job.error.startswith("The device ran out of memory with ")
        pool.free_idle()
        assert pool.keys() == (), "a model is still in use"
        fuse.reset()
        assert run_to_the_end(work).state is State.DONE


def starved(monkeypatch, times):
    """Loading fails so many times for want of memory."""
    left, load = [times], pool_module.load_network

    def load_network(*arguments):
        left[0] -= 1
        if left[0] >= 0:
            raise torch.OutOfMemoryError("out of memory")
        return load(*arguments)

    monkeypatch.setattr(pool_module, "load_network", load_network)


def test_a_model_that_does_not_fit_beside_idle_ones_is_loaded_when_they_have_left(pool, monkeypatch):
    with pool.use("tiny"):
        pass
    starved(monkeypatch, 1)
    spec = pool_module.get_spec("tiny")
    monkeypatch.setattr(pool_module, "get_spec", lambda _key: spec)
    with pool.use("another"):
        assert pool.keys() == ("another",)


def test_a_model_that_others_leave_no_room_for_is_said_and_loaded_later(pool, monkeypatch):
    with monkeypatch.context() as patched:
        starved(patched, 2)
        job = run_to_the_end(WORKS["answers"])
    assert job.state is State.FAILED
    assert (
        job.error
        == "Tiny tiny needs 0.0 GB, which this device does not have free now; choose a smaller model or try again."
    )
    assert run_to_the_end(WORKS["answers"]).state is State.DONE
