"""`mix`: the numbers of `rc.mix`, as lines and as CSV."""

import re

import pytest

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")
COMMAND = ("mix", "--model", "mini_resnext", "mini_resnext_at8", "--n", "8")


def test_it_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    attack = ("--eps", "8/255", "--steps", "2", "--corruption", "fog", "--severity", "2", "--seed", "1")
    assert main([*COMMAND, "--alpha", "0", "0.5,0.5", "1", *attack, "--out", str(file)]) == 0
    found = rc.mix(
        ["mini_resnext", "mini_resnext_at8"],
        rc.load_images("mini", 8, seed=1),
        alphas=[0, 0.5, 1],
        eps="8/255",
        steps=2,
        condition=rc.Condition("fog", 2, seed=1),
        seed=1,
        progress=False,
    )
    rows = read_rows(file)
    assert [row["mix"] for row in rows] == found.frame["mix"].to_list()
    assert [float(row["accuracy_percent"]) for row in rows] == found.frame["accuracy_percent"].to_list()
    assert {row["images"] for row in rows} == {"clean", "corrupted", "attacked"}
    printed = capsys.readouterr().out
    clean = [f"{one:.1f}" for one in found.frame.query("images == 'clean'")["accuracy_percent"]]
    lines = re.findall(r"^(\d+\.\d) \[.* \d+\.\d {3}(.*)$", printed, re.MULTILINE)
    assert lines == list(zip(clean, found.frame["mix"].unique(), strict=True))
    assert "An attack goes through the mixture itself" in printed
    best = found.best_in_words(["mini_resnext", "mini_resnext_at8"])
    assert best
    assert best in printed


def test_a_report_of_mixtures_is_run_again_and_agrees(capsys, tmp_path):
    pair = ["mini_resnext", "mini_resnext_at8"]
    found = rc.mix(pair, rc.draw_images("mini", 4), "weights", 0.5, eps="8/255", steps=2, progress=False)
    report = found.save(tmp_path / "mixtures.html")
    assert main(["reopen", str(report)]) == 0
    printed = capsys.readouterr().out
    assert "mini_resnext_at8: SHA-256 of the weights" in printed
    assert "NO" not in printed.split()


def test_weights_say_on_which_images_batch_norm_statistics_are(capsys):
    assert main([*COMMAND, "--kind", "weights", "--alpha", "0.5"]) == 0
    printed = capsys.readouterr().out
    assert "recomputed on 256 images of Mini, none of them measured" in printed
    assert "attacked" not in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--alpha", "half"], "--alpha takes numbers, such as 0.9 or 0.5,0.25,0.25; got 'half'."),
        (["--alpha", "0.5,0.6"], "sum to 1"),
        (["--eps", "1/255", "2/255"], "got 2 for --eps"),
        (["--attack", "pgd", "fgsm", "--eps", "1/255"], "got 2 for --attack"),
        (["--corruption", "rain"], "no corruption called 'rain'"),
        (["--corruption", "fog", "--severity", "6"], "severity must be a whole number from 1 to 5"),
        (["--model", "efficientnet_lite0"], "other classes"),
    ],
)
def test_what_is_wrong_is_a_sentence(capsys, arguments, sentence):
    assert main([*COMMAND, *arguments]) == 1
    assert sentence in capsys.readouterr().err
