"""Checkpoints that hold tensors and fit nothing: the sentence says what they hold and what to do."""

import pytest
import torch
from torchvision.models import get_model

from robust_core.errors import WeightsUnavailable
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.imports import import_file
from tests.models.weight_files import CLASSIFIER, behind, classifier, classifier_state, saved

pytestmark = pytest.mark.usefixtures("weights_folder")

STATE = classifier_state()
BODY = {key: tensor for key, tensor in STATE.items() if not key.startswith("fc")}


@pytest.fixture(autouse=True)
def small_architecture(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "classifier", CLASSIFIER)


def refusal(folder, checkpoint, architecture="classifier", name="file.pth") -> str:
    saved(folder, checkpoint)
    path = (folder / "saved.pth").rename(folder / name)
    with pytest.raises(WeightsUnavailable) as caught:
        import_file(path, architecture, "mine", "Mine")
    return str(caught.value)


def adam() -> dict:
    network = classifier()
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.rand(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    return optimizer.state_dict()


def head(classes: int) -> dict:
    return {"fc.weight": torch.zeros(classes, 4), "fc.bias": torch.zeros(classes)}


def zeros(*keys: str) -> dict:
    return {key: torch.zeros(2) for key in keys}


OPTIMIZER = (
    "file.pth holds the state of an optimizer and no weights; import the checkpoint that holds the model's state_dict."
)
ANOTHER_TASK = "only image classifiers can be imported."
WRONG = {
    "another number of classes": (
        {"state_dict": behind("module.", BODY | head(10))},
        "file.pth does not fit classifier: its last layer, fc.weight, has 10 classes; the class list has 7.",
    ),
    "one class": (
        BODY | head(1),
        "file.pth does not fit classifier: its last layer, fc.weight, has 1 class; the class list has 7",
    ),
    "a background class": (
        BODY | head(1001),
        "has 1,001 classes (1,000 and a background class, as TensorFlow counts); the class list has 7",
    ),
    "no classifier": (
        BODY,
        "it is a network without its classifier and predicts no classes: train a classifier on it and save both "
        "together.",
    ),
    "a classifier of its own": (
        BODY | {"fc.0.weight": torch.zeros(7, 4)},
        "file.pth does not fit classifier: missing keys: 2 (first fc.weight), unexpected keys: 1 (first fc.0.weight); "
        "it fits no architecture of the table.",
    ),
    "a network and more": (
        behind("model.", STATE) | {"projector.weight": torch.zeros(9)},
        "file.pth holds a whole classifier behind model., but beside it unexpected keys: 1 (first projector.weight); "
        "they may change what it predicts, so save the tensors of the classifier alone.",
    ),
    "a layer more": (
        STATE | {"x": torch.zeros(9)},
        "file.pth holds a whole classifier, but beside it unexpected keys: 1 (first x); they may change",
    ),
    "int8 with scales": (
        {key: tensor.to(torch.int8) for key, tensor in STATE.items()} | {"conv1.weight_scale": torch.ones(1)},
        "file.pth was refused: conv1.weight is int8, not float: which floats are meant cannot be known; save the "
        "weights as floats.",
    ),
    "an optimizer": (adam(), OPTIMIZER),
    "an optimizer before its first step": (torch.optim.SGD(classifier().parameters(), 0.1).state_dict(), OPTIMIZER),
    "an optimizer in a checkpoint": ({"epoch": 3, "optimizer_state_dict": adam()}, OPTIMIZER),
    "no tensors": (
        {"epoch": 3, "lr": 0.1},
        "file.pth holds no state dict in a known container, only epoch, lr; save model.state_dict() alone.",
    ),
    "nothing": ({}, "file.pth holds no state dict in a known container; save model.state_dict() alone."),
    "a number": (3, "file.pth holds no state dict in a known container; save model.state_dict() alone."),
    "one tensor": (
        torch.zeros(2, 3),
        "file.pth holds one tensor of shape (2, 3) and no names; save model.state_dict() alone.",
    ),
    "tensors without names": (
        list(STATE.values()),
        "file.pth holds 9 tensors without names; save model.state_dict() alone.",
    ),
    "Hugging Face": (
        zeros(
            "resnet.embedder.embedder.convolution.weight",
            "resnet.encoder.stages.0.layers.0.shortcut.convolution.weight",
        ),
        "its keys are those of Hugging Face transformers, not torchvision's (such as "
        "resnet.embedder.embedder.convolution.weight): "
        "rename them as torchvision does; an architecture timm:NAME may fit.",
    ),
    "a ViT of Hugging Face": (
        zeros("vit.encoder.layer.0.attention.attention.query.weight"),
        "its keys are those of Hugging Face transformers",
    ),
    "timm": (
        zeros("cls_token", "patch_embed.proj.weight", "blocks.0.attn.qkv.weight"),
        "its keys are those of timm, not torchvision's (such as patch_embed.proj.weight): choose the architecture "
        "timm:NAME that it was trained as.",
    ),
    "efficientnet_pytorch": (
        zeros("_conv_stem.weight", "_blocks.0._bn1.weight"),
        "its keys are those of efficientnet_pytorch, not torchvision's",
    ),
    "pretrainedmodels": (
        BODY | zeros("last_linear.weight"),
        "its keys are those of pretrainedmodels (Cadene), not torchvision's (such as last_linear.weight)",
    ),
    "TensorFlow": (
        zeros("conv1/kernel", "bn1/gamma"),
        "its keys are those of TensorFlow or Flax, not torchvision's (such as conv1/kernel)",
    ),
    "a diffusion model": (
        zeros("mid_block.attn.conv1.weight"),
        f"those of a diffusion model (such as mid_block.attn.conv1.weight): {ANOTHER_TASK}",
    ),
    "CLIP": (
        zeros("visual.transformer.resblocks.0.ln_1.weight"),
        "its keys are those of a CLIP model of images and texts",
    ),
    "a language model": (
        zeros("model.embed_tokens.weight", "lm_head.weight"),
        f"a language model (such as model.embed_tokens.weight): {ANOTHER_TASK}",
    ),
    "a detector": (
        zeros("backbone.body.conv1.weight", "rpn.head.conv.weight"),
        f"an object detector (such as rpn.head.conv.weight): {ANOTHER_TASK}",
    ),
    "a segmentation model": (zeros("decode_head.conv_seg.weight"), "a segmentation model"),
    "a masked autoencoder": (
        zeros("patch_embed.proj.weight", "mask_token"),
        "a masked autoencoder without a classifier (such as mask_token)",
    ),
    "adapters": (zeros("base.layer.lora_A.weight"), "LoRA adapters, which change another model's weights"),
    "a quantised network": (
        BODY | zeros("fc._packed_params._packed_params", "conv1.zero_point"),
        "a quantised network with fused or packed layers",
    ),
    "a spectral norm": (
        {key: tensor for key, tensor in STATE.items() if key != "fc.weight"}
        | {"fc.weight_orig": torch.zeros(7, 4)}
        | zeros("fc.weight_u", "fc.weight_v"),
        "its keys are those of a reparametrised network (such as fc.weight_orig): take that off with "
        "remove_parametrizations and save anew.",
    ),
}


@pytest.mark.parametrize(("checkpoint", "words"), WRONG.values(), ids=WRONG)
def test_every_checkpoint_that_fits_nothing_has_its_own_sentence(tmp_path, checkpoint, words):
    sentence = refusal(tmp_path, checkpoint)
    assert words in sentence
    assert sentence.startswith("file.pth ")
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", ["model-00001-of-00003.safetensors.pth", "pytorch_model-00001-of-00003.bin"])
def test_one_shard_of_several(tmp_path, name):
    sentence = refusal(tmp_path, BODY, name=name)
    assert (
        sentence
        == f"{name} is part 1 of 3 of a sharded checkpoint; load the model from all its parts and save it as one file."
    )


def test_the_only_shard_is_the_file(tmp_path):
    saved(tmp_path, STATE)
    path = (tmp_path / "saved.pth").rename(tmp_path / "model-00001-of-00001.bin")
    assert import_file(path, "classifier", "mine", "Mine").key == "mine"


@pytest.mark.parametrize(
    "wrap",
    [
        dict,
        lambda state: {"state_dict": behind("module.", state)},
        lambda state: {"model": behind("model.backbone.", state)},
    ],
)
def test_the_architecture_that_would_fit_is_named_whatever_is_around_it(tmp_path, wrap):
    with torch.device("meta"):
        state = get_model("squeezenet1_1").state_dict()
    assert refusal(tmp_path, wrap(state), "squeezenet1_0").endswith("; it would fit squeezenet1_1.")


def test_long_and_odd_keys_are_cut(tmp_path):
    sentence = refusal(tmp_path, {"a\n" * 1000: torch.zeros(1), "x" * 100_000: torch.zeros(1)})
    assert len(sentence) < 500
    assert sentence.isprintable()
