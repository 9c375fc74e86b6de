"""`simplicity-biases`, `cue-removal` and `gradient-alignment`: the numbers of the front door, as lines and as CSV."""

import re

import pytest

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
MODELS = ("--model", "mini_resnext", "mini_resnext_at8")
KEYS = ["mini_resnext", "mini_resnext_at8"]


def images():
    return rc.draw_images("mini", 16, seed=2)


def test_biases_print_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    command = ["simplicity-biases", *MODELS, "--n", "16", "--seed", "2", "--sigma", "0.2", "--out", str(file)]
    assert main(command) == 0
    found = rc.simplicity_biases(KEYS, images(), sigma=0.2, seed=2, progress=False)
    rows = read_rows(file)
    assert [float(row["value"]) for row in rows] == pytest.approx(found.frame["value"].to_list())
    printed = capsys.readouterr().out
    assert all(sentence in printed for sentence in found.sentences())
    assert len(re.findall(r"^mini_resnext_at8 +layer4\.0\.relu", printed, re.MULTILINE)) == 3
    kernels = found.frame.query("measure == 'kernel_total_variation'")["value"].iloc[0]
    assert re.search(rf"^mini_resnext +conv1 +{kernels:.2f} \[.*n = 32 filters$", printed, re.MULTILINE)


def test_cues_print_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main(["cue-removal", *MODELS, "--n", "16", "--seed", "2", "--out", str(file)]) == 0
    found = rc.cue_removal(KEYS, images(), seed=2, progress=False)
    accuracy = found.frame["accuracy_percent"].to_list()
    assert [float(row["accuracy_percent"]) for row in read_rows(file)] == pytest.approx(accuracy)
    printed = re.findall(r"^mini_\w+ +\w+ +[a-z ]+ 16   ([\d.]+) \[", capsys.readouterr().out, re.MULTILINE)
    assert list(map(float, printed)) == pytest.approx(accuracy, abs=0.0501)


def test_alignment_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main(["gradient-alignment", *MODELS, "--n", "16", "--seed", "2", "--out", str(file)]) == 0
    found = rc.gradient_alignment(KEYS, images(), progress=False)
    assert [float(row["cosine"]) for row in read_rows(file)] == pytest.approx(found.frame["cosine"].to_list())
    assert re.search(r"^mini_resnext +mini_resnext_at8 +16   0\.\d\d \[", capsys.readouterr().out, re.MULTILINE)


def test_what_photos_do_not_allow_is_said(capsys):
    assert main(["cue-removal", "--model", "mini_resnext", "--images", "foolbox", "--n", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2 images of “")
    assert "Left out: stylised and silhouette" in printed


def test_a_sigma_out_of_range_is_a_sentence(capsys):
    assert main(["simplicity-biases", *MODELS, "--n", "1", "--sigma", "7"]) == 1
    assert "sigma must be a number from 0.001 to 1; got 7" in capsys.readouterr().err
