"""The object of an image edited: smaller, elsewhere, turned, of another colour, before another background."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.data.image_set import ImageSet
from robust_core.data.sample_boxes import has_known_box, proposed_box
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.edits.boxes import Box, read_table
from robust_core.edits.object_edit import KINDS, ObjectEdit, get_kind
from robust_core.errors import BadInput
from robust_core.studies import object_edits
from robust_core.studies.object_edits import ObjectEdits, ObjectEditsRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models

USUAL = ("size", "rotation", "hue", "background")


def edit_objects(
    models: "Models",
    images: Any,
    edits: "str | ObjectEdit | Iterable[str | ObjectEdit]" = USUAL,
    *,
    boxes: Any = None,
    batch_size: BatchSize = "auto",
    progress: ShowProgress = True,
) -> ObjectEdits:
    """Top-1 accuracy of each model on images whose object is edited, and on the images as they are.

    images  scenes of Mini that can be drawn again, such as `rc.draw_images("mini", 32)`; or photos
    edits   kinds ("size", "rotation", "hue", "background", "place", each at several values), `rc.ObjectEdit`s, or both
    boxes   where the object of each photo is, in pixels: (x0, y0, x1, y1) for a single one, a list of these, a mapping
            from file names to them, or a CSV file with the columns file, x0, y0, x1, y1. The photos that come with the
            project have theirs

    A scene is drawn again with nothing else changed; its label is the object's shape. From a photo the object is cut
    out in its box by GrabCut (Rother, Kolmogorov and Blake 2004) and pasted over the photo with the hole filled in.
    Changes are counted from the object pasted back where it was: where that alone changes a prediction, the result
    says so. A photo without a label is followed by the class that a model predicts for the original. After ImageNet-E
    (Li et al. 2023). Raises BadInput or UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> found = rc.edit_objects("mini_resnext", images, rc.ObjectEdit(zoom=0.5, right_percent=12.5), progress=False)
    >>> found.frame[["edit", "n"]].values.tolist()
    [['not edited', 4], ['size × 0.5, 12.5% right', 4]]
    """
    found, chosen = as_images(images), choose(models)
    placed = _boxes_of(found, boxes)
    request = ObjectEditsRequest(chosen.specs, found, _edits_of(edits, photos=bool(placed)), placed)
    return drive(object_edits.run(request), progress, batch_size, "Object edits", chosen)


def _edits_of(given: Any, *, photos: bool) -> tuple[ObjectEdit, ...]:
    several = [given] if isinstance(given, str | ObjectEdit) or not isinstance(given, Iterable) else list(given)
    edits: list[ObjectEdit] = []
    for one in several:
        if not isinstance(one, str | ObjectEdit):
            raise BadInput(f"Expected edits such as {', '.join(KINDS)} or rc.ObjectEdit(zoom=0.5); got {one!r}.")
        edits += get_kind(one, photos=photos).edits if isinstance(one, str) else (one,)
    return tuple(dict.fromkeys(edits))


def _boxes_of(images: ImageSet, given: Any) -> tuple[Box, ...]:
    """A box for each photo; none for scenes, and those drawn by hand for the project's own photos."""
    if given is None:
        return known_boxes(images)
    if isinstance(given, str | os.PathLike):
        given = _table(Path(given).expanduser())
    if isinstance(given, Mapping):
        return _by_name(images, {str(name): Box.of(box) for name, box in given.items()})
    if isinstance(given, Box) or (isinstance(given, Sequence) and len(given) == 4 and not _is_list(given[0])):
        given = [given]
    if not isinstance(given, Iterable):
        raise BadInput(f"Expected boxes as (x0, y0, x1, y1) for each photo, or a CSV file of them; got {given!r}.")
    return tuple(Box.of(one) for one in given)


def known_boxes(images: ImageSet) -> tuple[Box, ...]:
    """Those that somebody drew for these photos, where each has one."""
    return tuple(map(proposed_box, images)) if all(map(has_known_box, images)) else ()


def _by_name(images: ImageSet, boxes: Mapping[str, Box]) -> tuple[Box, ...]:
    """The box of each image by its id or by the name of its file."""
    by_name = {Path(name).name: box for name, box in boxes.items()}
    found = [boxes.get(one, by_name.get(image.name)) for one, image in zip(images.ids, images, strict=True)]
    without = [image.name for image, box in zip(images, found, strict=True) if box is None]
    if without:
        more = f" and {len(without) - 1} more" if without[1:] else ""
        raise BadInput(f"There is no box for {without[0]}{more}; expected one for each of the {len(images)} photos.")
    return tuple(box for box in found if box is not None)


def _table(path: Path) -> dict[str, Box]:
    try:
        return read_table(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is no CSV table in UTF-8.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _is_list(value: Any) -> bool:
    return isinstance(value, Box | Sequence) and not isinstance(value, str)
