import asyncio
import inspect
import threading
from types import SimpleNamespace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from robust_core.ui.server import message_batches

ELEMENT = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG
PATIENCE_SECONDS = 10


class Session:
    """What Streamlit's session has for its scripts: it notes what its event loop hears, and how often it was woken."""

    def __init__(self):
        self.loop, self.heard, self.woken = asyncio.get_running_loop(), [], 0

    def _call_soon_on_event_loop(self, callback):
        self.woken += 1
        self.loop.call_soon_threadsafe(callback)

    def _handle_scriptrunner_event_on_event_loop(self, sender, event, forward_msg=None, **_told):
        self.heard.append((sender, event if forward_msg is None else forward_msg.delta.new_element.text.body))

    def show(self, text, sender="script"):
        message = ForwardMsg()
        message.delta.new_element.text.body = text
        message_batches._tell(self, sender, ELEMENT, forward_msg=message)

    def end(self):
        message_batches._tell(self, "script", ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS)

    async def hears(self, count):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.heard) < count:
                await asyncio.sleep(0.001)


def test_a_hundred_elements_wake_the_loop_once_and_the_end_is_told_at_once_after_them():
    async def script():
        session = Session()
        for number in range(100):
            session.show(str(number))
        assert session.woken == 1
        session.end()
        await asyncio.sleep(0)
        ended = ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS
        assert [what for _, what in session.heard] == [*map(str, range(100)), ended]
        assert session.woken == 2

    asyncio.run(script())


def test_an_element_after_which_nothing_comes_is_heard_and_the_next_one_too():
    async def script():
        session = Session()
        for count in (1, 2):
            session.show("one more")
            await asyncio.sleep(0)
            assert len(session.heard) == count - 1
            await session.hears(count)

    asyncio.run(script())


def test_what_is_no_element_does_not_wait():
    async def script():
        session, message = Session(), ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
        message_batches._tell(session, "script", ELEMENT, forward_msg=message)
        await asyncio.sleep(0)
        assert len(session.heard) == 1

    asyncio.run(script())


def test_scripts_that_tell_at_once_lose_nothing_and_keep_their_order():
    def tell(session, name):
        for number in range(500):
            session.show(str(number), name)

    async def scripts():
        session = Session()
        threads = [threading.Thread(target=tell, args=(session, name), daemon=True) for name in range(4)]
        for thread in threads:
            thread.start()
        await session.hears(2000)
        for name in range(4):
            assert [text for sender, text in session.heard if sender == name] == list(map(str, range(500)))

    asyncio.run(scripts())


@pytest.mark.parametrize("is_awake", [True, False])
def test_a_sender_that_will_look_anyway_is_not_woken(is_awake):
    async def enqueue():
        woken, loop = asyncio.Event(), asyncio.get_running_loop()
        (woken.set if is_awake else woken.clear)()
        told = []
        eventloop = SimpleNamespace(call_soon_threadsafe=lambda work: told.append(work) or loop.call_soon(work))
        objects = SimpleNamespace(need_send_data=woken, eventloop=eventloop)
        message_batches._wake_sender_once(SimpleNamespace(_get_async_objs=lambda: objects))
        await asyncio.sleep(0)
        assert woken.is_set()
        assert len(told) == (0 if is_awake else 1)

    asyncio.run(enqueue())


def test_streamlit_hands_on_all_that_a_script_tells():
    told, handled = (
        inspect.signature(method).parameters
        for method in (AppSession._on_scriptrunner_event, AppSession._handle_scriptrunner_event_on_event_loop)
    )
    assert list(told) == list(handled)
    assert list(told)[:4] == ["self", "sender", "event", "forward_msg"]


def test_once_set_up_sessions_use_it(monkeypatch):
    monkeypatch.setattr(AppSession, "_on_scriptrunner_event", AppSession._on_scriptrunner_event)
    monkeypatch.setattr(Runtime, "_enqueued_some_message", Runtime._enqueued_some_message)
    message_batches.set_up()
    assert AppSession._on_scriptrunner_event is message_batches._tell
    assert Runtime._enqueued_some_message is message_batches._wake_sender_once
