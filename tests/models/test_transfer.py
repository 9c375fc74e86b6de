import socket
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from robust_core.events import Progress
from robust_core.models import transfer
from robust_core.models.transfer import PartialFile, TransferFailed, fetch
from tests.loopback import Loopback, serving

BODY = bytes(range(256)) * 4000
HALF = len(BODY) // 2


@pytest.fixture
def server(weights_folder):
    with serving(BODY) as loopback:
        yield loopback


@pytest.fixture
def partial(tmp_path):
    return PartialFile(tmp_path / "file.part")


def download(server: Loopback, partial: PartialFile) -> list[Progress]:
    return list(fetch(server.url, partial, expected_bytes=None))


def break_off_half_way(server: Loopback, partial: PartialFile) -> None:
    server.cut_after = HALF
    with pytest.raises(TransferFailed, match="broke off"):
        download(server, partial)
    server.cut_after = None
    assert partial.path.read_bytes() == BODY[:HALF]


def test_the_whole_file_comes_with_progress_in_bytes(server, partial):
    events = download(server, partial)
    assert partial.path.read_bytes() == BODY
    assert all(event.unit == "bytes" and event.total == len(BODY) for event in events)
    assert [event.done for event in events] == sorted(event.done for event in events)


def test_a_broken_download_goes_on_where_it_stopped(server, partial):
    break_off_half_way(server, partial)
    events = download(server, partial)
    assert partial.path.read_bytes() == BODY
    assert server.asked[1]["Range"] == f"bytes={HALF}-"
    assert server.asked[1]["If-Range"] == '"first"'
    assert (events[0].done, events[0].total) == (HALF, len(BODY))


def test_a_modification_date_serves_where_there_is_no_etag(server, partial):
    server.etag, server.last_modified = None, "Tue, 15 Nov 2019 12:45:26 GMT"
    break_off_half_way(server, partial)
    download(server, partial)
    assert partial.path.read_bytes() == BODY
    assert server.asked[1]["If-Range"] == server.last_modified


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_validator_it_starts_anew(server, partial, etag):
    server.etag = etag
    break_off_half_way(server, partial)
    download(server, partial)
    assert partial.path.read_bytes() == BODY
    assert "Range" not in server.asked[1]


def test_a_file_that_changed_on_the_server_starts_anew(server, partial):
    break_off_half_way(server, partial)
    server.body, server.etag = BODY[::-1], '"second"'
    download(server, partial)
    assert partial.path.read_bytes() == BODY[::-1]


def test_a_server_that_ignores_ranges_starts_anew(server, partial):
    break_off_half_way(server, partial)
    server.honours_range = False
    download(server, partial)
    assert partial.path.read_bytes() == BODY


def test_another_piece_than_asked_for_is_thrown_away(server, partial):
    break_off_half_way(server, partial)
    server.shift_bytes = 1
    with pytest.raises(TransferFailed, match="another piece"):
        download(server, partial)
    assert partial.bytes == 0


def test_a_complete_partial_file_is_not_fetched_again(server, partial):
    partial.begin(server.etag)
    partial.path.write_bytes(BODY)
    download(server, partial)
    assert partial.path.read_bytes() == BODY
    assert len(server.asked) == 1


def test_a_partial_file_longer_than_the_original_starts_anew(server, partial):
    partial.begin(server.etag)
    partial.path.write_bytes(BODY + b"more")
    download(server, partial)
    assert partial.path.read_bytes() == BODY


def test_a_server_that_tells_no_length(server, partial):
    server.tells_length = False
    events = list(fetch(server.url, partial, expected_bytes=7))
    assert partial.path.read_bytes() == BODY
    assert {event.total for event in events} == {7}


@pytest.mark.parametrize("status", [403, 404, 416, 500])
def test_a_refusal_is_told_and_keeps_what_came(server, partial, status):
    break_off_half_way(server, partial)
    server.status = status
    with pytest.raises(TransferFailed, match=f"127.0.0.1 answered {status} "):
        download(server, partial)
    assert partial.bytes == (0 if status == 416 else HALF)


def test_a_silent_server_is_given_up(server, partial, monkeypatch):
    monkeypatch.setattr(transfer, "READ_TIMEOUT_SECONDS", 0.1)
    server.stall_after = HALF
    with pytest.raises(TransferFailed, match="did not answer in time"):
        download(server, partial)
    assert partial.path.read_bytes() == BODY[:HALF]


def test_progress_goes_on_while_the_server_is_silent(server, partial, monkeypatch):
    monkeypatch.setattr(transfer, "BEAT_SECONDS", 0.01)
    server.stall_after = HALF
    events = fetch(server.url, partial, expected_bytes=None)
    while next(events).done < HALF:
        pass
    assert [next(events).done for _ in range(3)] == [HALF, HALF, HALF]
    events.close()


@pytest.mark.timeout(30)
def test_closing_stops_at_once_and_keeps_what_came(server, partial, monkeypatch):
    monkeypatch.setattr(transfer, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(transfer, "READ_TIMEOUT_SECONDS", 3600)
    server.stall_after = HALF
    events = fetch(server.url, partial, expected_bytes=None)
    while next(events).done < HALF:
        pass
    events.close()
    for thread in threading.enumerate():
        if thread.name.startswith("download"):
            thread.join(timeout=5)
            assert not thread.is_alive()
    assert partial.path.read_bytes() == BODY[:HALF]


def test_nobody_listens(partial, weights_folder):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(TransferFailed, match="could not be reached"):
        list(fetch(f"http://127.0.0.1:{port}/file", partial, None))


def test_a_name_without_an_address(partial, weights_folder, monkeypatch):
    def fail(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(TransferFailed, match="download.example could not be reached; this machine may be offline"):
        list(fetch("https://download.example/file", partial, None))


def test_a_proxy_that_is_not_there(partial, weights_folder, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    with pytest.raises(TransferFailed, match="proxy"):
        list(fetch("http://download.example/file", partial, None))


def test_a_server_that_does_not_speak_tls(server, partial):
    with pytest.raises(TransferFailed, match="no secure connection to 127.0.0.1"):
        list(fetch(server.url.replace("http:", "https:"), partial, None))


def test_too_little_space_is_told_before_anything_is_written(server, partial, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(10**6, 10**6 - 1000, 1000))
    with pytest.raises(TransferFailed, match="0 MB free where 1 MB are needed"):
        download(server, partial)
    assert not partial.path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_while_writing(server, partial):
    partial.path.symlink_to("/dev/full")
    with pytest.raises(TransferFailed, match="the disk is full"):
        download(server, partial)


def test_a_folder_that_is_not_there(server, tmp_path):
    with pytest.raises(TransferFailed, match="cannot be written"):
        download(server, PartialFile(tmp_path / "none" / "file.part"))
