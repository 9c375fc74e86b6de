"""The images of a request as records: by their ids where they have any, else by their digests and, where there is room,
with their pixels.
"""

from typing import Any

from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI, POSITIONS, LabelSpace
from robust_core.report.report_images import base64_of
from robust_core.report.room import Room


def set_record(images: ImageSet, room: Room) -> dict[str, Any]:
    """All that tells a set."""
    return {
        "title": images.title,
        "rule": images.rule,
        "notes": list(images.notes),
        "classes": None if images.classes is None else list(images.classes),
        "images": [image_record(one, room) for one in images],
    }


def image_record(image: LabelledImage, room: Room) -> dict[str, Any]:
    """All that tells one image."""
    record: dict[str, Any] = {
        "name": image.name,
        "source": image.source,
        "sha256": image.digest,
        "pixels_sha256": image.pixels_sha256,
        "label": image.label,
        "classes": _classes(image.label_space),
        "centre_crop_only": image.centre_crop_only,
        "id": image.sample_id,
    }
    if not image.sample_id and image.rgb.size <= room.characters and room.take(pixels := base64_of(image.rgb)):
        record["pixels"] = pixels
    return record


def stimuli_record(stimuli: StimulusSet) -> dict[str, Any]:
    """All that tells a set of stimuli, without a path."""
    if stimuli.key[0] != "folder":
        return {"kind": "synthetic", "sha256": stimuli.identity["key_sha256"]}
    return {"kind": "folder", "title": stimuli.title, "seed": stimuli.key[2], "ids": list(stimuli.ids)}


def _classes(space: LabelSpace) -> Any:
    """A label space by its key, one of somebody's own by its names."""
    known = space in (IMAGENET, MINI, POSITIONS)
    return space.key if known else {"title": space.title, "names": list(space.names)}
