"""In which numbers an attack computes: the table, and what each row of it may change."""

import hashlib
from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.attacks.passes import Passes
from robust_core.attacks.precision import BFLOAT16, FLOAT32, FLOAT32_FOLDED, PRECISIONS, USUAL
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.models import copies as copies_module
from robust_core.models.loading import LoadedModel
from tests.attacks.threats import attack, threat
from tests.tiny import SIDE_PX, as_model, convolutional, images, linear

# Of trajectories whose every sum is exact in float32, as this file's `exact` computes them; taken before precisions
# were there to choose.
EXACT_SHA256 = "4439af9ad75846d6aaf18a2e0707c2ede61cc1626f6607aea53b1ede17abeec9"


@pytest.fixture
def reducible(monkeypatch):
    """A small curved network that may be attacked in bfloat16, whatever this machine computes in."""
    monkeypatch.setattr(copies_module, "require_bfloat16", lambda device: None)
    return allowed(convolutional())


def allowed(model: LoadedModel) -> LoadedModel:
    """The same network with a row that allows bfloat16."""
    spec = replace(model.spec, architecture=replace(model.spec.architecture, bfloat16=True))
    return LoadedModel(spec, model.network.body, model.device)


def exact(**changes) -> str:
    """The SHA-256 of labels and images at every step on a linear network whose numbers are all multiples of 1/64."""
    weights = torch.randint(-3, 4, (3, 192), generator=torch.Generator().manual_seed(5)).float() / 64
    pixels = images(4, seed=2).mul(255).div(256)
    asked = threat(eps=8 / 256, step_size=1 / 256, steps=6, **changes)
    found = hashlib.sha256()
    for step in attack(linear(weights), pixels, [0, 1, 2, None], asked, keep=range(4)):
        found.update(step.label.numpy().tobytes() + step.pixels.numpy().tobytes())
    return found.hexdigest()


def record(model: LoadedModel) -> list[torch.dtype]:
    """The types in which the last layers of the network and of its copies compute from now on, pass by pass."""
    seen: list[torch.dtype] = []
    for network in (model.serving, model.in_bfloat16()):
        (last,) = (one for one in network.modules() if isinstance(one, nn.Linear))
        last.register_forward_hook(lambda _, __, logits: seen.append(logits.dtype))
    return seen


@pytest.mark.parametrize("key", PRECISIONS)
def test_every_row_is_complete(key):
    row = PRECISIONS[key]
    assert row.key == key
    assert row.title
    assert row.help.endswith(".")
    assert row.folded is (row is not FLOAT32)
    assert (row.protocol == "") is (row is PRECISIONS[USUAL])
    assert (row.float32_last_steps > 0) <= row.bfloat16


def test_where_nothing_is_folded_attacks_give_the_very_bytes_that_they_gave_before_there_was_a_choice():
    assert exact() == EXACT_SHA256
    assert exact(precision="float32") == EXACT_SHA256


def test_float32_makes_no_copy():
    model = convolutional()
    attack(model, images(2), [0, 1], threat(steps=2, precision="float32"))
    assert model.copies.memory_bytes == 0


def test_folded_passes_go_through_the_copy_and_end_where_the_network_s_own_do():
    model, pixels = convolutional(), images(4)
    assert Passes(model, SIDE_PX, SIDE_PX, FLOAT32_FOLDED).network is model.folded().network
    own = attack(model, pixels, [0, 1, 2, 3], threat(steps=6, precision="float32"))
    folded = attack(model, pixels, [0, 1, 2, 3], threat(steps=6))
    for one, other in zip(own, folded, strict=True):
        assert torch.equal(one.label, other.label)
        assert torch.allclose(one.loss, other.loss, rtol=1e-4, atol=1e-4)


def test_labels_and_losses_of_bfloat16_are_what_the_network_says_in_float32(reducible):
    pixels = images(5)
    steps = attack(
        reducible, pixels, [0, 1, 2, 3, None], threat(steps=9, precision="bfloat16_float32_stem"), keep=range(5)
    )
    for step in steps:
        logits = result_of(Passes(reducible, SIDE_PX, SIDE_PX).forward(step.pixels))
        assert torch.equal(step.label, logits.argmax(1))
        loss = nn.functional.cross_entropy(logits, step.goal.labels, reduction="none")
        assert torch.equal(step.loss, loss)


def test_the_first_pass_and_the_last_steps_of_bfloat16_are_in_float32(reducible):
    """The clean image; then each step's gradient and its judgement; the last steps need one pass for both."""
    last, steps = BFLOAT16.float32_last_steps, BFLOAT16.float32_last_steps + 3
    seen = record(reducible)
    attack(reducible, images(2), [0, 1], threat(steps=steps, precision="bfloat16_float32_stem"))
    followed = steps - 1 - last  # by gradients in bfloat16
    assert seen == [torch.float32] + followed * [torch.bfloat16, torch.float32] + (last + 1) * [torch.float32]


def test_gradients_of_bfloat16_are_near_and_not_the_same(reducible):
    def loss(logits, rows):
        return nn.functional.cross_entropy(logits, torch.arange(4)[rows], reduction="none")

    pixels, passes = images(4), Passes(reducible, SIDE_PX, SIDE_PX, BFLOAT16)
    logits, rough = result_of(passes.forward_backward(pixels, loss))
    same, own = result_of(passes.forward_backward(pixels, loss, in_float32=True))
    assert torch.equal(logits, same)
    assert rough.dtype == torch.float32
    assert not torch.equal(rough, own)
    assert nn.functional.cosine_similarity(rough.flatten(1), own.flatten(1)).min() > 0.99


def test_bfloat16_is_refused_at_the_first_event_where_the_row_does_not_allow_it():
    with pytest.raises(BadInput, match="convolutional is attacked in float32 alone"):
        attack(convolutional(), images(1), [0], threat(precision="bfloat16_float32_stem"))


def test_tf32_is_off_in_every_pass_beside_gradients_in_bfloat16(reducible):
    """In those of the network itself too, which judge."""
    seen = []
    convolutions = torch.backends.cudnn.conv
    before = convolutions.fp32_precision
    for network in (reducible.in_bfloat16(), reducible.serving):
        network.register_forward_hook(lambda *_: seen.append(convolutions.fp32_precision))
    convolutions.fp32_precision = "tf32"
    try:
        attack(reducible, images(1), [0], threat(steps=8, precision="bfloat16_float32_stem"))
        assert set(seen) == {"ieee"}
        assert convolutions.fp32_precision == "tf32"
    finally:
        convolutions.fp32_precision = before


def test_a_network_is_not_changed_by_an_attack_on_its_copy():
    model = as_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3)))
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    attack(model, images(3), [0, 1, 2], threat(steps=3, precision="float32_folded"))
    after = model.network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], value) for name, value in after.items())
