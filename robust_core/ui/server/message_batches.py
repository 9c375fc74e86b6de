"""What scripts send to browsers reaches the server's event loop in batches.

Streamlit wakes the loop for every element, and then once more to send it; each time the script lets go of the
interpreter and waits for it. A page has a hundred elements (tests/bench/RESULTS.md, "A class of thirty").
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent

BATCH_SECONDS = 0.01

_wake_sender = Runtime._enqueued_some_message


class Batch:
    """What one session's scripts have told and its event loop has not heard yet, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_due = False

    def add(self, told: Callable[[], None]) -> bool:
        """Put it at the end; whether somebody has to see to it that the batch is delivered."""
        self._waiting.append(told)
        if self._is_due:  # it is not set again: that could come after the delivery that it stands for
            return False
        self._is_due = True
        return True

    def deliver(self) -> None:
        """On the event loop: all that waits."""
        self._is_due = False  # before the first one is taken: whoever adds now is heard here or asks for a delivery
        while self._waiting:
            self._waiting.popleft()()

    def deliver_soon(self) -> None:
        """On the event loop: all that comes within the next moment as well."""
        asyncio.get_running_loop().call_later(BATCH_SECONDS, self.deliver)


def set_up() -> None:
    """From now on, in this process, elements wait a few milliseconds for others; all else, as that a script begins or
    ends, is told at once.
    """
    AppSession._on_scriptrunner_event = _tell
    Runtime._enqueued_some_message = _wake_sender_once


def _tell(
    session: AppSession,
    sender: ScriptRunner | None,
    event: ScriptRunnerEvent,
    forward_msg: ForwardMsg | None = None,
    **told: Any,
) -> None:
    batch = vars(session).setdefault("batch", Batch())
    handle = session._handle_scriptrunner_event_on_event_loop
    is_first = batch.add(partial(handle, sender, event, forward_msg=forward_msg, **told))
    if forward_msg is None or forward_msg.WhichOneof("type") != "delta":
        session._call_soon_on_event_loop(batch.deliver)
    elif is_first:
        session._call_soon_on_event_loop(batch.deliver_soon)


def _wake_sender_once(runtime: Runtime) -> None:
    if not runtime._get_async_objs().need_send_data.is_set():  # it is cleared before the sender looks what there is
        _wake_sender(runtime)
