"""A browser's side of a session with a real server, without the browser: it opens a page, presses a button, and keeps
every byte that comes.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.faults.conftest import PATIENCE_SECONDS


class Client:
    """One session on the page called `page`, opened by a link that ends in `query`."""

    def __init__(self, url: str, page: str, query: str):
        self.page, self.query = page, query
        self.received = b""
        self.elements: list[Element] = []  # of the last run
        self._page_hash = ""
        self._open = ExitStack()
        address = url.replace("http", "ws") + "/_stcore/stream"
        self._socket = self._open.enter_context(connect(address, subprotocols=["streamlit"], origin=url, max_size=None))
        self.run()

    def run(self, press: str = "") -> "Client":
        """Let the page's script run once, as after a change or a press of the button that is called `press`."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = (
            self.query,
            self._page_hash,
            "" if self._page_hash else self.page,
        )
        if press:
            state.widget_states.widgets.add(id=self._id_of(press), trigger_value=True)
        self._socket.send(message.SerializeToString())
        self.elements = []
        while not self._is_over(self._socket.recv(PATIENCE_SECONDS)):
            pass
        return self

    def run_until(self, holds: Callable[["Client"], object]) -> "Client":
        """Look again, as the page's own timer would, until `holds(self)`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds(self):
            assert time.monotonic() < deadline, self.words
            self.run()
        return self

    @property
    def words(self) -> str:
        """Every sentence of the page."""
        return "\n".join(
            getattr(element, kind).body
            for element in self.elements
            if (kind := element.WhichOneof("type")) in ("markdown", "alert")
        )

    def close(self) -> None:
        """Leave, as when the tab is closed."""
        self._open.close()

    def _id_of(self, label: str) -> str:
        return next(element.button.id for element in self.elements if element.button.label == label)

    def _is_over(self, data: bytes) -> bool:
        """Take in one message; whether it says that the script, and what it asked to run again, is over."""
        self.received += data
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "delta":
                self.elements.append(message.delta.new_element)
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "new_session":
                self.elements = []
        return (
            message.WhichOneof("type") == "script_finished"
            and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        )
