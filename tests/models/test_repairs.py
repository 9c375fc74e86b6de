"""Each repair on a container made by hand, and on the real containers where there are any."""

import os
import re
from pathlib import Path

import pytest
import torch
from torchvision.models import get_model

from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.repairs import data_parallel, dotted_dense_layers, madry_lab, plain, without_auxiliary_heads

WEIGHT, BIAS = torch.ones(2, 2), torch.zeros(2)


def on_meta(build):
    with torch.device("meta"):
        return build()


def test_plain_changes_nothing():
    state = {"fc.weight": WEIGHT}
    assert plain(state) is state


def test_data_parallel_takes_one_wrapper_off_and_leaves_the_rest_of_the_checkpoint():
    checkpoint = {
        "epoch": 60,
        "arch": "resnet50",
        "state_dict": {"module.fc.weight": WEIGHT, "module.module.bias": BIAS},
        "optimizer": {"state": {}},
    }
    state = data_parallel(checkpoint)
    assert list(state) == ["fc.weight", "module.bias"]
    assert state["fc.weight"] is WEIGHT
    assert state["module.bias"] is BIAS


def test_madry_lab_takes_the_network_without_the_attackers_copy_and_the_normaliser():
    checkpoint = {
        "epoch": 90,
        "model": {
            "module.normalizer.new_mean": torch.zeros(3, 1, 1),
            "module.model.fc.weight": WEIGHT,
            "module.model.fc.bias": BIAS,
            "module.attacker.normalize.new_std": torch.ones(3, 1, 1),
            "module.attacker.model.fc.weight": WEIGHT + 1,
            "module.attacker.model.fc.bias": BIAS + 1,
        },
    }
    state = madry_lab(checkpoint)
    assert list(state) == ["fc.weight", "fc.bias"]
    assert state["fc.weight"] is WEIGHT
    assert state["fc.bias"] is BIAS


@pytest.mark.parametrize("repair", [data_parallel, madry_lab])
def test_another_container_is_refused(repair):
    with pytest.raises(KeyError):
        repair({"fc.weight": WEIGHT})


def test_googlenet_keeps_everything_but_its_auxiliary_heads():
    published = on_meta(lambda: get_model("googlenet", weights=None, aux_logits=True, init_weights=False)).state_dict()
    assert any(key.startswith("aux1.") for key in published)
    assert any(key.startswith("aux2.") for key in published)
    assert list(without_auxiliary_heads(published)) == list(on_meta(ARCHITECTURES["googlenet"].build).state_dict())


def test_googlenet_turns_imagenet_scaling_into_tensorflow_scaling():
    """(x - 0.5) / 0.5 of a pixel, whatever its channel: black becomes -1 and white +1."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    network = on_meta(ARCHITECTURES["googlenet"].build)
    for pixel, expected in ((0.0, -1.0), (1.0, 1.0)):
        scaled = network._transform_input((torch.full((1, 3, 2, 2), pixel) - mean) / std)
        torch.testing.assert_close(scaled, torch.full((1, 3, 2, 2), expected), atol=1e-6, rtol=0)


def test_dotted_dense_layers_name_by_name():
    state = {
        "features.denseblock1.denselayer1.norm.1.running_mean": BIAS,
        "features.denseblock4.denselayer16.conv.2.weight": WEIGHT,
        "features.transition1.conv.weight": WEIGHT,
        "features.norm5.bias": BIAS,
    }
    assert list(dotted_dense_layers(state)) == [
        "features.denseblock1.denselayer1.norm1.running_mean",
        "features.denseblock4.denselayer16.conv2.weight",
        "features.transition1.conv.weight",
        "features.norm5.bias",
    ]


def test_an_old_densenet_file_fills_the_whole_network():
    """Dots in the names, and from before PyTorch counted batches."""
    today = ARCHITECTURES["densenet121"].build().state_dict()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key): tensor
        for key, tensor in today.items()
        if not key.endswith("num_batches_tracked")
    }
    assert not set(old) <= set(today)
    network = on_meta(ARCHITECTURES["densenet121"].build)
    network.load_state_dict(dotted_dense_layers(old), strict=True, assign=True)
    assert not any(tensor.is_meta for tensor in network.state_dict().values())
    assert torch.equal(
        network.features.denseblock2.denselayer3.conv1.weight, today["features.denseblock2.denselayer3.conv1.weight"]
    )


@pytest.mark.skipif("ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs real checkpoints: set ROBUST_LAB_TEST_DATA")
@pytest.mark.parametrize(
    ("container", "repair"),
    [("squeezenet1_0_dataparallel_legacy.pth.tar", data_parallel), ("squeezenet1_0_madrylab_style.ckpt", madry_lab)],
)
def test_real_containers_hold_the_plain_weights(container, repair):
    folder = Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights"
    [file] = folder.glob("squeezenet1_0_deepcompression-*.pth")
    expected = torch.load(file, weights_only=True, map_location="cpu")
    state = repair(torch.load(folder / "containers" / container, weights_only=True, map_location="cpu"))
    assert set(state) == set(expected)
    assert all(torch.equal(state[key], expected[key]) for key in expected)
    on_meta(ARCHITECTURES["squeezenet1_0"].build).load_state_dict(state, strict=True, assign=True)
