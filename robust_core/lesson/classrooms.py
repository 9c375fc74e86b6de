"""All classes of this process, by their codes."""

import secrets
import threading
import time

from robust_core.errors import QueueFull
from robust_core.lesson.classroom import Classroom, Desk
from robust_core.lesson.scenes import Lesson

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which are read as 1 and 0
CODE_LENGTH = 5
MOST_CLASSES = 200
IDLE_SECONDS = 4 * 3600


class Classrooms:
    """Classes by code; one in which nothing has happened for four hours is over."""

    def __init__(self, most: int = MOST_CLASSES):
        self._most = most
        self._lock = threading.Lock()
        self._rooms: dict[str, Classroom] = {}

    def start(self, lesson: Lesson) -> Desk:
        """A new class, and its lecturer's desk. Raises QueueFull where there are too many."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= self._most:
                raise QueueFull(f"{self._most} classes are held here already, which is the most; try again later.")
            room = Classroom(self._new_code(), lesson)
            self._rooms[room.code] = room
        return Desk(room)

    def find(self, code: str) -> Classroom | None:
        """The class with this code, in capitals or not; None where there is none, or it is over."""
        room = self._rooms.get(code.strip().upper()[:CODE_LENGTH])
        if room is None or room.over or time.monotonic() - room.used_at > IDLE_SECONDS:
            return None
        return room

    def __len__(self) -> int:
        return len(self._rooms)

    def _sweep(self) -> None:
        now = time.monotonic()
        for code, room in list(self._rooms.items()):
            if room.over or now - room.used_at > IDLE_SECONDS:
                del self._rooms[code]

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            if code not in self._rooms:
                return code


CLASSROOMS = Classrooms()
