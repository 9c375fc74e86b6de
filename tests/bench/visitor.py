"""A browser session without the browser: it speaks Streamlit's protocol, looks at the page's jobs as the page does, and
draws nothing.
"""

import asyncio
import json
import time
import urllib.request

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.e2e.conftest import Server

IMAGES, STEPS = 8, 5
PATIENCE_SECONDS = 120
FIRST_PAGE = "pgd_steps"


class Visitor:
    """One browser session, without the browser, which begins on the PGD page; it comes from `address`, one of this
    machine's own.
    """

    def __init__(self, server: Server, seed: int, address: str = "127.0.0.1"):
        self.server, self.address = server, address
        self.query = f"world=Mini&n={IMAGES}&steps={STEPS}&set_seed={seed}"
        self.page, self.run_button, self.uploader, self.session = "", "", "", ""  # their ids, which the server tells
        self.errors: list[str] = []
        self.bytes, self.elements = 0, 0  # of what the server has sent
        self.ready, self.finished, self.answered = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._timers: dict[str, asyncio.Task] = {}
        self._watch: asyncio.Task | None = None

    async def open(self) -> None:
        """Connect, and wait until the page has its button, which it has not before PyTorch is there."""
        url = self.server.url.replace("http", "ws") + "/_stcore/stream"
        options = {"subprotocols": ["streamlit"], "origin": self.server.url, "max_size": None}
        self.socket = await connect(url, local_addr=(self.address, 0), **options)
        self._listener = asyncio.create_task(self._listen())
        await self._send()
        await asyncio.wait_for(self.ready.wait(), PATIENCE_SECONDS)
        await self.rerun()

    async def close(self) -> None:
        self._stop(list(self._timers))
        if self._watch:
            self._watch.cancel()
        self._listener.cancel()
        await self.socket.close()

    async def rerun(self) -> float:
        """Seconds that one rerun of the whole page takes."""
        started = time.perf_counter()
        self.finished.clear()
        await self._send()
        await asyncio.wait_for(self.finished.wait(), PATIENCE_SECONDS)
        return time.perf_counter() - started

    async def turn_to(self, page: str, query: str) -> float:
        """Seconds until the whole script of another page has ended."""
        self.page, self.query, self.run_button = "", query, ""
        started = time.perf_counter()
        self.finished.clear()
        await self._send(to=page)
        await asyncio.wait_for(self.finished.wait(), PATIENCE_SECONDS)
        return time.perf_counter() - started

    async def bring(self, file: str) -> float:
        """Seconds of the rerun that takes in a file, which was sent to this session under its name."""
        started = time.perf_counter()
        self.finished.clear()
        await self._send(file=file)
        await asyncio.wait_for(self.finished.wait(), PATIENCE_SECONDS)
        return time.perf_counter() - started

    async def click_run(self) -> None:
        await self._send(click=self.run_button)

    async def press_run(self) -> float:
        """Seconds from the click to the result of all models."""
        started = time.perf_counter()
        self.answered.clear()
        await self.click_run()
        await asyncio.wait_for(self.answered.wait(), PATIENCE_SECONDS)
        return time.perf_counter() - started

    async def at_rest(self) -> None:
        """Until no part of the page refreshes itself any more: every job that the page asked for is done."""
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while (self._timers or self._watching) and time.perf_counter() < deadline:
            await asyncio.sleep(0.1)

    @property
    def _watching(self) -> bool:
        return self._watch is not None and not self._watch.done()

    async def _send(self, *, to: str = FIRST_PAGE, click: str = "", fragment: str = "", file: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = (
            self.query,
            "" if self.page else to,
            self.page,
        )
        if click:
            state.widget_states.widgets.add(id=click, trigger_value=True)
        if file:
            brought = state.widget_states.widgets.add(id=self.uploader).file_uploader_state_value
            brought.uploaded_file_info.add(file_id=file, name=file, size=1)
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        await self.socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for data in self.socket:
            message = ForwardMsg.FromString(data)
            self.bytes += len(data)
            match message.WhichOneof("type"):
                case "delta":
                    self._look_at(message.delta.new_element)
                case "new_session" if not self.session:
                    self.session = message.new_session.initialize.session_id
                case "new_session" if not message.metadata.run.fragment_ids:
                    self._stop(list(self._timers))  # the whole page runs and says anew what refreshes itself
                case "navigation":
                    self.page = message.navigation.page_script_hash
                case "auto_rerun":
                    part = message.auto_rerun
                    self._stop([part.fragment_id])
                    if part.interval < PATIENCE_SECONDS:  # one refreshes itself once a day
                        self._timers[part.fragment_id] = asyncio.create_task(
                            self._refresh(part.fragment_id, part.interval)
                        )
                case "stop_auto_rerun":
                    self._stop(message.stop_auto_rerun.fragment_ids)
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.finished.set()

    def _look_at(self, element) -> None:
        self.elements += 1
        match element.WhichOneof("type"):
            case "button" if element.button.id.endswith("-run"):
                self.run_button = element.button.id
                self.ready.set()
            case "file_uploader":
                self.uploader = element.file_uploader.id
            case "markdown" if ":material/bolt: LIVE" in element.markdown.body:
                self.answered.set()
            case "bidi_component" if "job_watcher" in element.bidi_component.component_name:
                self._look_after(json.loads(element.bidi_component.json))
            case "exception":
                self.errors.append(element.exception.message)
            case "alert" if element.alert.format == element.alert.ERROR:
                self.errors.append(element.alert.body)

    def _look_after(self, data: dict) -> None:
        if self._watch:
            self._watch.cancel()
        self._watch = asyncio.create_task(self._watch_jobs(data))

    async def _watch_jobs(self, data: dict) -> None:
        """Until the page has to run."""
        while True:
            await asyncio.sleep(data["period_ms"] / 1000)
            found = json.loads(await asyncio.to_thread(self._get, data["path"]))
            if found["live"]["over"] if found["live"] else found["standing"] != data["standing"]:
                await self._send()
                return

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.server.url + path, timeout=PATIENCE_SECONDS) as response:
            return response.read()

    async def _refresh(self, fragment: str, interval_seconds: float) -> None:
        while True:
            await asyncio.sleep(interval_seconds)
            await self._send(fragment=fragment)

    def _stop(self, fragments) -> None:
        for fragment in fragments:
            if fragment in self._timers:
                self._timers.pop(fragment).cancel()
