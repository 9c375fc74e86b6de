"""A blocking function that calls back, as a generator."""

import threading
from collections.abc import Callable, Generator
from queue import SimpleQueue
from typing import Any, TypeVar

Asked = TypeVar("Asked")
Given = TypeVar("Given")
Result = TypeVar("Result")


class _Closed(BaseException):
    """Ends work that is no longer wanted; no `except Exception` holds it up."""


def calls_of(work: Callable[[Callable[[Asked], Given]], Result]) -> Generator[Asked, Given, Result]:
    """Run `work(ask)` on a thread of its own: what it asks is yielded, what is sent in is what `ask` returns, and its
    result is returned.

    One of the two threads waits while the other works, so that nothing needs a lock. What `work` raises is raised here.
    Closing the generator ends `work` at the question that it waits in; no thread is left.
    """
    to_work: SimpleQueue[Any] = SimpleQueue()
    from_work: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    closed = threading.Event()

    def ask(asked: Asked) -> Given:
        if not closed.is_set():
            from_work.put(("asked", asked))
            given: Given = to_work.get()
        if closed.is_set():
            raise _Closed
        return given

    def body() -> None:
        try:
            from_work.put(("returned", work(ask)))
        except BaseException as error:
            from_work.put(("raised", error))

    thread = threading.Thread(target=body, name="handover", daemon=True)
    thread.start()
    try:
        while True:
            what, value = from_work.get()
            if what == "returned":
                return value
            if what == "raised":
                raise value
            to_work.put((yield value))
    finally:
        closed.set()
        to_work.put(None)
        thread.join()
