"""The server's entry: `streamlit run app.py` (or `uvicorn app:app`) imports this once; robust_core/ui/shell.py runs for
every visit.
"""

# ruff: noqa: E402, I001
from robust_core.ui.server import warmup

warmup.load_libraries()  # beside the imports that follow

# Plotly looks into sys.modules for numpy and pandas; a half-imported one crashes it. So they come first, whole, in the
# main thread.
import numpy  # noqa: F401
import pandas  # noqa: F401
import plotly.graph_objects  # noqa: F401

import sys
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from robust_core import settings
from robust_core.jobs import queue
from robust_core.ui import menu
from robust_core.allocator import keep_freed_memory
from robust_core.ui.server import (
    class_door,
    connections,
    forged_states,
    hosts,
    job_log,
    log_floods,
    message_batches,
    proxies,
    sessions,
    state_lookups,
    upload_door,
)
from robust_core.ui.server.job_watch import watches_route
from robust_core.ui.server.headers import SecurityHeaders
from robust_core.ui.server.thumbnails import thumbnails_route
from robust_core.ui.models.incoming import delete_stale, weights_route
from robust_core.ui.server.plotly_js import plotly_js_route
from robust_core.ui.server.frame_store import sequences_route
from robust_core.ui.server.compressed_scripts import CompressedScripts
from robust_core.ui.server.document_head import DocumentHead, head_routes
from robust_core.ui.server.messages import WantedMessages
from robust_core.ui.server.upload_door import UploadDoor
from robust_core.ui.server.visitors import LimitedVisitors
from robust_core.ui.server.script_path import HiddenScriptPath
from robust_core.ui.session import QUEUES

SHELL = settings.PACKAGE / "ui" / "shell.py"
ROUTES = [
    plotly_js_route(),
    sequences_route(),
    *head_routes(),
    thumbnails_route(),
    watches_route(),
    weights_route(),
    *class_door.class_routes(),
]
MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(LimitedVisitors),
    Middleware(WantedMessages),
    Middleware(UploadDoor),
    Middleware(DocumentHead, pages_of_charts=menu.PAGES_OF_CHARTS, others=class_door.FOLDER),
    Middleware(HiddenScriptPath, path=SHELL),
    Middleware(CompressedScripts),
]
# Streamlit would insert this folder before every run and remove it afterwards; an import on another thread at that
# moment misses a folder of the path.
sys.path.append(str(SHELL.parent))


@asynccontextmanager
async def lifespan(_app):
    keep_freed_memory()
    job_log.set_up()
    for name in QUEUES:  # a limit that is wrong stops the server here, and no visitor later
        queue(name)
    for setting in (
        settings.downloads_allowed,
        settings.imports_allowed,
        settings.folding_allowed,
        settings.trusted_proxies,
    ):
        setting()
    for door in (connections, forged_states, hosts, log_floods, upload_door):
        door.set_up()
    delete_stale()
    warmup.start()
    async with sessions.swept():
        yield {}


if __name__ == "__main__":  # run as a script, as AppTest does: be the page script
    import runpy

    runpy.run_path(str(SHELL), run_name="__main__")
else:
    proxies.set_up()
    message_batches.set_up()
    state_lookups.set_up()
    app = st.App(
        SHELL,
        lifespan=lifespan,
        middleware=MIDDLEWARE,
        routes=ROUTES,
    )
