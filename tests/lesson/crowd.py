"""Thirty phones without a screen: each joins a class over HTTP, listens to its view, and bets."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import requests

WAIT_SECONDS = 60
VOTES = {"place": [0.4, 0.6], "word": "fragile"}


class Phone:
    """One student; `heard` says when (time.perf_counter) the scene at each place was first seen."""

    def __init__(self, url: str, code: str, number: int):
        self.page, self.number = f"{url}/class/{code}", number
        self.session = requests.Session()
        self.heard: dict[int, float] = {}
        self.view: dict = {}
        self.changed = threading.Condition()
        self._line: socket.socket | None = None  # on which the view comes

    def join(self) -> "Phone":
        """Take the seat, anew or again, and listen."""
        answer = self.session.post(f"{self.page}/join", json={}, timeout=WAIT_SECONDS)
        answer.raise_for_status()
        self._note(answer.json())
        address = urlsplit(self.page)
        connection = HTTPConnection(address.hostname, address.port, timeout=WAIT_SECONDS)
        connection.connect()
        self._line = connection.sock
        cookie = "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())
        connection.request("GET", f"{address.path}/view", headers={"Cookie": cookie})
        threading.Thread(target=self._listen, args=(connection,), daemon=True).start()
        return self

    def leave(self) -> None:
        """As when a screen goes dark; the cookie stays."""
        if self._line is not None:
            self._line.shutdown(socket.SHUT_RDWR)  # wakes its listener, which `close` would wait for
            self._line = None

    def wait_for(self, place: int) -> None:
        """Until the scene at `place`, from 1 on, is on."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.view["scene"]["place"] == place, WAIT_SECONDS), place

    def bet(self) -> float:
        """Bet on every part of the scene that is on; returns when the last bet was sent (time.perf_counter)."""
        scene, began = self.view["scene"], 0.0
        for part in range(scene["bet"]["parts"]):
            vote = _vote(scene["bet"], self.number + part)
            began = time.perf_counter()
            sent = {"scene": scene["key"], "part": part, "vote": vote}
            answer = self.session.post(f"{self.page}/vote", json=sent, timeout=WAIT_SECONDS)
            assert answer.ok, answer.text
        return began

    def _listen(self, connection: HTTPConnection) -> None:
        try:
            for line in connection.getresponse():
                if line.startswith(b"data: "):
                    self._note(json.loads(line.removeprefix(b"data: ")))
        except (OSError, HTTPException, ValueError):
            return  # it has left

    def _note(self, view: dict) -> None:
        with self.changed:
            self.view = view
            if not view["over"]:
                self.heard.setdefault(view["scene"]["place"], time.perf_counter())
            self.changed.notify_all()


class Crowd:
    """So many phones in one class."""

    def __init__(self, url: str, code: str, count: int):
        self.phones = [Phone(url, code, number) for number in range(count)]
        self._threads = ThreadPoolExecutor(count)
        list(self._threads.map(Phone.join, self.phones))

    def wait_for(self, place: int) -> list[float]:
        """Until all are at the scene; when (time.perf_counter) each has heard of it."""
        for phone in self.phones:
            phone.wait_for(place)
        return [phone.heard[place] for phone in self.phones]

    def bet(self) -> float:
        """All bet at once; returns when the last bet was sent (time.perf_counter)."""
        return max(self._threads.map(Phone.bet, self.phones))

    def reconnect(self, count: int) -> None:
        """The first `count` leave and come back."""
        for phone in self.phones[:count]:
            phone.leave()
        list(self._threads.map(Phone.join, self.phones[:count]))

    def close(self) -> None:
        """All leave."""
        for phone in self.phones:
            phone.leave()
        self._threads.shutdown()


def _vote(bet: dict, number: int):
    """What the student `number` bets."""
    if bet["kind"] == "choice":
        return number % len(bet["options"])
    if bet["kind"] == "number":
        return bet["low"] + bet["step"] * (number % int((bet["high"] - bet["low"]) / bet["step"]))
    return number % 16 if bet["kind"] == "stimuli" else VOTES[bet["kind"]]
