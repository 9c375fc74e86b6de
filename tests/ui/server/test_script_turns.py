import threading
import time
from contextlib import suppress

import pytest

from robust_core.ui.server.script_turns import aside, kept, turn

PATIENCE_SECONDS = 10


def in_thread(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_script_at_a_time():
    entered, inside, most = threading.Barrier(8), [], []

    def script():
        entered.wait(PATIENCE_SECONDS)
        for _ in range(50):
            with turn():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [in_thread(script) for _ in range(8)]
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(most) == 400
    assert set(most) == {1}


def test_a_part_of_a_script_that_has_its_turn_goes_on():
    done = []

    def script():
        with turn(), turn():
            done.append("inner")
        with turn():
            done.append("again")

    in_thread(script).join(PATIENCE_SECONDS)
    assert done == ["inner", "again"]


def test_while_one_waits_others_have_their_turn_and_it_gets_its_own_back():
    others_turn, seen = threading.Event(), []

    def other():
        with turn():
            seen.append("other")
            others_turn.set()

    def script():
        with turn():
            with aside():
                in_thread(other)
                assert others_turn.wait(PATIENCE_SECONDS)
            seen.append("mine")

    in_thread(script).join(PATIENCE_SECONDS)
    assert seen == ["other", "mine"]


@pytest.mark.parametrize("way", [turn, aside])
def test_a_script_that_is_stopped_gives_its_turn_back(way):
    class Stopped(Exception):
        pass

    def stopped():
        with suppress(Stopped), turn(), way():
            raise Stopped

    in_thread(stopped).join(PATIENCE_SECONDS)
    done = threading.Event()

    def script():
        with turn():
            done.set()

    in_thread(script)
    assert done.wait(PATIENCE_SECONDS)


def test_households_have_their_turns_in_rotation_and_who_has_begun_comes_first():
    order, waiting = [], []
    leave, left = threading.Event(), threading.Event()

    def script(household, name):
        with turn(household):
            order.append(name)

    def begun():
        with turn("a"):
            with aside():
                left.set()
                assert leave.wait(PATIENCE_SECONDS)
            order.append("begun")

    def queue_up(*work):
        waiting.append(in_thread(lambda: work[0](*work[1:])))
        time.sleep(0.05)  # until it waits

    waiting.append(in_thread(begun))
    assert left.wait(PATIENCE_SECONDS)
    with turn("c"):
        for name in ("a1", "a2", "a3", "b1", "b2"):
            queue_up(script, name[0], name)
        leave.set()
        time.sleep(0.05)
    for thread in waiting:
        thread.join(PATIENCE_SECONDS)
    assert order == ["begun", "b1", "a1", "b2", "a2", "a3"]


def test_waiting_without_a_turn_takes_none():
    with aside():
        pass
    with turn():
        pass


def test_what_is_kept_is_made_once_and_aside_also_for_those_who_come_meanwhile():
    making, let_on, made, others = threading.Event(), threading.Event(), [], []

    @kept(4)
    def slow(name, _how):
        made.append(name)
        making.set()
        assert let_on.wait(PATIENCE_SECONDS)
        return name.upper()

    def script(results):
        with turn():
            results.append(slow("a", object()))

    results = []
    threads = [in_thread(lambda: script(results)) for _ in range(3)]
    assert making.wait(PATIENCE_SECONDS)
    with turn():
        others.append("has its turn while the first makes it and two wait for it")
    let_on.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert (made, results, len(others)) == (["a"], ["A"] * 3, 1)


def test_what_fails_is_made_again_and_the_oldest_goes():
    made = []

    @kept(2)
    def half(number):
        made.append(number)
        return 10 // number

    with pytest.raises(ZeroDivisionError):
        half(0)
    with pytest.raises(ZeroDivisionError):
        half(0)
    for number in (1, 2, 1, 3, 1, 2):
        assert half(number) == 10 // number
    assert made == [0, 0, 1, 2, 3, 2]


def test_what_is_kept_for_a_time_is_made_again():
    made = []

    @kept(2, seconds=0.05)
    def now():
        made.append(1)

    now()
    now()
    assert len(made) == 1
    threading.Event().wait(0.06)
    now()
    assert len(made) == 2


def test_what_is_kept_is_bounded_in_bytes_too():
    made = []

    @kept(10, most_bytes=5, bytes_of=len)
    def text(length):
        made.append(length)
        return "x" * length

    for length in (2, 3, 2, 4, 2, 9):
        assert len(text(length)) == length
    assert made == [2, 3, 4, 2, 9], "2 and 3 fit together, 4 drives both out"
