"""Style and script stand in the document, whose length is right, and nothing else is touched."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from robust_core.ui.server.document_head import PATHS, TAGS, TAGS_OF_CHARTS, DocumentHead, head_routes

PAGE = "<html><head><title>ε</title></head><body></head></body></html>"
PAGES = ("/", "/charts", "/base/charts", "/charts/more")
WANTED = {"accept": "text/html,*/*"}


@pytest.fixture
def client(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    routes = [
        *(Route(path, lambda _request: FileResponse(tmp_path / "index.html")) for path in PAGES),
        Route("/missing", lambda _request: HTMLResponse(PAGE, status_code=404)),
        Route("/plain", lambda _request: JSONResponse({"html": PAGE})),
        *head_routes(),
    ]
    return TestClient(DocumentHead(Starlette(routes=routes), pages_of_charts={"charts"}))


def test_a_document_names_style_and_script_at_the_end_of_its_head(client):
    response = client.get("/", headers=WANTED)
    assert response.text == PAGE.replace("</head>", f"{TAGS.decode()}</head>", 1)
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_browser_that_has_streamlits_own_document_gets_ours(client):
    response = client.get(
        "/", headers=WANTED | {"if-none-match": "*", "if-modified-since": "Sat, 28 Nov 2099 08:45:34 GMT"}
    )
    assert response.status_code == 200
    assert "etag" not in response.headers


def test_a_document_that_could_come_compressed_has_it_too(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    inner = Starlette(
        routes=[Route("/", lambda _request: FileResponse(tmp_path / "index.html"))],
        middleware=[Middleware(GZipMiddleware, minimum_size=1)],
    )
    assert TAGS.decode() in TestClient(DocumentHead(inner)).get("/", headers=WANTED).text


def test_nothing_else_is_touched(client):
    assert client.get("/missing").text == PAGE
    assert client.get("/plain").json() == {"html": PAGE}
    assert client.head("/").content == b""


def test_all_are_where_the_document_says(client):
    for file, path in PATHS.items():
        assert f'=".{path}"'.encode() in TAGS + TAGS_OF_CHARTS
        assert client.get(path).text == file.read_text()


def test_a_page_that_opens_with_a_chart_names_plotlys_script(client):
    for path, names in (("/charts", True), ("/base/charts", True), ("/", False), ("/charts/more", False)):
        assert (TAGS_OF_CHARTS.decode() in client.get(path, headers=WANTED).text) is names, path
