"""Plotly's own script, served once for the live chart; compressed, and cached by the browser for good."""

from starlette.responses import Response
from starlette.routing import Route

from robust_core.plots import plotly_bundle

PATH = f"/assets/plotly-cartesian-{plotly_bundle.VERSION}.min.js"
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


def plotly_js_route() -> Route:
    """The route that serves `PATH`."""
    return Route(PATH, _serve)


def _serve(request):
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {**HEADERS, "Content-Encoding": "gzip"}
        return Response(plotly_bundle.compressed(), media_type="text/javascript", headers=headers)
    return Response(plotly_bundle.script(), media_type="text/javascript", headers=HEADERS)
