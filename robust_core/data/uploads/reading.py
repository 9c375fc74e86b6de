"""From files to images in memory and notes about the rest: a generator for a worker, one image between two events."""

import hashlib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from robust_core.data.uploads.archive_members import File, Member, members_of
from robust_core.data.uploads.memory import Held
from robust_core.errors import BadImage, BadInput
from robust_core.events import Progress
from robust_core.images import decode, shown_name
from robust_core.labels import IMAGENET, LabelSpace

MAX_IMAGES = 500
MAX_SECONDS = 300  # visitors take turns for this worker, so that one may not keep it from the others


@dataclass(frozen=True)
class Note:
    """What is to be said about a file or a folder: its name, and the rest of the sentence without a full stop."""

    name: str
    predicate: str
    is_error: bool = True


@dataclass(frozen=True)
class Taken:
    """What became of one file: its size, its images as (digest, name), and the notes."""

    bytes: int
    images: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


def read(
    files: Sequence[File], held: Held, space: LabelSpace = IMAGENET
) -> Generator[Progress, None, dict[str, Taken]]:
    """Decode every image of `files` into `held`, at most MAX_IMAGES there and for at most MAX_SECONDS; returns what was
    Taken by file id.

    Folders in archives name classes of `space`, or of ImageNet.
    """
    began, opened = time.monotonic(), [_opened(file, space) for file in files]
    total, done, taken = sum(len(members) for members, _ in opened), 0, {}
    for file, (members, notes) in zip(files, opened, strict=True):
        images: dict[str, str] = {}
        folders: dict[str, None] = {}  # that name no class and gave an image
        for member in members:
            yield Progress(done, total, "images", "reading")
            before = len(images)
            late = time.monotonic() - began > MAX_SECONDS
            note = (
                Note(member.name, f"was left out, since reading took longer than {MAX_SECONDS} s")
                if late
                else _take(member, held, images)
            )
            notes += [note] if note else []
            if member.unknown_folder and len(images) > before:
                folders[member.unknown_folder] = None
            done += 1
        notes += [
            Note(f"“{folder}”", "is a folder that names no class, or several; its images have no label", is_error=False)
            for folder in folders
        ]
        taken[file.id] = Taken(len(file.data), tuple(images.items()), tuple(notes))
    return taken


def _opened(file: File, space: LabelSpace) -> tuple[list[Member], list[Note]]:
    try:
        members = members_of(file, space)
    except BadInput as error:
        return [], [_note(shown_name(file.name), error)]
    return members, [] if members else [Note(shown_name(file.name), "holds no files")]


def _take(member: Member, held: Held, images: dict[str, str]) -> Note | None:
    """Add the member's image to `held` and to `images`, names by digest; returns a Note where that is not what
    happens.
    """
    if len(held) >= MAX_IMAGES:
        return Note(member.name, f"was left out, since a session takes at most {MAX_IMAGES} images")
    try:
        data = member.read()
        digest = hashlib.sha256(data).hexdigest()
        before = held.get(digest)
        image = before or replace(decode(data, member.name), label=member.label, label_space=member.label_space)
    except BadImage as error:
        return _note(member.name, error)
    if before and before.label is None and member.label is not None:
        image = replace(before, label=member.label, label_space=member.label_space)
    reason = held.add(image)
    if reason:
        return Note(member.name, reason)
    images.setdefault(digest, member.name)
    return (
        Note(member.name, "is a copy of an image that is here already, and was taken once", is_error=False)
        if before
        else None
    )


def _note(name: str, error: BadInput) -> Note:
    """The sentence of an error, which begins with the name that it is about."""
    return Note(name, str(error).removeprefix(name).strip().removesuffix("."))
