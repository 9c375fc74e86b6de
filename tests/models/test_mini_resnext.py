import subprocess
import sys

import pytest
import torch
from torchvision.models import resnext50_32x4d

from robust_core.labels import MINI
from robust_core.models.mini_resnext import mini_resnext
from robust_core.models.registry_mini import MINI_64, MINI_REGISTRY, MINI_RESNEXT
from robust_core.settings import ROOT


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return mini_resnext()


def test_layers_have_torchvisions_names(network):
    with torch.device("meta"):
        names = {name for name, _ in resnext50_32x4d().named_modules()}
    assert {name for name, _ in network.named_modules()} - names == {"flatten"}


def test_it_predicts_sixteen_categories(network):
    assert network.eval()(torch.zeros(2, 3, 64, 64)).shape == (2, 16)


def test_the_cam_layer_has_eight_by_eight_cells(network):
    seen = []
    hook = network.get_submodule(MINI_RESNEXT.cam_layer).register_forward_hook(lambda *call: seen.append(call[2].shape))
    network.eval()(torch.zeros(1, 3, 64, 64))
    hook.remove()
    assert seen == [(1, 256, 8, 8)]


def test_the_row_states_its_parameters(network):
    assert sum(parameter.numel() for parameter in network.parameters()) == MINI_RESNEXT.parameters


def test_every_block_starts_as_its_shortcut(network):
    block = network.layer1[0].eval()
    features = torch.rand(1, 32, 16, 16)
    assert torch.equal(block(features), torch.relu(block.downsample(features)))


def test_its_convolutions_are_grouped(network):
    assert [network.get_submodule(f"layer{number}.0.conv2").groups for number in (1, 2, 3, 4)] == [8] * 4


def test_it_can_be_built_without_memory():
    with torch.device("meta"):
        assert all(parameter.is_meta for parameter in MINI_RESNEXT.build().parameters())


@pytest.mark.parametrize("row", MINI_REGISTRY, ids=lambda row: row.key)
def test_a_row_is_complete(row):
    assert row.label_space == MINI
    assert row.preprocess is MINI_64
    assert row.weights.url == f"cache/mini/{row.key}.safetensors"
    assert (ROOT / row.weights.url).is_file()
    assert len(row.weights.sha256) == 64
    assert row.title
    assert row.family
    assert row.training_data
    assert row.note.endswith(".")


def test_the_table_costs_no_import_of_torch():
    code = "import sys, robust_core.models.registry_mini as rows; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
