"""Defences: what a naive attack leaves of them, and what adaptive ones do."""

from typing import TYPE_CHECKING, Any

from robust_core.attacks.threat import NORM_TITLES, pixel_units
from robust_core.defences.table import DEFENCES, Defence, fitting
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.models.spec import ModelSpec
from robust_core.names import find
from robust_core.studies import defence_check
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.defence_outcomes import DefenceCheck

if TYPE_CHECKING:
    from robust_core.door.models import Models


def break_defence(
    models: "Models",
    images: Any,
    defences: "str | list[str] | tuple[str, ...] | None" = None,
    eps: "float | str" = "8/255",
    *,
    steps: int = 50,
    norm: str = "linf",
    seed: int = 0,
    batch_size: BatchSize = "auto",
    progress: ShowProgress = True,
) -> DefenceCheck:
    """Put defences before models, and attack each with an attacker who knows nothing of it and with some who do, on
    the same images; the result says what each attacker leaves, and which alarms the naive attack sets off.

    models    a model, a key of the table, or a list of them
    images    an ImageSet, or what `load_images` takes
    defences  one, or a list: keys or titles of `robust_core.defences.table.DEFENCES`; None means all that can be put
              before every one of the models
    eps       radius of the ball in pixel units, such as 8/255 or "8/255"

    Raises BadInput or UnknownName for arguments that do not fit, such as a trained defence for a model for which none
    was trained, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 2)
    >>> found = rc.break_defence("mini_resnext", images, "logits_x100", steps=2, progress=False)
    >>> found.frame[["defence", "attack", "n"]].head(2).values.tolist()
    [['logits_x100', 'clean', 2], ['logits_x100', 'worst case', 2]]
    """
    found, chosen = as_images(images), choose(models)
    keys = _keys(defences, chosen.specs)
    which = find("norm", norm, NORM_TITLES)
    request = DefenceRequest(chosen.specs, found, keys, which, pixel_units(eps), steps, seed)
    return drive(defence_check.run(request), progress, batch_size, "defences", chosen)


def _keys(defences: Any, specs: tuple[ModelSpec, ...]) -> tuple[str, ...]:
    if defences is None:
        return tuple(row.key for row in fitting(specs[0]) if all(map(row.fits, specs)))
    several = [defences] if isinstance(defences, str | Defence) else list(defences)
    titles = {key: row.title for key, row in DEFENCES.items()}
    return tuple(find("defence", one.key if isinstance(one, Defence) else one, titles) for one in several)
