"""Images of folders and arrays: the same ones as everywhere in the project, and labels that mean what the caller
said.
"""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import robust_core as rc
from robust_core.errors import BadInput
from robust_core.images import LabelledImage
from robust_core.labels import CLASSES, IMAGENET, POSITIONS

LEVELS = np.random.default_rng(0).integers(0, 256, (4, 20, 24, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Three classes by WordNet id, with four images each."""
    for wnid in (CLASSES[1].wnid, CLASSES[5].wnid, CLASSES[7].wnid):
        (tmp_path / "set" / wnid).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(LEVELS[number]).save(tmp_path / "set" / wnid / f"{number}.png")
    return tmp_path / "set"


def test_a_folder_has_the_labels_of_its_names(folder):
    images = rc.load_images(folder)
    assert [image.label for image in images] == [1] * 4 + [5] * 4 + [7] * 4
    assert {image.label_space for image in images} == {IMAGENET}
    assert all(np.array_equal(image.rgb, LEVELS[place % 4]) for place, image in enumerate(images))


def test_folders_are_classes_in_alphabetical_order_as_in_torchvision(folder):
    (folder / CLASSES[1].wnid).rename(folder / "zebra")
    (folder / CLASSES[5].wnid).rename(folder / "ant")
    images = rc.load_images(folder, labels="folder")
    from torchvision.datasets import ImageFolder

    assert [image.label for image in images] == [label for _, label in ImageFolder(str(folder)).samples]
    assert images[0].label_space.names[0] == "ant"


@pytest.mark.parametrize(
    "arrays",
    [
        LEVELS,
        torch.from_numpy(LEVELS).permute(0, 3, 1, 2),
        torch.from_numpy(LEVELS).permute(0, 3, 1, 2).float() / 255,
        LEVELS.astype(np.float64) / 255,
        [Image.fromarray(one) for one in LEVELS],
        list(LEVELS),
        [(Image.fromarray(one), 0) for one in LEVELS],
        np.moveaxis(LEVELS, -1, 1),
    ],
    ids=["levels", "tensor of levels", "tensor", "floats", "PIL", "list", "pairs", "channels first"],
)
def test_arrays_of_every_kind_are_the_same_images(arrays):
    images = rc.load_images(arrays)
    assert all(np.array_equal(image.rgb, expected) for image, expected in zip(images, LEVELS, strict=True))
    assert images.digest == rc.load_images(arrays).digest


def test_floats_between_the_levels_are_rounded_and_say_so():
    assert rc.load_images([np.full((20, 20, 3), 0.5)])[0].decoding_note == "Its values were rounded to 8 bits."
    assert rc.load_images([np.full((20, 20, 3), 1.0)])[0].decoding_note is None


def test_labels_by_number_name_and_mapping():
    assert [(image.label, image.label_space) for image in rc.load_images(LEVELS, labels=[3, 0, 1, 1])] == [
        (one, POSITIONS) for one in (3, 0, 1, 1)
    ]
    named = rc.load_images(LEVELS, labels=["dog", "cat", "cat", "dog"])
    assert [image.label for image in named] == [1, 0, 0, 1]
    assert named[0].label_space.names == ("cat", "dog")
    assert [
        image.label for image in rc.load_images(LEVELS, labels=["dog", "cat", "cat", "dog"], classes=["dog", "cat"])
    ] == [0, 1, 1, 0]


def test_a_mapping_goes_by_file_name(folder):
    images = rc.load_images(folder / CLASSES[1].wnid, labels={f"{number}.png": number for number in range(4)})
    assert [image.label for image in images] == [0, 1, 2, 3]


def test_an_image_set_is_a_list():
    images = rc.load_images(LEVELS, labels=[0, 1, 2, 3])
    assert (len(images), len(images[1:3]), [image.label for image in images[1:3]]) == (4, 2, [1, 2])
    assert isinstance(images[0], LabelledImage)
    assert images.frame["label"].to_list() == [0, 1, 2, 3]
    assert images.digest != images[:3].digest != rc.load_images(LEVELS).digest


def test_labels_count_in_the_classes_of_the_model_by_position_or_by_name():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    with torch.no_grad():
        net[2].weight.copy_(100 * torch.eye(3))  # the brightest colour is the class
        net[2].bias.zero_()
    colours = np.zeros((3, 20, 20, 3), dtype=np.uint8)
    for place in range(3):
        colours[place, ..., place] = 200
    unnamed = rc.wrap(net, preprocess=None, name="unnamed")
    named = rc.wrap(net, preprocess=None, name="named", classes=["red", "green", "blue"])

    def accuracy(model, **labels):
        row = rc.pgd(model, rc.load_images(colours, **labels), 0, steps=1, progress=False).frame.iloc[0]
        return row["accuracy_percent"], row["n_labels_known"]

    for model in (unnamed, named):
        assert accuracy(model, labels=[0, 1, 2]) == (100, 3)
        assert accuracy(model, labels=[1, 2, 0]) == (0, 3)
        assert accuracy(model, labels=None) == (100, 0)
    assert accuracy(named, labels=["red", "green", "blue"], classes=["red", "green", "blue"]) == (100, 3)
    assert accuracy(unnamed, labels=["red", "green", "blue"], classes=["red", "green", "blue"]) == (100, 3)
    with pytest.raises(BadInput, match="None of the labels is a class of named"):
        accuracy(named, labels=["one", "two", "three"])
    with pytest.raises(BadInput, match="classes 0 to 2; got 7 as the label"):
        accuracy(named, labels=[0, 1, 7])


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (["nowhere at all"], {}, "There is no folder nowhere at all"),
        ([7], {}, "Expected a folder, arrays or a list of images; got int"),
        ([LEVELS, 9], {}, "n must be a whole number from 1 to 4; got 9"),
        ([LEVELS, True], {}, "n must be a whole number from 1 to 4; got True"),
        ([LEVELS], {"seed": -1}, "seed must be a whole number from 0 on"),
        ([LEVELS], {"labels": [0, 1]}, "4 images and 2 labels"),
        ([LEVELS], {"labels": "folders"}, "labels must be"),
        ([LEVELS], {"labels": "folder"}, "lie in no subfolder"),
        ([LEVELS], {"labels": [0, 1, 2, -1]}, "got -1 among them"),
        ([LEVELS], {"labels": [0, 1, 2, 5], "classes": ["a", "b", "c"]}, "There are 3 classes, 0 to 2; got 5"),
        ([LEVELS], {"labels": ["a", "b", "c", "d"], "classes": ["a", "b", "c"]}, "'d' is none of the 3 classes"),
        ([LEVELS], {"labels": {"x.png": 0}}, "The labels name 0 of 4"),
        ([LEVELS], {"classes": ["a"]}, "give labels too"),
        ([2 * LEVELS.astype(float)], {}, "before any normalisation"),
        ([LEVELS.astype(np.int64)], {}, "holds int64; expected uint8"),
        ([LEVELS[..., 0]], {}, "expected RGB"),
        ([[np.full((20, 20, 3), np.nan)]], {}, "floats from nan to nan"),
        ([[(Image.fromarray(LEVELS[0]), 1.5)]], {}, "whole number from 0 on; got 1.5"),
        ([["no such file.png"]], {}, "There is no file no such file.png"),
    ],
)
def test_what_are_no_images_or_labels_is_refused_with_a_sentence(arguments, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        rc.load_images(*arguments, **options)


def test_scenes_of_one_category_are_drawn_or_it_is_said_why_not():
    assert {image.label for image in rc.draw_images("mini", 2, label=6)} == {6}
    with pytest.raises(BadInput, match="label must be a whole number from 0 to 15"):
        rc.draw_images("mini", 2, label=16)
    with pytest.raises(BadInput, match="got that for both label and avoid"):
        rc.draw_images("mini", 2, label=6, avoid=6)
    with pytest.raises(BadInput, match="no condition to choose"):
        rc.draw_images("mini", 2, condition="fog/3")
