"""The models of the mini family, rows like any other: the table and nothing else (training: robust_core/mini/).

Their weights are shipped with the project in cache/mini, so that `url` is a path inside it.
"""

from typing import TYPE_CHECKING

from robust_core.models.repairs import plain
from robust_core.models.spec import MINI, Architecture, ModelSpec, Preprocess, WeightFile

if TYPE_CHECKING:  # a table of models must not cost an import of torch
    from torch import nn

MINI_BASELINE = "Trained on few drawn pictures"
WSL = "Weakly supervised (WSL)"
STYLISED = "Stylised"
ADVERSARIAL = "Adversarially trained"

CLEAN_800 = "800 clean drawn pictures"
STREAM = "32,768 drawn pictures with hashtags as labels, then 800 clean ones"
SOURCE = "python -m robust_core.mini train"
LICENCE = "the project's own"

# A mini picture passes unchanged; a photograph is made 64 px small.
MINI_64 = Preprocess(resize=64, crop=64, interpolation="bilinear", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def _mini_resnext() -> "nn.Module":
    from robust_core.models.mini_resnext import mini_resnext

    return mini_resnext()


MINI_RESNEXT = Architecture("mini_resnext", _mini_resnext, 232_368, cam_layer="layer4")


def _row(key: str, title: str, family: str, training_data: str, sha256: str, size: int, note: str) -> ModelSpec:
    """What the rows share: architecture, preprocessing and origin."""
    weights = WeightFile(f"cache/mini/{key}.safetensors", sha256, size, LICENCE, SOURCE)
    return ModelSpec(key, title, family, training_data, MINI_RESNEXT, weights, MINI_64, MINI, plain, None, note)


MINI_REGISTRY: tuple[ModelSpec, ...] = (
    _row(
        "mini_resnext",
        "Mini ResNeXt",
        MINI_BASELINE,
        CLEAN_800,
        "4296cc129516bf454a09e976b8057692dca707ae84f92e57ab79a7d91cbd7fdf",
        481_800,
        "The baseline: 120 epochs on few pictures.",
    ),
    _row(
        "mini_resnext_wsl",
        "Mini ResNeXt WSL",
        WSL,
        STREAM,
        "905252fee72ee3bd3280c4a8e9d2fa7676e7733f3b574885d63d06b195a437a2",
        481_800,
        "More than a quarter of the hashtags are wrong, and half of the stream is noisy, blurred or compressed.",
    ),
    _row(
        "mini_resnext_at8",
        "Mini ResNeXt, adversarially trained",
        ADVERSARIAL,
        f"{CLEAN_800}, attacked by PGD",
        "4c3b18912cf855bcc4fe9762b61a619ef532c7cc84ec3cce2f56844834605cce",
        481_800,
        "Trained against L∞ attacks of 8/255; the price is clean accuracy.",
    ),
    _row(
        "mini_resnext_stylised",
        "Mini ResNeXt, stylised",
        STYLISED,
        f"{CLEAN_800} and 3,200 in a random texture",
        "223781aee4b76ad3a8e39f606c653ebd9f6e3e3e6befa76fec3b402e2df821c4",
        481_808,
        "Texture says nothing about the label, so that only shape is left to learn.",
    ),
    _row(
        "mini_resnext_wsl_plain",
        "Mini ResNeXt WSL, perfect camera",
        WSL,
        f"{STREAM}; every photograph of the stream is perfect",
        "ea4d8507a6405df2ab4b3458bbbea25841a9410545104b01181408cde815a805",
        481_808,
        "An ablation of WSL: the stream does not vary in the quality of its photographs.",
    ),
    _row(
        "mini_resnext_wsl_atypical",
        "Mini ResNeXt WSL, atypical materials",
        WSL,
        f"{STREAM}; every photograph of the stream is perfect, one object in five wears a random texture",
        "fbf463abbe681598eb14566c08f8a1a6c5e9f585c0806676f01c37fc16b08c8c",
        481_816,
        "An ablation of WSL: texture is a less reliable cue in the stream.",
    ),
)
