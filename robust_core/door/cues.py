"""Shape or texture: which cue models decide for on stimuli in which the two disagree."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from robust_core.checks import whole
from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.data.stimulus_sets import StimulusSet, folder_set, synthetic_set
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, Events, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.events import progress_of
from robust_core.names import find
from robust_core.studies import shape_bias as study
from robust_core.studies.shape_bias import ShapeBias

if TYPE_CHECKING:
    from robust_core.door.models import Models

SYNTHETIC, BOTH = "mini", "both"


def shape_bias(
    models: "Models",
    stimuli: "str | Path | StimulusSet",
    n: int | None = None,
    *,
    rule: str = BOTH,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> ShapeBias:
    """The share of decisions for the shape among those for shape or texture (Geirhos et al. 2019), with its coverage.

    stimuli  a folder of the published images, or of your own named alike (`cat4-clock2.png`) or listed in
             `labels.csv`; "mini" are the synthetic ones, for the mini family. No stimulus is resized
    n        how many, None for all; the first n of their order, which `seed` makes for a folder
    rule     "restricted_argmax" (the best of the 207 mapped classes), "mean_probability", or "both"

    `.caveats` says whom the stimuli favour. Raises BadInput for models whose classes are neither ImageNet's nor the 16
    categories, or a folder without stimuli.

    >>> import robust_core as rc
    >>> votes = rc.shape_bias("mini_resnext", "mini", 16, rule="restricted_argmax", progress=False)
    >>> votes.frame[["model", "metric"]].values.tolist()
    [['mini_resnext', 'shape_bias'], ['mini_resnext', 'coverage']]
    """
    chosen, shown = choose(models), _stimuli(stimuli, seed)
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


def _stimuli(stimuli: "str | Path | StimulusSet", seed: int) -> StimulusSet:
    if isinstance(stimuli, StimulusSet):
        return stimuli
    seed = whole("seed", seed, 0)
    if stimuli == SYNTHETIC:
        return synthetic_set()
    if not isinstance(stimuli, str | Path) or not Path(stimuli).expanduser().is_dir():
        raise BadInput(f'Expected a folder of stimuli, or "{SYNTHETIC}"; got {stimuli!r}.')
    return folder_set(Path(stimuli).expanduser(), seed=seed)


def _counted(request: study.ShapeBiasRequest, rules: tuple[DecisionRule, ...]) -> Events[ShapeBias]:
    return replace((yield from progress_of(study.run(request))), rules=rules)
