import torch

from robust_core.attributions.shared_copies import shared_copy
from tests import tiny
from tests.attributions.networks import curved


def test_a_shared_copy_has_the_same_weights_and_its_own_modules():
    model = curved()
    duplicate = shared_copy(model)
    assert duplicate.spec is model.spec
    for (_, one), (_, other) in zip(
        model.network.named_parameters(), duplicate.network.named_parameters(), strict=True
    ):
        assert one is other
    assert not set(model.network.modules()) & set(duplicate.network.modules())


def test_a_hook_on_the_shared_copy_does_not_reach_the_model():
    model, pixels = curved(), tiny.images(1)
    before = model.logits(pixels)
    duplicate = shared_copy(model)
    duplicate.cam_layer().register_forward_hook(lambda *_: torch.zeros(1, 8, 8, 8))
    assert not torch.equal(duplicate.logits(pixels), before)
    assert torch.equal(model.logits(pixels), before)
