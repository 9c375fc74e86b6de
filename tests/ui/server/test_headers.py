import asyncio
from concurrent.futures import ThreadPoolExecutor

from robust_core.ui.server.headers import SecurityHeaders


def response_through(scope_type):
    sent = []

    async def inner(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # the browser tests keep a loop of their own running in this one
        thread.submit(asyncio.run, SecurityHeaders(inner)({"type": scope_type}, None, send)).result()
    return sent


def test_every_answer_gets_the_headers_and_keeps_its_own():
    start, body = response_through("http")
    headers = dict(start["headers"])
    assert headers[b"x-own"] == b"1"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert body["body"] == b"hello"


def test_the_policy_lets_nothing_from_elsewhere_in():
    policy = dict(response_through("http")[0]["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_websockets_pass_untouched():
    assert response_through("websocket")[0]["headers"] == [(b"x-own", b"1")]


def test_the_policy_names_no_scheme_for_sockets_and_no_other_place_for_forms():
    policy = dict(response_through("http")[0]["headers"])[b"content-security-policy"].decode()
    assert "ws:" not in policy
    assert "wss:" not in policy
    assert "form-action 'self'" in policy
