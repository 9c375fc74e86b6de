"""The runs of the mini family in cache/mini/results: whole, of these weights and this world, and the same when some of
it is done again.
"""

from collections import Counter

import numpy as np
import pytest

from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.plans import collate, make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import results_of
from robust_core.benchmark.stored_runs import Run, finished, run_of, stores
from robust_core.benchmark.tasks import Question
from robust_core.events import result_of
from robust_core.labels import MINI
from robust_core.mini.card import measured
from robust_core.models.loading import load
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.models.registry_mini_defences import MINI_DEFENCES, NOISE
from robust_core.recordings import store
from robust_core.recordings.shipped import cues_request
from robust_core.results import BenchmarkCondition
from robust_core.studies.cue_tests import CUE_TESTS

SHIPPED, _ = stores()
BASELINE = MINI_REGISTRY[0]
ATTACKED = (*MINI_REGISTRY, *MINI_DEFENCES)
# The models of an experiment, where these are not the family alone.
MODELS = {
    "mini_attacks": ATTACKED,
    "mini_smallest_change": ATTACKED,
    "mini_transfer": ATTACKED,
    "mini_certified": (BASELINE, *(spec for spec in MINI_DEFENCES if spec.family == NOISE)),
}
CONFIGS = [
    RunConfig(row.key, spec.key)
    for row in EXPERIMENTS.values()
    if row.label_space == MINI
    for spec in MODELS.get(row.key, MINI_REGISTRY)
]
AGAIN = 8


def run_for(config: RunConfig) -> Run:
    return run_of(config.identity, SHIPPED)


def name(config: RunConfig) -> str:
    return f"{config.experiment_key}-{config.model_key}"


def test_every_model_has_every_experiment_and_nothing_else_is_there():
    assert Counter(run.folder for run in finished(SHIPPED)) == Counter(run_for(config).folder for config in CONFIGS)


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_the_numbers_follow_from_the_predictions(config):
    run = run_for(config)
    plan = make_plan(config)
    assert run.identity["pictures"] == plan.digest, "the images have changed since"
    units = {unit.name: run.read_unit(unit.name) for unit in plan.units}
    for stored, counted in zip(run.results(), results_of(plan, run, units), strict=True):
        assert stored == counted


@pytest.mark.parametrize("config", [one for one in CONFIGS if one.model_key == BASELINE.key], ids=name)
def test_a_few_images_asked_again_are_predicted_as_before(config):
    """The baseline, under one condition of each experiment; another processor may round a prediction on the verge
    differently.
    """
    plan, run = make_plan(config), run_for(config)
    number = len(plan.units) // 2
    unit, images = plan.units[number], plan.dataset()
    batch = collate([images[number, place] for place in unit.places[:AGAIN]])
    words = unit.condition.words
    asked = Question(
        load(config.model_key),
        batch.levels,
        *map(np.array, (batch.labels, batch.textures, batch.places)),
        words,
        config.seed,
        config.quirks,
    )
    stored = run.read_unit(unit.name)
    for field, values in result_of(config.experiment.task.ask(asked)).items():
        agreeing = np.isclose(values, stored[field][:AGAIN], atol=0.02).mean()
        assert agreeing >= 0.8, field


def test_the_card_and_the_runs_say_the_same_where_they_ask_the_same():
    """The card measures synthetic images as floats, the runner in 8 bits, as files would hold them."""
    of_card = {"mini": "clean", "mini_a": "hard_filtered", "mini_hard": "hard"}
    for config in CONFIGS:
        if config.experiment_key in of_card:
            told = getattr(measured()[config.model_key], of_card[config.experiment_key])
            (top1,) = [row for row in run_for(config).results() if row.metric == "top1"]
            assert top1.n == told.n
            assert top1.value / 100 == pytest.approx(told.fraction, abs=0.005)


@pytest.mark.parametrize("test", CUE_TESTS, ids=lambda test: test.key)
def test_the_runner_counts_what_the_study_on_the_page_counts(test):
    """Of cues taken away: the page's scenes are the first of the runner's, and each is drawn by the same seed."""
    recording = store.find(cues_request(MINI).of(BASELINE))
    assert recording is not None
    (page,) = recording.result.by_model
    run = run_for(RunConfig("mini_cues", BASELINE.key))
    counted = run.predictions()[BenchmarkCondition.of(cue=test.key)]["correct"]
    assert page.n > 0
    assert (counted[: page.n] == page.correct[test.key]).all()
