"""Which images a run is about, how they are cut into units, and what makes two runs comparable."""

import os
from dataclasses import replace

import pytest
import torch

from robust_core import data
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.experiments_imagenet import EVERY_OTHER
from robust_core.benchmark.plans import UnitImages, collate, digest_of, make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.unit_images import Item
from robust_core.errors import BadImage, BadInput, DataUnavailable
from robust_core.mini.splits import CONFLICT
from tests.benchmark.trees import drawn_tree


def ids(plan):
    """The ids of all images that are asked about, by condition, in order."""
    found = {}
    for unit in plan.units:
        found.setdefault(unit.condition, []).extend(plan.images[unit.condition].ids[place] for place in unit.places)
    return found


@pytest.fixture
def config(tiny, tree):
    return RunConfig("imagenet", tiny.key, tree)


# Which images


def test_all_images_come_in_the_folders_order(config):
    plan = make_plan(config)
    (unit,) = plan.units
    assert unit.places == tuple(range(6))
    assert [path for _, path, _ in plan.images[""].files] == sorted((config.data / "val").glob("*/*"))


@pytest.mark.parametrize("seed", [0, 5])
def test_a_limit_takes_what_samples_draw_takes_from_the_same_folder(config, monkeypatch, seed):
    monkeypatch.setenv("ROBUST_LAB_DATA", str(config.data))
    plan = make_plan(replace(config, limit=4, seed=seed))
    files = plan.images[""].files
    assert [files[place][0] for place in plan.units[0].places] == [
        sample.id for sample in data.draw("own-val", 4, seed)
    ]


@pytest.mark.parametrize("key", ["imagenet_c", "imagenet_p"])
def test_every_condition_is_about_the_same_images(config, key):
    drawn = list(ids(make_plan(replace(config, experiment_key=key, limit=3, seed=2))).values())
    assert len(drawn) == (4 if key == "imagenet_c" else 2)
    assert all(one == drawn[0] for one in drawn)
    assert len(set(drawn[0])) == 3


def test_the_beginning_of_a_larger_limit_is_the_smaller_one(config):
    assert (
        make_plan(replace(config, limit=5)).units[0].places[:2] == make_plan(replace(config, limit=2)).units[0].places
    )


def test_only_every_other_image_is_attacked_unless_the_quirk_is_left_out(config):
    attack = replace(config, experiment_key="white_box_steps")
    assert make_plan(attack).units[0].places == (0, 2, 4)
    assert set(make_plan(replace(attack, limit=2, seed=3)).units[0].places) <= {0, 2, 4}
    assert make_plan(replace(attack, without=(EVERY_OTHER,))).units[0].places == tuple(range(6))
    with pytest.raises(BadInput, match="There are 3 images"):
        make_plan(replace(attack, limit=4))


def test_conditions_that_are_not_here_are_left_out(config):
    plan = make_plan(replace(config, experiment_key="imagenet_c"))
    assert list(plan.images) == [
        f"corruption={name} severity={severity}" for name in ("gaussian_noise", "contrast") for severity in (1, 3)
    ]
    alone = make_plan(replace(config, experiment_key="imagenet_c", only="corruption=contrast severity=3"))
    assert list(alone.images) == ["corruption=contrast severity=3"]


def test_a_data_set_may_be_named_itself_or_the_folder_that_holds_it(config):
    below = replace(config, experiment_key="imagenet_a")
    assert make_plan(replace(below, data=config.data / "imagenet-a")).digest == make_plan(below).digest


@pytest.mark.parametrize(
    ("key", "count"), [("mini", 2_048), ("mini_hard", 1_024), ("mini_a", 1_024), ("mini_shape_bias", CONFLICT.count)]
)
def test_mini_needs_no_data(key, count):
    plan = make_plan(RunConfig(key, "mini_resnext"))
    assert sum(len(unit.places) for unit in plan.units) == count


# What is wrong


def test_a_limit_above_what_is_there_is_refused(config):
    with pytest.raises(BadInput, match="There are 6 images for ImageNet; expected a limit of at most that, but 7 came"):
        make_plan(replace(config, limit=7))


def test_missing_data_are_named(config, tmp_path):
    with pytest.raises(DataUnavailable, match="ImageNet needs a folder of images; name it with --data"):
        make_plan(replace(config, data=None))
    (tmp_path / "empty").mkdir()
    empty = replace(config, data=tmp_path / "empty")
    with pytest.raises(DataUnavailable, match="no folder of ImageNet validation set; expected one called val"):
        make_plan(empty)
    with pytest.raises(DataUnavailable, match="no folder of Cue-conflict stimuli; expected one called cue-conflict"):
        make_plan(replace(empty, experiment_key="shape_bias"))
    with pytest.raises(DataUnavailable, match="no folder called nothing; expected one with ImageNet validation set"):
        make_plan(replace(config, data=tmp_path / "nothing"))


# Units


def test_a_large_condition_is_cut_into_units_of_neighbours(config, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, "imagenet", replace(EXPERIMENTS["imagenet"], unit_images=4))
    plan = make_plan(config)
    assert [(unit.number, unit.places) for unit in plan.units] == [(0, (0, 1, 2, 3)), (1, (4, 5))]
    names = plan.images[""].names(range(6))
    assert [unit.name for unit in plan.units] == [
        f"all.0000.{digest_of(names[:4])}",
        f"all.0001.{digest_of(names[4:])}",
    ]


def test_the_names_of_units_are_file_names_and_unique(config):
    names = [unit.name for unit in make_plan(replace(config, experiment_key="imagenet_c")).units]
    assert len(set(names)) == 4
    assert names[0].startswith("corruption=gaussian_noise+severity=1.0000.")
    assert not any(set("/ :\\") & set(name) for name in names)


def test_two_models_with_one_digest_were_asked_about_the_same_images(config):
    first, second = (
        make_plan(RunConfig("mini_c", "mini_resnext", limit=3)),
        make_plan(RunConfig("mini_c", "mini_resnext_wsl", limit=3)),
    )
    assert first.digest == second.digest
    assert ids(first) == ids(second)
    for other in (
        RunConfig("mini_c", "mini_resnext", limit=3, seed=1),
        RunConfig("mini_c", "mini_resnext", limit=4),
        RunConfig("mini_p", "mini_resnext", limit=3),
    ):
        assert make_plan(other).digest != first.digest


def test_a_changed_image_changes_the_digest_and_a_copy_elsewhere_does_not(tiny, tmp_path):
    for name in ("one", "two"):
        drawn_tree(tmp_path / name, 2)
    one, two = (RunConfig("imagenet", tiny.key, tmp_path / name) for name in ("one", "two"))
    before = make_plan(one).digest
    assert make_plan(two).digest == before
    path = sorted((tmp_path / "two" / "val").glob("*/*"))[0]
    path.write_bytes(path.read_bytes() + b"\0")
    assert make_plan(two).digest != before
    os.remove(path)
    assert make_plan(two).digest not in (before, "")


# Batches


def item(value, shape=(3, 2, 2)):
    return Item(torch.full(shape, value, dtype=torch.uint8), value, texture=value + 1)


class ClassFolder:
    """Images of which the second is not sound."""

    def load(self, place):
        if place == 1:
            raise BadImage("image 1 is not sound.")
        return item(place)


def test_a_batch_is_the_images_of_one_unit_in_order():
    images = UnitImages([ClassFolder(), ClassFolder()])
    batch = collate([images[1, 2], images[1, 0]])
    assert (batch.number, batch.places, batch.labels, batch.textures) == (1, [2, 0], [2, 0], [3, 1])
    assert batch.levels.shape == (2, 3, 2, 2)
    assert batch.levels[:, 0, 0, 0].tolist() == [2, 0]


def test_an_image_that_is_not_sound_takes_the_place_of_its_batch():
    images = UnitImages([ClassFolder()])
    found = collate([images[0, 0], images[0, 1]])
    assert (found.number, found.size) == (0, 2)
    assert [(type(error), str(error)) for error in found.errors] == [(BadImage, "image 1 is not sound.")]


def test_sequences_of_different_lengths_make_no_batch():
    found = collate([(0, 0, item(0, (31, 3, 2, 2))), (0, 1, item(1, (30, 3, 2, 2)))])
    (error,) = found.errors
    assert isinstance(error, BadInput)
    assert "differ in their number of frames" in str(error)
