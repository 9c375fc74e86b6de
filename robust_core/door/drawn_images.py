"""Images of the door as the dashboard draws them: of a collection, or synthetic ones of Mini."""

from robust_core import data
from robust_core.checks import whole
from robust_core.data.drawn_sets import collection_images, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import SCENES
from robust_core.errors import BadInput
from robust_core.labels import IMAGENET, MINI
from robust_core.names import find

SPACES = {space.key: space for space in (IMAGENET, MINI)}


def draw_images(
    collection: str,
    n: int,
    *,
    seed: int = 0,
    scene: str = "clean",
    condition: str | None = None,
    label: int | None = None,
    avoid: int | None = None,
    classes: str = "imagenet",
) -> ImageSet:
    """`n` images as the pages of the dashboard draw them by `seed`: of a collection, or fewer where it has fewer, or
    synthetic ones.

    collection  "foolbox", the key of a folder in ROBUST_LAB_DATA, or "mini" for synthetic images, every category in
                turn
    scene       of synthetic images: "clean", "wide" or "hard"
    condition   of a collection that has some, such as "fog/3" of ImageNet-C
    label       only images of this class of the collection, or of this category of synthetic ones
    avoid       no image of this class among `classes`, for attacks that lead there
    classes     "imagenet" or "mini": in which classes labels count

    Raises UnknownName for a collection, a condition or a word that there is none of, BadInput for numbers out of range
    or a class without images.

    >>> import robust_core as rc
    >>> [image.name for image in rc.draw_images("mini", 2)]
    ['airplane', 'bear']
    """
    n, seed = whole("n", n, 1), whole("seed", seed, 0)
    if collection == MINI.key:
        if condition is not None:
            raise BadInput("Synthetic images have no condition to choose; leave it out.")
        if label is not None:
            label = whole("label", label, 0, len(MINI.names) - 1)
            if label == avoid:
                raise BadInput(f"No image is of class {label} and avoids it; got that for both label and avoid.")
        drawn = synthetic_images(n, seed, find("scene", scene, {key: key for key in SCENES}), avoid, label)
    else:
        there = {one.key: one for one in data.list_collections()}
        chosen = there[find("collection of images", collection, {key: one.title for key, one in there.items()})]
        space = SPACES[find("set of classes", classes, {key: one.title for key, one in SPACES.items()})]
        drawn = collection_images(chosen, n, seed, space, condition=condition, label=label, avoid=avoid)
    drawn.require_images()
    return drawn
