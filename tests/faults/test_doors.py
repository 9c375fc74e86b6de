"""A real server and visitors without manners: what one of them does costs the others nothing, and leaves no
traceback.
"""

import os
import socket
import time
import urllib.request
from contextlib import suppress

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.conftest import Server
from tests.faults.client import Client
from tests.faults.doors import Uploader, address, close_code, half_requests, session_id, visits, websocket

MB = 2**20
CLASS = 31
NEWCOMER_SECONDS = 30
SWEPT_SECONDS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server whose log has no traceback and few lines at the end, whoever came."""
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder / "cache", folder / "log", OMP_NUM_THREADS="1", TMPDIR=str(folder)).wait()
    yield server
    server.stop()
    log = server.log.read_text()
    assert "Traceback" not in log
    assert len(log) < 100_000


def newcomer_finds_a_page(url: str) -> None:
    began = time.monotonic()
    visitor = Client(url, "models", "world=ImageNet")
    assert "are ready" in visitor.words
    visitor.close()
    assert time.monotonic() - began < NEWCOMER_SECONDS


def test_a_class_behind_one_address_comes_in(server):
    for one in visits(server.url, CLASS):
        one.close()


def test_half_requests_keep_nobody_out(server):
    with half_requests(server.url, 1100) as held:
        assert len(held) > 1000
        newcomer_finds_a_page(server.url)


def test_silent_websockets_keep_nobody_out(server):
    silent = [websocket(server.url) for _ in range(150)]
    newcomer_finds_a_page(server.url)
    assert close_code(silent[0]) == 1013
    for one in silent:
        one.socket.close()
    newcomer_finds_a_page(server.url)


def test_whoever_speaks_keeps_the_place_and_one_too_many_is_refused(server):
    within = visits(server.url, 64)
    with pytest.raises(InvalidStatus) as refusal:
        websocket(server.url)
    assert refusal.value.response.status_code == 403
    for one in within:
        one.close()
    newcomer_finds_a_page(server.url)


@pytest.mark.parametrize(("content", "code"), [("text", 1003), (b"\xff\xff\xff", 1002)], ids=["text", "no message"])
def test_what_is_no_message_ends_the_socket(server, content, code):
    visitor = websocket(server.url)
    visitor.send(content)
    assert close_code(visitor) == code


def test_a_message_above_the_limit_ends_the_socket(server):
    visitor = websocket(server.url)
    with suppress(ConnectionClosed):  # the server hangs up while the rest is still being sent
        visitor.send(bytes(4 * MB + 1))
    assert close_code(visitor) in (1009, 1006), "1006: the reset came before the code"
    newcomer_finds_a_page(server.url)


def test_a_very_large_message_is_not_waited_for(server):
    visitor = websocket(server.url)
    with pytest.raises(ConnectionClosed):
        visitor.send(bytes(MB) for _ in range(60))


def test_text_that_is_no_text_leaves_no_traceback(server):
    visitor = websocket(server.url)
    visitor.send([b"\xff\xfe"], text=True)
    assert close_code(visitor) is not None


def test_nobody_learns_of_the_repository_or_clears_what_is_shared(server):
    visitor = websocket(server.url)
    session_id(visitor)
    for message in (BackMsg(load_git_info=True), BackMsg(clear_cache=True), BackMsg(set_run_on_save=True)):
        visitor.send(message.SerializeToString())
    kinds = set()
    visitor.send(BackMsg(file_urls_request={"request_id": "last", "file_names": ["a.png"]}).SerializeToString())
    while "file_urls_response" not in kinds:
        kinds.add(ForwardMsg.FromString(visitor.recv(60)).WhichOneof("type"))
    assert "git_info_changed" not in kinds
    visitor.close()


def test_a_page_of_another_name_that_leads_here_opens_no_socket(server):
    there = socket.create_connection(address(server.url), timeout=10)
    with pytest.raises(InvalidStatus) as refusal:
        websocket("http://evil.example", sock=there)
    assert refusal.value.response.status_code == 403


def test_uploads_end_where_the_limit_is_and_are_gone_with_their_session(server):
    visitor = websocket(server.url)
    uploader, data = Uploader(server.url, session_id(visitor)), os.urandom(24 * MB)
    answers = [uploader.put(f"file{number}", data) for number in range(10)]
    assert [status for status, _ in answers] == [204] * 8 + [413] * 2
    assert answers[-1][1] == "A session takes at most 205 MB of files at once; remove some."
    visitor.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are looked at as Linux shows them")
def test_nothing_of_an_upload_is_on_the_disk(server):
    visitor = websocket(server.url)
    sender = Uploader(server.url, session_id(visitor)).begin("private", b"SECRET-PIXELS-" * 300_000)
    time.sleep(1)
    opened = f"/proc/{server.process.pid}/fd"
    where = [os.readlink(f"{opened}/{one}") for one in os.listdir(opened)]
    assert not [one for one in where if "deleted" in one]
    sender.close()
    visitor.close()


def test_what_a_closed_tab_held_comes_back_without_anybody_else_coming(tmp_path):
    server = Server(tmp_path / "cache", tmp_path / "log", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1").wait()
    process = psutil.Process(server.process.pid)
    try:
        visitors = [websocket(server.url) for _ in range(10)]
        uploader = Uploader(server.url, session_id(visitors[0]))
        assert uploader.put("file", bytes(MB))[0] == 204
        before, deadline = process.num_fds(), time.monotonic() + SWEPT_SECONDS
        assert "UploadedFileManager" in held(server.url)
        for one in visitors:
            one.close()
        while "UploadedFileManager" in held(server.url) or process.num_fds() > before - 4 * len(visitors) + 3:
            assert time.monotonic() < deadline, (held(server.url), before, process.num_fds())
            time.sleep(0.5)
    finally:
        server.stop()


def held(url: str) -> str:
    """What the server says of the memory that it holds."""
    return urllib.request.urlopen(f"{url}/_stcore/metrics", timeout=10).read().decode()
