import sys

import pytest

from robust_core.events import Progress
from robust_core.terminal import follow


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
