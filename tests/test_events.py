import pytest

from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, result_of
from tests.outcomes import events_and_result


def work(notes, fails=False):
    """Two events and a result; notes that it was left."""
    try:
        yield Progress(1, 2, "steps")
        if fails:
            raise BadInput("No such step.")
        yield "no progress"
        return "result"
    finally:
        notes.append("left")


def around(notes, **options):
    """Work that takes in another."""
    try:
        return (yield from work(notes, **options)), "more"
    finally:
        notes.append("left around")


def silent(result=None):
    yield from ()
    return result


def doubled(event):
    return 2 * [event]


def test_what_is_returned_is_the_result_and_no_event_is():
    notes = []
    assert result_of(work(notes)) == "result"
    assert result_of(around(notes)) == ("result", "more")
    assert notes == ["left", "left", "left around"]


@pytest.mark.parametrize("drive", [result_of, lambda work: result_of(mapped(work, doubled))])
def test_work_without_an_event_has_its_result_all_the_same(drive):
    assert drive(silent()) is None
    assert drive(silent(3)) == 3


def test_progress_alone_is_shown():
    shown = []
    assert result_of(work([]), shown.append) == "result"
    assert shown == [Progress(1, 2, "steps")]


def test_every_event_is_changed_and_the_result_is_not():
    events, result = events_and_result(mapped(work([]), doubled))
    assert events == [[Progress(1, 2, "steps")] * 2, ["no progress"] * 2]
    assert result == "result"


def test_none_leaves_an_event_out_and_nothing_else_does():
    events, result = events_and_result(mapped(work([]), lambda event: 0 if event == "no progress" else None))
    assert (events, result) == ([0], "result")


def test_nothing_runs_before_the_first_event_is_asked_for():
    notes = []
    mapped(around(notes), notes.append).close()
    assert notes == []


def test_closing_reaches_the_innermost_work():
    notes = []
    events = mapped(mapped(around(notes), doubled), doubled)
    next(events)
    assert notes == []
    events.close()
    assert notes == ["left", "left around"]


@pytest.mark.parametrize("drive", [result_of, lambda work: result_of(mapped(work, doubled))])
def test_what_the_work_raises_passes_through(drive):
    notes = []
    with pytest.raises(BadInput, match="No such step"):
        drive(around(notes, fails=True))
    assert notes == ["left", "left around"]


@pytest.mark.parametrize(
    "drive", [result_of, lambda work, broken: result_of(mapped(work, broken))], ids=["shown", "changed"]
)
@pytest.mark.parametrize("error", [ZeroDivisionError, StopIteration])
def test_what_the_caller_raises_on_an_event_closes_the_work(drive, error):
    """A StopIteration must not pass for the end of the work; a generator turns it into a RuntimeError."""
    notes = []

    def broken(event):
        raise error

    with pytest.raises((error, RuntimeError)):
        drive(around(notes), broken)
    assert notes == ["left", "left around"]


@pytest.mark.parametrize(
    ("done", "total", "fraction"), [(0, 4, 0.0), (1, 4, 0.25), (4, 4, 1.0), (5, 4, 1.0), (3, None, None), (0, 0, None)]
)
def test_fraction(done, total, fraction):
    assert Progress(done, total, "images").fraction == fraction


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(12_300_000, 102_000_000, "bytes", "downloading"), "downloading 12 of 102 MB"),
        (Progress(5_000_000, None, "bytes", "downloading"), "downloading 5 MB"),
        (Progress(3, 12, "images"), "3 of 12 images"),
        (Progress(0, None, "", "starting PyTorch"), "starting PyTorch"),
    ],
)
def test_progress_in_words(progress, words):
    assert str(progress) == words
