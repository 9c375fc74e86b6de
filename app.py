"""The server's entry: `streamlit run app.py` (or `uvicorn app:app`) imports this once; robust_core/ui/shell.py runs for
every visit.
"""

# Plotly looks into sys.modules for numpy and pandas; a half-imported one crashes it. So they come first, whole, in the
# main thread.
import numpy  # noqa: F401, I001
import pandas  # noqa: F401
import plotly.graph_objects  # noqa: F401

import sys
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from robust_core import settings
from robust_core.jobs import queue
from robust_core.ui.server import forged_states, job_log, warmup
from robust_core.ui.server.job_watch import watches_route
from robust_core.ui.server.headers import SecurityHeaders
from robust_core.ui.server.thumbnails import thumbnails_route
from robust_core.ui.models.incoming import delete_stale, weights_route
from robust_core.ui.server.plotly_js import plotly_js_route
from robust_core.ui.server.frame_store import sequences_route
from robust_core.ui.server.document_head import DocumentHead, head_routes
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
]
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(DocumentHead), Middleware(HiddenScriptPath, path=SHELL)]
# Streamlit would insert this folder before every run and remove it afterwards; an import on another thread at that
# moment misses a folder of the path.
sys.path.append(str(SHELL.parent))


@asynccontextmanager
async def lifespan(_app):
    job_log.set_up()
    forged_states.reset_forged_states()
    for name in QUEUES:  # a limit that is wrong stops the server here, and no visitor later
        queue(name)
    settings.downloads_allowed()
    settings.imports_allowed()
    delete_stale()
    warmup.start(delay_seconds=1.5)  # the first page goes out before torch competes for the interpreter
    yield {}


if __name__ == "__main__":  # run as a script, as AppTest does: be the page script
    import runpy

    runpy.run_path(str(SHELL), run_name="__main__")
else:
    app = st.App(
        SHELL,
        lifespan=lifespan,
        middleware=MIDDLEWARE,
        routes=ROUTES,
    )
