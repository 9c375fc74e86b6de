"""The object of a scene edited: smaller, elsewhere, turned, of another colour, before another background."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.edits.object_edit import KINDS, ObjectEdit, get_kind
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
    batch_size: BatchSize = "auto",
    progress: ShowProgress = True,
) -> ObjectEdits:
    """Top-1 accuracy of each model on scenes of Mini whose object is edited, and on the scenes as they are.

    images  scenes of Mini that can be drawn again, such as `rc.draw_images("mini", 32)`
    edits   kinds ("size", "rotation", "hue", "background", "place", each at several values), `rc.ObjectEdit`s, or both

    The scene is drawn again with nothing else changed. The label is the object's shape. Raises BadInput or UnknownName
    for arguments that do not fit, and what the models raise. After ImageNet-E (Li et al. 2023), which edits the objects
    of photos.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> found = rc.edit_objects("mini_resnext", images, rc.ObjectEdit(zoom=0.5, right_percent=8), progress=False)
    >>> found.frame[["edit", "n"]].values.tolist()
    [['not edited', 4], ['size × 0.5, 8 px right', 4]]
    """
    found, chosen = as_images(images), choose(models)
    request = ObjectEditsRequest(chosen.specs, found, _edits_of(edits))
    return drive(object_edits.run(request), progress, batch_size, "Object edits", chosen)


def _edits_of(given: Any) -> tuple[ObjectEdit, ...]:
    several = [given] if isinstance(given, str | ObjectEdit) or not isinstance(given, Iterable) else list(given)
    edits: list[ObjectEdit] = []
    for one in several:
        if not isinstance(one, str | ObjectEdit):
            raise BadInput(f"Expected edits such as {', '.join(KINDS)} or rc.ObjectEdit(zoom=0.5); got {one!r}.")
        edits += get_kind(one).edits if isinstance(one, str) else (one,)
    return tuple(dict.fromkeys(edits))
