"""The images of a study of edits, each made under one edit after another: scenes drawn again, photos cut and pasted."""

from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.data.edited_photos import cutout_of, edited_photo
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import is_scene, read_edited
from robust_core.edits.boxes import Box
from robust_core.edits.object_edit import ObjectEdit
from robust_core.errors import BadInput
from robust_core.images import LabelledImage


@dataclass(frozen=True, eq=False)
class Maker:
    """Makes one image under each edit; a scene has no `box`."""

    image: LabelledImage
    box: Box | None

    def under(self, edit: ObjectEdit | None) -> LabelledImage:
        """The image with its object edited; None leaves it as it came."""
        if edit is None:
            return self.image
        if self.box is None:
            return read_edited(self.image.sample_id, edit)
        return edited_photo(self.image, self.box, edit)


def makers_of(images: ImageSet, boxes: Sequence[Box], left_out: list[str]) -> list[Maker]:
    """Of those images that can be edited; `left_out` gets a sentence about each photo that cannot be cut."""
    if not boxes:
        return [Maker(image, None) for image in images]
    makers = []
    for image, box in zip(images, boxes, strict=True):
        try:
            cutout_of(image, box)
        except BadInput as error:
            left_out.append(f"{image.name}: {error}")
        else:
            makers.append(Maker(image, box))
    return makers


def check_scenes(images: ImageSet) -> None:
    """Raise BadInput for an image that is no scene of its own, which could be drawn again."""
    for image in images:
        if not is_scene(image.sample_id):
            raise BadInput(
                f"{image.name} is no scene of Mini that can be drawn again; expected images such as "
                'rc.draw_images("mini", 8), or photos with a box around each one\'s object.'
            )
