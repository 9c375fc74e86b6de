"""What is measured is there, is about the right thing, and says where it was measured."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.benchmark import unit_costs
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.unit_costs import (
    FORWARD,
    GRADIENT,
    LOAD,
    UnitCost,
    measure,
    read_costs,
    side_px,
    write_costs,
)
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.loading import LoadedModel


def test_an_architecture_is_measured_once_for_all_its_models_and_an_experiment_in_its_world():
    specs = [get_spec(key) for key in ("mini_resnext", "mini_resnext_at8")]
    costs = result_of(measure(specs, [EXPERIMENTS["imagenet"], EXPERIMENTS["mini_certified"]]))
    assert [(one.what, one.key, one.px) for one in costs] == [
        (FORWARD, "mini_resnext", 64),
        (GRADIENT, "mini_resnext", 64),
        (LOAD, "mini_certified", 64),
    ]
    forward, gradient, load = costs
    assert 0 < forward.seconds < gradient.seconds < 1
    assert 0 < load.seconds < 10
    assert all(one.device.startswith("cpu: ") for one in costs)


def test_bytes_for_the_way_back_are_those_of_the_activations_and_not_of_the_weights():
    """A linear layer keeps nothing of its input when its weights are frozen; a ReLU keeps its output."""
    spec = get_spec("mini_resnext")
    body = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 32), nn.ReLU(), nn.Linear(32, 16))
    model = LoadedModel(spec, body, torch.device("cpu"))
    assert unit_costs._gradient(model, torch.rand(5, 3, 64, 64)) == 5 * 32 * 4 + _of_the_normalisation(model)


def _of_the_normalisation(model):
    identity = LoadedModel(model.spec, nn.Flatten(), torch.device("cpu"))
    return unit_costs._gradient(identity, torch.rand(5, 3, 64, 64))


def test_what_does_not_fit_the_memory_is_left_out_and_any_other_error_is_not(monkeypatch):
    def fails(message):
        def build(num_classes=0):
            raise RuntimeError(message)

        spec = get_spec("mini_resnext")
        return replace(spec, architecture=replace(spec.architecture, build=build))

    assert result_of(measure([fails("DefaultCPUAllocator: can't allocate memory")], [])) == ()
    with pytest.raises(RuntimeError, match="shapes"):
        result_of(measure([fails("shapes differ")], []))


def test_a_table_of_costs_is_read_as_it_was_written(tmp_path):
    costs = (UnitCost(FORWARD, "vgg16", 224, 0.25, 0, "cpu: x86_64, 1 thread", "2026-11-30"),)
    write_costs(tmp_path / "costs.csv", costs)
    assert read_costs(tmp_path / "costs.csv") == costs
    (tmp_path / "costs.csv").write_text("what,key\nforward,vgg16\n")
    with pytest.raises(BadInput, match="no table of measured costs"):
        read_costs(tmp_path / "costs.csv")
    with pytest.raises(BadInput, match="no table of measured costs"):
        read_costs(tmp_path / "nowhere.csv")


def test_the_shipped_costs_are_of_architectures_and_experiments_that_exist():
    networks = {(spec.architecture.name, side_px(spec)) for spec in list_models()}
    shipped = read_costs()
    passes = [one for one in shipped if one.what != LOAD]
    assert {(one.key, one.px) for one in passes} <= networks
    assert {one.key for one in shipped if one.what == LOAD} == EXPERIMENTS.keys()
    assert len(passes) == len({(one.what, one.key, one.px) for one in passes})
    assert all(one.seconds > 0 and one.date and one.device.startswith("cpu: ") for one in shipped)
