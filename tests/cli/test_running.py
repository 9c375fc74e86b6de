import os
import subprocess
import sys

import pytest

from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.settings import ROOT
from robust_core.terminal import INTERRUPTED, NO_READER, follow, run_command, whole_number


def work():
    yield from (Progress(done, 100, "pictures", "answering") for done in range(0, 100, 4))
    yield "result"


def test_a_log_gets_a_line_per_ten_percent(capsys):
    assert follow("me", work()) == "result"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0] == "me: answering 0 of 100 pictures (0%)"
    assert lines[-1].endswith("(92%)")


def test_a_terminal_gets_one_line_that_rewrites_itself(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    follow("me", work())
    out = capsys.readouterr().out
    assert out.count("\r") == 26
    assert "\n" not in out
    assert out.endswith("\r\033[K")


def test_the_line_is_cleared_after_a_failure_too(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    def failing():
        yield Progress(1, 2, "steps")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        follow("me", failing())
    assert capsys.readouterr().out.endswith("\r\033[K")


def test_a_command_ends_with_its_own_code(capsys):
    assert [run_command(lambda: None), run_command(lambda: 3)] == [0, 3]

    def fail():
        raise BadInput("No such thing.")

    def stop():
        raise KeyboardInterrupt

    assert run_command(fail) == 1
    assert run_command(stop, stopped="Stopped; kept.") == INTERRUPTED
    assert capsys.readouterr().err == "No such thing.\n\nStopped; kept.\n"
    complaints = []
    assert run_command(fail, complain=complaints.append) == 1
    assert [str(error) for error in complaints] == ["No such thing."]


def test_a_mistake_of_the_program_still_crashes():
    with pytest.raises(ZeroDivisionError):
        run_command(lambda: 1 // 0)


@pytest.mark.parametrize("number", [1, 3, 7])
def test_a_whole_number_in_its_range_passes(number):
    assert whole_number("--n", number, 1, 7) == number
    assert whole_number("--n", number, 1) == number


@pytest.mark.parametrize(("number", "most", "range_"), [(0, 7, "from 1 to 7"), (8, 7, "from 1 to 7"), (-3, None, "from 1 on"), (5000, 2000, "from 1 to 2,000")])
def test_a_whole_number_out_of_range_names_its_option(number, most, range_):
    with pytest.raises(BadInput, match=rf"^--n must be a whole number {range_}; got {number}\.$"):
        whole_number("--n", number, 1, most)


@pytest.mark.parametrize("command", ["models list", "benchmark list", "benchmark show", "samples list", "cue_conflict mini_resnext --n 1"])
def test_a_command_whose_reader_is_gone_ends_without_a_word(command):
    module, *arguments = command.split()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ended = subprocess.run([sys.executable, "-m", f"robust_core.{module}", *arguments], cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (NO_READER, b"")
