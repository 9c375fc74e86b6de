"""Images of folders and of Mini are what the modules that make them say, and each has a name that changes
with it.
"""

import json
import os
from collections import Counter
from dataclasses import replace

import pytest
import torch

from robust_core.benchmark.experiment import Split
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.unit_images import (
    DRAWN,
    MOST_BYTES,
    DrawnAgain,
    Item,
    Stimuli,
    Stored,
    Synthetic,
    filtered_hard,
    forget_drawn,
    keep_drawn,
)
from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.condition import Condition
from robust_core.corruptions.sequences import PERTURBATIONS, frames
from robust_core.cue_conflict.decisions import NAMES
from robust_core.data import datasets, read_file
from robust_core.data.discovery import find_data_set
from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.stimulus_sets import folder_set, synthetic_set
from robust_core.errors import BadImage, DataUnavailable
from robust_core.images import to_levels
from robust_core.mini import hard_set
from robust_core.mini.identity import WORLD
from robust_core.mini.splits import TEST, TEST_HARD, render
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import Preprocess
from robust_core.studies.cue_tests import CUE_TESTS
from tests.benchmark.trees import drawings, drawn_tree

PREPROCESS = Preprocess(40, 36, "bilinear", (0.5,) * 3, (0.5,) * 3)
PLACES = (70, 3, 64)  # of two chunks, out of order
IMAGE_BYTES = 3 * 64 * 64


def stored(root, row, condition=None, preprocess=PREPROCESS):
    folder = find_data_set(row, root)
    return Stored(folder, tuple(folder.files(condition)), preprocess)


def levels(pixels):
    return (pixels * 255).round().byte()


# Folders


def test_a_stored_image_is_prepared_as_for_any_prediction(tree):
    found = stored(tree, datasets.VAL)
    for place, (_, path, label) in enumerate(found.files):
        item = found.load(place)
        assert torch.equal(item.levels, to_levels(read_file(path, label), PREPROCESS))
        assert (item.levels.dtype, item.label, item.texture) == (torch.uint8, label, -1)
    assert sorted(label for *_, label in found.files) == sorted(image.label for image in drawings(6))


def test_a_benchmark_image_is_cropped_and_not_resized(tree):
    folder = find_data_set(datasets.IMAGENET_C, tree)
    resnet = replace(get_spec("resnet50"), preprocess=PREPROCESS)
    preprocess = resnet.preprocess_for(folder.collection.centre_crop_only)
    found = stored(tree, datasets.IMAGENET_C, "contrast/3", preprocess)
    middle = slice((224 - 36) // 2, (224 + 36) // 2)
    expected = read_file(found.files[0][1], 0).rgb[middle, middle]
    assert (found.load(0).levels.permute(1, 2, 0).numpy() == expected).all()


@pytest.mark.parametrize("name", ["gaussian_noise", "translate"])
def test_a_sequence_is_all_its_frames(tree, name):
    found = stored(tree, datasets.IMAGENET_P, name, replace(PREPROCESS, resize=None))
    item = found.load(2)
    assert item.levels.shape == (PERTURBATIONS[name].frames, 3, 36, 36)
    folder, label = found.files[2][1:]
    assert torch.equal(
        item.levels[10], to_levels(read_file(folder / "frame10.png", label), replace(PREPROCESS, resize=None))
    )


def test_ids_are_the_same_under_every_condition(tree):
    assert (
        stored(tree, datasets.IMAGENET_C, "contrast/1").ids == stored(tree, datasets.IMAGENET_C, "gaussian_noise/3").ids
    )
    assert len(set(stored(tree, datasets.VAL).ids)) == 6


def test_the_name_of_a_file_changes_with_its_size_and_of_no_other(tmp_path):
    drawn_tree(tmp_path, 3)
    found = stored(tmp_path, datasets.VAL)
    before = found.names(range(3))
    with found.files[1][1].open("ab") as file:
        file.write(b"\0")
    changed = [old != new for old, new in zip(before, found.names(range(3)), strict=True)]
    assert changed == [False, True, False]


def test_a_file_that_is_no_image_is_named(tmp_path):
    drawn_tree(tmp_path, 2)
    found = stored(tmp_path, datasets.VAL)
    path = found.files[0][1]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadImage, match=path.name):
        found.load(0)


# Mini


def test_a_synthetic_image_is_the_world_rounded_to_8_bits():
    drawn = Synthetic("test", PLACES, None, None)
    for place, index in enumerate(PLACES):
        one, item = render(TEST, index, 1), drawn.load(place)
        assert torch.equal(item.levels, levels(one.pixels)[0])
        assert item.label == int(one.shape[0])
    assert drawn.ids == ["test/70", "test/3", "test/64"]
    assert all(WORLD in name for name in drawn.names(range(3)))


def test_a_synthetic_image_is_corrupted_with_its_place_in_the_split_as_seed():
    drawn = Synthetic("test", PLACES, Condition("gaussian_noise", 3, 0), None)
    for place, index in enumerate(PLACES):
        clean = levels(render(TEST, index, 1).pixels).float() / 255
        assert torch.equal(drawn.load(place).levels, levels(corrupt(clean, "gaussian_noise", 3, index))[0])


def test_a_synthetic_image_goes_through_jpeg_where_that_is_asked_for():
    drawn = Synthetic("test", PLACES[:1], Condition("fog", 3, 0, as_stored=True), None)
    clean = levels(render(TEST, PLACES[0], 1).pixels).float() / 255
    expected = corrupt(clean, "fog", 3, PLACES[0], as_stored=True)
    assert torch.equal(drawn.load(0).levels, levels(expected)[0])


def test_a_synthetic_sequence_has_its_place_in_the_split_as_seed():
    drawn = Synthetic("test", PLACES, None, "gaussian_noise")
    clean = levels(render(TEST, 70, 1).pixels)[0].float() / 255
    assert torch.equal(drawn.load(0).levels, levels(frames(clean, "gaussian_noise", 70)))


@pytest.fixture
def kept():
    keep_drawn()
    yield DRAWN
    DRAWN.most_bytes = 0
    forget_drawn()


def test_what_is_kept_is_drawn_once_and_is_the_same(kept, monkeypatch):
    asked = [
        Synthetic("test", PLACES, condition, perturbation)
        for condition, perturbation in ((Condition("fog", 3, 0), None), (Condition("fog", 4, 0), None), (None, "tilt"))
    ]
    first = [images.load(place).levels.clone() for images in asked for place in range(3)]
    monkeypatch.setattr(Synthetic, "_changed", None)
    again = [images.load(place) for images in asked for place in range(3)]
    assert all(torch.equal(before, now.levels) for before, now in zip(first, again, strict=True))
    assert [item.label for item in again[:3]] == [int(render(TEST, index, 1).shape[0]) for index in PLACES]


def test_scenes_are_drawn_again_once_for_models_that_see_them_alike(kept, monkeypatch):
    ids = synthetic_images(2, 3).ids
    removed = CUE_TESTS[1]
    first = [DrawnAgain(ids, get_spec("mini_resnext"), cue=removed).load(place) for place in range(2)]
    drawn = DrawnAgain._drawn
    monkeypatch.setattr(DrawnAgain, "_drawn", None)
    again = [DrawnAgain(ids, get_spec("mini_resnext_wsl"), cue=removed).load(place) for place in range(2)]
    assert all(one is other for one, other in zip(first, again, strict=True))
    monkeypatch.setattr(DrawnAgain, "_drawn", drawn)
    for other in (
        DrawnAgain(ids, get_spec("mini_resnext"), cue=CUE_TESTS[0]),
        DrawnAgain(ids, _smaller(), cue=removed),
    ):
        assert other.load(0).levels.shape != first[0].levels.shape or (other.load(0).levels != first[0].levels).any()


def _smaller():
    spec = get_spec("mini_resnext")
    return replace(spec, preprocess=replace(spec.preprocess, crop=32, resize=32))


def test_no_more_is_kept_than_there_is_room_for(kept):
    kept.most_bytes = 2 * IMAGE_BYTES
    count = Counter()

    def asked(place):
        def draw():
            count[place] += 1
            return Item(torch.zeros((3, 64, 64), dtype=torch.uint8), place)

        assert kept.item(place, draw).label == place

    for place in (0, 1, 0, 2, 0, 1):  # 2 takes the place of 1, which was used before 0 was
        asked(place)
    assert count == {0: 1, 1: 2, 2: 1}


def test_nothing_is_kept_unless_that_is_asked_for():
    assert DRAWN.most_bytes == 0
    Synthetic("test", PLACES, Condition("fog", 3, 0), None).load(0)
    assert DRAWN._bytes == 0
    assert not DRAWN._items


def test_the_images_of_each_experiment_in_mini_fit():
    for experiment in EXPERIMENTS.values():
        changed = [one for one in experiment.conditions if {"corruption", "perturbation"} & one.words.keys()]
        if changed and isinstance(experiment.images, Split):
            assert experiment.images.count * len(changed) * experiment.task.frames * IMAGE_BYTES <= MOST_BYTES


def test_the_last_image_of_a_split_is_there():
    last = TEST_HARD.count - 1
    assert torch.equal(
        Synthetic("test_hard", [last], None, None).load(0).levels, levels(render(TEST_HARD, last, 1).pixels)[0]
    )


def test_the_filtered_hard_images_are_those_that_are_shipped(monkeypatch, tmp_path):
    places = filtered_hard()
    assert places == json.loads(hard_set.INDEX_FILE.read_text("utf-8"))["indices"]
    assert len(set(places)) == len(places) <= TEST_HARD.count
    other = tmp_path / "hard.json"
    other.write_text(json.dumps({"generator": "another", "indices": [0]}), "utf-8")
    monkeypatch.setattr(hard_set, "INDEX_FILE", other)
    with pytest.raises(DataUnavailable, match="another world"):
        filtered_hard()


# Cue conflicts


def test_stimuli_keep_their_size_and_know_both_cues(tree):
    found = Stimuli(folder_set(tree / "cue-conflict", seed=0, as_orhan=True))
    for place, id in enumerate(found.ids):
        stimulus_image, item = found.stimuli.at(place), found.load(place)
        assert stimulus_image.stimulus.id == id
        assert (item.levels.permute(1, 2, 0).numpy() == stimulus_image.image.rgb).all()
        assert (NAMES[item.label], NAMES[item.texture]) == (
            stimulus_image.stimulus.shape,
            stimulus_image.stimulus.texture,
        )
    assert len(found.ids) == len(os.listdir(tree / "cue-conflict"))


def test_synthetic_stimuli_are_the_synthetic_set_and_are_named_after_their_world():
    found = Stimuli(synthetic_set())
    item = found.load(65)
    assert item.levels.shape == (3, 64, 64)
    assert (item.levels.permute(1, 2, 0).numpy() == found.stimuli.at(65).image.rgb).all()
    assert item.label != item.texture
    assert all(WORLD in name for name in found.names(range(4)))
