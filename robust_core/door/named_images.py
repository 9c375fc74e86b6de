"""The images of a request as code names them: by the call that draws them, by ids, or as files of the reader's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from robust_core import data
from robust_core.data.image_set import ImageSet, Recipe
from robust_core.door.literals import Code, call
from robust_core.errors import RobustError
from robust_core.images import LabelledImage
from robust_core.studies.feature_visualization import noise

FOLDER = "path/to/your/images"
MOST_NAMED = 20  # files of the reader's that a comment names
DIGEST_DIGITS = 12


@dataclass(frozen=True)
class Named:
    """Lines that come first, and the expression for the images."""

    lines: tuple[str, ...]
    expression: Any


def named_set(images: ImageSet, variable: str = "images") -> Named:
    """A set of images as the variable that is assigned before."""
    made = _by_recipe(images) or _by_ids(images)
    if made is not None:
        return Named((f"{variable} = {made}",), Code(variable))
    return Named((*_files(list(images)), f'{variable} = rc.load_images("{FOLDER}", labels=None)'), Code(variable))


def named_image(image: LabelledImage) -> Named:
    """One image as its id, or as a file of the reader's."""
    if _is_found(image):
        return Named((), image.sample_id)
    return Named(_files([image]), f"{FOLDER}/{image.name}")


def noise_seed(image: LabelledImage) -> int | None:
    """The seed of an image of uniform noise; None where it is something else."""
    seed = image.name.removeprefix("noise, seed ")
    if not seed.isdecimal() or len(seed) > 9:
        return None
    return int(seed) if noise(image.rgb.shape[0], int(seed)).identity == image.identity else None


def _by_recipe(images: ImageSet) -> str | None:
    """The call that makes exactly this set."""
    if images.recipe is None:
        return None
    try:
        same = _made(images.recipe).identity == images.identity
    except RobustError:  # its source has changed since
        return None
    return _written(images.recipe) if same else None


def _made(recipe: Recipe) -> ImageSet:
    import robust_core as rc

    given = [_made(one) if isinstance(one, Recipe) else one for one in recipe.given]
    return getattr(rc, recipe.function)(*given, **recipe.options)


def _written(recipe: Recipe) -> str:
    given = tuple(Code(_written(one)) if isinstance(one, Recipe) else one for one in recipe.given)
    return call(f"rc.{recipe.function}", given, recipe.options)


def _by_ids(images: ImageSet) -> str | None:
    every = list(images)
    if not all(map(_is_found, every)):
        return None
    options: dict[str, Any] = {"title": images.title} if images.title else {}
    labels = [one.label for one in every]
    if labels != [data.read(one.sample_id).label for one in every] and None not in labels:
        options["labels"] = labels
    return call("rc.load_images", ([one.sample_id for one in every],), options)


def _is_found(image: LabelledImage) -> bool:
    """Whether its id gives it again, pixel for pixel."""
    if not image.sample_id:
        return False
    try:
        return data.read(image.sample_id).identity == image.identity
    except RobustError:  # it is gone
        return False


def _files(images: Sequence[LabelledImage]) -> tuple[str, ...]:
    """A comment that names the reader's own files."""
    named = "; ".join(f"{one.name} (SHA-256 {one.digest[:DIGEST_DIGITS]}…)" for one in images[:MOST_NAMED])
    more = f"; and {len(images) - MOST_NAMED} more" if len(images) > MOST_NAMED else ""
    return (f"# {' '.join(named.split())}{more}",)
