"""timm's rows: preprocessing as timm states it, EfficientNet-Lite against its reference implementation, and timm
without a network.
"""

import hashlib
import subprocess
import sys
from importlib.metadata import distribution
from math import floor

import pytest
import timm
import torch
from efficientnet_lite_pytorch import EfficientNet
from timm.models import get_pretrained_cfg

from robust_core.models import load, weights
from robust_core.models.registry_timm import LITE_ROWS, TIMM_ROWS
from robust_core.models.repairs import efficientnet_lite
from robust_core.settings import ROOT

each_lite = pytest.mark.parametrize("spec", LITE_ROWS, ids=lambda spec: spec.key)
each_timm = pytest.mark.parametrize("spec", TIMM_ROWS, ids=lambda spec: spec.key)


def reference(number: int) -> EfficientNet:
    """The reference network with random weights and random statistics, as fresh statistics would hide a mistake in a
    norm.
    """
    torch.manual_seed(number)
    network = EfficientNet.from_name(f"efficientnet-lite{number}").eval()
    for name, buffer in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    return network


@each_timm
def test_preprocessing_is_that_of_timms_configuration(spec):
    stated = get_pretrained_cfg(spec.note.removeprefix("timm's ").removesuffix("."))
    assert spec.architecture.name == f"timm:{stated.architecture}"
    prepared = spec.preprocess
    assert (prepared.crop, prepared.crop) == stated.input_size[1:]
    assert prepared.resize == floor(prepared.crop / stated.crop_pct)
    assert (prepared.interpolation, prepared.mean, prepared.std) == (stated.interpolation, stated.mean, stated.std)
    assert prepared.squash == (stated.crop_mode == "squash")
    assert stated.num_classes == 1000


@each_timm
def test_the_address_is_one_that_timm_states(spec):
    stated = get_pretrained_cfg(spec.note.removeprefix("timm's ").removesuffix("."))
    hub = f"https://huggingface.co/{stated.hf_hub_id}/resolve/main/model.safetensors"
    assert spec.weights.url in (hub, stated.url.replace("rwightman", "huggingface"))


@each_timm
def test_the_licence_is_the_one_that_timm_states(spec):
    stated = get_pretrained_cfg(spec.note.removeprefix("timm's ").removesuffix("."))
    assert (
        spec.weights.licence.lower().replace(" ", "-")
        == {"cc-by-nc-4.0": "cc-by-nc-4.0", "apache-2.0": "apache-2.0", "mit": "mit"}[stated.license]
    )


@each_lite
def test_the_package_holds_the_file_that_the_row_names(spec):
    path = weights.find(spec)
    assert path.stat().st_size == spec.weights.bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == spec.weights.sha256
    package = distribution(spec.weights.package.replace("_", "-"))
    assert package.version in spec.weights.source
    assert "Apache" in package.read_text("LICENSE")
    assert not weights.removable(spec)


@pytest.mark.parametrize(
    ("number", "size_px"), list(enumerate((224, 240, 260, 280, 300)))
)  # the reference pads for these sizes alone
def test_random_weights_of_the_reference_predict_alike_here(number, size_px):
    theirs = reference(number)
    ours = timm.create_model(f"tf_efficientnet_lite{number}", pretrained=False).eval()
    ours.load_state_dict(efficientnet_lite(theirs.state_dict()), strict=True)
    pixels = torch.rand(2, 3, size_px, size_px)
    with torch.inference_mode():
        torch.testing.assert_close(ours(pixels), theirs(pixels), rtol=1e-5, atol=1e-5)


@each_lite
def test_the_real_weights_predict_as_in_the_reference(spec):
    theirs = EfficientNet.from_name(f"efficientnet-lite{spec.key[-1]}").eval()
    theirs.load_state_dict(torch.load(weights.find(spec), weights_only=True), strict=True)
    pixels = torch.rand(2, 3, spec.preprocess.crop, spec.preprocess.crop, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = theirs((pixels - 127 / 255) / (128 / 255))
        torch.testing.assert_close(load(spec.key, "cpu").logits(pixels), expected, rtol=1e-5, atol=1e-5)


def test_every_tensor_of_the_checkpoint_gets_a_name():
    state = reference(0).state_dict()
    named = efficientnet_lite(state)
    assert len(named) == len(state)
    assert set(named) == set(timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict())


@pytest.mark.parametrize(
    "checkpoint",
    [
        {},
        {"conv1.weight": torch.zeros(1)},
        {"_conv_stem.weight": torch.zeros(1), "_blocks.0._se.weight": torch.zeros(1)},
    ],
)
def test_another_checkpoint_is_no_efficientnet_lite(checkpoint):
    with pytest.raises(KeyError):
        efficientnet_lite(checkpoint)


def test_timm_asks_no_network_and_the_table_does_not_import_it():
    script = """
import socket, sys
def refuse(*_): raise AssertionError("asked the network")
socket.socket.connect = socket.getaddrinfo = refuse
from robust_core.models.catalogue import list_models
rows = list_models()
assert not {"timm", "torch"} & set(sys.modules), "the table must not cost an import"
import torch
for row in rows:
    if row.architecture.name.startswith("timm:"):
        with torch.device("meta"):
            row.architecture.build()
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=120)
