import os

import pytest

from robust_core.data import foolbox, list_classes, list_collections, list_missing, list_samples, read, read_frames
from robust_core.data.datasets import DATA_SETS, data_set_called
from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET_A, IMAGENET_R, class_of_wnid
from tests.data.folders import DALMATIAN, STINGRAY, TENCH, put

V2 = "imagenetv2-matched-frequency-format-val"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Every known data set in its real layout, with what lies around in real copies of them."""
    folder = tmp_path / "data"
    put(folder / "ImageNet-R" / TENCH / "art_0.jpg", 1)
    put(folder / "imagenet-sketch" / DALMATIAN / "sketch_0.JPEG", 2)
    for label in (0, 2, 10, 999):
        put(folder / V2 / str(label) / "x.jpeg", label % 250)
    put(folder / V2 / "1000" / "x.jpeg", 3)
    put(folder / V2 / "007" / "x.jpeg", 4)
    put(folder / "cue-conflict" / "airplane" / "airplane1-bear1.png", 5)
    put(folder / "cue-conflict" / "dog" / "dog1-cat2.png", 6)
    put(folder / "cue-conflict" / "no_category" / "x.png", 7)
    for number in (1, 2, 10):
        put(folder / "imagenet-p" / "snow" / TENCH / "ILSVRC2012_val_00000293" / f"frame{number}.png", number)
    (folder / "imagenet-p" / "snow" / TENCH / "README.txt").write_text("read me")
    (folder / "imagenet-p" / "tilt" / "not-a-wnid").mkdir(parents=True)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    monkeypatch.setattr(foolbox, "_images", tuple)
    return folder


def collections():
    return {found.title: found for found in list_collections()}


def everything():
    return {
        found.key: [list_samples(found.key, condition=condition) for condition in found.conditions or (None,)]
        for found in list_collections()
    }


def test_each_is_recognised_with_its_protocol(root):
    protocols = {
        title: (found.labelled, found.label_subset, found.centre_crop_only, found.conditions)
        for title, found in collections().items()
    }
    assert protocols == {
        "ImageNet-R": (True, "imagenet_r", False, ()),
        "ImageNet-Sketch": (True, "imagenet", False, ()),
        "ImageNet-V2 (matched frequency)": (True, "imagenet", False, ()),
        "Cue-conflict stimuli": (False, "imagenet", True, ()),
        "ImageNet-P": (True, "imagenet", True, ("snow",)),
    }
    assert all(found.as_reference for found in list_collections())
    assert list_missing()[1:] == ()


def test_folder_names_of_imagenet_v2_are_class_numbers(root):
    """torchvision's ImageFolder would sort them as words and call folder 10 class 1 or 2."""
    key = collections()["ImageNet-V2 (matched frequency)"].key
    assert list_classes(key) == (0, 2, 10, 999)
    for sample in list_samples(key):
        image = read(sample.id)
        assert image.label == sample.label
        assert image.rgb[0, 0, 0] == sample.label % 250


def test_cue_conflict_stimuli_lie_by_shape_or_flat(root, monkeypatch):
    key = collections()["Cue-conflict stimuli"].key
    assert [(sample.title, sample.label) for sample in list_samples(key)] == [
        ("airplane1-bear1.png", None),
        ("dog1-cat2.png", None),
    ]
    assert read(list_samples(key)[1].id).rgb[0, 0, 0] == 6
    put(root / "flat" / "cueconflict_images" / "bear1-dog2.png", 8)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / "flat"))
    (found,) = list_collections()
    assert (found.title, found.centre_crop_only) == ("Cue-conflict stimuli", True)
    assert read(list_samples(found.key)[0].id).rgb[0, 0, 0] == 8


def test_a_sequence_in_frames_is_read_in_the_order_of_its_numbers(root):
    (sample,) = list_samples("own-imagenet-p", condition="snow")
    assert (sample.title, sample.label) == ("ILSVRC2012_val_00000293", class_of_wnid(TENCH))
    frames = read_frames(sample.id)
    assert [int(frame.rgb[0, 0, 0]) for frame in frames] == [1, 2, 10]
    assert read(sample.id).digest == frames[0].digest
    assert {frame.label for frame in frames} == {0}


def test_an_image_is_a_sequence_of_one_frame(root):
    (sample,) = list_samples("own-ImageNet-R")
    (frame,) = read_frames(sample.id)
    assert frame.digest == read(sample.id).digest


def test_a_missing_severity_is_not_offered_and_refused_when_asked_for(root):
    for severity in (1, 2, 4, 5):
        put(root / "imagenet-c" / "fog" / str(severity) / TENCH / "x.JPEG", severity)
    (root / "imagenet-c" / "fog" / "3").mkdir()
    (root / "imagenet-c" / "readme.html").write_text("stray")
    put(root / "imagenet-c" / "stray.png", 1)
    assert collections()["ImageNet-C"].conditions == ("fog/1", "fog/2", "fog/4", "fog/5")
    with pytest.raises(UnknownName, match=r"no condition of ImageNet-C called 'fog/3'; the nearest are fog/"):
        list_samples("own-imagenet-c", condition="fog/3")


def test_an_empty_first_severity_does_not_hide_the_others(root):
    (root / "imagenet-c" / "brightness" / "1").mkdir(parents=True)
    put(root / "imagenet-c" / "fog" / "1" / TENCH / "x.JPEG", 1)
    assert collections()["ImageNet-C"].conditions == ("fog/1",)


@pytest.mark.parametrize(
    "link",
    [
        "imagenet-p/rotate",
        f"imagenet-p/snow/{STINGRAY}",
        f"imagenet-p/snow/{TENCH}/film",
        f"{V2}/5",
        "imagenet-p/rotate.mp4",
    ],
)
def test_links_out_of_a_data_set_are_not_followed(root, tmp_path, link):
    before = everything()
    put(tmp_path / "outside" / TENCH / "sequence" / "secret.png", 99)
    (root / link).symlink_to(tmp_path / "outside")
    os.utime((root / link).parent, ns=(1, 1))
    assert everything() == before


@pytest.mark.parametrize("name", ["imagenet-p", V2, "cue-conflict"])
def test_the_data_folder_may_be_one_of_them_and_its_parts_are_no_collections(root, monkeypatch, name):
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / name))
    own = [found for found in list_collections() if found.key == "own"]
    assert [found.title for found in own] == [data_set_called(name).title]
    assert not {"own-snow", "own-0", "own-airplane"} & {found.key for found in list_collections()}


@pytest.mark.parametrize("name", ["imagenet-p", V2, "imagenet-sketch"])
def test_a_known_name_over_another_layout_is_said_plainly(root, name):
    (root / name).rename(root / "elsewhere")
    (root / name / "images").mkdir(parents=True)
    row = data_set_called(name)
    assert (
        f"The folder {name} holds nothing in the layout of {row.title}; expected {row.pattern} below it."
        in list_missing()
    )


def test_two_folders_of_one_data_set_have_two_titles(root):
    put(root / "sketch" / TENCH / "x.JPEG", 1)
    assert {"ImageNet-Sketch", "ImageNet-Sketch (2)"} <= set(collections())


def test_unknown_sequence_ids_are_refused(root):
    (sample,) = list_samples("own-imagenet-p", condition="snow")
    slug = sample.id.rpartition("/")[2]
    for wrong in (f"{TENCH}/{slug}", f"tilt/{TENCH}/{slug}", f"snow/{TENCH}/..", f"snow/{slug}"):
        with pytest.raises(UnknownName):
            read_frames(f"own-imagenet-p/{wrong}")


def test_every_row_of_the_table():
    names = [name for row in DATA_SETS for name in row.folders]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)
    assert len({row.title for row in DATA_SETS}) == len(DATA_SETS)
    assert {row.label_subset for row in DATA_SETS} == {"imagenet", "imagenet_a", "imagenet_r"}
    assert (len(IMAGENET_A), len(IMAGENET_R)) == (200, 200)
    assert data_set_called("IMAGENET-A") is data_set_called("imagenet-a")
    assert data_set_called("holiday") is None
