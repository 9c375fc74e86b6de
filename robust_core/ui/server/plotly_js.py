"""Plotly's own script, served once from the installed package for the live chart; compressed, and cached by the browser
for good.
"""

import gzip
from functools import cache
from pathlib import Path

import plotly
from starlette.responses import FileResponse, Response
from starlette.routing import Route

PATH = f"/assets/plotly-{plotly.__version__}.min.js"
SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def _compressed() -> bytes:
    return gzip.compress(SCRIPT.read_bytes(), 6)


def _serve(request):
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_compressed(), media_type="text/javascript", headers={**HEADERS, "Content-Encoding": "gzip"})
    return FileResponse(SCRIPT, media_type="text/javascript", headers=HEADERS)


def plotly_js_route() -> Route:
    """The route that serves `PATH`."""
    return Route(PATH, _serve)
