"""The copies that attacks compute with: made once, checked, counted, and refused where they are not safe."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.defences.table import DEFENCES
from robust_core.defences.wrapping import defended
from robust_core.errors import BadInput, DeviceOutOfMemory
from robust_core.models import copies as copies_module
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.loading import LoadedModel
from robust_core.models.reduced import reduced
from robust_core.models.registry_mini import MINI_RESNEXT, MINI_RESNEXT_WIDE
from tests.tiny import as_model, convolutional, images, linear


@pytest.fixture
def in_bfloat16(monkeypatch):
    """A device with the units, whatever this machine has."""
    monkeypatch.setattr(copies_module, "require_bfloat16", lambda device: None)


def allowed(model: LoadedModel) -> LoadedModel:
    """The same network with a row that allows bfloat16."""
    architecture = replace(model.spec.architecture, bfloat16=True)
    return LoadedModel(replace(model.spec, architecture=architecture), model.network.body, model.device)


def test_the_folded_copy_is_made_once_and_computes_the_same():
    model = convolutional()
    served = model.folded()
    assert served.note == ""
    assert served is model.folded()
    assert served is copy.copy(model).folded()
    assert served.network is not model.network
    assert served.network.finite is model.network.finite
    assert torch.allclose(served.network(images(4)), model.network(images(4)), atol=1e-5)


def test_a_network_without_batch_norm_serves_itself():
    model = linear(torch.randn(3, 192))
    assert model.serving is model.network
    assert model.folded().note == ""


def test_the_folded_copy_serves_predictions_and_is_left_where_layers_are_looked_at():
    model, seen = convolutional(), []
    model.serving.register_forward_hook(lambda *_: seen.append("copy"))
    model.network.register_forward_hook(lambda *_: seen.append("itself"))
    predicted, own = model.logits(images(2)), model.unfolded().logits(images(2))
    assert seen == ["copy", "itself"]
    assert model.unfolded().serving is model.network
    assert 0 < (predicted - own).abs().max() < 1e-4


def test_gradients_go_through_a_copy_that_was_made_for_a_prediction():
    model, leaf = convolutional(), images(2).requires_grad_()
    with torch.inference_mode():
        model.logits(images(2))
    (gradient,) = torch.autograd.grad(model.logits(leaf).sum(), leaf)
    assert gradient.abs().sum() > 0


def test_folding_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_FOLDING", "off")
    model = convolutional()
    assert model.serving is model.network
    assert model.copies.memory_bytes == 0


def test_a_copy_whose_logits_are_too_far_off_does_not_serve(monkeypatch):
    def shifted(body):
        made = copy.deepcopy(body)
        made[-1].bias.data = made[-1].bias + 2e-4
        return made

    monkeypatch.setattr(copies_module, "folded", shifted)
    model = convolutional()
    assert model.folded().network is model.network
    assert "changes a logit by 0.0002" in model.folded().note


class _LooksInside(nn.Module):
    """Reads a number of its norm at every pass, which the copy does not have."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 2, 8), nn.BatchNorm2d(2)

    def forward(self, x):
        return self.norm(self.conv(x)).flatten(1) * (1 + self.norm.eps)


def test_a_network_that_reads_its_norm_serves_itself():
    model = as_model(_LooksInside())
    assert model.folded().network is model.network
    assert model.folded().note


def test_a_copy_that_computes_nan_does_not_serve_and_is_not_held_against_the_network(monkeypatch):
    def broken(body):
        made = copy.deepcopy(body)
        made[-1].bias.data = made[-1].bias * float("nan")
        return made

    monkeypatch.setattr(copies_module, "folded", broken)
    model = convolutional()
    assert model.folded().network is model.network
    assert "changes a logit by nan" in model.folded().note
    model.check_finite()
    assert model.logits(images(1)).isfinite().all()


def test_a_network_behind_something_else_serves_as_it_is():
    model = defended(convolutional(), DEFENCES["jpeg"])
    assert model.folded().network is model.network
    assert model.serving is model.network
    with pytest.raises(BadInput, match="not alone"):
        model.in_bfloat16()


def test_a_copy_of_a_model_with_another_network_has_no_part_in_the_copies():
    model, other = convolutional(), convolutional(seed=1)
    model.folded()
    twin = copy.copy(model)
    twin.network = other.network
    assert twin.folded().network is other.network


def test_bytes_are_those_that_the_network_does_not_share():
    model = convolutional()
    assert model.copies.memory_bytes == 0
    model.folded()
    convolution = 8 * 3 * 3 * 3 + 8
    assert model.copies.memory_bytes == 4 * convolution
    assert model.memory_bytes == model.spec.memory_bytes + 4 * convolution


def test_bytes_of_bfloat16_are_half_of_those_of_float32_but_for_the_stem(in_bfloat16):
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
    model = allowed(as_model(body))
    model.in_bfloat16()
    assert model.copies.memory_bytes == 4 * (4 * 27 + 4) + 2 * (144 * 5 + 5)


def test_bfloat16_needs_a_row_that_allows_it(in_bfloat16):
    with pytest.raises(BadInput, match="convolutional is attacked in float32 alone"):
        convolutional().in_bfloat16()
    assert allowed(convolutional()).in_bfloat16()(images(2)).dtype == torch.float32


def test_bfloat16_needs_a_device_with_the_units(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    with pytest.raises(BadInput, match="This device .CPU. has no units for bfloat16"):
        allowed(convolutional()).in_bfloat16()


def test_bfloat16_needs_a_stem(in_bfloat16):
    with pytest.raises(BadInput, match="does not begin with one convolution"):
        allowed(linear(torch.randn(3, 192))).in_bfloat16()


def test_other_models_leave_where_a_copy_does_not_fit(monkeypatch):
    left, tries = [], []

    def folded(body):
        tries.append(len(left))
        if len(left) < 1:
            raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(copies_module, "folded", folded)
    model = convolutional().beside(lambda: left.append(1) is None)
    assert model.folded().network is model.network
    assert tries == [0, 1]


def test_where_a_copy_never_fits_the_network_serves_and_room_is_asked_for_once(monkeypatch):
    tries = []

    def folded(body):
        tries.append(body)
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(copies_module, "folded", folded)
    model = convolutional()
    assert model.serving is model.network
    assert model.serving is model.network
    assert len(tries) == 2, "before and after others have left"
    assert "no folded copy of it fits" in model.folded().note


def test_a_copy_in_bfloat16_that_never_fits_is_a_sentence(in_bfloat16, monkeypatch):
    def reduced(body):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(copies_module, "reduced", reduced)
    with pytest.raises(DeviceOutOfMemory, match="choose another precision"):
        allowed(convolutional()).in_bfloat16()


ALLOWED = [one for one in (*ARCHITECTURES.values(), MINI_RESNEXT, MINI_RESNEXT_WIDE) if one.bfloat16]


@pytest.mark.parametrize("architecture", ALLOWED, ids=lambda one: one.name)
def test_every_architecture_that_is_allowed_has_a_stem_and_no_depthwise_convolution(architecture):
    body = architecture.build().eval().requires_grad_(False)
    assert reduced(body) is not None
    depthwise = [one for one in body.modules() if isinstance(one, nn.Conv2d) and one.groups == one.in_channels > 1]
    assert not depthwise
