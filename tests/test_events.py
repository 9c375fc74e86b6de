import pytest

from robust_core.events import Progress, last


def test_the_last_event_is_the_result():
    assert last(iter([Progress(0, 2, "steps"), Progress(1, 2, "steps"), "done"])) == "done"


def test_no_event_is_no_result():
    with pytest.raises(ValueError, match="no event"):
        last(iter(()))


@pytest.mark.parametrize(
    ("done", "total", "fraction"), [(0, 4, 0.0), (1, 4, 0.25), (4, 4, 1.0), (5, 4, 1.0), (3, None, None), (0, 0, None)]
)
def test_fraction(done, total, fraction):
    assert Progress(done, total, "pictures").fraction == fraction


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(12_300_000, 102_000_000, "bytes", "downloading"), "downloading 12 of 102 MB"),
        (Progress(5_000_000, None, "bytes", "downloading"), "downloading 5 MB"),
        (Progress(3, 12, "pictures"), "3 of 12 pictures"),
        (Progress(0, None, "", "starting PyTorch"), "starting PyTorch"),
    ],
)
def test_progress_in_words(progress, words):
    assert str(progress) == words
