import pytest
import torch

from robust_core.attributions.cascading_randomization import layers_from_the_top, randomised, randomize
from robust_core.data.synthetic import read_synthetic, synthetic_id
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.models import load
from tests import tiny
from tests.attributions.networks import curved


@pytest.fixture(scope="module")
def mini():
    return load("mini_resnext", "cpu")


@pytest.fixture(scope="module")
def elephant() -> torch.Tensor:
    rgb = read_synthetic(synthetic_id("clean", "elephant", "elephant", 7)).rgb
    return torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float() / 255


def test_layers_come_from_the_top(mini):
    names = layers_from_the_top(mini.network)
    assert names[0] == "body.fc"
    assert names[-1] == "body.conv1"


def test_only_the_top_layers_change_and_the_model_itself_does_not():
    model = curved()
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    duplicate = randomised(model, 2, seed=0)
    top = tuple(layers_from_the_top(model.network)[:2])
    changed = {name for name, tensor in duplicate.network.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed
    assert all(name.startswith(top) for name in changed)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.network.state_dict().items())
    assert not any(parameter.requires_grad for parameter in duplicate.network.parameters())


def test_random_weights_keep_the_size_of_the_learned_ones(mini):
    duplicate = randomised(mini, 1, seed=0)
    torch.testing.assert_close(
        duplicate.network.body.fc.weight.std(), mini.network.body.fc.weight.std(), atol=0, rtol=0.1
    )


def test_a_seed_gives_the_same_network(mini):
    one, again, other = (randomised(mini, 5, seed).network.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["body.fc.weight"], other["body.fc.weight"])


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "deeplift", "grad_cam"])
def test_the_map_of_a_trained_network_is_lost_when_it_is_randomized(mini, elephant, method):
    target = int(mini.logits(elephant).argmax())
    randomization = result_of(randomize(mini, elephant, method, target, {}, stages=3, seed=0))
    assert randomization.layers[0] == 0
    assert randomization.layers[-1] == len(layers_from_the_top(mini.network))
    assert randomization.lowest[0] == ""
    assert randomization.lowest[-1] == "conv1"
    assert randomization.correlation[0] == pytest.approx(1)
    assert randomization.correlation[-1] < 0.5


def test_misuse_is_refused(mini):
    with pytest.raises(BadInput, match="layers must be a whole number from 0 to .*; got 999"):
        randomised(mini, 999, seed=0)
    with pytest.raises(BadInput, match="stages must be a whole number from 1 on; got 0"):
        result_of(randomize(mini, tiny.images(1, side_px=64), "saliency", 0, {}, stages=0, seed=0))
