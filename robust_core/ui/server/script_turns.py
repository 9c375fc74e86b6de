"""Scripts of all sessions take turns.

A rerun is tens of milliseconds of Python, in which many small calls let go of the interpreter and want it back. Thirty
at once hand it to and fro: each waited 1.4 s where, one after the other, it takes what it takes
(tests/bench/RESULTS.md, "A class of thirty").
"""

import inspect
import threading
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from math import inf
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")

_mine = threading.local()


class _Turns:
    """The one turn and who waits for it: households in rotation, so that twenty tabs of one cost another no more than
    one does; in each the scripts that have begun before those that have not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: OrderedDict[str, tuple[deque, deque]] = OrderedDict()  # begun and new, by household

    def take(self, household: str, *, begun: bool) -> None:
        mine = threading.Event()
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            of_household = self._waiting.setdefault(household, (deque(), deque()))
            of_household[0 if begun else 1].append(mine)
        mine.wait()

    def hand_on(self) -> None:
        with self._lock:
            if not self._waiting:
                self._is_taken = False
                return
            household, (begun, new) = self._waiting.popitem(last=False)
            (begun or new).popleft().set()
            if begun or new:
                self._waiting[household] = begun, new


_turns = _Turns()


@contextmanager
def turn(household: str = "") -> Iterator[None]:
    """Nobody else's script runs within this; a part of a script that has its turn already goes on. `household` is whose
    script it is.
    """
    if _has_turn():
        yield
        return
    _turns.take(household, begun=False)
    _mine.turn, _mine.household = True, household
    try:
        yield
    finally:
        _mine.turn = False
        _turns.hand_on()


@contextmanager
def aside() -> Iterator[None]:
    """While this script waits for something, others have their turn."""
    if not _has_turn():
        yield
        return
    _mine.turn = False
    _turns.hand_on()
    try:
        yield
    finally:
        _turns.take(_mine.household, begun=True)
        _mine.turn = True


def kept(
    most: int,
    seconds: float = inf,
    most_bytes: float = inf,
    bytes_of: Callable[[Any], int] = lambda _result: 0,
) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """Remember the last `most` results of slow work for so many `seconds`, as `st.cache_resource` does, and no more of
    them than take `most_bytes` by `bytes_of`.

    Whoever needs one that is not there makes it aside, and whoever needs the same one meanwhile waits aside: with
    Streamlit's cache the one would have its turn and wait for the other, who waits for the turn. Arguments whose names
    begin with "_" do not tell results apart.
    """

    def remembering(work: Callable[Given, Made]) -> Callable[Given, Made]:
        results = _Results(most, seconds, most_bytes, bytes_of)
        signature = inspect.signature(work)

        @wraps(work)
        def make_or_remember(*given: Given.args, **named: Given.kwargs) -> Made:
            bound = signature.bind(*given, **named)
            bound.apply_defaults()
            key = tuple(value for name, value in bound.arguments.items() if not name.startswith("_"))
            if (found := results.get(key)) is None:
                with aside(), results.alone(key):
                    if (found := results.get(key)) is None:
                        found = results.put(key, work(*given, **named))
            return found[0]

        return make_or_remember

    return remembering


class _Results:
    """What was made, by key, the one that was needed last at the end."""

    def __init__(self, most: int, seconds: float, most_bytes: float, bytes_of: Callable[[Any], int]):
        self._most, self._seconds, self._most_bytes, self._bytes_of = most, seconds, most_bytes, bytes_of
        self._made: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._makers: dict[Hashable, list] = defaultdict(lambda: [threading.Lock(), 0])

    def get(self, key: Hashable) -> tuple[Any, float] | None:
        with self._lock:
            found = self._made.get(key)
            if found is None or time.monotonic() - found[1] > self._seconds:
                return None
            self._made.move_to_end(key)
            return found

    def put(self, key: Hashable, result: Any) -> tuple[Any, float]:
        with self._lock:
            self._made[key] = result, time.monotonic()
            self._made.move_to_end(key)
            newest = self._made[key]
            while len(self._made) > self._most or self._bytes() > self._most_bytes:
                self._made.popitem(last=False)
            return newest

    def _bytes(self) -> int:
        return sum(self._bytes_of(result) for result, _ in self._made.values())

    @contextmanager
    def alone(self, key: Hashable) -> Iterator[None]:
        """Nobody else makes the same within this."""
        with self._lock:
            maker = self._makers[key]
            maker[1] += 1
        try:
            with maker[0]:
                yield
        finally:
            with self._lock:
                maker[1] -= 1
                if not maker[1]:
                    self._makers.pop(key, None)


def _has_turn() -> bool:
    return getattr(_mine, "turn", False)
