import os
import subprocess
import sys
from argparse import Namespace

import pytest

from robust_core import settings
from robust_core.cli import main
from robust_core.cli.running import INTERRUPTED, NO_READER, check_options, on_device, run_command
from robust_core.errors import BadInput, WeightsUnavailable
from robust_core.settings import ROOT


def test_a_command_ends_with_its_own_code(capsys):
    assert [run_command(lambda: None), run_command(lambda: 3)] == [0, 3]

    def fail():
        raise BadInput("No such thing.")

    def stop():
        raise KeyboardInterrupt

    assert run_command(fail) == 1
    assert run_command(stop, stopped="Stopped; kept.") == INTERRUPTED
    assert capsys.readouterr().err == "No such thing.\n\nStopped; kept.\n"


def test_an_error_about_weights_says_where_they_are_looked_for(capsys):
    def fail():
        raise WeightsUnavailable("There are none.")

    assert run_command(fail) == 1
    assert capsys.readouterr().err == f"There are none.\nThe weights folder is {settings.weights_dir()}.\n"


def test_a_mistake_of_the_program_still_crashes():
    with pytest.raises(ZeroDivisionError):
        run_command(lambda: 1 // 0)


@pytest.mark.parametrize(("name", "number"), [("n", 0), ("n", -1), ("seed", -1)])
def test_the_vocabulary_is_checked_before_any_work(name, number):
    with pytest.raises(BadInput, match=rf"^--{name} must be a whole number from"):
        check_options(Namespace(**{name: number}))
    check_options(Namespace(n=1, seed=0, out=None))


def test_a_place_where_nothing_can_be_written_is_said_before_any_work(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for name, path in (
        ("out", tmp_path),
        ("out", tmp_path / "file" / "numbers.csv"),
        ("to", tmp_path / "file"),
        ("to", tmp_path / "file" / "below"),
    ):
        with pytest.raises(BadInput, match=rf"cannot be written; --{name} expects"):
            check_options(Namespace(**{name: path}))
    for name, path in (
        ("out", tmp_path / "file"),
        ("out", tmp_path / "new" / "numbers.csv"),
        ("to", tmp_path),
        ("to", tmp_path / "new" / "folder"),
    ):
        check_options(Namespace(**{name: path}))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("before", [None, "cuda"])
def test_the_device_is_that_of_the_option_as_long_as_the_command_runs(monkeypatch, before):
    monkeypatch.delenv("ROBUST_LAB_DEVICE", raising=False)
    if before:
        monkeypatch.setenv("ROBUST_LAB_DEVICE", before)
    with on_device("cpu"):
        assert settings.device_name() == "cpu"
    with on_device(None):
        assert settings.device_name() == before
    assert settings.device_name() == before


@pytest.mark.parametrize("words", ["attribute --model mini_resnext", "mini train --model mini_resnext"])
def test_a_device_that_is_none_is_a_sentence(words, capsys, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    assert main([*words.split(), "--device", "gpu"]) == 1
    assert "'gpu'" in (complaint := capsys.readouterr().err)
    assert complaint.count("\n") == 1
    assert settings.device_name() == "cpu"


@pytest.mark.parametrize(
    "words", ["models list", "benchmark list", "benchmark show", "data list", "shape-bias --model mini_resnext --n 1"]
)
def test_a_command_whose_reader_is_gone_ends_without_a_word(words):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ended = subprocess.run(
            [sys.executable, "-m", "robust_core", *words.split()],
            cwd=ROOT,
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.returncode == NO_READER
    assert b"Error" not in ended.stderr
