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


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("FGSN", ["pgd", "fgsm"], "There is no attack called 'FGSN'; the nearest are fgsm."),
        ("zebra", ["keyboard", "boat"], "There is no attack called 'zebra'; expected one of keyboard, boat."),
        ("zebra", [f"K{number}" for number in range(99)], "There is no attack called 'zebra'."),
        ("zebra", [], "There is no attack called 'zebra'."),
    ],
)
def test_what_is_not_near_is_not_called_so(name, known, sentence):
    assert str(UnknownName("attack", name, known)) == sentence


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
