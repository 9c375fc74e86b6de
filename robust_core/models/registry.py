"""The models that the dashboard knows: the table and nothing else (networks: architectures.py; how to read files:
repairs.py).

A key is the architecture, then the training where it is not torchvision's first: `resnet50`, `resnet50_v2`,
`resnet50_swsl`, `resnet50_sin_in`. Models of Salman et al. 2020 are `salman_<architecture>_<norm>_<eps>`, eps in 1/255
for `linf`, and without its decimal point, so that `05` is 0.5 and `005` is 0.05.

Sizes in bytes are exact where the publisher or timm's documentation states them; torchvision rounds its own to 0.001
MiB, so those can be off by some hundred bytes; None where nobody states one. A hash of eight digits is the start of the
SHA-256, as torch.hub reads it from a file's name.
"""

from collections.abc import Callable

from robust_core.images import Preprocess
from robust_core.labels import IMAGENET
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.repairs import data_parallel, dotted_dense_layers, madry_lab, plain, without_auxiliary_heads
from robust_core.models.spec import ModelSpec, Published, WeightFile

# Families are training regimes, which matter more to robustness than the architecture does.
STANDARD = "ImageNet-trained"
PRETRAINED = "Pre-trained on ImageNet-22k"
CLIP = "Contrastively pre-trained (CLIP)"
NOISY_STUDENT = "Noisy Student"
WSL = "Weakly supervised (WSL)"
SWSL = "Semi-weakly supervised (SWSL)"
SSL = "Semi-supervised (SSL)"
STYLISED = "Stylised"
ADVERSARIAL = "Adversarially trained"
FAMILIES = (STANDARD, WSL, SWSL, SSL, PRETRAINED, CLIP, NOISY_STUDENT, STYLISED, ADVERSARIAL)

IMAGENET_1K = "ImageNet-1k"
INSTAGRAM = "940 million Instagram images with hashtags as labels, then ImageNet-1k"
SEMI_SUPERVISED_DATA = {
    SWSL: "Images that a teacher, itself trained on 940 million with hashtags, chose and labelled; then ImageNet-1k",
    SSL: "Unlabelled images of YFCC100M that a teacher, itself trained on ImageNet-1k, chose and labelled; then "
    "ImageNet-1k",
}

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
RESIZE_256_BILINEAR = Preprocess(resize=256, crop=224, interpolation="bilinear", mean=IMAGENET_MEAN, std=IMAGENET_STD)
RESIZE_236_BILINEAR = Preprocess(resize=236, crop=224, interpolation="bilinear", mean=IMAGENET_MEAN, std=IMAGENET_STD)
RESIZE_232_BILINEAR = Preprocess(resize=232, crop=224, interpolation="bilinear", mean=IMAGENET_MEAN, std=IMAGENET_STD)
RESIZE_256_BICUBIC = Preprocess(resize=256, crop=224, interpolation="bicubic", mean=IMAGENET_MEAN, std=IMAGENET_STD)
RESIZE_232_BICUBIC = Preprocess(resize=232, crop=224, interpolation="bicubic", mean=IMAGENET_MEAN, std=IMAGENET_STD)

TORCHVISION_FOLDER = "https://download.pytorch.org/models"
SEMI_FOLDER = "https://dl.fbaipublicfiles.com/semiweaksupervision/model_files"
STYLISED_FOLDER = "https://bitbucket.org/robert_geirhos/texture-vs-shape-pretrained-models/raw"
SALMAN_FOLDER = "https://huggingface.co/madrylab/robust-imagenet-models/resolve/main"

TORCHVISION_LICENCE = "BSD-3-Clause (code); the weights may fall under ImageNet's terms: non-commercial research"
NON_COMMERCIAL = "CC BY-NC 4.0"
STYLISED_LICENCE = "none stated for the models"
MIT = "MIT"

TORCHVISION = "torchvision 0.29.2, weights meta data"
WSL_README = "facebookresearch/WSL-Images@c4dac640, README.md"
SEMI_README = "facebookresearch/semi-supervised-ImageNet1K-models@a189fd0a, README.md"
STYLISED_README = "rgeirhos/texture-vs-shape@ccd0c01d, README.md"
SALMAN_README = "microsoft/robust-models-transfer@cea2c37f, README.md"
SALMAN_MIRROR = "huggingface.co/madrylab/robust-imagenet-models, mirror of microsoft/robust-models-transfer"

V2_RECIPE = "Trained with torchvision's second recipe (IMAGENET1K_V2), hence the resize to 232 px."
UNATTACKED = "The plainly trained counterpart of the adversarially trained models of the same publication."

# Of the mirror's files, as its pages state them (huggingface.co/madrylab/robust-imagenet-models@3f04ac96); it states
# none for the others.
SALMAN_SHA256 = {
    "resnet18_l2_eps0.ckpt": "d762c58693a2ecaf93160060bb2c32493598540a08852fb3068e95e88f032623",
    "resnet18_l2_eps0.01.ckpt": "629a82377947785e5481eeaf4e22e3ca59a2eedeb4e385730ee2392b2678407d",
    "resnet18_l2_eps0.05.ckpt": "00912b1aa6d60cf7536b52762ed702e0b9cae822187200f42fe4f6a678771bed",
    "resnet18_l2_eps0.1.ckpt": "2477188559680d096a4eccf5bc7610317cab4b46a97094072d38a29a11bfa8fc",
    "resnet18_l2_eps0.25.ckpt": "2bed566c554755a0f6f82ddbe83c707d259801308f966e787bcd287f969c7911",
    "resnet18_l2_eps0.5.ckpt": "69a10462280f266ab855547fde0649ac909f06174ed8df83b8bf2ea0f6fc8150",
    "resnet18_l2_eps1.ckpt": "92e6c37af550167c7c49c77ad31aad027de4e1f47fbef57546a48ef43626ebcf",
    "resnet18_l2_eps3.ckpt": "b4315784a1a10257b05906aee94d6884678f7b77412d10100d7c05daa959eab0",
    "resnet18_l2_eps5.ckpt": "d3ef126afdf9144a22020988dc46f552a0c39347e954c34359a3cb6bf83df186",
    "resnet18_linf_eps0.5.ckpt": "48d5e933d4ec99b390a0b7c628a4303343f9517a46245cbd7d2f2c034cbd93ee",
    "resnet18_linf_eps1.0.ckpt": "b49800111d38197deefb0c236055fbdd9d91a0607e55d6cc0bce15504adc9582",
    "resnet18_linf_eps2.0.ckpt": "bf2611291cc5f792c7f8f17ff6f841f9a0ede32dbe575cbd5bc57233139ae8bd",
    "resnet18_linf_eps4.0.ckpt": "6f8ccef1ae4958c381617081e9e0fb5f50e7cccd4965192d1caa452fd6c5cd1e",
    "resnet50_l2_eps0.ckpt": "72d4a99582db5d7fa86c3fd2a089f0bfd6a10f69d635bca51f6ad72ac6b458f0",
    "resnet50_l2_eps0.01.ckpt": "53d7a7c09d2733b113e255ac9fc578091f44adb8d00eee274c0e71dd1f4dc41e",
    "resnet50_l2_eps0.03.ckpt": "e375df3bf07bf1360c04b0aff5cc19bb215e850b1af713327c87cf0353a5598f",
    "resnet50_l2_eps0.05.ckpt": "e09d8763fcf825542f07389a1904adf15930451b8661a0de209c3bc39828c2ea",
    "resnet50_l2_eps0.1.ckpt": "3298f8cf689e514d096df883ab491a11ee32c3b8d456d674add29d7b50721a43",
    "resnet50_l2_eps0.5.ckpt": "a5fc6fcc54946b73af7bd74289b0003cc9d2744fa0ff55c1a3d9fb2bce8fbd30",
    "resnet50_l2_eps1.ckpt": "09f5273a568830ae23caf9162a06f4831a920293e0da1801aa182289052dcf90",
    "resnet50_l2_eps3.ckpt": "380b14e6f9750bffa1447cf7017f65da4dc5ce71a3dd112f107515dcf7b14d9d",
    "resnet50_l2_eps5.ckpt": "c50db4bbd9a61bc0e0a33290e1f07a79080e16489aa5ada869efc88306f497be",
    "resnet50_linf_eps0.5.ckpt": "9612d8096ef5378b4a32746072f72fedcb02c7ff4b747bc7163274f7ec2f0fd8",
    "resnet50_linf_eps2.0.ckpt": "59f28de783a049cb4d91ba1c0a09c314db2cc4bb1e859566e023f842b02772ac",
    "resnet50_linf_eps4.0.ckpt": "9e62216975c111b8081481533b6142dec34be69abe5d90b54d7f860015c263db",
    "resnet50_linf_eps8.0.ckpt": "b907957f8e3ce209816813d8811c682e965a1b0f48455def828d35a4cc2953dc",
    "wide_resnet50_2_l2_eps0.01.ckpt": "598f5be2e552bba5c21e3581a68339f5166859d9a959a2c90ce1027ec4abd76c",
    "wide_resnet50_2_l2_eps0.05.ckpt": "c8f12d8ead34232f80d09ca681deba7c42ede5762a7aadd16b7894227b80f1d8",
}


def _hash_in_name(file: str) -> str:
    """The start of the SHA-256, where torch.hub looks for it: between the last hyphen and the extension."""
    return file.rsplit("-", 1)[1].split(".", 1)[0]


def _torchvision(
    key: str,
    title: str,
    architecture: str,
    file: str,
    mebibytes: float,
    preprocess: Preprocess,
    top1_percent: float,
    top5_percent: float,
    note: str = "",
    repair: Callable = plain,
) -> ModelSpec:
    """A row of torchvision, trained on ImageNet-1k alone; `mebibytes` as torchvision rounds it."""
    return ModelSpec(
        key=key,
        title=title,
        family=STANDARD,
        training_data=IMAGENET_1K,
        architecture=ARCHITECTURES[architecture],
        weights=WeightFile(
            f"{TORCHVISION_FOLDER}/{file}",
            _hash_in_name(file),
            round(mebibytes * 2**20),
            TORCHVISION_LICENCE,
            TORCHVISION,
        ),
        preprocess=preprocess,
        label_space=IMAGENET,
        repair=repair,
        published=Published(top1_percent, top5_percent, TORCHVISION),
        note=note,
    )


def _wsl(
    key: str,
    title: str,
    architecture: str,
    file: str,
    size_bytes: int,
    top1_percent: float,
    top5_percent: float,
    note: str,
) -> ModelSpec:
    """A row of Mahajan et al. 2018 (arXiv 1805.00932); `size_bytes` as timm's documentation states it."""
    return ModelSpec(
        key=key,
        title=title,
        family=WSL,
        training_data=INSTAGRAM,
        architecture=ARCHITECTURES[architecture],
        weights=WeightFile(f"{TORCHVISION_FOLDER}/{file}", _hash_in_name(file), size_bytes, NON_COMMERCIAL, WSL_README),
        preprocess=RESIZE_256_BILINEAR,
        label_space=IMAGENET,
        repair=plain,
        published=Published(top1_percent, top5_percent, WSL_README),
        note=note,
    )


def _semi_supervised(
    key: str,
    title: str,
    family: str,
    architecture: str,
    file: str,
    size_bytes: int | None,
    top1_percent: float,
    top5_percent: float,
) -> ModelSpec:
    """A row of Yalniz et al. 2019 (arXiv 1905.00546); `size_bytes` as timm's documentation states it."""
    return ModelSpec(
        key=key,
        title=title,
        family=family,
        training_data=SEMI_SUPERVISED_DATA[family],
        architecture=ARCHITECTURES[architecture],
        weights=WeightFile(f"{SEMI_FOLDER}/{file}", _hash_in_name(file), size_bytes, NON_COMMERCIAL, SEMI_README),
        preprocess=RESIZE_256_BILINEAR,
        label_space=IMAGENET,
        repair=plain,
        published=Published(top1_percent, top5_percent, SEMI_README),
        note="",
    )


def _stylised(
    key: str, title: str, training_data: str, file: str, top1_percent: float, top5_percent: float, note: str
) -> ModelSpec:
    """A row of Geirhos et al. 2019 (arXiv 1811.12231); the file also holds the optimiser's momentum."""
    return ModelSpec(
        key=key,
        title=title,
        family=STYLISED,
        training_data=training_data,
        architecture=ARCHITECTURES["resnet50"],
        weights=WeightFile(f"{STYLISED_FOLDER}/{file}", _hash_in_name(file), None, STYLISED_LICENCE, STYLISED_README),
        preprocess=RESIZE_256_BILINEAR,
        label_space=IMAGENET,
        repair=data_parallel,
        published=Published(top1_percent, top5_percent, STYLISED_README),
        note=note,
    )


def _salman(
    key: str,
    title: str,
    architecture: str,
    budget: str | None,
    file: str,
    top1_percent: float,
    size_bytes: int | None = None,
) -> ModelSpec:
    """A row of Salman et al. 2020 (arXiv 2007.08489), from the mirror by MadryLab; the file holds the weights twice.

    `budget` is the norm and radius of the attack in training, or None for their plain training (eps 0).
    """
    return ModelSpec(
        key=key,
        title=f"{title}, {budget or 'ε = 0'} (Salman 2020)",
        family=ADVERSARIAL if budget else STANDARD,
        training_data=IMAGENET_1K,
        architecture=ARCHITECTURES[architecture],
        weights=WeightFile(f"{SALMAN_FOLDER}/{file}", SALMAN_SHA256.get(file), size_bytes, MIT, SALMAN_MIRROR),
        preprocess=RESIZE_256_BILINEAR,
        label_space=IMAGENET,
        repair=madry_lab,
        published=Published(top1_percent, None, SALMAN_README),
        note=f"Trained against attacks within {budget}; the published accuracy is that on clean images."
        if budget
        else UNATTACKED,
    )


# The five models of Orhan 2019 (arXiv 1907.07640), in its order. timm's old names of the wider three all lead to the
# 32x8d weights.
PAPER_ROWS = (
    _torchvision(
        "resnext101_32x8d",
        "ResNeXt-101 32x8d",
        "resnext101_32x8d",
        "resnext101_32x8d-8ba56ff5.pth",
        339.586,
        RESIZE_256_BILINEAR,
        79.312,
        94.526,
        note="The baseline of the WSL models: the same network without Instagram.",
    ),
    _wsl(
        "resnext101_32x8d_wsl",
        "ResNeXt-101 32x8d WSL",
        "resnext101_32x8d",
        "ig_resnext101_32x8-c38310e5.pth",
        356_056_638,
        82.2,
        96.4,
        note="The README prints 82.2% top-1; with the same preprocessing timm (2019) and the ImageNet Testbed measure "
        "82.688%.",
    ),
    _wsl(
        "resnext101_32x16d_wsl",
        "ResNeXt-101 32x16d WSL",
        "resnext101_32x16d",
        "ig_resnext101_32x16-c6f796b0.pth",
        777_518_664,
        84.2,
        97.2,
        note="With the same preprocessing timm (2019) and the ImageNet Testbed measure 84.176% top-1.",
    ),
    _wsl(
        "resnext101_32x32d_wsl",
        "ResNeXt-101 32x32d WSL",
        "resnext101_32x32d",
        "ig_resnext101_32x32-e4b90b00.pth",
        1_876_573_776,
        85.1,
        97.5,
        note="With the same preprocessing timm (2019) and the ImageNet Testbed measure 85.092% top-1.",
    ),
    _wsl(
        "resnext101_32x48d_wsl",
        "ResNeXt-101 32x48d WSL",
        "resnext101_32x48d",
        "ig_resnext101_32x48-3e41cc8a.pth",
        3_317_136_976,
        85.4,
        97.6,
        note="With the same preprocessing timm (2019) and the ImageNet Testbed measure 85.442% top-1.",
    ),
)

TORCHVISION_ROWS = (
    _torchvision(
        "alexnet",
        "AlexNet",
        "alexnet",
        "alexnet-owt-7be5be79.pth",
        233.087,
        RESIZE_256_BILINEAR,
        56.522,
        79.066,
        note="Its errors are the yardstick of ImageNet-C's mCE and ImageNet-P's mFR.",
    ),
    _torchvision(
        "googlenet",
        "GoogLeNet",
        "googlenet",
        "googlenet-1378be20.pth",
        49.731,
        RESIZE_256_BILINEAR,
        69.778,
        89.53,
        repair=without_auxiliary_heads,
    ),
    _torchvision("vgg16", "VGG-16", "vgg16", "vgg16-397923af.pth", 527.796, RESIZE_256_BILINEAR, 71.592, 90.382),
    _torchvision("vgg19", "VGG-19", "vgg19", "vgg19-dcbb9e9d.pth", 548.051, RESIZE_256_BILINEAR, 72.376, 90.876),
    _torchvision(
        "squeezenet1_0",
        "SqueezeNet 1.0",
        "squeezenet1_0",
        "squeezenet1_0-b66bff10.pth",
        4.778,
        RESIZE_256_BILINEAR,
        58.092,
        80.42,
    ),
    _torchvision(
        "squeezenet1_1",
        "SqueezeNet 1.1",
        "squeezenet1_1",
        "squeezenet1_1-b8a52dc0.pth",
        4.729,
        RESIZE_256_BILINEAR,
        58.178,
        80.624,
    ),
    _torchvision(
        "mobilenet_v2",
        "MobileNetV2",
        "mobilenet_v2",
        "mobilenet_v2-b0353104.pth",
        13.555,
        RESIZE_256_BILINEAR,
        71.878,
        90.286,
    ),
    _torchvision(
        "resnet18", "ResNet-18", "resnet18", "resnet18-f37072fd.pth", 44.661, RESIZE_256_BILINEAR, 69.758, 89.078
    ),
    _torchvision(
        "resnet50", "ResNet-50", "resnet50", "resnet50-0676ba61.pth", 97.781, RESIZE_256_BILINEAR, 76.13, 92.862
    ),
    _torchvision(
        "resnet50_v2",
        "ResNet-50 V2",
        "resnet50",
        "resnet50-11ad3fa6.pth",
        97.79,
        RESIZE_232_BILINEAR,
        80.858,
        95.434,
        note=V2_RECIPE,
    ),
    _torchvision(
        "resnet101", "ResNet-101", "resnet101", "resnet101-63fe2227.pth", 170.511, RESIZE_256_BILINEAR, 77.374, 93.546
    ),
    _torchvision(
        "resnet101_v2",
        "ResNet-101 V2",
        "resnet101",
        "resnet101-cd907fc2.pth",
        170.53,
        RESIZE_232_BILINEAR,
        81.886,
        95.78,
        note=V2_RECIPE,
    ),
    _torchvision(
        "resnet152", "ResNet-152", "resnet152", "resnet152-394f9c45.pth", 230.434, RESIZE_256_BILINEAR, 78.312, 94.046
    ),
    _torchvision(
        "resnet152_v2",
        "ResNet-152 V2",
        "resnet152",
        "resnet152-f82ba261.pth",
        230.474,
        RESIZE_232_BILINEAR,
        82.284,
        96.002,
        note=V2_RECIPE,
    ),
    _torchvision(
        "resnext50_32x4d",
        "ResNeXt-50 32x4d",
        "resnext50_32x4d",
        "resnext50_32x4d-7cdf4587.pth",
        95.789,
        RESIZE_256_BILINEAR,
        77.618,
        93.698,
        note="The substitute network of Orhan 2019's black-box attack.",
    ),
    _torchvision(
        "resnext101_32x8d_v2",
        "ResNeXt-101 32x8d V2",
        "resnext101_32x8d",
        "resnext101_32x8d-110c445d.pth",
        339.673,
        RESIZE_232_BILINEAR,
        82.834,
        96.228,
        note=V2_RECIPE,
    ),
    _torchvision(
        "wide_resnet50_2",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "wide_resnet50_2-95faca4d.pth",
        131.82,
        RESIZE_256_BILINEAR,
        78.468,
        94.086,
        note="Published in half precision: the file is half as large as the network in memory.",
    ),
    _torchvision(
        "densenet121",
        "DenseNet-121",
        "densenet121",
        "densenet121-a639ec97.pth",
        30.845,
        RESIZE_256_BILINEAR,
        74.434,
        91.972,
        repair=dotted_dense_layers,
    ),
    _torchvision(
        "efficientnet_b0",
        "EfficientNet-B0",
        "efficientnet_b0",
        "efficientnet_b0_rwightman-7f5810bc.pth",
        20.451,
        RESIZE_256_BICUBIC,
        77.692,
        93.532,
    ),
    _torchvision(
        "convnext_tiny",
        "ConvNeXt-Tiny",
        "convnext_tiny",
        "convnext_tiny-983f1562.pth",
        109.119,
        RESIZE_236_BILINEAR,
        82.52,
        96.146,
    ),
    _torchvision(
        "convnext_base",
        "ConvNeXt-Base",
        "convnext_base",
        "convnext_base-6075fbad.pth",
        338.064,
        RESIZE_232_BILINEAR,
        84.062,
        96.87,
    ),
    _torchvision(
        "vit_b_16", "ViT-B/16", "vit_b_16", "vit_b_16-c867db91.pth", 330.285, RESIZE_256_BILINEAR, 81.072, 95.318
    ),
    _torchvision("swin_t", "Swin-T", "swin_t", "swin_t-704ceda3.pth", 108.19, RESIZE_232_BICUBIC, 81.474, 95.776),
)

SEMI_SUPERVISED_ROWS = (
    _semi_supervised(
        "resnet18_swsl",
        "ResNet-18 SWSL",
        SWSL,
        "resnet18",
        "semi_weakly_supervised_resnet18-118f1556.pth",
        46_811_375,
        73.4,
        91.9,
    ),
    _semi_supervised(
        "resnet50_swsl",
        "ResNet-50 SWSL",
        SWSL,
        "resnet50",
        "semi_weakly_supervised_resnet50-16a12f1b.pth",
        102_480_594,
        81.2,
        96.0,
    ),
    _semi_supervised(
        "resnext50_32x4d_swsl",
        "ResNeXt-50 32x4d SWSL",
        SWSL,
        "resnext50_32x4d",
        "semi_weakly_supervised_resnext50_32x4-72679e44.pth",
        100_428_550,
        82.2,
        96.3,
    ),
    _semi_supervised(
        "resnext101_32x4d_swsl",
        "ResNeXt-101 32x4d SWSL",
        SWSL,
        "resnext101_32x4d",
        "semi_weakly_supervised_resnext101_32x4-3f87e46b.pth",
        177_341_913,
        83.4,
        96.8,
    ),
    _semi_supervised(
        "resnext101_32x8d_swsl",
        "ResNeXt-101 32x8d SWSL",
        SWSL,
        "resnext101_32x8d",
        "semi_weakly_supervised_resnext101_32x8-b4712904.pth",
        356_056_638,
        84.3,
        97.2,
    ),
    _semi_supervised(
        "resnext101_32x16d_swsl",
        "ResNeXt-101 32x16d SWSL",
        SWSL,
        "resnext101_32x16d",
        "semi_weakly_supervised_resnext101_32x16-f3559a9c.pth",
        777_518_664,
        84.8,
        97.4,
    ),
    _semi_supervised(
        "resnet18_ssl",
        "ResNet-18 SSL",
        SSL,
        "resnet18",
        "semi_supervised_resnet18-d92f0530.pth",
        46_811_375,
        72.8,
        91.5,
    ),
    _semi_supervised(
        "resnet50_ssl",
        "ResNet-50 SSL",
        SSL,
        "resnet50",
        "semi_supervised_resnet50-08389792.pth",
        102_480_594,
        79.3,
        94.9,
    ),
    _semi_supervised(
        "resnext50_32x4d_ssl",
        "ResNeXt-50 32x4d SSL",
        SSL,
        "resnext50_32x4d",
        "semi_supervised_resnext50_32x4-ddb3e555.pth",
        None,
        80.3,
        95.4,
    ),
    _semi_supervised(
        "resnext101_32x4d_ssl",
        "ResNeXt-101 32x4d SSL",
        SSL,
        "resnext101_32x4d",
        "semi_supervised_resnext101_32x4-dc43570a.pth",
        None,
        81.0,
        95.7,
    ),
    _semi_supervised(
        "resnext101_32x8d_ssl",
        "ResNeXt-101 32x8d SSL",
        SSL,
        "resnext101_32x8d",
        "semi_supervised_resnext101_32x8-2cfe2f8b.pth",
        None,
        81.7,
        96.1,
    ),
    _semi_supervised(
        "resnext101_32x16d_ssl",
        "ResNeXt-101 32x16d SSL",
        SSL,
        "resnext101_32x16d",
        "semi_supervised_resnext101_32x16-15fffa57.pth",
        None,
        81.9,
        96.2,
    ),
)

STYLISED_ROWS = (
    _stylised(
        "resnet50_sin",
        "ResNet-50 SIN",
        "Stylized-ImageNet alone",
        "6f41d2e86fc60566f78de64ecff35cc61eb6436f/resnet50_train_60_epochs-c8e5653e.pth.tar",
        60.18,
        82.62,
        note="Its authors measure a shape bias of 81.37%.",
    ),
    _stylised(
        "resnet50_sin_in",
        "ResNet-50 SIN+IN",
        "Stylized-ImageNet and ImageNet-1k",
        "60b770e128fffcbd8562a3ab3546c1a735432d03/resnet50_train_45_epochs_combined_IN_SF-2a0d100e.pth.tar",
        74.59,
        92.14,
        note="Its authors measure a shape bias of 34.65%.",
    ),
    _stylised(
        "resnet50_sin_in_ft",
        "ResNet-50 SIN+IN, fine-tuned",
        "Stylized-ImageNet and ImageNet-1k, then ImageNet-1k alone",
        "60b770e128fffcbd8562a3ab3546c1a735432d03/"
        "resnet50_finetune_60_epochs_lr_decay_after_30_start_resnet50_train_45_epochs_combined_IN_SF-ca06340c.pth.tar",
        76.72,
        93.28,
        note="Its authors measure a shape bias of 20.54%.",
    ),
)

SALMAN_ROWS = (
    _salman("salman_resnet18_l2_0", "ResNet-18", "resnet18", None, "resnet18_l2_eps0.ckpt", 69.79),
    _salman("salman_resnet18_l2_001", "ResNet-18", "resnet18", "L2 0.01", "resnet18_l2_eps0.01.ckpt", 69.9),
    _salman("salman_resnet18_l2_003", "ResNet-18", "resnet18", "L2 0.03", "resnet18_l2_eps0.03.ckpt", 69.24),
    _salman("salman_resnet18_l2_005", "ResNet-18", "resnet18", "L2 0.05", "resnet18_l2_eps0.05.ckpt", 69.15),
    _salman("salman_resnet18_l2_01", "ResNet-18", "resnet18", "L2 0.1", "resnet18_l2_eps0.1.ckpt", 68.77),
    _salman("salman_resnet18_l2_025", "ResNet-18", "resnet18", "L2 0.25", "resnet18_l2_eps0.25.ckpt", 67.43),
    _salman("salman_resnet18_l2_05", "ResNet-18", "resnet18", "L2 0.5", "resnet18_l2_eps0.5.ckpt", 65.49),
    _salman("salman_resnet18_l2_1", "ResNet-18", "resnet18", "L2 1", "resnet18_l2_eps1.ckpt", 62.32),
    _salman("salman_resnet18_l2_3", "ResNet-18", "resnet18", "L2 3", "resnet18_l2_eps3.ckpt", 53.12),
    _salman("salman_resnet18_l2_5", "ResNet-18", "resnet18", "L2 5", "resnet18_l2_eps5.ckpt", 45.59),
    _salman("salman_resnet18_linf_05", "ResNet-18", "resnet18", "L∞ 0.5/255", "resnet18_linf_eps0.5.ckpt", 66.13),
    _salman("salman_resnet18_linf_1", "ResNet-18", "resnet18", "L∞ 1/255", "resnet18_linf_eps1.0.ckpt", 63.46),
    _salman("salman_resnet18_linf_2", "ResNet-18", "resnet18", "L∞ 2/255", "resnet18_linf_eps2.0.ckpt", 59.63),
    _salman("salman_resnet18_linf_4", "ResNet-18", "resnet18", "L∞ 4/255", "resnet18_linf_eps4.0.ckpt", 52.49),
    _salman("salman_resnet18_linf_8", "ResNet-18", "resnet18", "L∞ 8/255", "resnet18_linf_eps8.0.ckpt", 42.11),
    _salman("salman_resnet50_l2_0", "ResNet-50", "resnet50", None, "resnet50_l2_eps0.ckpt", 75.8),
    _salman("salman_resnet50_l2_001", "ResNet-50", "resnet50", "L2 0.01", "resnet50_l2_eps0.01.ckpt", 75.68),
    _salman("salman_resnet50_l2_003", "ResNet-50", "resnet50", "L2 0.03", "resnet50_l2_eps0.03.ckpt", 75.76),
    _salman("salman_resnet50_l2_005", "ResNet-50", "resnet50", "L2 0.05", "resnet50_l2_eps0.05.ckpt", 75.59),
    _salman("salman_resnet50_l2_01", "ResNet-50", "resnet50", "L2 0.1", "resnet50_l2_eps0.1.ckpt", 74.78),
    _salman("salman_resnet50_l2_025", "ResNet-50", "resnet50", "L2 0.25", "resnet50_l2_eps0.25.ckpt", 74.14),
    _salman("salman_resnet50_l2_05", "ResNet-50", "resnet50", "L2 0.5", "resnet50_l2_eps0.5.ckpt", 73.16),
    _salman("salman_resnet50_l2_1", "ResNet-50", "resnet50", "L2 1", "resnet50_l2_eps1.ckpt", 70.43),
    _salman("salman_resnet50_l2_3", "ResNet-50", "resnet50", "L2 3", "resnet50_l2_eps3.ckpt", 62.83),
    _salman("salman_resnet50_l2_5", "ResNet-50", "resnet50", "L2 5", "resnet50_l2_eps5.ckpt", 56.13),
    _salman("salman_resnet50_linf_05", "ResNet-50", "resnet50", "L∞ 0.5/255", "resnet50_linf_eps0.5.ckpt", 73.73),
    _salman("salman_resnet50_linf_1", "ResNet-50", "resnet50", "L∞ 1/255", "resnet50_linf_eps1.0.ckpt", 72.05),
    _salman("salman_resnet50_linf_2", "ResNet-50", "resnet50", "L∞ 2/255", "resnet50_linf_eps2.0.ckpt", 69.1),
    _salman(
        "salman_resnet50_linf_4",
        "ResNet-50",
        "resnet50",
        "L∞ 4/255",
        "resnet50_linf_eps4.0.ckpt",
        63.86,
        size_bytes=204_818_947,
    ),
    _salman("salman_resnet50_linf_8", "ResNet-50", "resnet50", "L∞ 8/255", "resnet50_linf_eps8.0.ckpt", 54.53),
    _salman(
        "salman_wide_resnet50_2_l2_0",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        None,
        "wide_resnet50_2_l2_eps0.ckpt",
        76.97,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_001",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.01",
        "wide_resnet50_2_l2_eps0.01.ckpt",
        77.25,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_003",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.03",
        "wide_resnet50_2_l2_eps0.03.ckpt",
        77.26,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_005",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.05",
        "wide_resnet50_2_l2_eps0.05.ckpt",
        77.17,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_01",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.1",
        "wide_resnet50_2_l2_eps0.1.ckpt",
        76.74,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_025",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.25",
        "wide_resnet50_2_l2_eps0.25.ckpt",
        76.21,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_05",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 0.5",
        "wide_resnet50_2_l2_eps0.5.ckpt",
        75.11,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_1",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 1",
        "wide_resnet50_2_l2_eps1.ckpt",
        73.41,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_3",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 3",
        "wide_resnet50_2_l2_eps3.ckpt",
        66.9,
    ),
    _salman(
        "salman_wide_resnet50_2_l2_5",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L2 5",
        "wide_resnet50_2_l2_eps5.ckpt",
        60.94,
    ),
    _salman(
        "salman_wide_resnet50_2_linf_05",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L∞ 0.5/255",
        "wide_resnet50_2_linf_eps0.5.ckpt",
        75.82,
    ),
    _salman(
        "salman_wide_resnet50_2_linf_1",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L∞ 1/255",
        "wide_resnet50_2_linf_eps1.0.ckpt",
        74.65,
    ),
    _salman(
        "salman_wide_resnet50_2_linf_2",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L∞ 2/255",
        "wide_resnet50_2_linf_eps2.0.ckpt",
        72.35,
    ),
    _salman(
        "salman_wide_resnet50_2_linf_4",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L∞ 4/255",
        "wide_resnet50_2_linf_eps4.0.ckpt",
        68.41,
    ),
    _salman(
        "salman_wide_resnet50_2_linf_8",
        "Wide ResNet-50-2",
        "wide_resnet50_2",
        "L∞ 8/255",
        "wide_resnet50_2_linf_eps8.0.ckpt",
        60.82,
    ),
)

REGISTRY: tuple[ModelSpec, ...] = (*PAPER_ROWS, *TORCHVISION_ROWS, *SEMI_SUPERVISED_ROWS, *STYLISED_ROWS, *SALMAN_ROWS)
