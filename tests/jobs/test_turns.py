from hypothesis import given
from hypothesis import strategies as st

from robust_core.jobs.turns import in_turn


def requests(text: str) -> dict[str, dict[str, int]]:
    """What waits, by its name and its subscribers in the order of asking: "a1:a b1:b" is what a asked for, then b."""
    waiting: dict[str, dict[str, int]] = {}
    for number, (name, subscriber) in enumerate((part.split(":") for part in text.split()), start=1):
        waiting.setdefault(name, {})[subscriber] = number
    return waiting


def order(text: str, **served: int) -> str:
    return " ".join(in_turn(requests(text), served))


def test_one_subscriber_is_served_in_the_order_of_asking():
    assert order("x:a y:a z:a") == "x y z"


def test_subscribers_take_turns_however_much_one_asks_for():
    assert order("a1:a a2:a a3:a b1:b c1:c b2:b") == "a1 b1 c1 a2 b2 a3"


def test_who_was_served_longest_ago_is_next_and_a_newcomer_first_of_all():
    assert order("a1:a b1:b c1:c", a=7, b=3) == "c1 b1 a1"


def test_what_two_watch_takes_the_turn_of_whoever_comes_first():
    assert order("a1:a shared:a b1:b shared:b") == "a1 b1 shared", "the second turn of a"
    assert order("a1:a shared:a shared:b b1:b") == "a1 shared b1", "the first turn of b"
    assert in_turn(requests("a1:a shared:a shared:b b1:b"), {}) == {"a1": "a", "shared": "b", "b1": "b"}


def test_a_subscriber_that_joins_later_work_is_served_in_its_own_order():
    assert order("far:a near:b far:b", a=9) == "near far"


def test_nothing_waits():
    assert in_turn({}, {"a": 3}) == {}


PEOPLE = st.sampled_from("abcd")
WAITING = st.dictionaries(st.integers(0, 9), st.sets(PEOPLE, min_size=1))


@given(WAITING, st.dictionaries(PEOPLE, st.integers(1, 50)))
def test_all_are_served_once_and_nobody_twice_before_another_who_waits(waiting, served):
    numbers = iter(range(100))
    asked = {
        one: {subscriber: next(numbers) for subscriber in sorted(subscribers)} for one, subscribers in waiting.items()
    }
    turns = in_turn(asked, served)
    assert sorted(turns) == sorted(asked)
    assert all(subscriber in asked[one] for one, subscriber in turns.items())
    left, last = dict(asked), dict(served)
    for turn, (one, subscriber) in enumerate(turns.items(), start=100):
        assert all(
            last.get(subscriber, 0) <= last.get(other, 0) for subscribers in left.values() for other in subscribers
        )
        assert asked[one][subscriber] == min(
            subscribers[subscriber] for subscribers in left.values() if subscriber in subscribers
        )
        last[subscriber] = turn
        del left[one]
