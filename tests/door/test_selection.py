"""One seed selects the same images of a folder on a page, in the terminal, in a notebook and in a benchmark."""

import numpy as np
import pytest
from PIL import Image

import robust_core as rc
from robust_core import data
from robust_core.benchmark.plans import make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN
from robust_core.data.selection import select
from robust_core.data.stimulus_sets import folder_set
from robust_core.labels import CLASSES

SEEDS = pytest.mark.parametrize("seed", [0, 5])
FOG = "corruption=fog severity=3"
WNIDS = [CLASSES[label].wnid for label in (1, 5, 7)]


def put(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((224, 224, 3), level, np.uint8)).save(path)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Each image is known by its level, whatever its file is called: class folders, one with a subfolder; a corrupted
    set; plain images.
    """
    for place, wnid in enumerate(WNIDS):
        for number in range(4):
            below = f"more/{number}.png" if number == 3 else f"photo {number}.png"
            put(tmp_path / "val" / wnid / below, 20 * place + number)
            put(tmp_path / "imagenet-c" / "fog" / "3" / wnid / f"{number}.png", 20 * place + number)
    for number in range(9):
        put(tmp_path / "plain" / f"{number}.png", number)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    return tmp_path


def levels(images):
    return [int(image.rgb[0, 0, 0]) for image in images]


def on_a_page(key, n, seed, condition=None):
    return levels(data.read(sample.id) for sample in data.draw(key, n, seed, condition=condition))


def in_a_benchmark(config):
    plan = make_plan(config)
    return [
        int(plan.images[unit.condition].load(place).levels[0, 0, 0]) for unit in plan.units for place in unit.places
    ]


@SEEDS
def test_a_labelled_folder(root, seed):
    page = on_a_page("own-val", 5, seed)
    assert len(set(page)) == 5
    assert levels(data.labelled_images(root / "val").draw(5, seed)) == page
    for labels in ("wnid", "folder", None):
        assert levels(rc.load_images(root / "val", 5, seed=seed, labels=labels)) == page
    assert levels(rc.load_images(str(root / "val"), 3, seed=seed)) == page[:3]
    assert in_a_benchmark(RunConfig("imagenet", "mobilenet_v2", root, limit=5, seed=seed)) == page


@SEEDS
def test_a_condition(root, seed):
    folder = root / "imagenet-c" / "fog" / "3"
    page = on_a_page("own-imagenet-c", 5, seed, condition="fog/3")
    assert levels(data.labelled_images(folder).draw(5, seed)) == page
    for labels in ("wnid", None):
        assert levels(rc.load_images(folder, 5, seed=seed, labels=labels)) == page
    config = RunConfig("imagenet_c", "mobilenet_v2", root, limit=5, seed=seed, only=FOG)
    assert in_a_benchmark(config) == page


@SEEDS
def test_plain_images(root, seed):
    assert levels(rc.load_images(root / "plain", 4, seed=seed, labels=None)) == on_a_page("own-plain", 4, seed)


@SEEDS
def test_the_bundled_images(seed):
    page = [sample.id for sample in data.draw("foolbox", 5, seed)]
    assert [f"foolbox/{one}" for one in rc.load_images("foolbox", 5, seed=seed).ids] == page
    config = RunConfig("imagenet", "mobilenet_v2", limit=5, seed=seed, images="Photographs from Foolbox")
    plan = make_plan(config)
    assert [plan.images[""].files[place][0] for place in plan.units[0].places] == page


@SEEDS
@pytest.mark.parametrize("by_category", [False, True])
def test_cue_conflicts(root, seed, by_category):
    names = [f"airplane{number}-bicycle2.png" for number in range(1, 7)] + ["bear3-clock1.png", KEPT_BY_ORHAN]
    for name in names:
        category = name.rstrip("0123456789.png").split("-")[0].rstrip("0123456789") if by_category else ""
        put(root / "cue-conflict" / category / name, 0)
    page = folder_set(root / "cue-conflict", seed=seed, as_orhan=True).ids[:4]
    plan = make_plan(RunConfig("shape_bias", "mobilenet_v2", root, limit=4, seed=seed))
    assert tuple(plan.images[""].stimuli.ids[place] for place in plan.units[0].places) == page


def test_equal_names_stay_in_their_order_and_nothing_else_matters():
    names = ["a", "b", "c", "a", "d"]
    every = select(names, None, 3)
    assert sorted(every) == list(range(5))
    assert every.index(3) == every.index(0) + 1
    assert select(names, 2, 3) == every[:2]
    shuffled = select(names[::-1], None, 3)
    assert [names[::-1][place] for place in shuffled] == [names[place] for place in every]
