"""The made-up trees are what they say: every data set is recognised, with the right images, labels and conditions."""

import os
from pathlib import Path

import pytest
import torch
from torchvision.transforms import functional

from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.sequences import PERTURBATIONS, frames
from robust_core.data.datasets import IMAGENET_V2_MATCHED
from robust_core.data.discovery import find_folders, misplaced
from robust_core.images import Preprocess, decode_as_reference, to_pixels, to_rgb
from robust_core.labels import IMAGENET_A, IMAGENET_R
from tests.benchmark.trees import drawings, drawn_tree, photograph_tree, photographs

CORRUPTIONS, SEVERITIES, PERTURBED = ("gaussian_noise", "pixelate"), (1, 5), ("translate", "brightness")
HALF = (0.5, 0.5, 0.5)
SOURCES = [
    pytest.param(drawn_tree, drawings, id="drawings"),
    pytest.param(
        photograph_tree,
        photographs,
        id="photographs",
        marks=pytest.mark.skipif("ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs ROBUST_LAB_TEST_DATA"),
    ),
]


def by_title(root) -> dict:
    return {folder.collection.title: folder for folder in find_folders(root)}


def labels(folder, condition=None) -> list[int]:
    """Of every image of a collection, which must be readable."""
    samples = list(folder.samples(condition, None))
    assert [folder.read(sample.id).label for sample in samples] == [sample.label for sample in samples]
    return sorted(sample.label for sample in samples)


def stored_size(encoded) -> torch.Tensor:
    """(1, 3, 224, 224), the resized and cropped image from which ImageNet-C was made."""
    image = decode_as_reference(encoded.data, encoded.name, label=encoded.label, source="a test")
    return to_pixels(image, Preprocess(256, 224, "bilinear", HALF, HALF))[None]


@pytest.mark.parametrize(("tree", "source"), SOURCES)
def test_every_data_set_is_recognised_with_its_labels_and_conditions(tree, source, tmp_path):
    tree(tmp_path, 3, corruptions=CORRUPTIONS, severities=SEVERITIES, perturbations=PERTURBED[:1])
    found, expected = by_title(tmp_path), sorted(encoded.label for encoded in source(3))
    for title in ("ImageNet validation set", "ImageNet-Sketch", IMAGENET_V2_MATCHED.title):
        assert labels(found.pop(title)) == expected
    for title, subset in (("ImageNet-A", IMAGENET_A), ("ImageNet-R", IMAGENET_R)):
        inside = labels(found.pop(title))
        assert len(inside) == 3
        assert set(inside) <= set(subset)
    corrupted, perturbed = found.pop("ImageNet-C"), found.pop("ImageNet-P")
    assert corrupted.collection.conditions == ("gaussian_noise/1", "gaussian_noise/5", "pixelate/1", "pixelate/5")
    for condition in corrupted.collection.conditions:
        assert labels(corrupted, condition) == expected
    assert perturbed.collection.conditions == PERTURBED[:1]
    assert labels(perturbed, PERTURBED[0]) == expected
    assert not found
    assert not misplaced(tmp_path)


@pytest.mark.parametrize(("tree", "source"), SOURCES)
def test_imagenet_c_is_what_live_corruption_as_stored_gives(tree, source, tmp_path):
    tree(tmp_path, 2, corruptions=CORRUPTIONS, severities=SEVERITIES)
    folder = by_title(tmp_path)["ImageNet-C"]
    for seed, encoded in enumerate(source(2)):
        for name in CORRUPTIONS:
            (sample,) = folder.samples(f"{name}/5", encoded.label)
            live = to_rgb(corrupt(stored_size(encoded), name, 5, seed, as_stored=True))[0]
            assert (folder.read(sample.id).rgb == live).all()


def test_imagenet_p_is_a_sequence_of_the_live_frames(tmp_path):
    drawn_tree(tmp_path, 2, perturbations=PERTURBED)
    folder = by_title(tmp_path)["ImageNet-P"]
    for seed, encoded in enumerate(drawings(2)):
        pixels = decode_as_reference(encoded.data, encoded.name, label=None, source="a test").rgb
        resized = functional.to_tensor(functional.resize(functional.to_pil_image(pixels), 256))
        for name in PERTURBED:
            (sample,) = folder.samples(name, encoded.label)
            sequence = [frame.rgb for frame in folder.frames(sample.id)]
            assert len(sequence) == PERTURBATIONS[name].frames
            assert all(
                (stored == live).all()
                for stored, live in zip(sequence, to_rgb(frames(resized, name, seed, crop_px=224)), strict=True)
            )


def test_drawings_are_told_apart_and_the_same_every_time():
    images = drawings(40)
    assert images == drawings(40)
    assert len({encoded.data for encoded in images}) == 40
    assert len({encoded.label for encoded in images}) == 40


def test_a_tree_without_conditions_has_no_imagenet_c_and_no_imagenet_p(tmp_path):
    drawn_tree(tmp_path, 1)
    assert {"ImageNet-C", "ImageNet-P"}.isdisjoint(by_title(tmp_path))
    assert len(by_title(tmp_path)) == 5


@pytest.mark.skipif("ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs ROBUST_LAB_TEST_DATA")
def test_images_are_spread_over_the_three_sets_and_keep_their_names():
    images = photographs(58, IMAGENET_A)
    assert {encoded.label for encoded in images} <= set(IMAGENET_A)
    assert len({(encoded.label, encoded.name) for encoded in images}) == 58
    assert {Path(encoded.name).suffix for encoded in photographs(40)} == {".JPEG", ".jpg", ".png"}
    with pytest.raises(AssertionError, match="there are 58 such images"):
        photographs(59, IMAGENET_A)
