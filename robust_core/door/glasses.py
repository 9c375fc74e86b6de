"""Glasses for networks: shape bias, and accuracy under corruption, when every image goes through a filter first."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.door.corruption import conditions_of
from robust_core.door.given_images import as_images
from robust_core.door.given_stimuli import as_stimuli
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.names import find
from robust_core.studies import glasses as study
from robust_core.studies import glasses_corruption as corruption_study
from robust_core.studies.glasses import Glasses, GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruption, GlassesCorruptionRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models

SEVERITY = 3


def glasses(
    models: "Models",
    stimuli: "str | Path | StimulusSet",
    input_filter: str = "blur",
    strengths: "float | Iterable[float] | None" = None,
    *,
    n: int | None = None,
    as_orhan: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> Glasses:
    """Shape bias and coverage on cue conflicts, without a filter and through one at each strength: shape, texture and
    all decisions, with intervals (after Wolff et al. 2026, arXiv 2602.13859, who blur images before trained networks).

    stimuli       as in `shape_bias`; none is resized
    input_filter  "blur", "high_pass", "grey" or "low_resolution"
    strengths     one or several, as the filter counts them (σ in px of the model's input, a fraction, a factor); None
                  for the filter's own
    n             how many stimuli, None for all; the first n of their order, which `seed` makes for a folder
    as_orhan      as in `shape_bias`

    Raises UnknownName for a filter, and BadInput for strengths that it does not have, models whose classes are neither
    ImageNet's nor the 16 categories, or a folder without stimuli.

    >>> import robust_core as rc
    >>> seen = rc.glasses("mini_resnext", "mini", "blur", 2, n=16, progress=False)
    >>> seen.frame.query("metric == 'coverage'")[["filter", "strength", "n"]].values.tolist()
    [['none', 0.0, 16], ['blur', 2.0, 16]]
    """
    chosen, shown, key = choose(models), as_stimuli(stimuli, seed, as_orhan), _filter(input_filter)
    count = shown.count if n is None else whole("n", n, 1, shown.count)
    request = GlassesRequest(chosen.specs, shown, count, key, _strengths(key, strengths))
    return drive(study.run(request), progress, batch_size, "Glasses", chosen)


def glasses_corruption(
    models: "Models",
    images: Any,
    names: "str | Iterable[str]",
    input_filter: str = "blur",
    strengths: "float | Iterable[float] | None" = None,
    *,
    severities: "int | Iterable[int]" = SEVERITY,
    as_stored: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> GlassesCorruption:
    """Top-1 accuracy under each corruption at each severity, and on clean images, without a filter and through one at
    each strength: an image is corrupted at the model's input size, and then seen through the filter.

    names, severities, as_stored   as in `corruption_grid`, drawn from `seed`
    input_filter, strengths        as in `glasses`

    The label that counts is the true one where it is known, else the prediction for the clean image without a filter.
    Raises BadInput or UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> seen = rc.glasses_corruption("mini_resnext", images, "gaussian noise", "blur", [1, 2], progress=False)
    >>> seen.frame[["corruption", "severity", "strength", "n"]].values.tolist()[3]
    ['gaussian_noise', 3, 0.0, 4]
    """
    found, chosen, key = as_images(images), choose(models), _filter(input_filter)
    conditions = conditions_of(names, severities, seed, as_stored)
    request = GlassesCorruptionRequest(chosen.specs, found, conditions, key, _strengths(key, strengths))
    return drive(corruption_study.run(request), progress, batch_size, "Corruptions through glasses", chosen)


def _filter(input_filter: str) -> str:
    return find("filter", input_filter, {key: row.title for key, row in INPUT_FILTERS.items()})


def _strengths(key: str, strengths: "float | Iterable[float] | None") -> tuple[float, ...]:
    if strengths is None:
        return INPUT_FILTERS[key].strengths
    if isinstance(strengths, str):
        raise BadInput(f"Strengths are numbers; got {strengths!r}.")
    return tuple(strengths) if isinstance(strengths, Iterable) else (strengths,)
