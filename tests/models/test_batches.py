from types import SimpleNamespace

import pytest
import torch

from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress
from robust_core.models.batches import Batches, in_batches_of
from tests.outcomes import events_and_result


def model_beside(make_room):
    return SimpleNamespace(device=torch.device("cpu"), check_finite=lambda: None, make_room=make_room)


MODEL = model_beside(lambda: False)


def run(batches, n, work=list):
    news, parts = events_and_result(batches.run(n, work, "passes", "explaining"))
    return parts, news


def of_four():
    return Batches(MODEL, 224, 224, at_once=4)


def with_room_for(room, sizes):
    def work(places):
        sizes.append(len(places))
        if len(places) > room:
            raise torch.OutOfMemoryError("full")
        return list(places)

    return work


def test_all_places_come_once_and_in_order_with_news_between():
    parts, news = run(of_four(), 10)
    assert parts == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]], "none much smaller than the others"
    assert news == [Progress(4, 10, "passes", "explaining"), Progress(7, 10, "passes", "explaining")]


def test_small_images_go_many_at_once_and_large_ones_alone():
    assert Batches(MODEL, 64, 64).size == 64
    assert Batches(MODEL, 224, 224).size == 5
    assert Batches(MODEL, 2000, 2000).size == 1


def test_a_full_device_gets_half_the_batch_from_then_on():
    batches, sizes = of_four(), []
    assert run(batches, 6, with_room_for(2, sizes))[0] == [[0, 1], [2, 3], [4, 5]]
    assert sizes == [3, 2, 2, 2]
    assert batches.size == 2


def of_cudnn(room, sizes, words="GET was unable to find an engine to execute this computation"):
    """cuDNN finds no engine where there is no room for the workspace of any."""

    def work(places):
        sizes.append(len(places))
        if len(places) > room:
            raise RuntimeError(words)
        return list(places)

    return work


def test_a_library_without_room_for_its_workspace_gets_half_the_batch_too():
    sizes = []
    assert run(of_four(), 6, of_cudnn(1, sizes))[0] == [[0], [1], [2], [3], [4], [5]]
    assert sizes[:3] == [3, 2, 1]


def test_what_no_smaller_batch_helps_against_is_raised_as_it_is():
    sizes = []
    with pytest.raises(RuntimeError, match="unable to find an engine"):
        run(of_four(), 6, of_cudnn(0, sizes))
    assert sizes == [3, 2, 1, 1]
    with pytest.raises(RuntimeError, match="shapes"):
        run(of_four(), 6, of_cudnn(0, sizes := [], "shapes cannot be multiplied"))
    assert sizes == [3]


def test_a_device_too_small_for_one_image_is_named():
    with pytest.raises(DeviceOutOfMemory, match="single image"):
        run(of_four(), 6, with_room_for(0, []))


def test_who_knows_better_how_many_go_at_once_is_followed_as_long_as_they_fit():
    batches, sizes = Batches(MODEL, 224, 224, at_once=16), []
    assert [len(part) for part in run(batches, 20, with_room_for(8, sizes))[0]] == [7, 7, 6]
    assert sizes == [10, 7, 7, 6]


def test_a_single_image_is_tried_twice_each_time_and_no_more():
    tried = []

    def fits_at_every_second_try(places):
        tried.append(places.start)
        if len(tried) % 2:
            raise torch.OutOfMemoryError("full")
        return list(places)

    assert run(Batches(MODEL, 2000, 2000), 3, fits_at_every_second_try)[0] == [[0], [1], [2]]
    assert tried == [0, 0, 1, 1, 2, 2]


def test_idle_models_leave_before_a_single_image_is_given_up():
    freed, sizes = iter([True, False, False]), []
    model = model_beside(lambda: next(freed))

    def fits_at_the_second_try(places):
        sizes.append(len(places))
        if len(sizes) == 1:
            raise torch.OutOfMemoryError("full")
        return list(places)

    assert run(Batches(model, 2000, 2000), 1, fits_at_the_second_try)[0] == [[0]]
    with pytest.raises(DeviceOutOfMemory, match="single image"):
        run(Batches(model, 2000, 2000), 1, with_room_for(0, []))


def sizes_of(steps):
    """The size that each of some steps of one study begins with."""
    for _ in range(steps):
        yield Batches(MODEL, 224, 224, at_once=16).size


def test_a_limit_holds_for_its_own_study_alone_while_others_compute_with_the_same_model():
    studies = [in_batches_of(2, sizes_of(3)), in_batches_of(None, sizes_of(3)), in_batches_of(5, sizes_of(3))]
    assert [tuple(map(next, studies)) for _ in range(3)] == [(2, 16, 5)] * 3
    assert next(sizes_of(1)) == 16
