"""Out of memory, in every kind of job: once costs time alone, always is said in a sentence, and the next job finds the
model free.
"""

import math
from functools import partial

import numpy as np
import pytest
import torch

from robust_core.attributions import random_controls
from robust_core.attributions.methods import METHODS
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import synthetic_set
from robust_core.jobs import State
from robust_core.models import pool as pool_module
from robust_core.studies import (
    attack_curve,
    attribution_maps,
    corruption_grid,
    corruption_sweep,
    feature_visualization,
    input_gradient,
    perturbation_sequence,
    predictions,
    shape_bias,
)
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.attribution_maps import AttackedMapsRequest, MapMetricsRequest, RandomizedMapsRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.corruption_sweep import CorruptionSweepRequest
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_visualization import AscentRequest
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.shape_bias import ShapeBiasRequest
from tests.attacks.threats import threat
from tests.faults.conftest import behind, run_to_the_end
from tests.made_images import make_image
from tests.studies.test_attack_curve import image_set
from tests.studies.test_attribution_maps import parts_of, question

IMAGE = make_image(0, 3)
SHORT = threat(steps=2)
MOST_PLACES = 4


def evidence(spec):
    """A map, and what speaks for it, beside random maps."""
    found = yield from attribution_maps.explain(question(spec))
    return (yield from attribution_maps.evaluate(question(spec).asking(MapMetricsRequest, controls=True), found))


# What each kind of job does with a model.
WORKS = {
    "predictions": lambda spec: predictions.run(PredictionsRequest((spec,), ImageSet.of([IMAGE] * 3))),
    "severities": lambda spec: corruption_sweep.run(
        CorruptionSweepRequest((spec,), IMAGE, corruption_sweep.severity_strip(Condition("contrast", 1, 0)))
    ),
    "corruption grid": lambda spec: corruption_grid.run(
        CorruptionGridRequest((spec,), image_set([3, 700]), (Condition("contrast", 3, 0),))
    ),
    "sequence": lambda spec: perturbation_sequence.run(PerturbationRequest((spec,), IMAGE, "brightness", 0)),
    "attack": lambda spec: attack_curve.run(AttackCurveRequest((spec,), image_set([3, 700]), (SHORT,))),
    "frames of an attack": lambda spec: attack_curve.run(
        AttackCurveRequest((spec,), image_set([3, 700]), (SHORT,), frames_of=(0, 1))
    ),
    **{
        f"map by {row.title}": lambda spec, key=row.key: attribution_maps.explain(question(spec, key))
        for row in METHODS.values()
        if row.holds_on is None
    },
    "evidence": evidence,
    "randomization": lambda spec: attribution_maps.randomize(
        RandomizedMapsRequest(*parts_of(question(spec)), label=3, seed=0)
    ),
    "maps under attack": lambda spec: attribution_maps.attack(
        AttackedMapsRequest(*parts_of(question(spec)), threat=SHORT, steps=(0, 2))
    ),
    "votes": lambda spec: shape_bias.run(ShapeBiasRequest((spec,), synthetic_set(), 3)),
    "ascent": lambda spec: feature_visualization.run(AscentRequest((spec,), Ascent("class", 3, 2), IMAGE)),
    "ascent alone": lambda spec: feature_visualization.run(AscentRequest((spec,), Ascent("unit_alone", 3, 2), IMAGE)),
    "input gradient": lambda spec: input_gradient.run(InputGradientRequest((spec,), IMAGE)),
}


@pytest.fixture
def pool(tiny_model, fuse, monkeypatch):
    monkeypatch.setattr(pool_module, "get_spec", {"tiny": behind(fuse, tiny_model)}.__getitem__)
    monkeypatch.setattr(random_controls, "REMEMBERED", 0)  # so that every run takes the same passes
    return pool_module.shared_pool()


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_memory_that_runs_out_once_at_any_pass_costs_time_alone(work, pool, fuse, tiny_model):
    assert run_to_the_end(partial(work, tiny_model)).state is State.DONE
    for place in {round(part) for part in np.linspace(0, fuse.passes - 1, MOST_PLACES)}:
        fuse.reset(blows_at=place, failures=1)
        job = run_to_the_end(partial(work, tiny_model))
        assert (job.state, job.error, fuse.failures) == (State.DONE, None, 0), f"after {place} passes"


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_memory_that_no_longer_suffices_is_said_and_the_next_job_is_done(work, pool, fuse, tiny_model):
    assert run_to_the_end(partial(work, tiny_model)).state is State.DONE
    for place in {0, fuse.passes - 1}:
        fuse.reset(blows_at=place, failures=math.inf)
        job = run_to_the_end(partial(work, tiny_model))
        assert job.state is State.FAILED, f"after {place} passes"
        assert job.error.startswith("The device ran out of memory with ")
        pool.free_idle()
        assert pool.keys() == (), "a model is still in use"
        fuse.reset()
        assert run_to_the_end(partial(work, tiny_model)).state is State.DONE


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


def test_a_model_that_others_leave_no_room_for_is_said_and_loaded_later(pool, monkeypatch, tiny_model):
    with monkeypatch.context() as patched:
        starved(patched, 2)
        job = run_to_the_end(partial(WORKS["predictions"], tiny_model))
    assert job.state is State.FAILED
    assert (
        job.error
        == "Tiny tiny needs 0.0 GB, which this device does not have free now; choose a smaller model or try again."
    )
    assert run_to_the_end(partial(WORKS["predictions"], tiny_model)).state is State.DONE
