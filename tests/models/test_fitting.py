import pytest
import torch

from robust_core.models.architectures import ARCHITECTURES, builder
from robust_core.models.fitting import expected_shapes, fitting_architectures, misfits, shapes_of
from tests.models.weight_files import TWO_LAYERS, some_state


def changed(**changes) -> dict[str, torch.Tensor]:
    state = some_state() | {key.replace("_", ".", 1): value for key, value in changes.items()}
    return {key: tensor for key, tensor in state.items() if tensor is not None}


def test_an_architecture_fits_itself_and_is_built_without_memory():
    assert misfits(shapes_of(some_state()), expected_shapes(TWO_LAYERS)) == []
    assert torch.empty(0).device.type == "cpu", "the meta device stayed on"


@pytest.mark.parametrize(
    ("state", "clauses"),
    [
        (changed(**{"0_weight": None, "0_bias": None}), ["missing keys: 2 (first 0.weight)"]),
        (changed(**{"2_weight": torch.zeros(1)}), ["unexpected keys: 1 (first 2.weight)"]),
        (changed(**{"0_bias": torch.zeros(5)}), ["other shapes: 1 (first 0.bias: (5,) instead of (4,))"]),
        (changed(**{"1_num_batches_tracked": None}), []),
    ],
    ids=["missing", "unexpected", "reshaped", "no batch counter"],
)
def test_every_kind_of_misfit_is_named_and_strict_loading_agrees(state, clauses):
    assert misfits(shapes_of(state), expected_shapes(TWO_LAYERS)) == clauses
    if clauses:
        with pytest.raises(RuntimeError):
            TWO_LAYERS.build().load_state_dict(state, strict=True)
    else:
        TWO_LAYERS.build().load_state_dict(state, strict=True)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "squeezenet1_0", "densenet121", "swin_t"])
def test_the_architecture_of_a_state_is_found(name):
    with torch.device("meta"):
        state = ARCHITECTURES[name].build().state_dict()
    assert fitting_architectures(state) == [name]


def test_a_state_of_no_architecture_fits_none():
    assert fitting_architectures(some_state()) == []


def test_a_network_with_a_head_of_its_own_is_recognised_with_its_number_of_classes():
    with torch.device("meta"):
        state = builder("resnet18", 5)().state_dict()
    assert fitting_architectures(state) == ["resnet18 with 5 classes"]
