"""One grid of pixels for models of several input sizes: who resizes what, in numbers and in words."""

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.models.spec import ModelSpec


def input_px(target: ModelSpec, grid_px: tuple[int, int], images: ImageSet) -> tuple[int, int]:
    """(height, width) at which `target` takes images of a grid: its own input size, the grid's where it takes any.

    Raises BadInput where the grid is not square and the target's input is.
    """
    crop_px = target.preprocess_for(images[0].centre_crop_only).crop
    if crop_px is None:
        return grid_px
    if grid_px[0] != grid_px[1]:
        raise BadInput(
            f"The images are on a grid of {size_in_words(grid_px)} px, and {target.title} takes square ones; expected "
            "square images, or models that take any size."
        )
    return crop_px, crop_px


def size_in_words(height_and_width_px: tuple[int, int]) -> str:
    """A size as people write it, width first."""
    height, width = height_and_width_px
    return f"{width} × {height}"
