"""A .zip with a folder for each class, whatever the classes are: what a visitor brings to transfer learning."""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, replace

from robust_core.data.image_set import ImageSet
from robust_core.data.uploads.archive_members import File, Member, members_of
from robust_core.data.uploads.memory import Held
from robust_core.data.uploads.reading import MAX_IMAGES
from robust_core.errors import BadImage, BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, decode, shown_name
from robust_core.labels import own_label_space

NAMED = 3


@dataclass(frozen=True, eq=False)
class OwnClasses:
    """The images of an archive, each with the class that its folder names, and sentences about what was left out."""

    images: ImageSet
    notes: tuple[str, ...]


def read_own_classes(file: File, held: Held) -> Generator[Progress, None, OwnClasses]:
    """Decode the images of a .zip into `held`, at most MAX_IMAGES; the innermost folder of each is its class.

    Raises BadInput for what is no .zip, or holds no image in a folder.
    """
    members = [member for member in members_of(file) if member.folder is not None]
    if not members:
        raise BadInput(f"{shown_name(file.name)} has no folders; expected a .zip with a folder for each class.")
    folders = sorted({str(member.folder) for member in members})
    space = own_label_space(shown_name(file.name), folders)
    images: dict[str, LabelledImage] = {}
    left_out: list[str] = []
    for place, member in enumerate(members):
        yield Progress(place, len(members), "images", "reading")
        try:
            image = _read(member, images, held)
            images[image.digest] = replace(image, label=folders.index(str(member.folder)), label_space=space)
        except BadImage as error:
            left_out.append(str(error))
    if not images:
        raise BadInput(f"{shown_name(file.name)} holds no image that can be read. {left_out[0]}")
    found = ImageSet.of([*images.values()], shown_name(file.name), f"{len(images)} images, a folder for each class.")
    return OwnClasses(found, _in_short(left_out))


def _read(member: Member, images: dict[str, LabelledImage], held: Held) -> LabelledImage:
    if len(images) >= MAX_IMAGES:
        raise BadImage(f"{member.name} was left out, since at most {MAX_IMAGES} images are taken.")
    data = member.read()
    if hashlib.sha256(data).hexdigest() in images:
        raise BadImage(f"{member.name} is a copy of another image, and was left out.")
    image = decode(data, member.name)
    if reason := held.add(image):
        raise BadImage(f"{member.name} {reason}.")
    return image


def _in_short(sentences: list[str]) -> tuple[str, ...]:
    more = len(sentences) - NAMED
    return (*sentences[:NAMED], *([f"And {more} more images were left out."] if more > 0 else []))
