"""Every row of the table: its parameters, who computes it, and the architectures on which it holds."""

import inspect

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import fx, nn

from robust_core.attributions.explain import WORK
from robust_core.attributions.methods import METHODS, Choice, Number, get_method, methods_for
from robust_core.errors import BadInput, UnknownName
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.nonlinearity import nonlinear_parts
from robust_core.models.registry_mini import MINI_RESNEXT
from tests.anything import ANYTHING, bounded, made_or_refused
from tests.architectures import input_px

ROWS = [*ARCHITECTURES.values(), MINI_RESNEXT]
LINEAR = {nn.Conv2d, nn.BatchNorm2d, nn.Linear, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, nn.Dropout, nn.Identity}
# the last three look at shapes alone
LINEAR_CALLS = {"flatten", "add", "iadd", "cat", "adaptive_avg_pool2d", "batch_norm", "_assert", "eq", "getattr"}


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module, name):
        return isinstance(module, tuple(LINEAR)) and not list(module.children()) or super().is_leaf_module(module, name)


@pytest.mark.parametrize("row", METHODS.values(), ids=METHODS)
def test_a_row_is_whole(row):
    assert row.title
    assert row.source
    assert row.unit
    assert row.sentence.endswith(".")
    assert bool(row.limit) == (not all(map(row.holds_on, ROWS)))
    assert not row.complete or any(parameter.key == "baseline" for parameter in row.parameters)


@pytest.mark.parametrize("row", METHODS.values(), ids=METHODS)
def test_who_computes_a_row_takes_exactly_its_parameters(row):
    taken = [
        name
        for name, argument in inspect.signature(WORK[row.key]).parameters.items()
        if argument.kind is argument.KEYWORD_ONLY
    ]
    assert sorted(taken) == sorted(parameter.key for parameter in row.parameters)


def test_both_tables_name_the_same_methods():
    assert list(WORK) == list(METHODS)


@pytest.mark.parametrize(
    "parameter", [one for row in METHODS.values() for one in row.parameters], ids=lambda one: one.key
)
def test_defaults_and_limits_are_accepted_and_what_lies_outside_is_not(parameter):
    parameter.checked(parameter.default)
    if isinstance(parameter, Number):
        parameter.checked(parameter.high)
        for outside in (parameter.low - 1, parameter.high + 1, "many", True):
            with pytest.raises(BadInput, match=parameter.key):
                parameter.checked(outside)
    else:
        assert isinstance(parameter, Choice)
        with pytest.raises(UnknownName, match=parameter.options[0]):
            parameter.checked("nothing of the kind")


def test_a_colour_is_a_baseline_and_half_a_colour_is_none():
    row = get_method("integrated_gradients")
    assert row.settings({"baseline": "#00ff7F"}) == {"baseline": "#00ff7F", "steps": 64}
    with pytest.raises(UnknownName, match="black"):
        row.settings({"baseline": "#00ff7"})


def test_whole_numbers_stay_whole():
    with pytest.raises(BadInput, match="whole number"):
        get_method("integrated_gradients").settings({"steps": 16.5})


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="saliency"):
        get_method("salience")
    with pytest.raises(UnknownName, match="steps"):
        get_method("integrated_gradients").settings({"step": 3})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_a_row_says_of_its_non_linear_parts_follows_from_the_modules(row):
    with torch.device("meta"):
        network = row.build().eval()
    leaves = [module for module in network.modules() if not list(module.children())]
    nonlinear = {type(module) for module in leaves if not isinstance(module, tuple(LINEAR))}
    outside_modules = set()
    if nonlinear <= {nn.ReLU, nn.ReLU6, nn.MaxPool2d}:
        calls = [node.target for node in _Tracer().trace(network).nodes if node.op == "call_function"]
        outside_modules = {call.__name__ for call in calls} - LINEAR_CALLS
    assert (row.nonlinear == "relu") == (nonlinear <= {nn.ReLU, nn.MaxPool2d} and not outside_modules)
    assert (row.nonlinear != "other") == (nonlinear <= {nn.ReLU, nn.ReLU6, nn.MaxPool2d} and not outside_modules)
    assert nonlinear_parts(network)[0] == row.nonlinear


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_grad_cam_is_offered_where_the_last_layer_has_channels_over_places(row):
    with torch.device("meta"):
        network = row.build().eval()
        shapes = []
        network.get_submodule(row.cam_layer).register_forward_hook(
            lambda _module, _inputs, output: shapes.append(output.shape)
        )
        network(torch.rand(1, 3, *input_px(row)))
    assert row.tokens == (len(shapes[0]) == 3)
    assert row.tokens or shapes[0][2] == shapes[0][3]
    assert (get_method("grad_cam") in methods_for(row)) == (not row.tokens)


def test_only_what_holds_is_offered():
    assert len(methods_for(ARCHITECTURES["resnet50"])) == len(METHODS)
    assert {row.key for row in METHODS.values()} - {row.key for row in methods_for(ARCHITECTURES["vit_b_16"])} == {
        "guided_backprop",
        "deeplift",
        "grad_cam",
        "guided_grad_cam",
    }
    assert "guided_backprop" not in {row.key for row in methods_for(ARCHITECTURES["mobilenet_v2"])}


KEYS = sorted({parameter.key for row in METHODS.values() for parameter in row.parameters})


@bounded
@given(
    row=st.sampled_from(list(METHODS.values())),
    given_=st.dictionaries(st.sampled_from([*KEYS, "nonsense"]), ANYTHING | st.integers(0, 500), max_size=2),
)
def test_whatever_is_set_is_refused_or_gives_every_parameter_a_value_of_its_kind(row, given_):
    settings = made_or_refused(row.settings, given_)
    if settings is None:
        return
    assert (
        settings == row.settings(settings) == {parameter.key: settings[parameter.key] for parameter in row.parameters}
    )
    for parameter in row.parameters:
        if isinstance(parameter, Number):
            assert parameter.low <= settings[parameter.key] <= parameter.high
