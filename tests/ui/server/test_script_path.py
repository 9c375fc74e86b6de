import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from robust_core.ui.server.script_path import HiddenScriptPath


def sent_through(scope_type, message):
    sent = []

    async def inner(_scope, _receive, send):
        await send(message)

    async def send(message):
        sent.append(message)

    hidden = HiddenScriptPath(inner, path=Path("/srv/lab/shell.py"))
    with ThreadPoolExecutor(1) as thread:  # the browser tests keep a loop of their own running in this one
        thread.submit(asyncio.run, hidden({"type": scope_type}, None, send)).result()
    return sent[0]


def test_the_path_becomes_dots_and_nothing_changes_its_place():
    message = {"type": "websocket.send", "bytes": b"\x22\x11/srv/lab/shell.py\x32\x02ok"}
    assert sent_through("websocket", message)["bytes"] == b"\x22\x11" + 17 * b"." + b"\x32\x02ok"


def test_text_and_pages_pass_untouched():
    assert sent_through("websocket", {"type": "websocket.send", "text": "hello", "bytes": None}) == {
        "type": "websocket.send",
        "text": "hello",
        "bytes": None,
    }
    assert (
        sent_through("http", {"type": "http.response.body", "body": b"/srv/lab/shell.py"})["body"]
        == b"/srv/lab/shell.py"
    )
