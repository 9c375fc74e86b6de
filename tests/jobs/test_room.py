"""Who is let into a queue, and who makes room: known answers for rooms of every kind."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust_core.errors import QueueFull
from robust_core.jobs import Job, Room


def job(name, *subscribers, number=0):
    one = Job(name, None)
    one._subscribers = {subscriber: number for subscriber in subscribers}
    return one


def jobs_of(*loads):
    """Jobs that wait: `loads` of (subscriber, how many), the oldest first."""
    return [job(f"{name}{n}", name, number=n) for name, many in loads for n in range(many)]


def test_where_there_is_room_nobody_gives_way():
    assert Room(10, 5, 5).giving_way(jobs_of(("a", 4)), "a", {}) is None


def test_the_youngest_of_whoever_waits_for_most_gives_way():
    waiting = jobs_of(("a", 3), ("b", 5))
    assert Room(8, 100, 100).giving_way(waiting, "new", {}).key == "b4"
    assert Room(8, 100, 100).giving_way(waiting, "a", {}).key == "b4"


def test_nobody_gives_way_to_somebody_who_waits_for_as_much():
    waiting = jobs_of(("a", 4), ("b", 5))
    with pytest.raises(QueueFull, match="9 jobs are waiting on this server"):
        Room(9, 100, 100).giving_way(waiting, "a", {})
    with pytest.raises(QueueFull):
        Room(9, 100, 100).giving_way(waiting, "b", {})


def test_among_equals_the_household_that_waits_for_more_makes_room():
    waiting = jobs_of(("home", 3), ("tab1", 3), ("tab2", 3))
    tabs = {"tab1": "1.2.3.4", "tab2": "1.2.3.4", "home": "5.6.7.8"}
    assert Room(9, 100, 100).giving_way(waiting, "new", tabs).key in ("tab12", "tab22")


def test_what_several_wait_for_stays():
    waiting = [job("together", "a", "b", number=9), *jobs_of(("a", 3))]
    assert Room(4, 100, 100).giving_way(waiting, "new", {}).key == "a2"


def test_who_waits_for_nothing_is_let_in_even_where_everybody_waits_for_one():
    waiting = jobs_of(*((name, 1) for name in "abcdef"))
    assert Room(6, 1, 1).giving_way(waiting, "new", dict.fromkeys("abcdef", "here") | {"new": "here"}) is None


def test_a_household_has_a_limit_of_its_own_and_an_unknown_one_has_none():
    waiting = jobs_of(("a", 3), ("b", 3))
    with pytest.raises(QueueFull, match="6 jobs are waiting for visitors from your address"):
        Room(100, 100, 6).giving_way(waiting, "a", {"a": "here", "b": "here"})
    assert Room(100, 100, 6).giving_way(waiting, "a", {}) is None


@given(st.lists(st.sampled_from("abcdefgh"), max_size=200), st.integers(1, 20))
def test_whoever_comes_the_queue_stays_bounded_and_nobody_who_waits_for_little_is_sent_away(arrivals, in_all):
    room, waiting = Room(in_all, 1000, 1000), []
    for number, name in enumerate(arrivals):
        before = Counter(one for each in waiting for one in each._subscribers)
        try:
            loser = room.giving_way(waiting, name, {})
        except QueueFull:
            assert before[name] > 0
            assert max(before.values()) <= before[name] + 1
            continue
        if loser is not None:
            waiting.remove(loser)
            assert before[next(iter(loser._subscribers))] > before[name] + 1
        waiting.append(job(f"{name}{number}", name, number=number))
    assert len(waiting) <= in_all + 8, "one more for each who waited for nothing"
