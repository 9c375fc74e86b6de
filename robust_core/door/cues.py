"""Shape or texture: which cue models decide for on stimuli in which the two disagree, and a stimulus made to order."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.door.given_images import as_image
from robust_core.door.given_stimuli import as_stimuli
from robust_core.door.models import choose, choose_one
from robust_core.door.running import BatchSize, Events, ShowProgress, drive
from robust_core.events import progress_of
from robust_core.names import find
from robust_core.studies import own_stimuli
from robust_core.studies import shape_bias as study
from robust_core.studies.own_stimuli import StyleTransferRequest
from robust_core.studies.shape_bias import ShapeBias

if TYPE_CHECKING:
    from robust_core.cue_conflict.style_transfer import Stylised
    from robust_core.door.models import Models

BOTH = "both"


def shape_bias(
    models: "Models",
    stimuli: "str | Path | StimulusSet",
    n: int | None = None,
    *,
    rule: str = BOTH,
    as_orhan: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> ShapeBias:
    """The share of decisions for the shape among those for shape or texture (Geirhos et al. 2019), with its coverage.

    stimuli  a folder of the published images, or of your own named alike (`cat4-clock2.png`) or listed in
             `labels.csv`, or the name of one in ROBUST_LAB_DATA; "mini" are the synthetic ones, for the mini family. No
             stimulus is resized
    n        how many, None for all; the first n of their order, which `seed` makes for a folder
    as_orhan leaves the image without a conflict in, as Orhan 2019 did (1,201)
    rule     "restricted_argmax" (the best of the 207 mapped classes), "mean_probability", or "both"

    `.caveats` says whom the stimuli favour. Raises BadInput for models whose classes are neither ImageNet's nor the 16
    categories, or a folder without stimuli.

    >>> import robust_core as rc
    >>> votes = rc.shape_bias("mini_resnext", "mini", 16, rule="restricted_argmax", progress=False)
    >>> votes.frame[["model", "metric"]].values.tolist()
    [['mini_resnext', 'shape_bias'], ['mini_resnext', 'coverage']]
    """
    chosen, shown = choose(models), as_stimuli(stimuli, seed, as_orhan)
    rules = (
        RULES
        if rule == BOTH
        else tuple(
            row for row in RULES if row.key == find("decision rule", rule, {row.key: row.title for row in RULES})
        )
    )
    count = shown.count if n is None else whole("n", n, 1, shown.count)
    request = study.ShapeBiasRequest(chosen.specs, shown, count)
    return drive(_counted(request, rules), progress, batch_size, "Shape bias", chosen)


def stylise(
    model: "Models",
    shape: Any,
    texture: Any,
    *,
    strength: float = 0.5,
    steps: int = 80,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> "Stylised":
    """The shape of one image in the texture of another, by the features of one model (Gatys et al. 2016); `.pixels` are
    (1,3,H,W) in [0, 1].

    `strength` 0 gives the shape image back, 1 asks for the texture alone. Raises BadInput for a model that cannot.

    >>> import robust_core as rc
    >>> dog, cat = "mini/clean/dog/dog/7", "mini/clean/cat/cat/7"
    >>> rc.stylise("mini_resnext", dog, cat, steps=2, progress=False).pixels.shape
    torch.Size([1, 3, 64, 64])
    """
    from robust_core.cue_conflict.style_transfer import StyleSettings

    chosen, how = choose_one(model), StyleSettings(strength, steps, seed)
    request = StyleTransferRequest(chosen.specs, as_image(shape), as_image(texture), how)
    return drive(progress_of(own_stimuli.stylise(request)), progress, batch_size, "Style transfer", chosen)


def _counted(request: study.ShapeBiasRequest, rules: tuple[DecisionRule, ...]) -> Events[ShapeBias]:
    return replace((yield from progress_of(study.run(request))), rules=rules)
