import copy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from robust_core.errors import BadInput, NotFinite, WeightsUnavailable
from robust_core.models import loading
from robust_core.models.loading import LoadedModel, freeze, load_network
from robust_core.models.spec import Architecture
from tests.models.rows import HALF, OVERFLOWING, tiny_network, tiny_spec

CPU = torch.device("cpu")


@pytest.fixture
def loaded(tmp_path):
    spec = tiny_spec(tmp_path)
    return load_network(spec, tmp_path / "tiny.safetensors", CPU)


def test_logits_equal_the_plain_network_on_normalised_pixels(loaded):
    torch.manual_seed(0)
    reference = tiny_network().eval()
    pixels = torch.rand(3, 3, 24, 24)
    mean = torch.tensor(HALF).view(1, 3, 1, 1)
    torch.testing.assert_close(loaded.logits(pixels), reference((pixels - mean) / mean), atol=1e-6, rtol=1e-5)


def test_it_is_frozen_in_evaluation_mode_and_works_nowhere_in_place(loaded):
    assert not loaded.network.training
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())
    assert not any(getattr(module, "inplace", False) for module in loaded.network.modules())


def test_gradients_reach_the_pixels_and_nothing_else(loaded):
    pixels = torch.rand(2, 3, 24, 24, requires_grad=True)
    (gradient,) = torch.autograd.grad(loaded.logits(pixels)[:, 7].sum(), pixels)
    assert gradient.abs().sum() > 0
    assert all(parameter.grad is None for parameter in loaded.network.parameters())


def test_the_cam_layer_is_the_one_that_the_row_names(loaded):
    assert isinstance(loaded.cam_layer(), nn.ReLU)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (torch.rand(3, 24, 24), r"shape \(B, 3, H, W\)"),
        (torch.rand(2, 1, 24, 24), r"\(2, 1, 24, 24\)"),
        (torch.rand(2, 3, 24, 24).double(), "float32"),
        (torch.randint(0, 255, (2, 3, 24, 24), dtype=torch.uint8), "float32"),
        (torch.full((1, 3, 24, 24), 1.01), "from 1.01 to 1.01"),
        (torch.full((1, 3, 24, 24), -0.1), "lie in"),
        (torch.full((1, 3, 24, 24), torch.nan), "lie in"),
        ("an image", "str"),
    ],
)
def test_other_pixels_are_refused(loaded, pixels, words):
    with pytest.raises(BadInput, match=words):
        loaded.logits(pixels)


def test_half_precision_weights_are_computed_in_float32(tmp_path):
    from safetensors.torch import load_file

    spec = tiny_spec(tmp_path)
    path = tmp_path / "tiny.safetensors"
    save_file({key: tensor.half() for key, tensor in load_file(path).items()}, path)
    model = load_network(spec, path, CPU)
    assert {parameter.dtype for parameter in model.network.parameters()} == {torch.float32}
    assert model.logits(torch.rand(1, 3, 24, 24)).dtype == torch.float32


def test_weights_of_another_network_are_refused_in_one_sentence(tmp_path):
    spec = tiny_spec(tmp_path)
    other = replace(spec, architecture=Architecture("other", lambda: nn.Sequential(nn.Linear(3, 3)), 12, cam_layer="0"))
    with pytest.raises(WeightsUnavailable, match="do not fit other"):
        load_network(other, tmp_path / "tiny.safetensors", CPU)


def test_nothing_stays_on_the_meta_device(loaded):
    assert not any(tensor.is_meta for tensor in loaded.network.state_dict().values())


def test_loading_by_key_says_what_to_do_without_weights(tmp_path, monkeypatch):
    spec = tiny_spec(tmp_path / "elsewhere")
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(loading, "get_spec", lambda _key: spec)
    with pytest.raises(WeightsUnavailable, match="Models page"):
        loading.load("tiny")


def test_freezing_keeps_the_prediction():
    torch.manual_seed(1)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU6(inplace=True), nn.Flatten(), nn.LazyLinear(5)
    ).eval()
    pixels = torch.rand(2, 3, 8, 8)
    before = network(pixels)
    torch.testing.assert_close(freeze(network)(pixels), before, atol=0, rtol=0)


@pytest.mark.parametrize("save", [save_file, torch.save])
def test_a_loaded_model_stays_what_it_is_when_its_file_is_overwritten(tmp_path, save):
    spec, path = tiny_spec(tmp_path), tmp_path / "saved"
    save(tiny_network().state_dict(), path)
    model = load_network(spec, path, CPU)
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    with path.open("r+b") as file:  # in place, as cp does
        file.write(bytes(path.stat().st_size))
    torch.testing.assert_close(dict(model.network.state_dict()), before, atol=0, rtol=0)


LAYERS, CHANNELS = 8, 1024
MEASURE = f"""
import sys, torch
from dataclasses import replace
from pathlib import Path
from torch import nn
from robust_core.models.loading import load_network
from robust_core.models.spec import Architecture
from tests.models.rows import tiny_spec

def peak_bytes():
    return 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

def wide():
    return nn.Sequential(*(nn.Conv2d({CHANNELS}, {CHANNELS}, 3, bias=False) for _ in range({LAYERS})))

folder = Path(sys.argv[1])
spec = replace(tiny_spec(folder), architecture=Architecture("wide", wide, 0, cam_layer="0"))
before = peak_bytes()
load_network(spec, folder / "wide.pth", torch.device("cpu"))
print((peak_bytes() - before) / {LAYERS * CHANNELS * CHANNELS * 9 * 4})
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read as Linux tells it")
def test_a_large_legacy_file_is_loaded_within_1_3_times_its_size(tmp_path):
    """The WSL files are in the format before PyTorch 1.6, which cannot be memory-mapped; 300 MB stand in for 3.3 GB."""
    weights = {f"{index}.weight": torch.zeros(CHANNELS, CHANNELS, 3, 3) for index in range(LAYERS)}
    torch.save(weights, tmp_path / "wide.pth", _use_new_zipfile_serialization=False)
    run = subprocess.run([sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True)
    assert 0.9 < float(run.stdout) < 1.3


def test_a_loaded_model_is_made_from_a_row_and_a_network(tmp_path):
    model = LoadedModel(tiny_spec(tmp_path), tiny_network(), CPU)
    assert model.logits(torch.rand(1, 3, 24, 24)).shape == (1, 1000)


@pytest.mark.parametrize(
    ("name", "value", "dtype"),
    [
        ("fc.weight", float("nan"), torch.float32),
        ("fc.bias", float("inf"), torch.float32),
        ("conv.weight", float("-inf"), torch.float32),
        ("conv.bias", 1e5, torch.float16),
        ("fc.weight", 1e300, torch.float64),
    ],
)
def test_weights_that_are_not_finite_in_float32_are_refused_by_the_tensors_name(tmp_path, name, value, dtype):
    spec = tiny_spec(tmp_path)
    state = tiny_network().state_dict()
    state[name].flatten()[-1] = value if dtype is torch.float32 else 0
    state = {key: tensor.to(dtype) for key, tensor in state.items()}
    state[name].flatten()[-1] = value
    save_file(state, tmp_path / "tiny.safetensors")
    with pytest.raises(WeightsUnavailable, match=rf"of Tiny tiny hold NaN or infinite values, first in {name};"):
        load_network(spec, tmp_path / "tiny.safetensors", CPU)


def test_a_buffer_that_is_not_finite_is_refused_and_a_count_or_an_empty_tensor_is_not(tmp_path):
    body = nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 0))
    spec = replace(
        tiny_spec(tmp_path), architecture=Architecture("norm", lambda: copy.deepcopy(body), 0, cam_layer="0")
    )
    save_file(body.state_dict(), tmp_path / "norm.safetensors")
    load_network(spec, tmp_path / "norm.safetensors", CPU)
    body[0].running_var[1] = float("nan")
    save_file(body.state_dict(), tmp_path / "norm.safetensors")
    with pytest.raises(WeightsUnavailable, match=r"first in 0\.running_var;"):
        load_network(spec, tmp_path / "norm.safetensors", CPU)


def test_finite_weights_whose_logits_overflow_are_refused_at_the_logits(tmp_path):
    spec = tiny_spec(tmp_path, filled=OVERFLOWING)
    model = load_network(spec, tmp_path / "tiny.safetensors", CPU)
    with pytest.raises(NotFinite, match="Tiny tiny computed NaN or infinite logits for 3 of 3 images"):
        model.logits(torch.rand(3, 3, 24, 24))


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("bool", lambda tensor: tensor > 0),
        ("int64", lambda tensor: tensor.long()),
        ("complex64", lambda tensor: tensor.to(torch.complex64)),
        ("sparse_coo", lambda tensor: tensor.to_sparse()),
        ("no values", lambda tensor: tensor.to("meta")),
    ],
)
def test_weights_that_are_no_floating_point_numbers_are_refused_in_a_sentence(tmp_path, kind, make):
    spec = tiny_spec(tmp_path)
    state = tiny_network().state_dict()
    torch.save(state | {"fc.weight": make(state["fc.weight"])}, tmp_path / "other.pth")
    with pytest.raises(
        WeightsUnavailable, match=rf"Tiny tiny cannot be used: fc\.weight holds {kind}, not floating-point numbers"
    ):
        load_network(spec, tmp_path / "other.pth", CPU)
