"""Weights that are NaN or infinite: an import refuses them, so that no command has a number of theirs to print."""

import math

import pytest
import torch

from tests.data.folders import TENCH, put


def with_nan(state):
    state["classifier.1.weight"].fill_(math.nan)
    return state


def with_one_infinite_bias(state):
    state["classifier.1.bias"][0] = math.inf
    return state


def overflowed_in_half_precision(state):
    state["classifier.1.weight"] *= 1e8
    return {key: tensor.half() for key, tensor in state.items()}


SENTENCE = "mine.pth was refused: {}: its training diverged, or the file is damaged; take an earlier checkpoint."
REFUSED = {
    "NaN": (with_nan, "classifier.1.weight holds NaN (not a number)"),
    "one infinite bias": (with_one_infinite_bias, "classifier.1.bias holds infinity"),
    "half precision": (overflowed_in_half_precision, "classifier.1.weight holds infinity"),
}
COMMANDS = (
    "models check --model mine --images {data}/val",
    "attack --model mine --images {data}/val --n 1 --steps 2 --eps 1/255",
    "benchmark run --model mine --experiment imagenet pgd white_box_steps --workers 0 --data {data}",
)


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_spoilt_weights_are_refused_and_give_no_accuracy(import_squeezenet, call, squeezenet, tmp_path, spoil, words):
    put(tmp_path / "data" / "val" / TENCH / "a.JPEG", 128)  # class 0, which is what NaN was taken for
    code, out, err = import_squeezenet(spoil(squeezenet))
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == SENTENCE.format(words)
    for line in COMMANDS:
        code, out, err = call(line.format(data=tmp_path / "data"))
        assert (code, out) == (1, "")
        assert err.startswith("There is no model called 'mine'")


def test_the_same_network_with_finite_weights_is_imported(import_squeezenet, squeezenet):
    code, out, _ = import_squeezenet(squeezenet)
    assert code == 0
    assert out.startswith("mine: Mine, squeezenet1_0, 1,000 classes. Your own file, read as plain.")
    assert torch.isfinite(squeezenet["classifier.1.weight"]).all()
