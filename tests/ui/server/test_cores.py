"""A visitor who is alone has all cores computing; others leave one for the pages of all."""

import threading

import pytest
import torch

from robust_core.ui.server import cores


@pytest.mark.parametrize(("present", "every", "expected"), [(0, 4, 4), (1, 4, 4), (2, 4, 3), (30, 2, 1), (30, 1, 1)])
def test_one_core_is_left_where_pages_are_drawn_for_others(monkeypatch, present, every, expected):
    monkeypatch.setattr(cores.visitors, "present", lambda: present)
    monkeypatch.setattr(cores, "every", lambda: every)
    before, found = torch.get_num_threads(), []

    def job() -> None:
        cores.take()
        found.append(torch.get_num_threads())

    thread = threading.Thread(target=job)
    thread.start()
    thread.join()
    torch.set_num_threads(before)
    assert found == [expected]
