"""Every layout in which people keep ImageNet and its relatives: the exact images with their classes, and what is said
of the rest.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from robust_core.data import (
    datasets,
    discovery,
    foolbox,
    labelled_images,
    left_out,
    list_collections,
    list_missing,
    list_samples,
    read,
)
from robust_core.data.discovery import find_data_set, find_folders
from robust_core.data.label_lists import FIRST_CLASSES
from robust_core.data.left_out import LINKS_ADVICE
from robust_core.errors import BadInput, DataUnavailable
from robust_core.labels import CLASSES, ILSVRC2012_IDS, class_of_wnid
from tests.data.folders import DALMATIAN, STINGRAY, TENCH, put

VAL, A, C, V2 = "ImageNet validation set", "ImageNet-A", "ImageNet-C", "ImageNet-V2 (matched frequency)"
LABELS = {TENCH: 0, STINGRAY: 6, DALMATIAN: 251}
BOTH = [(0, 1), (6, 2)]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    monkeypatch.setattr(foolbox, "_images", tuple)
    return folder


def put_classes(place, *, by_number=False):
    """Two class folders of one image each, whose grey levels tell them apart."""
    for grey, wnid in enumerate((TENCH, STINGRAY), start=1):
        put(place / (str(LABELS[wnid]) if by_number else wnid) / "a.JPEG", grey)


def offered() -> dict[str, list[tuple[int | None, int]]]:
    """The class and the grey level of every image that is offered, by title and condition; no two ids are alike and
    each can be read.
    """
    found, ids = {}, []
    for one in list_collections():
        for condition in one.conditions or (None,):
            samples = list_samples(one.key, condition=condition)
            ids += [sample.id for sample in samples]
            images = [read(sample.id) for sample in samples]
            assert [image.label for image in images] == [sample.label for sample in samples]
            found[" ".join(filter(None, (one.title, condition)))] = [
                (image.label, int(image.rgb[0, 0, 0])) for image in images
            ]
    assert len(ids) == len(set(ids))
    assert all(word.replace("-", "").replace("_", "").isalnum() for one in ids for word in one.split("/"))
    return found


def said() -> tuple[str, ...]:
    return list_missing()[1:]  # the first is about Foolbox


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("val", VAL),
        ("VAL", VAL),
        ("val/val", VAL),
        ("imagenet/val", VAL),
        ("imagenet/ILSVRC2012/val", VAL),
        ("ILSVRC/Data/CLS-LOC/val", VAL),
        ("imagenet/ILSVRC/Data/CLS-LOC/val", VAL),
        ("ILSVRC2012_img_val", VAL),
        ("imagenette2/val", "imagenette2/val"),
        ("imagenet-a", A),
        ("imagenet_a", A),
        ("ImageNet-A", A),
        ("IMAGENET_A", A),
        ("imageneta", A),
        ("imagenet/a", A),
        ("imagenet-a/imagenet-a", A),
        ("imagenet-a/val", A),
        ("sets/imagenet_a/test", A),
        ("imagenet_r", "ImageNet-R"),
        ("ImageNet_Sketch", "ImageNet-Sketch"),
        ("sketch", "ImageNet-Sketch"),
        ("imagenet-sketch/sketch", "ImageNet-Sketch"),
        ("imagenetv2-matched-frequency-format-val", V2),
        ("ImageNetV2-matched-frequency", V2),
        ("imagenet_v2_matched_frequency", V2),
        ("imagenet-v2/matched-frequency-format-val", V2),
        ("imagenetv2-threshold0.7-format-val", "ImageNet-V2 (threshold 0.7)"),
        ("imagenetv2-top-images-format-val", "ImageNet-V2 (top images)"),
        ("imagenetv2-topimages", "ImageNet-V2 (top images)"),
        ("imagenet_v2", "ImageNet-V2 (variant unknown)"),
        ("my set", "my set"),
        ("mine/more/set", "mine/more/set"),
    ],
)
def test_class_folders_by_wnid(root, place, title):
    put_classes(root / place)
    assert offered() == {title: BOTH}
    assert said() == ()


@pytest.mark.parametrize(
    "place",
    [
        "imagenetv2-matched-frequency-format-val",
        "imagenet-v2/imagenetv2_matched_frequency",
        "ImageNet-V2/matched-frequency",
    ],
)
def test_class_folders_by_number(root, place):
    put_classes(root / place, by_number=True)
    assert offered() == {V2: BOTH}
    assert said() == ()


@pytest.mark.parametrize("name", ["val", "imagenet_a", "imagenet-v2", "anything"])
def test_the_data_folder_may_be_the_set_itself(root, monkeypatch, name):
    put_classes(root / name)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / name))
    titles = {"val": VAL, "imagenet_a": A, "imagenet-v2": "ImageNet-V2 (variant unknown)", "anything": "Own images"}
    assert offered() == {titles[name]: BOTH}


def test_a_val_folder_of_another_data_set_that_is_the_data_folder(root, monkeypatch):
    put_classes(root / "imagenet-r" / "val")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(root / "imagenet-r" / "val"))
    assert offered() == {"ImageNet-R": BOTH}


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("imagenet-c/fog/3", C),
        ("imagenet_c/fog/3", C),
        ("ImageNet-C/weather/fog/3", C),
        ("imagenet-c/weather/weather/fog/3", C),
        ("imagenet-c/imagenet-c/weather/fog/3", C),
        ("imagenet/ImageNetC/fog/3", C),
        ("fog/3", C),
        ("weather/fog/3", C),
        ("downloads/weather/fog/3", C),
        ("mist/3", "Own images"),
        ("stored/fog/3", "stored"),
    ],
)
def test_corruptions_with_and_without_groups(root, place, title):
    put_classes(root / place)
    name = place.split("/")[-2]
    assert offered() == {f"{title} {name}/3": BOTH}
    assert said() == ()
    assert all(one.centre_crop_only for one in list_collections())


def test_corruptions_of_all_groups_are_one_set_and_a_double_is_said(root):
    for number, place in enumerate(
        ["noise/gaussian_noise/1", "blur/blur/defocus_blur/5", "fog/2", "weather/fog/2", "extra/spatter/4"]
    ):
        put(root / "imagenet-c" / place / TENCH / "a.JPEG", 10 + number)
    put(root / "imagenet-c" / "fog" / "6" / TENCH / "a.JPEG", 20)
    assert offered() == {
        f"{C} {name}": [(0, grey)]
        for name, grey in [("spatter/4", 14), ("fog/2", 12), ("gaussian_noise/1", 10), ("defocus_blur/5", 11)]
    }
    key = list_collections()[0].key
    assert left_out(key, condition="fog/2") == ("Left out: 2 folders that are no part of it (weather, fog/6).",)


def test_what_lies_deeper_in_a_class_folder_belongs_to_its_class(root):
    """As torchvision's ImageFolder reads it; but a folder named after another class says nothing about which of the two
    it shows.
    """
    put(root / "val" / TENCH / "images" / "a.JPEG", 1)
    put(root / "val" / TENCH / TENCH / "b.JPEG", 2)
    put(root / "val" / TENCH / DALMATIAN / "c.JPEG", 3)
    put(root / "val" / TENCH / "@eaDir" / "a.JPEG" / "thumbnail.jpg", 4)
    put(root / "val" / STINGRAY / "d.JPEG", 5)
    assert sorted(offered()[VAL]) == [(0, 1), (0, 2), (6, 5)]
    assert left_out("own-val") == (
        f"Left out: 1 folder that is no part of it ({TENCH}/{DALMATIAN}); 1 hidden or system entry.",
    )


def test_what_lies_around_is_passed_over_and_counted(root):
    put_classes(root / "val")
    for name in ("@eaDir", "lost+found", "__MACOSX", ".cache", "train", "val_old"):
        (root / "val" / name).mkdir()
    put(root / "val" / "__MACOSX" / TENCH / "a.JPEG", 9)
    put(root / "val" / "stray.png", 9)
    for name in (".DS_Store", "Thumbs.db", "README.txt", f"{TENCH}/._a.JPEG", f"{TENCH}/notes.txt"):
        (root / "val" / name).touch()
    (root / "val" / DALMATIAN).mkdir()
    put(root / "__MACOSX" / "val" / TENCH / "._a.JPEG", 9)
    assert offered() == {VAL: BOTH}
    assert left_out("own-val") == (
        "Left out: 2 folders that are no part of it (train, val_old); 1 image outside the class folders; 1 class "
        "folder without images; "
        "7 hidden or system entries; 2 files of other types.",
    )
    assert said() == ()


def test_a_sound_set_says_nothing(root):
    put_classes(root / "val")
    assert left_out("own-val") == ()


# Links


@pytest.fixture
def farm(root, tmp_path):
    """The usual link farm: class folders whose files are links."""
    put_classes(tmp_path / "real")
    for wnid in (TENCH, STINGRAY):
        (root / "val" / wnid).mkdir(parents=True)
        (root / "val" / wnid / "a.JPEG").symlink_to(tmp_path / "real" / wnid / "a.JPEG")
    return root


def test_a_link_farm_is_not_offered_and_said(farm):
    assert offered() == {}
    assert said() == (
        f"The folder val holds nothing in the layout of {VAL}; expected {datasets.VAL.pattern} below it. It holds 2 "
        f"folders, 2 links. {LINKS_ADVICE}",
    )


def test_links_among_images_are_counted(farm):
    put(farm / "val" / TENCH / "b.JPEG", 3)
    (farm / "val" / DALMATIAN).symlink_to(farm)
    assert offered() == {VAL: [(0, 3)]}
    assert left_out("own-val") == ("Left out: 1 class folder without images; 3 links.", LINKS_ADVICE)


def test_a_link_in_the_data_folder_is_said_and_not_followed(root, tmp_path):
    put_classes(tmp_path / "real")
    (root / "val").symlink_to(tmp_path / "real")
    assert offered() == {}
    assert said() == (
        f"The data folder holds nothing that is recognised: {discovery.UNDERSTOOD}. It holds 1 link. {LINKS_ADVICE}",
    )
    put_classes(root / "imagenet-a")
    assert said() == (f"The data folder holds 1 link. {LINKS_ADVICE}",)


@pytest.mark.parametrize("name", ["imagenet-a", "imagenet-c", "imagenet-p", "imagenetv2-matched-frequency-format-val"])
def test_a_set_without_images_is_not_offered(root, name):
    for place in {"imagenet-c": ["fog/3/" + TENCH], "imagenet-p": ["snow/" + TENCH]}.get(name, [TENCH, "0"]):
        (root / name / place).mkdir(parents=True)
    assert offered() == {}
    row = datasets.data_set_called(name)
    assert said() == (
        f"The folder {name} holds nothing in the layout of {row.title}; expected {row.pattern} below it.",
    )


def test_classes_and_conditions_without_images_are_not_offered(root):
    put(root / "imagenet-c" / "fog" / "3" / TENCH / "a.JPEG", 1)
    (root / "imagenet-c" / "fog" / "3" / STINGRAY).mkdir()
    (root / "imagenet-c" / "fog" / "4" / TENCH).mkdir(parents=True)
    (one,) = list_collections()
    assert one.conditions == ("fog/3",)
    assert find_folders(root)[0].classes("fog/3") == (0,)


# Flat folders with a list of labels


def put_flat(folder, n):
    """`n` images under the names of the validation set, number k of grey level k."""
    for number in range(1, n + 1):
        put(folder / f"ILSVRC2012_val_{number:08}.JPEG", number)


def expected_flat(n):
    return sorted((label, number) for number, label in enumerate(FIRST_CLASSES[:n], start=1))


def write_ids(file, ids):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{number}\n" for number in ids))


@pytest.mark.parametrize("place", ["val", "ILSVRC/Data/CLS-LOC/val", "imagenet/val"])
@pytest.mark.parametrize("where", ["inside", "beside", "at the top"])
def test_kaggles_solution(root, place, where):
    folder = root / place
    put_flat(folder, 3)
    wnids = [CLASSES[label].wnid for label in FIRST_CLASSES[:3]]
    rows = [
        f"ILSVRC2012_val_{number:08},{wnid} 85 1 499 272 {wnid} 0 0 1 1 \n"
        for number, wnid in enumerate(wnids, start=1)
    ]
    file = {"inside": folder, "beside": folder.parent, "at the top": root}[where] / "LOC_val_solution.csv"
    file.write_text("ImageId,PredictionString\n" + "".join(reversed(rows)))
    assert offered() == {VAL: expected_flat(3)}


def test_a_flat_folder_and_one_sorted_into_classes_have_the_same_ids(root):
    """So that the same images are drawn by a seed."""
    put_flat(root / "val", 3)
    rows = [
        f"ILSVRC2012_val_{number:08},{CLASSES[label].wnid} 1 1 1 1\n"
        for number, label in enumerate(FIRST_CLASSES[:3], start=1)
    ]
    (root / "LOC_val_solution.csv").write_text("ImageId,PredictionString\n" + "".join(rows))
    flat = {sample.id for sample in list_samples("own-val")}
    for number, label in enumerate(FIRST_CLASSES[:3], start=1):
        name = f"ILSVRC2012_val_{number:08}.JPEG"
        (root / "val" / CLASSES[label].wnid).mkdir()
        (root / "val" / name).rename(root / "val" / CLASSES[label].wnid / name)
    assert {sample.id for sample in list_samples("own-val")} == flat


@pytest.mark.parametrize("numbers", ["the kit's", "sorted from 0", "sorted from 1"])
@pytest.mark.parametrize("n", [3, 10])
def test_the_ground_truth_by_any_numbering_whose_first_lines_are_right(root, numbers, n):
    put_flat(root / "val", n)
    of_class = {
        "the kit's": ILSVRC2012_IDS.__getitem__,
        "sorted from 0": int,
        "sorted from 1": lambda label: label + 1,
    }[numbers]
    write_ids(root / "ILSVRC2012_validation_ground_truth.txt", map(of_class, FIRST_CLASSES[:n]))
    assert offered() == {VAL: expected_flat(n)}


def test_the_kits_ground_truth_begins_as_published():
    assert [ILSVRC2012_IDS[label] for label in FIRST_CLASSES] == [490, 361, 171, 822, 297, 482, 13, 704, 599, 164]
    assert sorted(ILSVRC2012_IDS) == list(range(1, 1001))
    assert (ILSVRC2012_IDS[class_of_wnid("n02119789")], ILSVRC2012_IDS[class_of_wnid("n03255030")]) == (1, 1000)


def test_a_part_of_the_validation_set_goes_by_the_numbers_in_its_names(root):
    put_flat(root / "val", 6)
    for number in (1, 2, 3, 5):
        (root / "val" / f"ILSVRC2012_val_{number:08}.JPEG").unlink()
    put(root / "val" / "holiday.jpg", 99)
    write_ids(
        root / "ILSVRC2012_devkit_t12" / "data" / "ILSVRC2012_validation_ground_truth.txt",
        [ILSVRC2012_IDS[label] for label in FIRST_CLASSES],
    )
    assert offered() == {VAL: sorted([(FIRST_CLASSES[3], 4), (FIRST_CLASSES[5], 6)])}
    assert left_out("own-val") == ("Left out: 1 image without a label in the list.",)


@pytest.fixture
def unknown_numbers(root):
    """A flat folder whose ground truth is of other images: tench and kit fox by the kit's numbers."""
    put_flat(root / "val", 2)
    write_ids(root / "ILSVRC2012_validation_ground_truth.txt", [449, 1])
    return root


def test_a_ground_truth_of_unknown_numbering_is_refused_in_a_sentence(unknown_numbers):
    assert offered() == {"val": [(None, 1), (None, 2)]}
    (sentence,) = said()
    assert "What the numbers in ILSVRC2012_validation_ground_truth.txt mean is unknown" in sentence
    assert "Put meta.mat of the development kit beside it, or sort the images into a folder for each class." in sentence
    with pytest.raises(DataUnavailable, match="What the numbers in"):
        find_data_set(datasets.VAL, unknown_numbers)


def test_meta_mat_beside_it_says_what_the_numbers_mean(unknown_numbers):
    rows = [(449, TENCH, 0), (1, "n02119789", 0), (1001, "n00001740", 2)]
    synsets = np.zeros(
        len(rows), dtype=[("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("gloss", "O"), ("num_children", "O")]
    )
    for place, (number, wnid, children) in enumerate(rows):
        synsets[place] = (number, wnid, "words", "gloss", children)
    savemat(unknown_numbers / "meta.mat", {"synsets": synsets.reshape(-1, 1)})
    assert offered() == {VAL: [(0, 1), (278, 2)]}


def test_so_does_map_clsloc(unknown_numbers):
    (unknown_numbers / "map_clsloc.txt").write_text(f"{TENCH} 449 tench\nn02119789 1 kit_fox\n")
    assert offered() == {VAL: [(0, 1), (278, 2)]}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ILSVRC2012_validation_ground_truth.txt", "", "expected one whole number a line"),
        (
            "ILSVRC2012_validation_ground_truth.txt",
            "val/ILSVRC2012_val_00000001.JPEG 65\n",
            "expected one whole number a line",
        ),
        (
            "ILSVRC2012_validation_ground_truth.txt",
            "490\n361\n171\n822\n297\n482\n13\n704\n599\n164\n1001\n",
            "names the class 1001",
        ),
        ("LOC_val_solution.csv", "a,b\n1,2\n", "needs the columns ImageId and PredictionString"),
        (
            "LOC_val_solution.csv",
            "ImageId,PredictionString\nILSVRC2012_val_00000001,n00000000 1 1 1 1\n",
            "no ImageNet class folder called 'n00000000'",
        ),
    ],
)
def test_a_list_that_is_none_is_refused_in_a_sentence(root, name, text, words):
    put_flat(root / "val", 2)
    (root / name).write_text(text)
    assert offered() == {"val": [(None, 1), (None, 2)]}
    assert words in said()[0]


def test_a_damaged_meta_mat_is_refused_in_a_sentence(unknown_numbers):
    (unknown_numbers / "meta.mat").write_bytes(b"no MAT file at all")
    assert "meta.mat is not that of ImageNet's development kit." in said()[0]


def test_a_list_of_labels_is_not_followed_as_a_link(root, tmp_path):
    put_flat(root / "val", 1)
    (tmp_path / "elsewhere.csv").write_text(f"ImageId,PredictionString\nILSVRC2012_val_00000001,{TENCH} 1 1 1 1\n")
    (root / "LOC_val_solution.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert offered() == {"val": [(None, 1)]}


# What is not recognised


def test_a_folder_in_no_layout_gets_one_sentence(root):
    put(root / "holiday" / "2019" / "a.png", 1)
    put(root / "holiday" / "2020" / "b.png", 2)
    (root / "holiday" / "notes.txt").touch()
    (root / "empty" / "deeper").mkdir(parents=True)
    (root / "system" / "@eaDir").mkdir(parents=True)
    assert offered() == {}
    assert said() == (
        f"The folder holiday holds nothing that is recognised: {discovery.UNDERSTOOD}. It holds 2 folders, 2 images, 1 "
        "file of another type.",
    )


def test_numbered_classes_under_an_unknown_name_are_said(root):
    """MNIST's ten digits lie like that too, so that nothing says which classes are meant."""
    put_classes(root / "test set" / "images", by_number=True)
    assert offered() == {}
    assert "It holds 3 folders, 2 images." in said()[0]


def test_beside_a_set_that_is_found_the_rest_is_said(root):
    put_classes(root / "ILSVRC" / "Data" / "CLS-LOC" / "val")
    put(root / "ILSVRC" / "Data" / "CLS-LOC" / "test" / "x.JPEG", 1)
    assert offered() == {VAL: BOTH}
    (sentence,) = said()
    assert sentence.startswith("The folder ILSVRC/Data/CLS-LOC/test holds nothing that is recognised")


def test_sentences_and_steps_have_an_end(root, monkeypatch):
    for number in range(12):
        (root / f"folder{number}").mkdir()
        (root / f"folder{number}" / "notes.txt").touch()
    assert len(said()) == discovery.MOST_REMARKS + 1
    assert " ".join(said()).count(discovery.UNDERSTOOD) == 1
    assert said()[-1] == "There are more folders in which nothing is recognised."
    monkeypatch.setattr(discovery, "MOST_FOLDERS", 5)
    monkeypatch.setattr(discovery, "_scans", {})
    assert said()[-1].startswith("Only the first 5 folders were looked into")


def test_a_disk_is_not_scanned(own_cache, root, monkeypatch):
    deep = root
    for number in range(discovery.DEEPEST + 3):
        deep /= f"d{number}"
    put_classes(deep)
    looked = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(path) or scandir(path))
    assert offered() == {}
    below = [path.relative_to(root).parts for path in looked if Path(path).is_relative_to(root)]
    assert below
    assert max(map(len, below)) <= discovery.DEEPEST + 2


def test_no_sentence_names_a_path_of_the_server(farm):
    put(farm / "holiday" / "x" / "a.png", 1)
    assert not any(str(farm.parent) in sentence for sentence in said())


# One folder for a command


@pytest.mark.parametrize("pointed_at", ["", "ILSVRC", "ILSVRC/Data", "ILSVRC/Data/CLS-LOC", "ILSVRC/Data/CLS-LOC/val"])
def test_a_command_finds_the_set_from_any_folder_around_it(root, pointed_at):
    put_classes(root / "ILSVRC" / "Data" / "CLS-LOC" / "val")
    found = labelled_images(root / pointed_at)
    assert [(path.name, label) for path, label in found.files] == [("a.JPEG", 0), ("a.JPEG", 6)]
    assert found.sentences == (f"{VAL}: 2 images of 2 classes.",)


def test_a_command_takes_the_validation_set_of_several_and_else_asks(root):
    put_classes(root / "val")
    put_classes(root / "imagenet-a")
    assert labelled_images(root).title == VAL
    (root / "val").rename(root / "mine")
    with pytest.raises(
        BadInput,
        match=r"^There are 2 sets of labelled images in this folder: ImageNet-A, mine\. Name the folder of one\.$",
    ):
        labelled_images(root)


def test_a_command_gets_the_protocol_of_the_set(root):
    put_classes(root / "imagenet_a")
    found = labelled_images(root / "imagenet_a")
    assert (len(found.classes_compared), found.centre_crop_only, found.sentences) == (
        200,
        False,
        ("ImageNet-A: 2 images of 2 classes.",),
    )


def test_a_command_is_pointed_at_one_condition(root):
    put_classes(root / "imagenet-c" / "weather" / "fog" / "3")
    with pytest.raises(
        BadInput, match=r"^ImageNet-C has 1 conditions; name the folder of one, such as .*/weather/fog/3\.$"
    ):
        labelled_images(root / "imagenet-c")
    found = labelled_images(root / "imagenet-c" / "weather" / "fog" / "3")
    assert (found.title, len(found.files), found.centre_crop_only) == ("ImageNet-C fog/3", 2, True)


def test_a_command_says_what_is_left_out(farm):
    put(farm / "val" / TENCH / "b.JPEG", 3)
    assert labelled_images(farm / "val").sentences == (
        f"{VAL}: 1 image of 1 class.",
        "Left out: 1 class folder without images; 2 links.",
        LINKS_ADVICE,
    )


def test_a_command_without_labelled_images_says_why(farm, root):
    with pytest.raises(
        BadInput,
        match=r"^There are no images with labels in this folder; .* It holds 2 folders, 2 links\. Links are not "
        r"followed",
    ):
        labelled_images(farm / "val")
    put(root / "plain" / "a.png", 1)
    with pytest.raises(BadInput, match=r"What it holds is not labelled: plain\."):
        labelled_images(root / "plain")
    with pytest.raises(BadInput, match="There is no folder"):
        labelled_images(root / "gone")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_are_shown_and_read(root):
    put_classes(root / "mine" / "a\nb")
    assert offered() == {"mine/a b": BOTH}
