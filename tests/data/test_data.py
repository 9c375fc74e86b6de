import hashlib
import os

import pytest

from robust_core.data import (
    SELECTION_RULE,
    draw,
    foolbox,
    list_classes,
    list_collections,
    list_missing,
    list_samples,
    read,
)
from robust_core.errors import BadImage, BadInput, UnknownName
from robust_core.labels import class_of_wnid
from tests.data.folders import DALMATIAN, STINGRAY, TENCH, put


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with each layout, and things that are no images in between."""
    folder = tmp_path / "data"
    put(folder / "val" / TENCH / "ILSVRC2012_val_00000293.JPEG", 1)
    put(folder / "val" / TENCH / "ILSVRC2012_val_00002138.JPEG", 2)
    put(folder / "val" / DALMATIAN / "ILSVRC2012_val_00000001.JPEG", 3)
    put(folder / "val" / "not-a-wnid" / "x.JPEG", 4)
    put(folder / "imagenet-a" / STINGRAY / "0.001_jellyfish.jpg", 5)
    (folder / "imagenet-a" / "README.txt").write_text("read me")
    for number, condition in enumerate(["fog/1", "fog/5", "gaussian_noise/3"]):
        put(folder / "imagenet-c" / condition / TENCH / "ILSVRC2012_val_00000293.JPEG", 10 + number)
    put(folder / "imagenet-c" / "fog" / "6" / TENCH / "x.JPEG", 20)
    put(folder / "my photos" / "Garten <b>.png", 30)
    put(folder / "my photos" / "cat.png", 31)
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("notes")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    monkeypatch.setattr(foolbox, "_images", tuple)
    return folder


def collection(title: str):
    return next(found for found in list_collections() if found.title == title)


def greys(samples) -> list[int]:
    return [int(read(sample.id).rgb[0, 0, 0]) for sample in samples]


def test_each_folder_of_images_is_a_collection(root):
    assert {found.title for found in list_collections()} == {
        "ImageNet validation set",
        "ImageNet-A",
        "ImageNet-C",
        "my photos",
    }


def test_collections_know_their_protocol(root):
    facts = {
        found.title: (found.labelled, found.label_subset, found.centre_crop_only, found.as_reference)
        for found in list_collections()
    }
    assert facts == {
        "ImageNet validation set": (True, "imagenet", False, True),
        "ImageNet-A": (True, "imagenet_a", False, True),
        "ImageNet-C": (True, "imagenet", True, True),
        "my photos": (False, "imagenet", False, False),
    }


def test_a_validation_set_is_browsed_by_class(root):
    assert list_classes("own-val") == (class_of_wnid(TENCH), class_of_wnid(DALMATIAN))
    samples = list_samples("own-val", label=class_of_wnid(TENCH))
    assert [sample.title for sample in samples] == ["ILSVRC2012_val_00000293.JPEG", "ILSVRC2012_val_00002138.JPEG"]
    assert greys(samples) == [1, 2]
    assert greys(list_samples("own-val")) == [1, 2, 3]
    assert list_samples("own-val", label=999) == ()


def test_imagenet_c_is_browsed_by_condition_and_class(root):
    assert collection("ImageNet-C").conditions == ("fog/1", "fog/5", "gaussian_noise/3")
    assert list_classes("own-imagenet-c", condition="fog/5") == (0,)
    assert greys(list_samples("own-imagenet-c", condition="fog/5")) == [11]
    assert greys(list_samples("own-imagenet-c", condition="gaussian_noise/3", label=0)) == [12]


def test_a_plain_folder_has_images_without_labels(root):
    key = collection("my photos").key
    assert list_classes(key) == ()
    samples = list_samples(key)
    assert [(sample.title, sample.label) for sample in samples] == [("Garten <b>.png", None), ("cat.png", None)]
    assert greys(samples) == [30, 31]


def test_what_is_read_carries_the_label_of_its_folder(root):
    (sample,) = list_samples("own-imagenet-a")
    image = read(sample.id)
    assert image.label == sample.label == class_of_wnid(STINGRAY)
    assert image.name == "0.001_jellyfish.jpg"
    assert "ImageNet-A" in image.source


def test_ids_are_unique_words_for_a_url_and_name_no_path(root):
    ids = [
        sample.id
        for found in list_collections()
        for condition in found.conditions or [None]
        for sample in list_samples(found.key, condition=condition)
    ]
    assert len(ids) == len(set(ids)) == 9
    assert all(word.replace("-", "").replace("_", "").isalnum() for sample_id in ids for word in sample_id.split("/"))
    assert not any(str(root) in repr(found) for found in list_collections())


@pytest.mark.parametrize(
    "sample_id",
    [
        "",
        "own-val",
        "own-val/",
        "own-val/n01440764",
        "own-val/n01440764/000000000000",
        "own-val/n01440764/ILSVRC2012_val_00000293.JPEG",
        "own-val/not-a-wnid/000000000000",
        "own-val/../notes.txt",
        "own-val/../../outside/secret.png",
        "/etc/passwd",
        "own-imagenet-c/fog/6/n01440764/000000000000",
        "own-imagenet-c/fog/1/../5/n01440764/000000000000",
        "own-imagenet-c/../val/n01440764/000000000000",
        "nowhere/03",
    ],
)
def test_unknown_ids_are_refused(root, sample_id):
    with pytest.raises(UnknownName):
        read(sample_id)


def test_an_id_of_another_class_or_condition_leads_nowhere(root):
    slug = list_samples("own-val", label=class_of_wnid(DALMATIAN))[0].id.rpartition("/")[2]
    with pytest.raises(UnknownName):
        read(f"own-val/{TENCH}/{slug}")
    with pytest.raises(UnknownName):
        read(f"own-val/not-a-wnid/{slug}")


@pytest.mark.parametrize(
    "class_folder", ["own-imagenet-c/../val", "own-imagenet-c/fog/6", "own-imagenet-c/fog/../../val"]
)
def test_an_id_with_the_right_word_in_a_wrong_place_is_refused(root, class_folder):
    words = [
        list_samples(key, condition=condition, label=0)[0].id.rpartition("/")[2]
        for key, condition in [("own-val", None), ("own-imagenet-c", "fog/1")]
    ]
    for slug in words:
        with pytest.raises(UnknownName):
            read(f"{class_folder}/{TENCH}/{slug}")


def test_unknown_collections_and_conditions_name_the_nearest(root):
    with pytest.raises(UnknownName, match="own-val"):
        list_samples("own-vall")
    with pytest.raises(UnknownName, match="fog/1"):
        list_classes("own-imagenet-c", condition="fog/2")
    with pytest.raises(UnknownName, match="condition of ImageNet-C"):
        list_samples("own-imagenet-c")
    with pytest.raises(UnknownName, match="condition of ImageNet validation set"):
        list_samples("own-val", condition="fog/1")


def test_a_file_that_is_no_image_is_listed_but_refused_when_read(root):
    (root / "imagenet-a" / STINGRAY / "broken.jpg").write_bytes(b"not an image")
    broken = next(sample for sample in list_samples("own-imagenet-a") if sample.title == "broken.jpg")
    with pytest.raises(BadImage, match=rf"^imagenet-a/{STINGRAY}/broken\.jpg is not"):
        read(broken.id)


def test_links_out_of_the_folder_are_not_followed(root, tmp_path):
    put(tmp_path / "outside" / TENCH / "secret.png", 99)
    (root / "outside").symlink_to(tmp_path / "outside")
    (root / "val" / "n01443537").symlink_to(tmp_path / "outside" / TENCH)
    (root / "val" / TENCH / "secret.png").symlink_to(tmp_path / "outside" / TENCH / "secret.png")
    assert "outside" not in {found.title for found in list_collections()}
    assert 99 not in greys(list_samples("own-val"))


def test_new_images_appear_and_old_ids_stay(root):
    before = list_samples("own-val")
    put(root / "val" / TENCH / "AAA.JPEG", 50)
    os.utime(root / "val" / TENCH, ns=(1, 1))
    after = list_samples("own-val")
    assert set(before) < set(after)
    assert greys(after)[0] == 50


@pytest.mark.parametrize(
    ("name", "title"), [("val", "ImageNet validation set"), ("imagenet-a", "ImageNet-A"), ("imagenet-c", "ImageNet-C")]
)
def test_the_data_folder_may_be_one_data_set_itself(root, monkeypatch, name, title):
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / name))
    found = collection(title)
    assert found.key == "own"
    sample = list_samples("own", condition=(found.conditions or (None,))[0])[0]
    assert read(sample.id).label == sample.label


def test_class_folders_right_below_the_root_are_labelled(root, monkeypatch):
    (root / "val").rename(root / "something")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / "something"))
    assert [found.title for found in list_collections()] == ["Own images", "not-a-wnid"]
    assert collection("Own images").labelled
    assert greys(list_samples("own", label=0)) == [1, 2]


def test_a_known_name_with_another_layout_is_just_a_folder(root):
    (root / "val").rename(root / "imagenet-val")
    put(root / "val" / "ILSVRC2012_val_00000001.JPEG", 60)
    found = collection("val")
    assert (found.labelled, found.source) == (False, "a folder of yours")
    assert greys(list_samples(found.key)) == [60]


def test_images_by_class_under_the_name_of_imagenet_c_may_be_resized(root):
    (root / "imagenet-c").rename(root / "stored")
    (root / "val").rename(root / "imagenet-c")
    assert not collection("imagenet-c").centre_crop_only
    assert collection("stored").centre_crop_only


def test_missing_places_are_said_plainly(root, monkeypatch):
    assert [sentence.split()[0] for sentence in list_missing()] == ["Foolbox"]
    (root / "imagenet-r" / "n01440764.tar").mkdir(parents=True)
    assert list_missing()[1:] == (
        "The folder imagenet-r holds nothing in the layout of ImageNet-R; expected <wnid>/<image> below it.",
    )
    monkeypatch.undo()
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / "gone"))
    assert "ROBUST_LAB_DATA names a folder that does not exist." in list_missing()
    assert str(root) not in " ".join(list_missing())
    assert {found.key for found in list_collections()} <= {"foolbox"}


def test_without_a_data_folder_there_are_only_the_bundled_images(monkeypatch):
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    assert {found.key for found in list_collections()} <= {"foolbox"}


def test_a_draw_depends_on_the_seed_and_the_content_alone(root):
    for number in range(20):
        put(root / "val" / TENCH / f"{number}.JPEG", 100 + number)
    first = draw("own-val", 10, seed=0)
    assert len(set(first)) == 10
    assert set(first) <= set(list_samples("own-val"))
    assert draw("own-val", 10, seed=0) == first
    assert draw("own-val", 4, seed=0) == first[:4]
    assert draw("own-val", 10, seed=1) != first
    assert len(draw("own-val", 23, seed=0)) == 23


def test_a_draw_is_the_same_under_every_condition_and_wherever_the_folder_lies(root, monkeypatch):
    for condition in ["fog/1", "fog/5"]:
        for number in range(20):
            put(root / "imagenet-c" / condition / TENCH / f"{number}.JPEG", 100 + number)
    draws = [greys(draw("own-imagenet-c", 8, seed=3, condition=condition, label=0)) for condition in ["fog/1", "fog/5"]]
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / "imagenet-c"))
    assert draws[0] == draws[1] == greys(draw("own", 8, seed=3, condition="fog/5"))


def test_a_draw_follows_the_rule_that_is_printed(root):
    key = collection("my photos").key
    words = {name: hashlib.sha256(name.encode()).hexdigest()[:12] for name in ("Garten <b>.png", "cat.png")}
    for seed in range(8):
        ranked = sorted(words, key=lambda name, seed=seed: hashlib.sha256(f"{seed}/{words[name]}".encode()).hexdigest())
        assert [sample.title for sample in draw(key, 2, seed)] == ranked
    assert "SHA-256" in SELECTION_RULE


@pytest.mark.parametrize(
    ("n", "seed", "sentence"),
    [
        (0, 0, "from 1 to"),
        (4, 0, "from 1 to 3; got 4"),
        (2.0, 0, "got 2.0"),
        (1, -1, "got -1"),
        (1, "a", "got 'a'"),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused(root, n, seed, sentence):
    with pytest.raises(BadInput, match=sentence):
        draw("own-val", n, seed)
