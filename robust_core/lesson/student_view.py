"""What one student sees of a class, as plain values: nothing of the others' bets before the reveal, and never which bet
is right.
"""

from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlencode

from robust_core.intervals import Interval
from robust_core.lesson.bets import CATEGORIES, Bet, Choice, Stimuli, Vote
from robust_core.lesson.classroom import Classroom, Phase
from robust_core.lesson.scenes import Scene
from robust_core.lesson.shown_images import stimulus_of
from robust_core.lesson.votes import Tally

HIDDEN = ("right", "within")  # fields of bets that tell the answer
HOME = "story"  # the page whose address is the server's own
MOST_SHOWN = 24  # answers of a distribution, the most frequent first


def seen_by(room: Classroom, seat: str) -> dict[str, Any]:
    """The view of a seat; of a class that is over, only that."""
    with room.still():
        return {"over": True, "title": room.lesson.title} if room.over else _seen_by(room, seat)


def _seen_by(room: Classroom, seat: str) -> dict[str, Any]:
    scene, phase = room.scene, room.phase
    votes = room.votes_of(seat, scene.key)
    return {
        "over": False,
        "title": room.lesson.title,
        "code": room.code,
        "seat": room.number_of(seat),
        "roam": room.free_roam,
        "scene": _scene(room, scene)
        | {"phase": phase.value, "votes": {str(part): vote for part, vote in votes.items()}},
        "reveal": _reveal(room, scene, votes) if phase is Phase.REVEALED else None,
        "leaders": room.leaders()[:MOST_SHOWN] if room.leaderboard and phase is Phase.REVEALED else None,
    }


def link_of(scene: Scene) -> str:
    """The address of the scene's page in its state, from the server's root."""
    page = "" if scene.page == HOME else scene.page
    return page + (f"?{urlencode(scene.state, doseq=True)}" if scene.state else "")


def _scene(room: Classroom, scene: Scene) -> dict[str, Any]:
    return {
        "key": scene.key,
        "place": room.place + 1,
        "of": len(room.lesson.scenes),
        "title": scene.title,
        "question": scene.question,
        "bet": _bet(scene.bet),
        "link": link_of(scene),
        "images": _images(room),
    }


def _images(room: Classroom) -> list[dict[str, Any]]:
    """What the scene shows by now; what it turns out to be, with the reveal alone."""
    revealed = room.phase is Phase.REVEALED
    return [
        {"place": place, "title": one.title, "alt": one.alt, "label": one.label if revealed else ""}
        for place, one in room.images_shown.items()
    ]


def _bet(bet: Bet) -> dict[str, Any]:
    shown = {field.name: getattr(bet, field.name) for field in fields(bet) if field.name not in HIDDEN}  # type: ignore[arg-type]
    categories = {"categories": list(CATEGORIES)} if isinstance(bet, Stimuli) else {}
    return {"kind": bet.kind, "parts": bet.parts} | shown | categories


def _reveal(room: Classroom, scene: Scene, votes: dict[int, Vote]) -> dict[str, Any]:
    tally = room.tally(scene.key)
    return {
        "n": tally.n,
        "counts": [_counts(tally, part) for part in range(scene.bet.parts)],
        "yours": [_yours(tally, scene.bet, part, votes) for part in range(scene.bet.parts)],
        "right": scene.bet.right_in_words,
        "right_options": list(scene.bet.right) if isinstance(scene.bet, Choice) else [],
        "class_right": _bounded(tally.right),
        "stimuli": _stimuli(scene.bet),
        "answers": [asdict(one) | {"said": one.in_words} for one in room.answers.get(scene.key, ())],
        "published": list(scene.published),
        "stays": scene.stays,
    }


def _stimuli(bet: Bet) -> list[dict[str, str | None]]:
    """Of each stimulus, which was seen by now, its shape and its texture."""
    if not isinstance(bet, Stimuli):
        return []
    shown = [stimulus_of(bet, part).stimulus for part in range(bet.parts)]
    return [{"shape": one.shape, "texture": one.texture} for one in shown]


def _counts(tally: Tally, part: int) -> list[dict[str, Any]]:
    counted = list(tally.counts(part).items())
    return [{"answer": answer, "count": count} for answer, count in counted[:MOST_SHOWN]]


def _yours(tally: Tally, bet: Bet, part: int, votes: dict[int, Vote]) -> dict[str, Any] | None:
    """Whether one's own bet is right, and the share of the class that made it; None without a bet."""
    if part not in votes:
        return None
    return {"vote": votes[part], "right": bet.is_right(votes[part]), "share": _bounded(tally.share(votes[part], part))}


def _bounded(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.estimate, interval.low, interval.high]
