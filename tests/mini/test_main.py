import csv

import numpy as np
import pytest
from PIL import Image

from robust_core.events import Progress
from robust_core.mini.__main__ import followed, main
from robust_core.mini.seeds import record_of
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.splits import CONFLICT, render


def test_render_writes_pictures_and_what_is_in_them(tmp_path):
    assert main(["render", "--out", str(tmp_path), "--split", "conflict", "--count", "5"]) == 0
    with (tmp_path / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pictures = render(CONFLICT, 0, 5)
    assert [row["shape"] for row in rows] == [CATEGORIES[index] for index in pictures.shape]
    assert [row["texture"] for row in rows] == [CATEGORIES[index] for index in pictures.texture]
    levels = np.array(Image.open(tmp_path / rows[3]["file"]))
    assert np.array_equal(levels, (pictures.pixels[3] * 255).round().byte().permute(1, 2, 0).numpy())


def test_sheet_writes_pictures_to_look_at(tmp_path):
    assert main(["sheet", "--out", str(tmp_path)]) == 0
    sizes = {path.stem: Image.open(path).size for path in tmp_path.iterdir()}
    assert sizes.keys() == {"silhouettes", "textures", "test", "stream", "test_hard", "conflict"}
    assert set(sizes.values()) == {(16 * 66, 4 * 66)}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["render", "--out", "{tmp}", "--split", "tset"], "nearest are test"),
        (["render", "--out", "{tmp}", "--count", "5000"], "--count must be a whole number from 1 to 2,048; got 5000."),
        (["train", "--out", "{tmp}", "--model", "mini_resnet"], "nearest are mini_resnext"),
    ],
)
def test_a_wrong_name_is_one_sentence_on_stderr(tmp_path, capsys, arguments, sentence):
    assert main([argument.format(tmp=tmp_path) for argument in arguments]) == 1
    assert sentence in capsys.readouterr().err


def test_train_names_the_file_and_compares_with_the_shipped_model(few_recipes, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("robust_core.mini.__main__.count_correct", lambda network, pictures: Shown)
    assert main(["train", "--model", "attacked", "--out", str(tmp_path), "--precision", "float32"]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "attacked.safetensors") in out
    assert "clean accuracy 1 of 2; shipped not measured" in out


def test_seeds_trains_and_measures_the_others_beside_each_other(tmp_path, capsys, monkeypatch):
    calls = []
    monkeypatch.setattr("robust_core.mini.__main__.measure_seed", lambda *arguments: calls.append(arguments) or ["family"])
    assert main(["seeds", "--out", str(tmp_path), "--device", "cpu", "--precision", "float32"]) == 0
    assert calls == [(seed, record_of(seed), tmp_path / f"seed_{seed}", "cpu", "float32") for seed in (1, 2)]
    assert "seed_2.json" in capsys.readouterr().out


class Shown:
    interval = "1 of 2"


def test_progress_is_followed_to_the_result(capsys):
    events = [Progress(done, 200, "steps", "at work") for done in range(1, 201)]
    assert followed([*events, "result"]) == "result"
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "at work: 200 of 200 steps"
