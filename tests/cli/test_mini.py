import csv

import numpy as np
import pytest
from PIL import Image

from robust_core.cli import main
from robust_core.intervals import wilson
from robust_core.mini.seeds import record_of
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.splits import CONFLICT, render
from tests.cli.tables import read_rows


def test_render_writes_images_and_what_is_in_them(tmp_path):
    assert main(["mini", "render", "--to", str(tmp_path), "--split", "conflict", "--n", "5"]) == 0
    with (tmp_path / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    images = render(CONFLICT, 0, 5)
    assert [row["shape"] for row in rows] == [CATEGORIES[index] for index in images.shape]
    assert [row["texture"] for row in rows] == [CATEGORIES[index] for index in images.texture]
    levels = np.array(Image.open(tmp_path / rows[3]["file"]))
    assert np.array_equal(levels, (images.pixels[3] * 255).round().byte().permute(1, 2, 0).numpy())


def test_sheet_writes_images_to_look_at(tmp_path):
    assert main(["mini", "sheet", "--to", str(tmp_path)]) == 0
    sizes = {path.stem: Image.open(path).size for path in tmp_path.iterdir()}
    assert sizes.keys() == {"silhouettes", "textures", "test", "stream", "test_hard", "conflict"}
    assert set(sizes.values()) == {(16 * 66, 4 * 66)}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["render", "--to", "{tmp}", "--split", "tset"], "nearest are test"),
        (["render", "--to", "{tmp}", "--n", "5000"], "--n must be a whole number from 1 to 2,048; got 5000."),
        (["train", "--to", "{tmp}", "--model", "mini_resnet"], "nearest are mini_resnext"),
    ],
)
def test_a_wrong_name_is_one_sentence_on_stderr(tmp_path, capsys, arguments, sentence):
    assert main(["mini", *(argument.format(tmp=tmp_path) for argument in arguments)]) == 1
    assert sentence in capsys.readouterr().err


def test_train_names_the_file_and_compares_with_the_shipped_model(few_recipes, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("robust_core.cli.mini.count_correct", lambda network, images: Shown)
    assert (
        main(
            [
                "mini",
                "train",
                "--model",
                "attacked",
                "--to",
                str(tmp_path),
                "--precision",
                "float32",
                "--out",
                str(tmp_path / "train.csv"),
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert str(tmp_path / "attacked.safetensors") in out
    assert "clean accuracy 1 of 2 [9.5%, 90.5%]; shipped not measured" in out
    (row,) = read_rows(tmp_path / "train.csv")
    assert (row["model"], row["seed"], row["n"], float(row["clean_accuracy_percent"])) == ("attacked", "0", "2", 50)


def test_seeds_trains_and_measures_the_others_beside_each_other(tmp_path, capsys, monkeypatch):
    calls = []

    def measure_seed(*arguments):
        calls.append(arguments)
        yield from ()

    monkeypatch.setattr("robust_core.cli.mini.measure_seed", measure_seed)
    assert main(["mini", "seeds", "--to", str(tmp_path), "--device", "cpu", "--precision", "float32"]) == 0
    assert calls == [(seed, record_of(seed), tmp_path / f"seed_{seed}", "cpu", "float32") for seed in (1, 2)]
    assert "seed_2.json" in capsys.readouterr().out


class Shown:
    interval = wilson(1, 2)
