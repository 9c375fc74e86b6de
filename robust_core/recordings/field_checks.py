"""What each field of a request must hold, as a table: a report may say anything, and no class checks its own kinds."""

import math
from collections.abc import Callable
from typing import Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.scoring import ScoringRule
from robust_core.attacks.threat import NORM_TITLES, ThreatModel
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import Target
from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.checks import is_finite
from robust_core.corruptions.condition import Condition
from robust_core.corruptions.sequences import PERTURBATIONS
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.defences.table import DEFENCES
from robust_core.edits.boxes import Box
from robust_core.edits.object_edit import ObjectEdit
from robust_core.images import LabelledImage
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.mixing.table import MIX_KINDS
from robust_core.models.spec import ModelSpec

Check = Callable[[Any], bool]


def _is(*kinds: type) -> Check:
    return lambda value: isinstance(value, kinds)


def _each(check: Check, least: int = 0) -> Check:
    return lambda value: isinstance(value, tuple) and len(value) >= least and all(map(check, value))


def _is_whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_length(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _are_targets(value: Any) -> bool:
    return value is None or _is_whole(value) or _each(_is_whole)(value)


def _is_method(value: Any) -> bool:
    """A method with its (parameter, value) pairs; raises UnknownName or BadInput for values that it does not take."""
    if not (isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and value[0] in METHODS):
        return False
    if not _each(lambda pair: isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str))(value[1]):
        return False
    METHODS[value[0]].settings(dict(value[1]))
    return True


CHECKS: dict[str, Check] = {
    "models": _each(_is(ModelSpec), 1),
    "sources": _each(_is(ModelSpec)),
    "images": _is(ImageSet),
    "image": _is(LabelledImage),
    "unknown": _is(ImageSet, SyntheticUnknown),
    "stimuli": _is(StimulusSet),
    "condition": _is(Condition),
    "edits": _each(_is(ObjectEdit), 1),
    "boxes": _each(_is(Box)),
    "conditions": _each(_is(Condition), 1),
    "threats": _each(_is(ThreatModel), 1),
    "attack": _is(AttackConfig, type(None)),
    "attacks": _each(_is(AttackConfig), 1),
    "radii": _each(_is_length),
    "input_filter": lambda value: isinstance(value, str) and value in INPUT_FILTERS,
    "strengths": _each(is_finite, 1),
    "keep_images": _is(bool),
    "targets": _are_targets,
    "defences": _each(lambda value: isinstance(value, str) and value in DEFENCES, 1),
    "norm": lambda value: isinstance(value, str) and value in NORM_TITLES,
    "eps": is_finite,
    "steps": _is_whole,
    "target": _is(Target),
    "methods": _each(_is_method, 1),
    "perturbation": lambda value: isinstance(value, str) and value in PERTURBATIONS,
    "keep": _is(ScoringRule, type(None)),
    "frames_of": _each(_is_whole),
    "changes_of": _each(_is_whole),
    "target_alone": _is(bool),
    "metrics": _is(bool),
    "protocol": _is(str),
    "seed": _is_whole,
    "n": _is_whole,
    "n0": _is_whole,
    "alpha": is_finite,
    "sigma": lambda value: value is None or is_finite(value),
    "kind": lambda value: isinstance(value, str) and value in MIX_KINDS,
    "mixes": _each(_each(is_finite, 1), 1),
    "norm_images": _is(ImageSet, type(None)),
    "label": lambda value: value is None or _is_whole(value),
    "concepts": _is_whole,
    "crop_fraction": is_finite,
    "folds": _is_whole,
    "repeats": _is_whole,
    "images_per_class": _each(_is_whole),
    "draws": _is_whole,
    "learning_rate": is_finite,
    "train_batch_size": _is_whole,
    "frozen_batch_norm": _is(bool),
    "insist": _is(bool),
    "search": _is(SmoothedSearch, type(None)),
}
