"""Checkpoints as training scripts leave them: opened, or refused with a sentence that says what to do."""

import pytest
import torch
from safetensors.torch import load_file

from robust_core.settings import weights_dir
from tests.data.folders import TENCH, put
from tests.models.weight_files import behind, how_read, same


def with_head(classes: int, state):
    return state | {"classifier.1.weight": torch.zeros(classes, 512, 1, 1), "classifier.1.bias": torch.zeros(classes)}


def stored() -> dict[str, torch.Tensor]:
    return load_file(weights_dir() / "mine.safetensors")


def test_the_references_of_torchvision_hold_plain_and_averaged_weights(import_squeezenet, squeezenet):
    averaged = {key: tensor / 2 for key, tensor in squeezenet.items()}
    model_ema = behind("module.", averaged) | {"n_averaged": torch.tensor(5)}
    assert import_squeezenet({"model": squeezenet, "model_ema": model_ema, "optimizer": {}})[0] == 0
    assert same(stored(), averaged)
    assert how_read("mine") == (
        "from model_ema, behind module.; averaged (EMA) weights; plain weights are there too, from model: --weights "
        "plain takes them; left out: counters (n_averaged)"
    )


def test_a_normaliser_may_be_behind_the_same_prefix_as_the_network(import_squeezenet, squeezenet):
    state_dict = behind("module.model.", squeezenet) | {"module.normalizer.mean": torch.zeros(3)}
    assert import_squeezenet({"state_dict": state_dict})[0] == 0
    assert same(stored(), squeezenet)
    assert how_read("mine") == (
        "from state_dict, behind module.model.; left out: a normaliser (module.normalizer.mean = 0 0 0)"
    )


@pytest.mark.parametrize(
    ("classes", "words"),
    [(10, "10 classes"), (1001, "1,001 classes (1,000 and a background class, as TensorFlow counts)")],
)
def test_a_head_of_other_classes_needs_its_class_list(import_squeezenet, squeezenet, classes, words):
    code, _, err = import_squeezenet(with_head(classes, squeezenet))
    assert code == 1
    assert err.splitlines()[0] == (
        f"mine.pth does not fit squeezenet1_0: its last layer, classifier.1.weight, has {words}; squeezenet1_0 of the "
        "table has 1,000: import it with its class list (in a terminal: --classes FILE)."
    )


def test_a_torch_file_named_safetensors_is_to_be_renamed(import_squeezenet, squeezenet):
    code, _, err = import_squeezenet(squeezenet, file="mine.safetensors")
    assert code == 1
    assert err.splitlines()[0] == (
        "mine.safetensors cannot be read as safetensors: it is a PyTorch file (torch.save); call it .pth and import it "
        "again."
    )


def quantised(tensor):
    return torch.quantize_per_tensor(tensor, 1 / 64, 0, torch.qint8)


OF_ANOTHER_FORM = {
    "sparse": (torch.Tensor.to_sparse, "is sparse (sparse_coo), not dense: save it as tensor.to_dense()"),
    "quantised": (quantised, "is quantised (qint8), not float: import the float network that it was made from"),
    "int8 without scales": (
        lambda tensor: (tensor * 127).to(torch.int8),
        "is int8, not float: which floats are meant cannot be known; save the weights as floats",
    ),
    "bool": (
        torch.Tensor.bool,
        "is bool, not float: which floats are meant cannot be known; save the weights as floats",
    ),
    "complex": (
        lambda tensor: tensor.to(torch.complex64),
        "is complex64, not float: which floats are meant cannot be known; save the weights as floats",
    ),
    "meta": (
        lambda tensor: tensor.to("meta"),
        "has a shape but no values (it was saved on the meta device); save the model after it got its weights",
    ),
}


@pytest.mark.filterwarnings("ignore:torch.quantize_per", "ignore:Validating sparse", "ignore:TypedStorage")
@pytest.mark.parametrize(("store", "words"), OF_ANOTHER_FORM.values(), ids=OF_ANOTHER_FORM)
def test_what_is_no_dense_float_is_refused_and_leaves_nothing(import_squeezenet, squeezenet, store, words):
    code, _, err = import_squeezenet({key: store(tensor) for key, tensor in squeezenet.items()})
    assert code == 1
    assert err.splitlines()[0] == f"mine.pth was refused: features.0.weight {words}."
    assert not list(weights_dir().rglob("mine*"))


def test_what_is_imported_can_be_used(import_squeezenet, call, squeezenet, tmp_path):
    put(tmp_path / "val" / TENCH / "a.JPEG", 128)
    assert import_squeezenet({key: tensor.bfloat16() for key, tensor in squeezenet.items()})[0] == 0
    code, out, _ = call("models check --model mine --images", tmp_path / "val")
    assert code == 0
    assert out.splitlines()[-1].startswith("mine: top-1 ")
    assert " of 1 [" in out.splitlines()[-1]
