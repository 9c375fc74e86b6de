"""The contract of the model table: every row is complete, true to its sources and loadable as loading.py does it."""

import re
import subprocess
import sys
import warnings
from functools import cache

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer, get_model_weights, list_models

from robust_core.labels import IMAGENET
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.loading import _empty_network
from robust_core.models.registry import ADVERSARIAL, FAMILIES, REGISTRY, SSL, STANDARD, SWSL, TORCHVISION, WSL
from robust_core.models.registry_timm import TIMM_REGISTRY
from robust_core.models.repairs import REPAIRS
from tests.architectures import input_px

ROWS = (*REGISTRY, *TIMM_REGISTRY)
each_row = pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.key)
each_architecture = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=lambda row: row.name)
each_torchvision_row = pytest.mark.parametrize(
    "spec", [spec for spec in REGISTRY if spec.weights.source == TORCHVISION], ids=lambda spec: spec.key
)


@cache
def network(name: str) -> nn.Module:
    """The architecture without memory, in evaluation mode; any warning while building is an error."""
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("error")
        return ARCHITECTURES[name].build().eval()


@cache
def torchvision_weights() -> dict:
    """(architecture, URL) -> torchvision's own description of these weights."""
    return {(name, weights.url): weights for name in list_models() for weights in get_model_weights(name)}


@each_row
def test_row_says_what_the_model_is(spec):
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", spec.key)
    assert spec.title
    assert spec.training_data
    assert spec.family in FAMILIES
    assert spec.label_space == IMAGENET
    assert ARCHITECTURES[spec.architecture.name] is spec.architecture
    assert spec.repair in REPAIRS
    assert spec.note == "" or spec.note.endswith(".")


@each_row
def test_row_says_where_the_weights_are(spec):
    weights = spec.weights
    assert weights.url.startswith("https://") == (weights.package is None)
    assert weights.licence
    assert weights.source
    assert weights.sha256 is None or re.fullmatch(r"[0-9a-f]{8,64}", weights.sha256)
    if named_hash := torch.hub.HASH_REGEX.search(weights.name):
        assert weights.sha256.startswith(named_hash[1])
    else:
        assert weights.sha256 is None or len(weights.sha256) == 64


@each_row
def test_size_of_the_file_fits_the_network(spec):
    """From two bytes a parameter (half precision) to somewhat over eight (weights twice, or with auxiliary heads)."""
    if spec.weights.bytes is not None:
        assert 2 <= spec.weights.bytes / spec.architecture.parameters < 8.1


@each_row
def test_row_says_how_to_feed_the_image(spec):
    preprocess = spec.preprocess
    assert preprocess.crop <= preprocess.resize
    assert preprocess.interpolation in ("bilinear", "bicubic")
    assert len(preprocess.mean) == len(preprocess.std) == 3
    assert all(0 < value < 1 for value in preprocess.mean + preprocess.std)


@each_row
def test_row_says_what_is_published(spec):
    published = spec.published
    assert published.source
    assert 0 < published.top1_percent < (published.top5_percent or 100) <= 100


@each_torchvision_row
def test_row_agrees_with_the_installed_torchvision(spec):
    theirs = torchvision_weights()[spec.architecture.name, spec.weights.url]
    preset, metrics = theirs.transforms(), theirs.meta["_metrics"]["ImageNet-1K"]
    ours = spec.preprocess
    assert (spec.published.top1_percent, spec.published.top5_percent) == (metrics["acc@1"], metrics["acc@5"])
    assert round(spec.weights.bytes / 2**20, 3) == theirs.meta["_file_size"]
    assert spec.architecture.parameters == theirs.meta["num_params"]
    assert ([ours.resize], [ours.crop], ours.interpolation) == (
        preset.resize_size,
        preset.crop_size,
        preset.interpolation.value,
    )
    assert (list(ours.mean), list(ours.std)) == (preset.mean, preset.std)


def test_keys_titles_and_files_are_unique():
    for values in zip(*((spec.key, spec.title, spec.weights.url, spec.weights.name) for spec in ROWS), strict=True):
        assert len(set(values)) == len(ROWS)


def test_the_five_models_of_the_paper_come_first():
    wide = [f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)]
    assert [spec.key for spec in REGISTRY[:5]] == ["resnext101_32x8d", *wide]
    assert [spec.architecture.name + "_wsl" for spec in REGISTRY[1:5]] == wide


def test_every_family_has_a_model():
    assert {spec.family for spec in ROWS} == set(FAMILIES)


def test_models_that_saw_hashtags_or_a_teacher_are_for_non_commercial_use():
    licences = {spec.key: spec.weights.licence for spec in REGISTRY if spec.family in (WSL, SWSL, SSL)}
    assert len(licences) == 4 + 6 + 6
    assert set(licences.values()) == {"CC BY-NC 4.0"}


def test_key_title_file_and_family_of_salman_tell_the_same_budget():
    rows = [spec for spec in REGISTRY if spec.key.startswith("salman_")]
    assert len(rows) == 3 * (10 + 5)
    for spec in rows:
        norm, digits = re.fullmatch(rf"salman_{spec.architecture.name}_(l2|linf)_(\d+)", spec.key).groups()
        eps = float(digits if digits == "0" or digits[0] != "0" else f"0.{digits[1:]}")
        assert re.fullmatch(rf"{spec.architecture.name}_{norm}_eps([\d.]+)\.ckpt", spec.weights.name)[1] in (
            f"{eps}",
            f"{eps:g}",
        )
        budget = f"L2 {eps:g} " if norm == "l2" else f"L∞ {eps:g}/255 "
        assert (budget if eps else "ε = 0 ") in spec.title
        assert spec.family == (ADVERSARIAL if eps else STANDARD)


@each_architecture
def test_parameter_count(architecture):
    assert sum(parameter.numel() for parameter in network(architecture.name).parameters()) == architecture.parameters


@each_architecture
def test_a_state_dict_fills_the_whole_network(architecture):
    """loading.py builds on the meta device where it can, and assigns: what is in no state dict must have its memory
    already.
    """
    filled = _empty_network(architecture)
    empty = {name for name, tensor in (*filled.named_parameters(), *filled.named_buffers()) if tensor.is_meta}
    assert empty <= set(filled.state_dict())


@each_architecture
def test_cam_layer_sees_places_and_is_not_overwritten(architecture):
    body, seen = network(architecture.name), []
    hook = body.get_submodule(architecture.cam_layer).register_forward_hook(
        lambda *call: seen.append((call[-1], call[-1]._version))
    )
    logits = body(torch.empty(2, 3, *input_px(architecture), device="meta"))
    hook.remove()
    [(feature, version)] = seen
    assert logits.shape == (2, 1000)
    assert feature._version == version
    if architecture.tokens:
        assert feature.ndim == 3
        assert feature.shape[1] == 1 + (input_px(architecture)[0] // (16 if "16" in architecture.name else 14)) ** 2
    else:
        batch, _, height, width = feature.shape
        assert batch == 2
        assert height == width
        assert height in (7, 13, 14)


@pytest.mark.parametrize(
    ("layer", "patches_matter"), [(ARCHITECTURES["vit_b_16"].cam_layer, True), ("encoder.ln", False)]
)
def test_patches_reach_the_prediction_of_a_vit_only_before_its_last_attention(layer, patches_matter):
    torch.manual_seed(0)
    vit = VisionTransformer(
        image_size=32, patch_size=16, num_layers=12, num_heads=1, hidden_dim=8, mlp_dim=8, num_classes=2
    ).eval()
    nn.init.normal_(vit.heads.head.weight)
    tokens = []
    vit.get_submodule(layer).register_forward_hook(lambda *call: tokens.append(call[-1]))
    prediction = vit(torch.rand(1, 3, 32, 32))[0, 0]
    [gradient] = torch.autograd.grad(prediction, tokens)
    assert gradient[:, 0].any()
    assert bool(gradient[:, 1:].any()) is patches_matter


def test_reading_the_table_does_not_import_torch():
    code = "import sys, robust_core.models.registry; sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
