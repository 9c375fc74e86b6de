"""What is stated about a model's input, and what a user puts in its place."""

import pytest

from robust_core.errors import BadInput
from robust_core.images import Preprocess
from robust_core.models.architectures import ARCHITECTURES, find_architecture
from robust_core.models.preprocessing import changed_preprocess, stated_preprocess
from robust_core.models.registry import IMAGENET_MEAN, IMAGENET_STD, RESIZE_256_BILINEAR
from robust_core.models.registry_timm import TIMM_ROWS


def test_torchvisions_networks_get_imagenets_standard():
    assert stated_preprocess(ARCHITECTURES["resnet50"]) == (RESIZE_256_BILINEAR, "ImageNet's standard")


@pytest.mark.parametrize("spec", TIMM_ROWS, ids=lambda spec: spec.key)
def test_timms_networks_get_what_the_rows_of_the_table_say(spec):
    name = spec.note.removeprefix("timm's ").removesuffix(".")
    preprocess, source = stated_preprocess(find_architecture(f"timm:{name}"))
    assert preprocess == spec.preprocess
    assert name in source


def test_nothing_given_changes_nothing():
    assert changed_preprocess(RESIZE_256_BILINEAR) == RESIZE_256_BILINEAR


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"size_px": 160}, (182, 160)),  # 160 / (224 / 256), rounded down
        ({"size_px": 240, "crop_fraction": 0.875}, (274, 240)),
        ({"crop_fraction": 1.0}, (224, 224)),
        ({"size_px": 299, "crop_fraction": 0.875}, (341, 299)),
    ],
)
def test_size_and_crop_fraction_become_resize_and_crop(given, expected):
    changed = changed_preprocess(RESIZE_256_BILINEAR, **given)
    assert (changed.resize, changed.crop) == expected
    assert (changed.mean, changed.std, changed.interpolation) == (IMAGENET_MEAN, IMAGENET_STD, "bilinear")


def test_one_number_stands_for_three_colours():
    changed = changed_preprocess(RESIZE_256_BILINEAR, mean=[0.5], std=[0.5, 0.25, 0.125], interpolation="bicubic")
    assert changed == Preprocess(256, 224, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.25, 0.125))


def test_squashing_ends_where_a_crop_fraction_is_given():
    squashed = Preprocess(448, 448, "bicubic", IMAGENET_MEAN, IMAGENET_STD, squash=True)
    assert changed_preprocess(squashed, size_px=224) == Preprocess(
        224, 224, "bicubic", IMAGENET_MEAN, IMAGENET_STD, squash=True
    )
    assert not changed_preprocess(squashed, crop_fraction=0.9).squash


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"mean": [123.675, 116.28, 103.53]}, "Divided by 255 that is 0.485, 0.456, 0.406"),
        ({"std": [58.395, 57.12, 57.375]}, "Divided by 255 that is 0.229, 0.224, 0.225"),
        ({"mean": [0.5, 0.5]}, "one number or three"),
        ({"mean": [-0.1]}, "Each mean must be 0 to 1"),
        ({"mean": [float("nan")]}, "Each mean must be 0 to 1"),
        ({"std": [0.0]}, "Each std must be 0.001 to 1"),
        ({"size_px": 16}, "px must be a whole number from 32 to 1,024; got 16"),
        ({"size_px": 4096}, "from 32 to 1,024; got 4096"),
        ({"crop_fraction": 1.5}, "0.1 to 1"),
        ({"crop_fraction": float("nan")}, "0.1 to 1"),
        ({"interpolation": "cubic"}, "one of bilinear, bicubic, nearest, lanczos"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_expected(given, sentence):
    with pytest.raises(BadInput, match=sentence):
        changed_preprocess(RESIZE_256_BILINEAR, **given)
