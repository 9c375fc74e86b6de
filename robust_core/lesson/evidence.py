"""What stands beside the bets of each scene, as a table; `prepare` gets all of it before the class comes.

Recorded runs answer at once, what is not recorded is computed, and published numbers are read from their tables.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from robust_core.errors import RobustError, UnknownName
from robust_core.events import Progress, mapped
from robust_core.lesson import evidence_attacks as attacks
from robust_core.lesson import evidence_cues as cues
from robust_core.lesson import evidence_maps as maps
from robust_core.lesson import evidence_photos as photos
from robust_core.lesson.answers import Answer, Curve
from robust_core.lesson.found import Found, find_or_run
from robust_core.lesson.scene_images import SceneImage
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.studies.request import Request


@dataclass(frozen=True)
class Evidence:
    """One row: the `requests` that it needs, and the `answers`, `images` and `curves` that are made of what they came
    to, in the order of the requests.
    """

    key: str
    title: str
    requests: Callable[[], tuple[Request, ...]]
    answers: Callable[[Sequence[Found]], tuple[Answer, ...]]
    images: Callable[[Sequence[Found]], tuple[SceneImage, ...]] = lambda found: ()
    curves: Callable[[Sequence[Found]], tuple[Curve, ...]] = lambda found: ()


EVIDENCE: dict[str, Evidence] = {
    row.key: row
    for row in (
        Evidence(
            "confidence",
            "How sure three networks are of one photo",
            photos.confidence_requests,
            photos.confidence_answers,
            photos.confidence_images,
        ),
        Evidence(
            "fog",
            "Accuracy in fog",
            photos.fog_requests,
            photos.fog_answers,
            photos.fog_images,
            photos.fog_curves,
        ),
        Evidence(
            "flips",
            "Labels that flip from frame to frame",
            photos.flips_requests,
            photos.flips_answers,
            photos.flips_images,
        ),
        Evidence("misleading", "Images chosen to mislead", photos.misleading_requests, photos.misleading_answers),
        Evidence(
            "invisible",
            "The smallest change that fools",
            attacks.invisible_requests,
            attacks.invisible_answers,
            attacks.invisible_images,
        ),
        Evidence(
            "ten_steps",
            "What ten steps leave",
            attacks.steps_requests,
            attacks.ten_steps_answers,
            curves=attacks.ten_steps_curves,
        ),
        Evidence(
            "fifty_steps",
            "What fifty steps leave",
            attacks.steps_requests,
            attacks.fifty_steps_answers,
            curves=attacks.fifty_steps_curves,
        ),
        Evidence("defence", "Scaled logits under attack", attacks.defence_requests, attacks.defence_answers),
        Evidence("cue_conflict", "Shape or texture", cues.cue_conflict_requests, cues.cue_conflict_answers),
        Evidence(
            "glasses",
            "Shape bias behind a blur",
            cues.glasses_requests,
            cues.glasses_answers,
            curves=cues.glasses_curves,
        ),
        Evidence(
            "randomised",
            "Maps of trained and random networks",
            maps.randomised_requests,
            maps.randomised_answers,
            maps.randomised_images,
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is ready for one scene; `trouble` is the sentence of what went wrong, "" where nothing did."""

    answers: tuple[Answer, ...] = ()
    images: tuple[SceneImage, ...] = ()
    curves: tuple[Curve, ...] = ()
    trouble: str = ""


def prepare(lesson: Lesson) -> Generator[Progress, None, dict[str, Prepared]]:
    """Get the evidence of every scene, by its key; yields how many scenes are ready. What goes wrong in one, such as
    missing weights, is its trouble alone. Raises UnknownName, before any work, for a scene whose evidence is none of
    the table.
    """
    rows = [(scene, evidence_of(scene)) for scene in lesson.scenes]
    prepared: dict[str, Prepared] = {}
    for number, (scene, row) in enumerate(rows):
        begun = Progress(number, len(rows), "scenes", scene.title)
        yield begun
        prepared[scene.key] = Prepared() if row is None else (yield from _prepared(row, begun))
    yield Progress(len(rows), len(rows), "scenes")
    return prepared


def evidence_of(scene: Scene) -> Evidence | None:
    """The row that a scene names; None where it names none. Raises UnknownName for one that is not in the table."""
    if scene.evidence and scene.evidence not in EVIDENCE:
        raise UnknownName("evidence", scene.evidence, EVIDENCE)
    return EVIDENCE.get(scene.evidence)


def find(row: Evidence) -> Generator[Progress, None, tuple[Found, ...]]:
    """What the requests of a row come to."""
    found = []
    for request in row.requests():
        found.append((yield from find_or_run(request)))
    return tuple(found)


def _prepared(row: Evidence, begun: Progress) -> Generator[Progress, None, Prepared]:
    def within(event: Progress) -> Progress:
        return replace(begun, note=f"{begun.note}: {event.note}" if event.note else begun.note)

    try:
        found = yield from mapped(find(row), within)
        return Prepared(row.answers(found), row.images(found), row.curves(found))
    except RobustError as error:
        return Prepared(trouble=str(error))
