"""A map while something changes: the network, which becomes random layer by layer, or the image, which is attacked."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from robust_core.attributions.methods import Value
from robust_core.checks import whole
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.door.attack import DEFAULTS, threats_of
from robust_core.door.attribution import map_requests
from robust_core.door.models import Chosen, choose_one
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import AttackedMaps, AttackedMapsRequest, MapRequest, RandomizedMapsRequest

if TYPE_CHECKING:
    from robust_core.attributions.cascading_randomization import CascadingRandomization
    from robust_core.door.models import Models

OneMethod = str | Mapping[str, Mapping[str, Value]]


def randomized_maps(
    model: "Models",
    image: Any,
    label: int,
    method: OneMethod = "grad_cam",
    *,
    target: "int | str | None" = None,
    condition: Condition = CLEAN,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> "CascadingRandomization":
    """The map of class `label` while the layers of the network become random by `seed`, the last first (Adebayo et al.
    2018): a map that stays the same does not depend on what the network has learnt.

    The other arguments are those of `attribute`. `.maps` are the attributions, the trained network's first, and
    `.correlation` is Spearman's with that one.

    >>> import robust_core as rc
    >>> found = rc.randomized_maps("mini_resnext", "mini/clean/dog/dog/7", 5, progress=False)
    >>> found.layers[0], found.maps[0].map.shape
    (0, (64, 64))
    """
    chosen, one = _asked(model, image, method, target, condition)
    request = one.asking(RandomizedMapsRequest, label=whole("label", label, 0), seed=whole("seed", seed, 0))
    return drive(attribution_maps.randomize(request), progress, batch_size, "Randomization", chosen)


def attacked_maps(
    model: "Models",
    image: Any,
    eps: Any,
    method: OneMethod = "grad_cam",
    *,
    at: Iterable[int] | None = None,
    target: "int | str | None" = None,
    condition: Condition = CLEAN,
    batch_size: BatchSize = "auto",
    progress: ShowProgress = True,
    **attack: Any,
) -> AttackedMaps:
    """The map at some steps of an attack on the image; the class explained is that of the clean image.

    eps     of one attack, as `pgd` takes it; `attack` are its options: steps, norm, step_size, step_fraction, targets,
            start, restarts, loss, precision, seed
    at      the steps with a map; None is the first and the last

    The other arguments are those of `attribute`. Raises BadInput or UnknownName for arguments that do not fit.

    >>> import robust_core as rc
    >>> found = rc.attacked_maps("mini_resnext", "mini/clean/dog/dog/7", "1/255", steps=2, progress=False)
    >>> found.steps, len(found.correlation)
    ((0, 2), 2)
    """
    if unknown := sorted(attack.keys() - DEFAULTS.keys()):
        raise BadInput(f"An attack has the options {', '.join(DEFAULTS)}; got {unknown[0]}.")
    threats = threats_of(eps, DEFAULTS | attack)
    if len(threats) > 1 or threats[0].aim == "chosen":
        raise BadInput("Maps are made along one attack, untargeted or towards a random or the least likely class.")
    steps = (0, threats[0].steps) if at is None else tuple(whole("at", one, 0, threats[0].steps) for one in at)
    if not steps or steps[0] != 0:
        raise BadInput(f"The first map is that of step 0, the clean image; got {list(steps)}.")
    chosen, one = _asked(model, image, method, target, condition)
    request = one.asking(AttackedMapsRequest, threat=threats[0], steps=steps)
    return drive(attribution_maps.attack(request), progress, batch_size, "Maps under attack", chosen)


def _asked(
    model: "Models", image: Any, method: OneMethod, target: Any, condition: Condition
) -> tuple[Chosen, MapRequest]:
    chosen = choose_one(model)
    requests = map_requests(chosen, image, method, target, condition, 0)
    if len(requests) > 1:
        raise BadInput(f"This is about one method at a time; got {len(requests)}.")
    return chosen, requests[0]
