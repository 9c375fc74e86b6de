"""Containers and prefixes of every kind around one small network, and what lies beside it."""

import argparse
import itertools
from collections import OrderedDict, defaultdict, deque
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper
from torch.optim.swa_utils import AveragedModel
from torchvision.models import get_model

from robust_core.errors import WeightsUnavailable
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.containers import choose, groups_of, readings_of
from robust_core.models.fitting import expected_shapes
from robust_core.models.imports import import_file
from robust_core.models.weights import find, read_state
from tests.anything import bounded
from tests.models.weight_files import CLASSIFIER, behind, classifier, classifier_state, how_read, same, saved

SHAPES = expected_shapes(CLASSIFIER)
STATE = classifier_state()
OTHER = classifier_state(seed=1)

CONTAINERS = (
    (),
    ("state_dict",),
    ("state_dict_ema",),
    ("model",),
    ("model_ema",),
    ("model_state_dict",),
    ("net",),
    ("ema",),
    ("params",),
    ("teacher",),
    ("checkpoint", "model_state_dict"),
    ("ema", "module"),
    ("model", "state_dict", "params"),
)
PREFIXES = (
    "",
    "module.",
    "_orig_mod.",
    "module._orig_mod.",
    "_orig_mod.module.",
    "model.",
    "net.",
    "backbone.",
    "encoder.",
    "module.model.",
    "module.encoder_q.",
    "_fsdp_wrapped_module.",
    "1.",
    "never.heard.of.",
)


def wrapped(state: object, path: tuple[str, ...]) -> object:
    for name in reversed(path):
        state = {"epoch": 3, name: state, "lr": 0.1}
    return state


def taken(checkpoint: object, weights=None, shapes=SHAPES) -> tuple[dict[str, torch.Tensor], str]:
    """The state that is found in `checkpoint`, and how in words."""
    whole = [reading for reading in readings_of(groups_of(checkpoint), shapes) if reading.is_whole]
    if not whole:
        return {}, "nothing"
    reading, told = choose(whole, weights, "file.pth")
    return dict(reading.state), told


@pytest.fixture(autouse=True)
def small_architecture(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "classifier", CLASSIFIER)


@pytest.mark.parametrize(("path", "prefix"), list(itertools.product(CONTAINERS, PREFIXES)))
def test_every_prefix_in_every_container(path, prefix):
    state, told = taken(wrapped(behind(prefix, STATE), path))
    assert same(state, STATE)
    assert told.split("; ")[0] == ", ".join(
        [*[f"from {'/'.join(path)}"] * bool(path), *[f"behind {prefix}"] * bool(prefix)] or ["as plain"]
    )
    assert ("averaged (EMA) weights" in told) == any("ema" in name for name in path)


names = st.sampled_from(["state_dict", "model", "net", "module", "_orig_mod", "backbone", "x", "a b", "größe", "0"])


@bounded
@given(path=st.lists(names, max_size=6), prefix=st.lists(names, max_size=6))
def test_random_nesting_and_prefixes_lead_to_the_same_tensors(path, prefix):
    assert same(taken(wrapped(behind("".join(f"{name}." for name in prefix), STATE), tuple(path)))[0], STATE)


@pytest.mark.usefixtures("weights_folder")
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_a_real_checkpoint_of_timm_is_imported_from_end_to_end(tmp_path, zipped):
    optimizer = torch.optim.Adam(classifier().parameters())
    checkpoint = {
        "epoch": 9,
        "arch": "classifier",
        "state_dict": STATE,
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(lr=0.1, data_dir=Path("/data"), betas=(0.9, 0.99)),
        "metric": np.float64(70.1),
        "state_dict_ema": OrderedDict(behind("module.", OTHER)),
    }
    saved(tmp_path, checkpoint, _use_new_zipfile_serialization=zipped)
    for weights, state in ((None, OTHER), ("ema", OTHER), ("plain", STATE)):
        key = f"mine_{weights}".lower()
        row = import_file(tmp_path / "saved.pth", "classifier", key, key, weights=weights)
        assert same(read_state(row, find(row)), state)
    assert how_read("mine_none") == (
        "from state_dict_ema, behind module.; averaged (EMA) weights; plain weights are there too, from state_dict: "
        "--weights plain takes them"
    )
    assert (
        how_read("mine_plain")
        == "from state_dict; averaged (EMA) weights are there too, from state_dict_ema, behind module.: --weights ema "
        "takes them"
    )


@pytest.mark.usefixtures("weights_folder")
def test_a_checkpoint_of_lightning_is_imported_from_end_to_end(tmp_path):
    checkpoint = {
        "pytorch-lightning_version": "2.2.0",
        "state_dict": behind("model.", STATE)
        | {"criterion.weight": torch.ones(7), "train_acc.correct": torch.tensor(3)},
        "callbacks": {
            "ModelCheckpoint{'monitor': None}": {
                "best_model_score": torch.tensor(0.5),
                "best_k_models": {"/a.ckpt": torch.tensor(0.5)},
            }
        },
        "optimizer_states": [torch.optim.SGD(classifier().parameters(), momentum=0.9).state_dict()],
        "hyper_parameters": {
            "lr": 0.1,
            "root": Path("/data"),
            "counts": defaultdict(int, a=1),
            "last": deque([1, 2]),
            "scale": np.float32(3),
        },
    }
    saved(tmp_path, checkpoint)
    row = import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")
    assert same(read_state(row, find(row)), STATE)
    assert (
        how_read("mine")
        == "from state_dict, behind model.; left out: a loss (criterion.weight); left out: counters (train_acc.correct)"
    )


def in_two_dicts(checkpoint_key: str, ema_key: str) -> dict:
    return {checkpoint_key: STATE, ema_key: behind("module.", OTHER)}


BOTH = {
    "timm": in_two_dicts("state_dict", "state_dict_ema"),
    "DeiT, torchvision": in_two_dicts("model", "model_ema") | {"optimizer": {}},
    "params": in_two_dicts("params", "params_ema"),
    "nested EMA": {"model": STATE, "ema": {"decay": 0.9, "module": OTHER}},
    "DINO": {"student": behind("module.", STATE), "teacher": behind("backbone.", OTHER)},
    "in one dict": behind("model.", STATE) | behind("ema_model.", OTHER),
    "ema_pytorch": behind("online_model.", STATE)
    | behind("ema_model.", OTHER)
    | {"initted": torch.tensor(True), "step": torch.tensor(4)},
    "a callback of Lightning's": {
        "state_dict": behind("model.", STATE),
        "callbacks": {"EMA": {"ema_state_dict": OTHER}},
    },
}


@pytest.mark.parametrize("checkpoint", BOTH.values(), ids=BOTH)
def test_of_plain_and_averaged_weights_the_wanted_are_taken_and_the_others_told(checkpoint):
    for weights, state, words in (
        (None, OTHER, "plain weights are there too"),
        ("ema", OTHER, "--weights plain"),
        ("plain", STATE, "--weights ema"),
    ):
        found, told = taken(checkpoint, weights)
        assert same(found, state)
        assert words in told


@pytest.mark.parametrize(
    ("there", "wanted", "words"),
    [("model", "ema", "no averaged (EMA) weights"), ("model_ema", "plain", "no plain weights")],
)
def test_weights_that_are_wanted_and_not_there(there, wanted, words):
    with pytest.raises(WeightsUnavailable) as caught:
        taken({there: STATE}, wanted)
    assert str(caught.value).startswith(f"file.pth holds {words} that fit, only ")


def test_the_teacher_of_a_distillation_is_not_taken_for_an_average():
    assert same(taken(behind("model.", STATE) | behind("teacher.", OTHER))[0], STATE)


PREFERENCES = (
    ({"best_state_dict": OTHER, "state_dict": STATE}, "best_state_dict"),
    (
        {"module.attacker.model." + key: tensor for key, tensor in OTHER.items()} | behind("module.model.", STATE),
        "behind module.attacker.model.",
    ),
    (behind("module.encoder_k.", OTHER) | behind("module.encoder_q.", STATE), "behind module.encoder_k."),
    ([{"discriminator": OTHER}, {"net": STATE}], "from item 1/discriminator"),
)


@pytest.mark.parametrize(("checkpoint", "other"), PREFERENCES)
def test_of_two_copies_the_preferred_is_taken_and_the_other_told(checkpoint, other):
    state, told = taken(checkpoint)
    assert same(state, STATE)
    assert f"another copy is there too, {other if other.startswith(('behind', 'from')) else f'from {other}'}" in told


def test_averaged_by_torch_itself():
    network = AveragedModel(classifier())
    state, told = taken(network.state_dict())
    assert state.keys() == STATE.keys()
    assert told == "behind module.; averaged (EMA) weights; left out: counters (n_averaged)"


BESIDE = {
    "n_averaged": ({"n_averaged": torch.tensor(5)}, "counters (n_averaged)"),
    "a normaliser": (
        {"mean": torch.tensor([0.5, 0.25, 0.125]), "std": torch.ones(1, 3, 1, 1)},
        "a normaliser (mean = 0.5 0.25 0.125, std = 1 1 1)",
    ),
    "MadryLab's": ({"normalizer.new_mean": torch.zeros(3, 1, 1)}, "a normaliser (normalizer.new_mean = 0 0 0)"),
    "auxiliary heads": (
        {"aux1.conv.weight": torch.zeros(9), "aux2.fc.bias": torch.zeros(1000)},
        "auxiliary heads (aux1.conv.weight, aux2.fc.bias)",
    ),
    "another's auxiliary head": (
        {"auxiliary_head.fc.weight": torch.zeros(9, 9)},
        "auxiliary heads (auxiliary_head.fc.weight)",
    ),
    "a loss": ({"criterion.weight": torch.ones(7)}, "a loss (criterion.weight)"),
    "metrics": ({"val_accuracy.correct": torch.ones(7)}, "metrics (val_accuracy.correct)"),
    "MoCo's queue": ({"queue": torch.zeros(4, 9)}, "the queue of contrastive training (queue)"),
    "many": (behind("aux1.", dict.fromkeys("abcd", torch.zeros(2))), "auxiliary heads (aux1.a, aux1.b and 2 more)"),
}


@pytest.mark.parametrize("prefix", ["", "module.", "model."])
@pytest.mark.parametrize(("beside", "told"), BESIDE.values(), ids=BESIDE)
def test_what_does_not_change_the_logits_is_left_out_and_told(beside, told, prefix):
    state, words = taken(behind(prefix, STATE) | beside)
    assert same(state, STATE)
    assert f"left out: {told}" in words


STRANGERS = {
    "a layer more": {"layer5.weight": torch.zeros(3, 3)},
    "a layer after the network": {"1.weight": torch.zeros(9, 7)},
    "a second head": {"head_dist.weight": torch.zeros(7, 4)},
    "a temperature": {"logit_scale": torch.tensor(4.0)},
    "a norm of pixels": {"input_bn.running_mean": torch.zeros(3), "input_bn.weight": torch.ones(3)},
    "a number that is not finite": {"x": torch.tensor(float("nan"))},
}


@pytest.mark.parametrize("prefix", ["", "0.", "model."])
@pytest.mark.parametrize("strangers", STRANGERS.values(), ids=STRANGERS)
def test_what_may_change_the_logits_is_never_left_out(strangers, prefix):
    assert taken(behind(prefix, STATE) | strangers) == ({}, "nothing")


@pytest.mark.parametrize(
    ("larger", "smaller"), [("resnet101", "resnet50"), ("vgg19", "vgg16"), ("densenet121", "alexnet")]
)
def test_a_larger_network_is_not_read_as_a_smaller(larger, smaller):
    with torch.device("meta"):
        state = ARCHITECTURES[larger].build().state_dict()
    assert taken(behind("module.", state), shapes=expected_shapes(ARCHITECTURES[smaller])) == ({}, "nothing")


def test_keys_behind_several_prefixes_as_mmclassification_has_them():
    split = {("head." if key.startswith("fc") else "backbone.") + key: tensor for key, tensor in STATE.items()}
    state, told = taken({"meta": {}, "state_dict": split | {"data_preprocessor.mean": torch.zeros(3)}})
    assert same(state, STATE)
    assert (
        told == "from state_dict, behind backbone. and head.; left out: a normaliser (data_preprocessor.mean = 0 0 0)"
    )


def test_a_key_behind_several_prefixes_in_doubt_is_not_guessed():
    split = {("head." if key.startswith("fc") else "backbone.") + key: tensor for key, tensor in STATE.items()}
    assert taken(split | {"projector.fc.weight": torch.zeros(7, 4)}) == ({}, "nothing")


def test_wrappers_in_the_middle_of_keys():
    network = nn.DataParallel(
        nn.Sequential(OrderedDict(a=nn.DataParallel(classifier()), b=checkpoint_wrapper(nn.Linear(7, 7))))
    )
    bare = nn.Sequential(OrderedDict(a=classifier(), b=nn.Linear(7, 7)))
    shapes = {key: tuple(tensor.shape) for key, tensor in bare.state_dict().items()}
    state, told = taken(network.state_dict(), shapes=shapes)
    assert state.keys() == shapes.keys()
    assert told == "without wrappers' names in its keys"


def test_googlenet_with_its_auxiliary_heads_behind_data_parallel():
    with torch.device("meta"):
        published = get_model("googlenet", weights=None, aux_logits=True, init_weights=False).state_dict()
    state, told = taken(
        {"state_dict": behind("module.", published)}, shapes=expected_shapes(ARCHITECTURES["googlenet"])
    )
    assert len(state) == len(published) - 20
    assert "left out: auxiliary heads (module.aux1.conv.conv.weight, " in told


def test_old_names_of_densenet_behind_data_parallel():
    shapes = expected_shapes(ARCHITECTURES["densenet121"])
    old = {
        key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): torch.empty(shape, device="meta")
        for key, shape in shapes.items()
    }
    state, told = taken({"state_dict": behind("module.", old)}, shapes=shapes)
    assert state.keys() == shapes.keys()
    assert told == "from state_dict, under today's names of DenseNet's layers"


def test_old_files_have_no_counters():
    old = {key: tensor for key, tensor in STATE.items() if not key.endswith("num_batches_tracked")}
    assert same(taken({"state_dict": behind("module.", old)})[0], old)


def test_containers_in_a_circle_and_deep_ones_end():
    circle: dict = {"model": behind("module.", STATE)}
    circle["self"] = circle
    circle["model"]["all"] = [circle]
    assert same(taken(circle)[0], STATE)
    deep: object = STATE
    for _ in range(150):
        deep = {"state_dict": deep}
    state, told = taken(deep)
    assert same(state, STATE)
    assert told == "from state_dict/state_dict/…/state_dict/state_dict"
    for _ in range(5000):
        deep = {"state_dict": deep}
    assert taken(deep) == ({}, "nothing")


NO_CHECKPOINTS = (
    None,
    3,
    "text",
    {},
    [],
    {3: torch.zeros(1)},
    {"a": None},
    torch.zeros(2),
    [torch.zeros(2)],
    {("a",): STATE},
)


@pytest.mark.parametrize("checkpoint", NO_CHECKPOINTS, ids=lambda checkpoint: type(checkpoint).__name__)
def test_what_holds_no_named_tensors_has_no_groups(checkpoint):
    assert groups_of(checkpoint) == []


def test_names_of_a_file_are_shown_on_one_line():
    told = taken({"a\nb\x1b[31m": behind("<b>\n.", STATE)})[1]
    assert told == "from 'a\\nb\\x1b[31m', behind '<b>\\n.'"
    assert len(taken({"x" * 5000: STATE})[1]) < 100


def test_what_a_pickle_hung_onto_a_tensor_stays_behind():
    tensor = STATE["fc.bias"].clone()
    tensor.numel = "not a method"
    assert groups_of({"fc.bias": tensor})[0].tensors["fc.bias"].numel() == 7
