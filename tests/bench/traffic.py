"""What comes to a page over the wire: by kind, at a first visit, and with a frame sequence; interface.py prints it."""

import base64
import json
import re
from collections import Counter
from urllib.parse import urlsplit

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.e2e.conftest import Visit

# in Chromium's words; the rest is data
KINDS = {"Document": "page", "Script": "scripts", "Stylesheet": "styles", "Font": "fonts", "Image": "images"}
SEQUENCE_PATIENCE_MS = 180_000
PLOTLY, DATA, MESSAGES = "Plotly", "data", "messages"
COLUMNS = (*KINDS.values(), PLOTLY, DATA, MESSAGES)
SEQUENCE_COLUMNS = "models | frames | px | sequence, MB per model | attacked | changes | all messages, MB | their number, of the run alone | all by HTTP, MB"


class Traffic:
    """The bytes that a page received, by kind and as they crossed the wire, and the messages of its websocket."""

    def __init__(self, page):
        self.wire_bytes: Counter[str] = Counter()
        self.messages: list[bytes] = []
        self.asset_bytes: Counter[str] = Counter()  # by path, what the pages' own parts fetched
        self._paths: dict[str, str] = {}  # by request
        self._kinds: dict[str, str] = {}  # by request
        self._network = page.context.new_cdp_session(page)
        self._network.send("Network.enable")
        self._network.on("Network.responseReceived", self._begin)
        self._network.on("Network.loadingFinished", self._end)
        self._network.on("Network.webSocketFrameReceived", self._receive)
        self._network.on("Network.webSocketHandshakeResponseReceived", self._shake_hands)

    def stop(self) -> "Traffic":
        self._network.detach()
        return self

    def _begin(self, event) -> None:
        url, kind = event["response"]["url"], event["type"]
        if url.startswith("http"):  # an image in a message has an address, too, but it came with the message
            self._kinds[event["requestId"]] = PLOTLY if "/assets/plotly" in url else KINDS.get(kind, DATA)
            self._paths[event["requestId"]] = urlsplit(url).path

    def _end(self, event) -> None:
        if event["requestId"] in self._kinds:
            self.wire_bytes[self._kinds[event["requestId"]]] += event["encodedDataLength"]
            self.asset_bytes[self._paths[event["requestId"]]] += event["encodedDataLength"]

    def _receive(self, event) -> None:
        message = base64.b64decode(event["response"]["payloadData"])
        self.messages.append(message)
        self.wire_bytes[MESSAGES] += len(message)

    def _shake_hands(self, event) -> None:
        names = {name.lower() for name in event["response"]["headers"]}
        assert "sec-websocket-extensions" not in names, (
            "the websocket is compressed, so that its messages are longer than what crosses the wire"
        )


def load(visit: Visit, path: str, rest_ms: int) -> Counter[str]:
    """The bytes, by kind, until the page at `path` has come to rest."""
    traffic = Traffic(visit.page)
    visit.open(path).settle().page.wait_for_load_state("networkidle")
    visit.page.wait_for_timeout(rest_ms)
    return traffic.stop().wire_bytes


def sequence(visit: Visit, path: str) -> list[str]:
    """The cells below SEQUENCE_COLUMNS: the page at `path`, from its opening until Run has run and the frame sequence can be
    played.
    """
    traffic = Traffic(visit.page)
    page = visit.open(path).settle().page  # a click on a page that has not settled may be lost
    before = len(traffic.messages)
    page.get_by_role("button", name=re.compile("^Run( again)?$")).click()
    page.get_by_text("attacking").first.wait_for()  # a recorded run was there before
    page.locator(".stage[data-ready=yes] canvas").first.wait_for(timeout=SEQUENCE_PATIENCE_MS)
    visit.settle()
    messages, by_http = traffic.stop().wire_bytes.pop(MESSAGES), traffic.wire_bytes.total()
    counts = f"{len(traffic.messages):,}, {len(traffic.messages) - before:,}"
    return [*_sequence_cells(traffic), f"{messages / 1e6:.2f}", counts, f"{by_http / 1e6:.2f}"]


def _sequence_cells(traffic: Traffic) -> list[str]:
    """What the frame sequence took, everything that was fetched twice included."""
    sequence = next(message for message in reversed(traffic.messages) if b"/assets/frames/" in message)
    shown = json.loads(ForwardMsg.FromString(sequence).delta.new_element.bidi_component.json)["sequences"]
    attacked, changes = ([one[kind] for one in shown] for kind in ("attacked", "change"))
    strips = [sum(traffic.asset_bytes[strip["path"]] for strip in row) / len(row) for row in (attacked, changes)]
    first = attacked[0]
    return [
        str(len(attacked)),
        str(len(shown[0]["steps"])),
        str(first["width_px"]),
        *(f"{size / 1e6:.2f}" for size in (sum(strips), *strips)),
    ]
