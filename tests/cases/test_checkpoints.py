"""Checkpoints as training scripts leave them: opened, or refused with a sentence that says what to do."""

import pytest
import torch

from robust_core.errors import WeightsUnavailable
from robust_core.models.checkpoints import read_checkpoint
from robust_core.models.imports import import_file
from robust_core.models.weights import find, read_state
from tests.data.folders import TENCH, put
from tests.models.weight_files import behind, how_read, same


def references_of_torchvision(state):
    averaged = {key: tensor + 1 for key, tensor in state.items()}
    kept = behind("module.", averaged) | {"n_averaged": torch.tensor(5)}
    return {"model": state, "model_ema": kept, "optimizer": {}}, averaged


def normaliser_behind_the_same_prefix(state):
    return {"state_dict": behind("module.model.", state) | {"module.normalizer.mean": torch.zeros(3)}}, state


OPENED = {
    "the references of torchvision": (
        references_of_torchvision,
        "from model_ema, behind module.; averaged (EMA) weights; left out: counters (n_averaged); plain weights are "
        "there too, from model: --weights plain takes them",
    ),
    "a normaliser behind the same prefix": (
        normaliser_behind_the_same_prefix,
        "from state_dict, behind module.model.; left out: a normaliser (module.normalizer.mean = 0 0 0)",
    ),
}


@pytest.mark.parametrize(("wrap", "read"), OPENED.values(), ids=OPENED)
def test_wrappers_are_opened_and_what_was_taken_is_said(import_squeezenet, squeezenet, wrap, read):
    pass
