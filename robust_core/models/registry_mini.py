"""The models of the mini family, rows like any other: the table and nothing else (training: robust_core/mini/).

Their weights are shipped with the project in cache/mini, so that `url` is a path inside it.
"""

from typing import TYPE_CHECKING

from robust_core.images import Preprocess
from robust_core.labels import MINI
from robust_core.models.repairs import plain
from robust_core.models.spec import Architecture, ModelSpec, WeightFile

if TYPE_CHECKING:  # a table of models must not cost an import of torch
    from torch import nn

MINI_BASELINE = "Trained on few synthetic images"
WSL = "Weakly supervised (WSL)"
STYLISED = "Stylised"
ADVERSARIAL = "Adversarially trained"

CLEAN_800 = "800 clean synthetic images"
STREAM = "32,768 synthetic images with hashtags as labels, then 800 clean ones"
SOURCE = "python -m robust_core mini train"
LICENCE = "the project's own"

# A mini image passes unchanged; an image is made 64 px small.
MINI_64 = Preprocess(
    resize=64, crop=64, interpolation="bilinear", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)


def _mini_resnext() -> "nn.Module":
    from robust_core.models.mini_resnext import mini_resnext

    return mini_resnext()


def _mini_resnext_wide() -> "nn.Module":
    from robust_core.models.mini_resnext import WIDE_PLANES, mini_resnext

    return mini_resnext(WIDE_PLANES)


MINI_RESNEXT = Architecture("mini_resnext", _mini_resnext, 232_368, cam_layer="layer4", nonlinear="relu", bfloat16=True)
MINI_RESNEXT_WIDE = Architecture("mini_resnext_wide", _mini_resnext_wide, 908_624, cam_layer="layer4", nonlinear="relu")


def mini_row(
    key: str,
    title: str,
    family: str,
    training_data: str,
    sha256: str,
    size: int,
    note: str,
    architecture: Architecture = MINI_RESNEXT,
) -> ModelSpec:
    """What the rows share: preprocessing and origin, and but for one the architecture."""
    weights = WeightFile(f"cache/mini/{key}.safetensors", sha256, size, LICENCE, SOURCE)
    return ModelSpec(key, title, family, training_data, architecture, weights, MINI_64, MINI, plain, None, note)


MINI_REGISTRY: tuple[ModelSpec, ...] = (
    mini_row(
        "mini_resnext",
        "Mini ResNeXt",
        MINI_BASELINE,
        CLEAN_800,
        "b658a8031b7f27eaf2423d83b919eecccd3c79074b583a89a596145b82d21302",
        481_800,
        "The baseline: 120 epochs on few images.",
    ),
    mini_row(
        "mini_resnext_wsl",
        "Mini ResNeXt WSL",
        WSL,
        STREAM,
        "e2263321f5b407f5460cf7a915692c281efaaa1fcdaad5a90ed2533e2800a0c1",
        481_800,
        "More than a quarter of the hashtags are wrong, and half of the stream is noisy, blurred or compressed.",
    ),
    mini_row(
        "mini_resnext_at8",
        "Mini ResNeXt, adversarially trained",
        ADVERSARIAL,
        f"{CLEAN_800}, attacked by PGD",
        "877f3763b63c99e09af0403484bde8f568a420296de57d21d2767d4ecc262a86",
        481_800,
        "Trained against L∞ attacks of 8/255; the price is clean accuracy.",
    ),
    mini_row(
        "mini_resnext_stylised",
        "Mini ResNeXt, stylised",
        STYLISED,
        f"{CLEAN_800} and 3,200 in a random texture",
        "0020f96c7ccc2ef5db4bf8e3a89c1981b5cb08db524e3a80e36a19e888fc3725",
        481_808,
        "Texture says nothing about the label, so that only shape is left to learn.",
    ),
    mini_row(
        "mini_resnext_wsl_plain",
        "Mini ResNeXt WSL, perfect camera",
        WSL,
        f"{STREAM}; every image of the stream is perfect",
        "57fc343aa94b455646f988c5c49d195ecd3b3deba5a9f7a39e9ffe21c294fd78",
        481_808,
        "An ablation of WSL: the stream does not vary in the quality of its images.",
    ),
    mini_row(
        "mini_resnext_wsl_atypical",
        "Mini ResNeXt WSL, atypical materials",
        WSL,
        f"{STREAM}; every image of the stream is perfect, one object in five wears a random texture",
        "78d3efdf9ecfc21eb1d0462df74b884bac7f735dfe2cc7482817553033af52b7",
        481_816,
        "An ablation of WSL: texture is a less reliable cue in the stream.",
    ),
    mini_row(
        "mini_resnext_wsl_wide",
        "Mini ResNeXt WSL, twice as wide",
        WSL,
        STREAM,
        "2ba36cf9a6212a528892b5f6a62df3d583d64208c4e7e08ca2f977ac3324f6b6",
        1_842_224,
        "Twice the channels in every stage and the recipe of Mini ResNeXt WSL: what scale does.",
        MINI_RESNEXT_WIDE,
    ),
)
