import pytest

from robust_core.events import Progress, last


def test_the_last_event_is_the_result():
    assert last(iter([Progress(0, 2, "steps"), Progress(1, 2, "steps"), "done"])) == "done"


def test_no_event_is_no_result():
    with pytest.raises(ValueError, match="no event"):
        last(iter(()))


@pytest.mark.parametrize(("done", "total", "fraction"), [(0, 4, 0.0), (1, 4, 0.25), (4, 4, 1.0), (5, 4, 1.0), (3, None, None), (0, 0, None)])
def test_fraction(done, total, fraction):
    assert Progress(done, total, "pictures").fraction == fraction
