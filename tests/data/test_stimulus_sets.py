"""Which stimuli a folder holds, in which order they come, and that their pixels stay as they are stored."""

import csv
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robust_core.cue_conflict.decisions import NAMES
from robust_core.data.stimulus_sets import folder_set, stimulus_folders, synthetic_set
from robust_core.errors import BadImage, BadInput

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")


def save(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((224, 224, 3), value, np.uint8)).save(path)
    return path


def names(stimuli):
    return [stimuli.at(place).stimulus.name for place in range(stimuli.count)]


@pytest.fixture
def published(tmp_path):
    """Six images as the original has them, a subfolder for each shape; two are no conflict."""
    for name in (
        "cat1-dog1.png",
        "cat2-oven1.png",
        "cat3-cat1.png",
        "bicycle6-bicycle3.png",
        "bicycle1-car1.png",
        "truck1-clock1.png",
    ):
        save(tmp_path / "set" / re.match("[a-z]+", name)[0] / name)
    return tmp_path / "set"


def test_a_published_folder_is_known_by_its_names(published):
    assert sorted(names(folder_set(published, seed=0))) == [
        "bicycle1-car1.png",
        "cat1-dog1.png",
        "cat2-oven1.png",
        "truck1-clock1.png",
    ]


def test_stimuli_of_a_folder_favour_the_network_of_their_style_transfer_and_drawn_ones_do_not(published):
    assert "VGG-19 for the published stimuli" in folder_set(published, seed=0).caveat
    assert synthetic_set().caveat == ""


def test_orhans_copy_has_one_image_more(published):
    ours, orhans = folder_set(published, seed=0), folder_set(published, seed=0, as_orhan=True)
    assert set(names(orhans)) - set(names(ours)) == {"bicycle6-bicycle3.png"}
    assert "2 without a conflict are left out" in ours.rule
    assert "counts twice" in orhans.rule
    assert ours.key != orhans.key


def test_the_order_is_the_seeds_and_a_small_sample_begins_a_large_one(published):
    orders = {tuple(names(folder_set(published, seed=seed))) for seed in range(8)}
    assert len(orders) > 1
    assert names(folder_set(published, seed=3)) == names(folder_set(published, seed=3))


def test_a_flat_folder_and_a_table_of_labels(tmp_path):
    save(tmp_path / "flat" / "cat1-dog1.png")
    assert names(folder_set(tmp_path / "flat", seed=0)) == ["cat1-dog1.png"]
    save(tmp_path / "own" / "images" / "a.png")
    (tmp_path / "own" / "labels.csv").write_text(
        "file,shape,texture\nimages/a.png,knife,oven\n../flat/cat1-dog1.png,cat,dog\n"
    )
    stimuli = folder_set(tmp_path / "own", seed=0)
    assert names(stimuli) == ["a.png"], "a table leads to no file outside its folder"
    assert (stimuli.at(0).stimulus.shape, stimuli.at(0).stimulus.texture) == ("knife", "oven")


def test_folders_with_stimuli_are_found_and_others_are_not(published, tmp_path):
    save(tmp_path / "val" / "n01440764" / "one.png")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "labels.csv").write_text("wnid,label\nn01440764,0\n")
    assert list(stimulus_folders(tmp_path)) == ["set"]
    assert list(stimulus_folders(published)) == ["set"], "the data folder may itself be the set"


def test_a_folder_without_stimuli_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"airplane1-bicycle2\.png, or labels\.csv"):
        folder_set(tmp_path, seed=0)


def test_links_are_not_followed(tmp_path):
    target = save(tmp_path / "elsewhere" / "cat1-dog1.png")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "cat1-dog1.png").symlink_to(target)
    with pytest.raises(BadInput):
        folder_set(tmp_path / "set", seed=0)


def test_the_drawn_set_is_the_one_that_the_model_card_counts():
    from robust_core.mini.splits import CONFLICT, render

    stimuli, place = synthetic_set(), 70
    stimulus_image, drawn = stimuli.at(place), render(CONFLICT, place, 1)
    assert stimuli.count == CONFLICT.count
    assert stimulus_image.stimulus.is_conflict
    assert (stimulus_image.stimulus.shape, stimulus_image.stimulus.texture) == (
        NAMES[drawn.shape[0]],
        NAMES[drawn.texture[0]],
    )
    pixels = drawn.pixels[0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(stimulus_image.image.rgb / np.float32(255), pixels)
    np.testing.assert_array_equal(stimulus_image.mask, drawn.mask[0].numpy())
    with pytest.raises(ValueError, match="read-only"):
        stimulus_image.image.rgb[:] = 0


@pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")
def test_real_stimuli_are_read_pixel_for_pixel():
    folder = Path(DATA) / "cue_conflict"
    stimuli = folder_set(folder, seed=0)
    with (folder / "labels.csv").open(newline="") as file:
        rows = {Path(row["file"]).name: (row["shape"], row["texture"]) for row in csv.DictReader(file)}
    assert stimuli.count == len(rows) == 144
    for place in (0, 77, 143):
        stimulus_image = stimuli.at(place)
        assert (stimulus_image.stimulus.shape, stimulus_image.stimulus.texture) == rows[stimulus_image.stimulus.name]
        stored = Image.open(folder / "images" / stimulus_image.stimulus.name).convert("RGB")
        np.testing.assert_array_equal(stimulus_image.image.rgb, np.asarray(stored))
        assert stimulus_image.image.rgb.shape == (224, 224, 3)


def test_a_folder_of_stimuli_without_a_conflict_says_so(tmp_path):
    (tmp_path / "set").mkdir()
    Image.new("RGB", (32, 32)).save(tmp_path / "set" / "bicycle6-bicycle3.png")
    with pytest.raises(
        BadInput,
        match=r"^Shape and texture agree in all stimuli in set \(1\); expected at least one conflict between them\.$",
    ):
        folder_set(tmp_path / "set", seed=0)


def test_a_damaged_stimulus_is_named_with_its_folder(tmp_path):
    (tmp_path / "set" / "airplane").mkdir(parents=True)
    (tmp_path / "set" / "airplane" / "airplane1-bear1.png").write_bytes(b"no image")
    with pytest.raises(BadImage, match=r"^set/airplane/airplane1-bear1\.png is not a whole"):
        folder_set(tmp_path / "set", seed=0).at(0)
