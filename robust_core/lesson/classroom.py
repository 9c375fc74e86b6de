"""One class in memory: who sits there, what was voted, and which scene is on.

Students have a seat: a number that cannot be guessed. What only the lecturer may do is on the `Desk`, which nobody gets
but for the secret, and for each secret once.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.lesson.answers import Answer
from robust_core.lesson.bets import Vote
from robust_core.lesson.scene_images import SceneImage
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.lesson.votes import Tally, Votes

MOST_SEATS = 300
LONGEST_NAME = 24
SECRET_BYTES = 16


class Phase(StrEnum):
    """How far a scene is: votes are taken, are taken no more, or are shown beside the models'."""

    OPEN = "open"
    LOCKED = "locked"
    REVEALED = "revealed"


@dataclass
class Seat:
    """One student: a `number` by order of coming, and a `name` for the leaderboard where one was given."""

    number: int
    name: str = ""


@dataclass
class Standing:
    """Of one scene: its phase, since when it is on (`time.monotonic`), and the votes with the seconds at which each
    came.
    """

    phase: Phase = Phase.OPEN
    since: float = 0.0
    votes: dict[tuple[str, int], Vote] = field(default_factory=dict)
    seconds: dict[tuple[str, int], float] = field(default_factory=dict)


class Classroom:
    """A class: its `code`, its lesson, and what the students may do. `moved` counts what students see change, `voted`
    the votes; every change tells the `listeners`.
    """

    def __init__(self, code: str, lesson: Lesson):
        self.code, self.lesson = code, lesson
        self.place, self.free_roam, self.leaderboard, self.over = 0, False, False, False
        self.moved, self.voted = 0, 0
        self.used_at = time.monotonic()
        self.answers: dict[str, tuple[Answer, ...]] = {}
        self.images: dict[str, tuple[SceneImage, ...]] = {}
        self.listeners: set[Callable[[], None]] = set()
        self._lock = threading.RLock()
        self._seats: dict[str, Seat] = {}
        self._standings = {scene.key: Standing() for scene in lesson.scenes}
        self._standings[self.scene.key].since = self.used_at
        self._secret = b""

    @property
    def scene(self) -> Scene:
        """The scene that is on."""
        return self.lesson.scenes[self.place]

    @property
    def phase(self) -> Phase:
        """How far the scene is that is on."""
        return self._standings[self.scene.key].phase

    @property
    def since(self) -> float:
        """Since when the scene is on, by `time.monotonic`; 0 where nobody has shown it yet."""
        return self._standings[self.scene.key].since

    @property
    def images_shown(self) -> dict[int, SceneImage]:
        """The images of the scene that is on which may be seen by now, by place."""
        revealed = self.phase is Phase.REVEALED
        every = enumerate(self.images.get(self.scene.key, ()))
        return {place: one for place, one in every if one.at_once or revealed}

    @property
    def seats(self) -> int:
        """How many have come."""
        return len(self._seats)

    def join(self, seat: str = "", name: str = "") -> str:
        """The seat of who comes: the one that is brought along where it is one of this class, else a new one.

        Raises BadInput for a class that is full or over, or a name that is too long.
        """
        with self._lock:
            self._require_going_on()
            if seat not in self._seats:
                if len(self._seats) >= MOST_SEATS:
                    raise BadInput(f"This class is full; it has {MOST_SEATS} seats.")
                seat = secrets.token_urlsafe(SECRET_BYTES)
                self._seats[seat] = Seat(len(self._seats) + 1)
                self._tell(votes=True)
            if name:
                self._seats[seat].name = _clean(name)
            return seat

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing of the class changes within this, so that what is read of it fits together."""
        with self._lock:
            yield

    def sits(self, seat: str) -> bool:
        """Whether it is a seat of this class."""
        return seat in self._seats

    def number_of(self, seat: str) -> int:
        """The number of a seat by order of coming."""
        return self._seats[seat].number

    def vote(self, seat: str, scene_key: str, part: int, vote: object) -> Vote:
        """Take a vote, in place of the one before; returns it as it counts.

        Raises BadInput for a seat or a scene that is none, a scene that is not on, one that is locked, or a vote that
        the bet does not take.
        """
        with self._lock:
            self._require_going_on()
            if seat not in self._seats:
                raise BadInput("This seat is none of this class; join it first.")
            scene = self.lesson.scene(scene_key)
            standing = self._standings[scene.key]
            if scene is not self.scene:
                raise BadInput(f"The class is at another scene: “{self.scene.title}”.")
            if standing.phase is not Phase.OPEN:
                raise BadInput("The bets on this scene are locked.")
            whole("The part of a bet", part, 0, scene.bet.parts - 1)
            counted = scene.bet.checked(vote)
            if standing.votes.get((seat, part)) != counted:
                standing.votes[seat, part] = counted
                standing.seconds[seat, part] = time.monotonic() - standing.since
                self._tell(votes=True)
            return counted

    def votes_of(self, seat: str, scene_key: str) -> dict[int, Vote]:
        """What a seat has voted on a scene, by part."""
        with self._lock:
            votes = self._standings[self.lesson.scene(scene_key).key].votes
            return {part: vote for (who, part), vote in votes.items() if who == seat}

    def tally(self, scene_key: str) -> Tally:
        """What the class has bet on a scene. It is the lecturer's to show: students see it at the reveal."""
        scene = self.lesson.scene(scene_key)
        with self._lock:
            return Tally.of(scene.bet, dict(self._standings[scene.key].votes))

    def leaders(self) -> list[tuple[str, int, int]]:
        """Name or number, how many bets were right and how many were judged, of the revealed scenes; the best first,
        without who was never right.
        """
        with self._lock:
            found = [(seat, *self._score(key)) for key, seat in self._seats.items()]
        ranked = sorted(found, key=lambda one: (-one[1], one[0].number))
        return [(seat.name or f"Seat {seat.number}", right, judged) for seat, right, judged in ranked if right]

    def redeem(self, secret: str) -> "Desk | None":
        """The lecturer's desk for the secret that is valid, which is worth nothing afterwards; None for any other."""
        with self._lock:
            if self.over or not self._secret or not hmac.compare_digest(_digest(secret), self._secret):
                return None
            self._secret = b""
            return Desk(self)

    def new_secret(self) -> str:
        """A secret in place of the one before; whoever has it gets the desk, once. For this module and its registry."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self._secret = _digest(secret)
        return secret

    def _score(self, seat: str) -> tuple[int, int]:
        """How many of a seat's bets were right, of those that were judged."""
        judged = []
        for scene in self.lesson.scenes:
            standing = self._standings[scene.key]
            if standing.phase is Phase.REVEALED:
                votes = [vote for (who, _), vote in standing.votes.items() if who == seat]
                judged += [one for vote in votes if (one := scene.bet.is_right(vote)) is not None]
        return sum(judged), len(judged)

    def _require_going_on(self) -> None:
        if self.over:
            raise BadInput("This class is over.")

    def _tell(self, *, votes: bool = False) -> None:
        self.used_at = time.monotonic()
        if votes:
            self.voted += 1
        else:
            self.moved += 1
        for listener in tuple(self.listeners):
            listener()


class Desk:
    """What only the lecturer may do; `recovery` is the secret that gives it back once after a lost connection."""

    def __init__(self, classroom: Classroom):
        self.classroom = classroom
        self.recovery = classroom.new_secret()

    def go(self, place: int) -> None:
        """Have the scene at `place` on, the first or last for one beyond; it is open where it was not shown yet."""
        room = self.classroom
        with room._lock:
            room.place = max(0, min(place, len(room.lesson.scenes) - 1))
            standing = room._standings[room.scene.key]
            standing.since = standing.since or time.monotonic()
            room._tell()

    def set_phase(self, phase: Phase) -> None:
        """Open, lock or reveal the scene that is on. Votes stay."""
        with self.classroom._lock:
            self.classroom._standings[self.classroom.scene.key].phase = phase
            self.classroom._tell()

    def set_answers(self, scene_key: str, answers: Iterable[Answer]) -> None:
        """What models say about a scene, to stand beside the class's bets."""
        with self.classroom._lock:
            self.classroom.answers[self.classroom.lesson.scene(scene_key).key] = tuple(answers)
            self.classroom._tell()

    def set_images(self, scene_key: str, images: Iterable[SceneImage]) -> None:
        """Images that a scene shows: some at once, others with the reveal."""
        with self.classroom._lock:
            self.classroom.images[self.classroom.lesson.scene(scene_key).key] = tuple(images)
            self.classroom._tell()

    def votes(self, scene_key: str) -> Votes:
        """All votes on a scene, by seat and part."""
        with self.classroom._lock:
            return dict(self.classroom._standings[self.classroom.lesson.scene(scene_key).key].votes)

    def let_roam(self, *, free: bool) -> None:
        """Let students look at any page by themselves, or have them at the scene that is on."""
        self._set("free_roam", free)

    def show_leaderboard(self, *, shown: bool) -> None:
        """Show who bet right most often, or not."""
        self._set("leaderboard", shown)

    def rows(self) -> list[dict[str, object]]:
        """Every vote as a row: scene, part, seat, name, the vote as it is and in words, whether it is right (None where
        nobody is wrong), and the seconds since the scene was on.
        """
        room = self.classroom
        with room._lock:
            return [
                {
                    "scene": scene.key,
                    "part": part + 1,
                    "seat": room._seats[seat].number,
                    "name": room._seats[seat].name,
                    "vote": vote,
                    "answer": scene.bet.in_words(vote),
                    "right": scene.bet.is_right(vote),
                    "seconds": round(room._standings[scene.key].seconds[seat, part], 1),
                }
                for scene in room.lesson.scenes
                for (seat, part), vote in sorted(room._standings[scene.key].votes.items())
            ]

    def end(self) -> None:
        """End the class: all that is in memory of it goes."""
        room = self.classroom
        with room._lock:
            room.over = True
            room._seats.clear()
            for standing in room._standings.values():
                standing.votes.clear()
                standing.seconds.clear()
            room._tell()

    def _set(self, name: str, value: bool) -> None:
        with self.classroom._lock:
            setattr(self.classroom, name, value)
            self.classroom._tell()


def _clean(name: str) -> str:
    found = " ".join("".join(letter for letter in name if letter.isprintable()).split())
    if len(found) > LONGEST_NAME:
        raise BadInput(f"A name has at most {LONGEST_NAME} characters; got {len(found)}.")
    return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
