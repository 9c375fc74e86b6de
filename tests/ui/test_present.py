import pytest

from robust_core.ui import present


@pytest.mark.parametrize(("address", "shown"), [({}, False), ({"present": "true"}, True), ({"present": "1"}, False)])
def test_the_address_says_whether_the_page_is_presented(monkeypatch, address, shown):
    monkeypatch.setattr(present.st, "query_params", address)
    assert present.is_on() is shown
