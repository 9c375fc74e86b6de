import pytest
import torch

from robust_core.attributions import batches
from robust_core.attributions.batches import gradients, in_batches
from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress
from tests import tiny
from tests.attributions.networks import curved


@pytest.fixture
def four_at_once(monkeypatch):
    monkeypatch.setitem(batches.PIXELS_AT_ONCE, "cpu", 4 * tiny.SIDE_PX**2)


def run(work, n: int) -> tuple[list, list[Progress]]:
    events, news = in_batches(curved(), tiny.pictures(1), n, work), []
    while True:
        try:
            news.append(next(events))
        except StopIteration as stop:
            return stop.value, news


def test_all_places_come_once_and_in_order(four_at_once):
    parts, news = run(list, 10)
    assert parts == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert [event.done for event in news] == [4, 8, 10]


def test_a_full_device_gets_half_the_batch_from_then_on(four_at_once):
    def work(places: range) -> list[int]:
        if len(places) > 2:
            raise torch.OutOfMemoryError("full")
        return list(places)

    assert run(work, 6)[0] == [[0, 1], [2, 3], [4, 5]]


def test_a_device_too_small_for_one_picture_is_named(four_at_once):
    def work(places: range) -> None:
        raise torch.OutOfMemoryError("full")

    with pytest.raises(DeviceOutOfMemory, match="single picture"):
        run(work, 6)


def test_gradients_leave_the_callers_tensor_alone():
    pixels = tiny.pictures(2)
    found = gradients(curved(), pixels, 1)
    assert found.shape == pixels.shape
    assert not found.requires_grad
    assert not pixels.requires_grad
