"""Streamlit tells every browser, at every run, where on the server the script lies; here the path is taken out on its
way.
"""

import os
from pathlib import Path


class HiddenScriptPath:
    """Pure ASGI middleware: what a WebSocket sends has dots in place of `path`, as many, since messages say how long
    their parts are.
    """

    def __init__(self, app, path: Path):
        self.app, self.path = app, os.fsencode(path)

    async def __call__(self, scope, receive, send):
        async def send_without_path(message):
            if message.get("bytes"):
                message["bytes"] = message["bytes"].replace(self.path, b"." * len(self.path))
            await send(message)

        await self.app(scope, receive, send_without_path if scope["type"] == "websocket" else send)
