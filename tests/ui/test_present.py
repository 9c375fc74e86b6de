import pytest

from robust_core.ui import present


@pytest.mark.parametrize(("state", "shown"), [({}, False), ({"present": True}, True), ({"present": False}, False)])
def test_the_switch_says_whether_the_page_is_presented(monkeypatch, state, shown):
    monkeypatch.setattr(present.st, "session_state", state)
    assert present.is_on() is shown
