"""Photos whose object is cut out in a box, edited, and pasted back."""

from dataclasses import dataclass, field
from functools import lru_cache

from robust_core.edits.boxes import Box
from robust_core.edits.cutout import Cutout, cut_out
from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.images import LabelledImage

PASTED_BACK = "cut out and pasted back"  # the control, in words


@dataclass(frozen=True)
class _Photo:
    """A photo known by its pixels, with its box."""

    pixels_sha256: str
    box: Box
    image: LabelledImage = field(compare=False)


def cutout_of(image: LabelledImage, box: Box) -> Cutout:
    """The object in `box`, cut out once for all that is asked about it; raises BadInput as `cut_out` does."""
    return _cutout(_Photo(image.pixels_sha256, box, image))


def edited_photo(image: LabelledImage, box: Box, edit: ObjectEdit) -> LabelledImage:
    """The photo with its object edited; `UNEDITED` is the control, the object pasted back where it was. Raises BadInput
    as `cut_out` does.
    """
    what = PASTED_BACK if edit == UNEDITED else str(edit)
    return image.with_pixels(cutout_of(image, box).edited(edit), f"{image.name}, {what}")


@lru_cache(maxsize=16)
def _cutout(photo: _Photo) -> Cutout:
    return cut_out(photo.image.rgb, photo.box)
