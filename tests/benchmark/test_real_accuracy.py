"""ReaL accuracy in the runner: from the names of files and stored predictions, for runs of before as well."""

import csv

import pytest

from robust_core.benchmark import stored_runs
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import run
from robust_core.benchmark.stored_runs import run_of
from robust_core.data.real_labels import real_labels
from robust_core.events import result_of
from tests.benchmark.trees import EncodedImage, drawings, write_by_wnid

NUMBERS = (1, 2, 3, 4, 5, 6)  # image 1 has no ReaL label


@pytest.fixture
def data(tmp_path):
    """Six drawings under the names of the first validation images."""
    named = [
        EncodedImage(f"ILSVRC2012_val_{number:08}.JPEG", image.label, image.data)
        for number, image in zip(NUMBERS, drawings(len(NUMBERS)), strict=True)
    ]
    write_by_wnid(tmp_path / "data" / "val", named)
    return tmp_path / "data"


def numbers_of(config, store):
    return {row.metric: row for row in result_of(run(config, store=store)).results}


def predicted_labels(config, store):
    (predictions,) = run_of(config.identity, store).predictions().values()
    return predictions["label"].tolist()


def test_images_without_labels_are_left_out_and_the_others_judged_by_all_of_theirs(tiny, data, tmp_path):
    config = RunConfig("imagenet", tiny.key, data)
    found = numbers_of(config, tmp_path / "store")
    labels = predicted_labels(config, tmp_path / "store")
    right = [label in real_labels(number) for number, label in zip(NUMBERS, labels, strict=True) if number != 1]
    assert (found["top1"].n, found["real_accuracy"].n) == (6, 5)
    assert found["real_accuracy"].value == pytest.approx(100 * sum(right) / 5)
    assert found["real_accuracy"].interval.n == 5
    assert "ReaL labels" in found["real_accuracy"].protocol


def test_a_prediction_that_only_real_counts_right_raises_real_accuracy_alone(tiny, data, tmp_path):
    config = RunConfig("imagenet", tiny.key, data)
    store = tmp_path / "store"
    numbers_of(config, store)
    stored = run_of(config.identity, store)
    (name,) = stored.identity["units"]
    unit = dict(stored.read_unit(name))
    unit["label"] = unit["label"].copy()
    unit["label"][:] = [0, 970, 231, 0, 0, 0]  # of 2 and of 3 among several, of the others never
    unit["correct"] = unit["correct"] & False
    stored.write_unit(name, unit)
    found = numbers_of(config, store)
    assert found["top1"].value == 0
    assert found["real_accuracy"].value == pytest.approx(100 * 2 / 5)


def test_a_run_of_before_gets_the_number_when_it_is_run_again_and_nothing_is_computed(tiny, data, tmp_path):
    config, store = RunConfig("imagenet", tiny.key, data), tmp_path / "store"
    first = result_of(run(config, store=store))
    table = first.run.folder / "results.csv"
    with table.open(newline="") as file:
        lines = [line for line in csv.reader(file) if line[3] != "real_accuracy"]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    assert {row.metric for row in first.run.results()} == {"top1", "top5"}, "stored before there were ReaL labels"
    again = result_of(run(config, store=store))
    assert again.computed == 0
    assert again.results == first.results == stored_runs.Run(again.run.folder).results()


def test_other_images_have_no_real_accuracy(tiny, tree, tmp_path):
    assert "real_accuracy" not in numbers_of(RunConfig("imagenet", tiny.key, tree), tmp_path)
    assert "real_accuracy" not in numbers_of(RunConfig("imagenet_a", tiny.key, tree), tmp_path)
