import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.names import containing, find

TITLES = {"grad_cam": "Grad-CAM", "guided_grad_cam": "Guided Grad-CAM", "one": "Same", "two": "same"}


@pytest.mark.parametrize("name", ["grad_cam", "GradCAM", "Grad-CAM", "grad cam", "GRAD_CAM"])
def test_a_name_is_found_however_it_is_written(name):
    assert find("method", name, TITLES) == "grad_cam"


def test_a_title_of_several_is_refused_with_their_keys():
    with pytest.raises(BadInput, match="several: one, two"):
        find("method", "SAME", TITLES)


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(UnknownName, match="no method called 'grad_cm'; the nearest are grad_cam"):
        find("method", "grad_cm", TITLES)


KEYS = ["resnet50", "resnet50_swsl", "resnext101_32x8d", "resnext101_32x8d_wsl", "ImageNet-C", "ImageNet-C, resized"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wsl", ["resnext101_32x8d_wsl"]),
        ("swsl", ["resnet50_swsl"]),
        ("ResNet-50", ["resnet50"]),
        ("ResNeXt-101 32x8d WSL", ["resnext101_32x8d_wsl"]),
        ("imagenet c", ["ImageNet-C"]),
        ("resnet50 s", []),
        ("imagenet", ["ImageNet-C", "ImageNet-C, resized"]),
        ("", []),
    ],
)
def test_words_find_what_they_are_or_else_what_has_them_as_whole_words(words, found):
    assert containing(words, KEYS) == found
