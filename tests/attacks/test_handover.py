"""A blocking function as a generator: what it asks, what it returns, how it ends."""

import threading
from contextlib import closing

import pytest

from robust_core.attacks.handover import calls_of


def of_ours():
    return [thread for thread in threading.enumerate() if thread.name == "handover"]


def test_what_is_asked_is_yielded_and_what_is_sent_is_given():
    calls = calls_of(lambda ask: ask(1) + ask(2))
    assert next(calls) == 1
    assert calls.send(10) == 2
    with pytest.raises(StopIteration) as end:
        calls.send(5)
    assert end.value.value == 15
    assert not of_ours()


def test_what_the_work_raises_is_raised_here():
    def work(ask):
        ask(1)
        raise ZeroDivisionError("of the work")

    calls = calls_of(work)
    next(calls)
    with pytest.raises(ZeroDivisionError, match="of the work"):
        calls.send(None)
    assert not of_ours()


def test_closing_ends_the_work_where_it_waits():
    passed = []

    def work(ask):
        try:
            ask(1)
            passed.append("behind the question")
        except Exception:
            passed.append("held up")
        finally:
            passed.append("cleaned up")

    with closing(calls_of(work)) as calls:
        next(calls)
        assert len(of_ours()) == 1
    assert passed == ["cleaned up"]
    assert not of_ours()


def test_work_that_goes_on_asking_ends_all_the_same():
    def work(ask):
        for _ in range(3):
            try:
                ask(1)
            except BaseException:
                continue

    with closing(calls_of(work)) as calls:
        next(calls)
    assert not of_ours()


def test_only_one_of_the_threads_works_at_a_time():
    order = []

    def work(ask):
        for number in range(3):
            order.append(f"work {number}")
            ask(number)

    calls = calls_of(work)
    asked = next(calls)
    while asked is not None:
        order.append(f"here {asked}")
        asked = next(calls, None)
    assert order == ["work 0", "here 0", "work 1", "here 1", "work 2", "here 2"]
