"""Labelled images of the user's own take the place of an experiment's, under their own title, and on no board of the
published set.
"""

import pytest

from robust_core.benchmark.checking import config_for, is_here
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.labelled_sets import fitting_sets, images_of, in_words, on_its_folder
from robust_core.benchmark.leaderboard import board_of
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import run
from robust_core.data import foolbox
from robust_core.errors import BadInput, DataUnavailable, UnknownName
from robust_core.events import result_of
from tests.benchmark.trees import drawings, write_by_wnid, write_imagenet_c

IMAGES = drawings(6)


@pytest.fixture(autouse=True)
def bundled(monkeypatch):
    """No images but those of the test."""
    monkeypatch.setattr(foolbox, "_images", tuple)


@pytest.fixture
def data(tmp_path):
    """The validation set, ImageNet-A, a set of one's own, and a corrupted one."""
    write_by_wnid(tmp_path / "data" / "val", IMAGES)
    write_by_wnid(tmp_path / "data" / "mine", IMAGES[:4])
    write_by_wnid(tmp_path / "data" / "imagenet_a", drawings(2, (6,)))
    write_imagenet_c(tmp_path / "data" / "stored", IMAGES[:2], ["fog"], [3])
    return tmp_path / "data"


def test_the_sets_that_fit_lie_as_the_experiments_own_images_do(data):
    fitting = {key: list(fitting_sets(row, data)) for key, row in EXPERIMENTS.items()}
    flat = {"imagenet", "pgd", "black_box", "white_box_eps", "white_box_steps"}
    assert {key: titles for key, titles in fitting.items() if titles} == {
        **dict.fromkeys(flat, ["ImageNet-A", "mine"]),
        "imagenet_c": ["stored"],
    }
    assert list(fitting_sets(EXPERIMENTS["imagenet"], None)) == []


def test_the_bundled_images_fit_without_a_data_folder(monkeypatch):
    monkeypatch.undo()
    if not foolbox.Foolbox().by_id():
        pytest.skip("Foolbox is not installed")
    config = RunConfig("imagenet", "resnet50", None, images="Photographs from Foolbox")
    assert list(fitting_sets(config.experiment, None)) == ["Photographs from Foolbox"]
    assert len(list(images_of(config).files(None))) == 20
    assert in_words(config) == ()


def test_own_images_give_their_own_numbers_under_their_own_title(tiny, data, tmp_path):
    own = RunConfig("imagenet", "tiny", data, images="mine")
    found = result_of(run(own, store=tmp_path / "store"))
    published = result_of(run(RunConfig("imagenet", "tiny", data), store=tmp_path / "store"))
    assert ({row.n for row in found.results}, {row.n for row in published.results}) == ({4}, {6})
    assert found.run.folder != published.run.folder
    assert {row.benchmark for row in found.results} == {"ImageNet, images of mine"}
    assert all(row.protocol.startswith("Images of mine") for row in found.results)
    assert not {board_of(row) for row in found.results} & {board_of(row) for row in published.results}
    assert [config_for(row, data) for row in found.results] == [None] * len(found.results)


def test_an_attack_on_own_images(tiny, data, tmp_path):
    rows = result_of(
        run(
            RunConfig("white_box_steps", "tiny", data, images="mine", without=("every_other_picture",)),
            store=tmp_path / "store",
        )
    ).results
    assert {row.n for row in rows} == {4}


def test_the_images_of_a_run_that_says_nothing_of_them_are_what_they_were(data):
    assert "images" not in RunConfig("imagenet", "resnet50", data).identity
    assert images_of(RunConfig("imagenet", "resnet50", data)).title == "ImageNet validation set"
    assert "Images of" not in RunConfig("imagenet", "resnet50", data).protocol


def test_a_folder_that_is_itself_a_labelled_set_is_taken_under_its_name(data):
    config = on_its_folder(RunConfig("imagenet", "resnet50", data / "mine"))
    assert config.images == "mine"
    assert len(list(images_of(config).files(None))) == 4
    assert on_its_folder(RunConfig("imagenet", "resnet50", data)).images == ""
    assert on_its_folder(RunConfig("imagenet", "resnet50", data / "val")).images == ""
    assert on_its_folder(RunConfig("imagenet_r", "resnet50", data / "mine")).images == ""


def test_what_does_not_fit_is_refused(data):
    with pytest.raises(UnknownName, match="no labelled set of images called 'minne'; the nearest are mine"):
        images_of(RunConfig("imagenet", "resnet50", data, images="minne"))
    with pytest.raises(UnknownName):
        images_of(RunConfig("imagenet", "resnet50", data, images="stored"))
    with pytest.raises(BadInput, match="ImageNet-R is about images of its own"):
        RunConfig("imagenet_r", "resnet50", data, images="mine")
    with pytest.raises(DataUnavailable, match="needs a folder of images"):
        images_of(RunConfig("imagenet", "resnet50", None))


def test_what_is_here_and_what_is_left_out_is_said(data, tiny, monkeypatch):
    (data / "val" / "notes.txt").touch()
    assert in_words(RunConfig("imagenet", "tiny", data)) == ("Left out: 1 file of another type.",)
    assert in_words(RunConfig("imagenet_c", "tiny", data, images="stored")) == ("1 of 75 conditions are here.",)
    assert in_words(RunConfig("mini", "mini_resnext")) == ()
    monkeypatch.setattr("robust_core.benchmark.checking.weights.present", lambda spec: True)
    monkeypatch.setattr("robust_core.benchmark.checking.get_spec", lambda key: tiny)
    assert is_here(RunConfig("imagenet", "tiny", data, images="mine"))
    assert not is_here(RunConfig("imagenet", "tiny", data, images="gone"))
