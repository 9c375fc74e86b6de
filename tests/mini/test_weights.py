import pytest
import torch

from robust_core.mini.recipes import RECIPES
from robust_core.mini.weights import describe, is_finished, load, metadata_of, normalised, save
from robust_core.models.mini_resnext import mini_resnext

RECIPE = RECIPES["mini_resnext"]


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    network = mini_resnext()
    path = tmp_path / "mini_resnext.safetensors"
    save(path, network, RECIPE, seed=4, precision="float32", cpu_seconds=1.6)
    return path, network


def test_weights_come_back_in_half_precision(saved):
    path, network = saved
    loaded = load(path)
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    for name, tensor in network.state_dict().items():
        assert torch.equal(
            loaded.state_dict()[name], tensor.half().float() if tensor.is_floating_point() else tensor
        ), name


def test_the_file_says_how_it_came_to_be(saved):
    path, _ = saved
    metadata = metadata_of(path)
    assert (metadata["model"], metadata["seed"], metadata["training_cpu_seconds"]) == ("mini_resnext", "4", "2")
    assert describe(path).keys() - metadata.keys() == {"sha256"}


def test_only_the_same_recipe_and_seed_is_finished(saved, tmp_path):
    path, _ = saved
    assert is_finished(path, RECIPE, 4)
    assert not is_finished(path, RECIPE, 5)
    assert not is_finished(path, RECIPES["mini_resnext_wsl"], 4)
    assert not is_finished(tmp_path / "none.safetensors", RECIPE, 4)


def test_normalisation_is_imagenets():
    grey = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    assert normalised(grey).abs().max() < 1e-6
    assert normalised(grey + torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)).flatten().tolist() == pytest.approx(
        [1, 1, 1]
    )
