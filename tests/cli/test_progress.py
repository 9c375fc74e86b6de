import io
import re
from contextlib import redirect_stderr

import pytest

from robust_core.cli.progress import follow
from robust_core.events import Progress


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def work():
    yield from (Progress(done, 100, "images", "predicting") for done in range(0, 100, 4))
    return "result"


def test_a_log_gets_a_line_per_ten_percent(capsys):
    assert follow("me", work()) == "result"
    printed, log = capsys.readouterr()
    assert printed == ""
    lines = log.splitlines()
    assert len(lines) == 10
    assert lines[0] == "me: predicting 0 of 100 images (0%)"
    assert lines[-1].endswith("(92%)")


def test_a_terminal_gets_one_line_that_rewrites_itself_and_goes(capsys):
    with redirect_stderr(Terminal()) as terminal:
        assert follow("me", work()) == "result"
    shown = terminal.getvalue()
    assert "me" in shown
    assert "\n" not in shown
    assert re.search(r"\r +\r$", shown), "the line is blank in the end"
    assert capsys.readouterr().out == ""


def test_a_bar_counts_each_phase_from_its_own_beginning():
    def phases():
        yield Progress(1_000_000, 2_000_000, "bytes", "downloading")
        yield Progress(1, 4, "files", "unpacking")
        yield Progress(0, None, "files", "looking")

    with redirect_stderr(Terminal()) as terminal:
        follow("set", phases())
    shown = terminal.getvalue()
    for bar in (r"set: downloading: +0%\|.*0\.00/2\.00M", r"set: unpacking: +0%\|.*0/4", r"set: looking: 0 files"):
        assert re.search(bar, shown), bar


def test_the_line_goes_after_a_failure_too():
    def failing():
        yield Progress(1, 2, "steps")
        raise RuntimeError("broken")

    with redirect_stderr(Terminal()) as terminal, pytest.raises(RuntimeError, match="broken"):
        follow("me", failing())
    assert terminal.getvalue().endswith("\r")
