"""Results as bytes: JSON that names arrays, and the arrays. Only the classes in the tables below come out of a file."""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from torch import Tensor

from robust_core.attacks.goals import Goal
from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.scoring import SCORING_RULES
from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.explain import Attribution
from robust_core.attributions.infidelity import Infidelity
from robust_core.attributions.insertion_deletion import Curves
from robust_core.attributions.quality import AttributionMetrics
from robust_core.attributions.random_controls import RandomControls
from robust_core.corruptions.condition import Condition
from robust_core.cue_conflict.decisions import RULES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec
from robust_core.report.plain import KEYED, to_plain
from robust_core.studies.attack_curve import AttackCurve, Trajectory
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.attribution_maps import AttributionMaps, Explanation
from robust_core.studies.corruption_grid import ConditionCounts, CorruptionGrid
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_visualization import AscentFrames
from robust_core.studies.perturbation_sequence import PerturbationSequence
from robust_core.studies.predictions import ModelPredictions, Prediction, Predictions, ShownImage
from robust_core.studies.shape_bias import ModelResponses, ShapeBias
from robust_core.studies.study_result import Provenance

_ATTACKS = (AttackCurve, AttackFrames, AttackStep, Goal, Prediction, Provenance, ThreatModel, Trajectory)
_VOTES = (ModelResponses, ShapeBias, Stimulus)
_ASCENTS = (Ascent, AscentFrames)
_MAPS = (AttributionMaps, AttributionMetrics, Attribution, Condition, Curves, Explanation, Infidelity, RandomControls)
_PREDICTIONS = (ConditionCounts, CorruptionGrid, ModelPredictions, PerturbationSequence, Predictions, ShownImage)
CLASSES = {one.__name__: one for one in (*_ATTACKS, *_VOTES, *_ASCENTS, *_MAPS, *_PREDICTIONS)}
BY_KEY: dict[str, Callable[[str], Any]] = {  # what is known here by its key, as `report.plain` names it
    "model": get_spec,
    "label_space": {IMAGENET.key: IMAGENET, MINI.key: MINI}.__getitem__,
    "scoring_rule": SCORING_RULES.__getitem__,
    "decision_rule": {rule.key: rule for rule in RULES}.__getitem__,
}
FRAME_AXES = 4  # (F,H,W,3): frames, kept as differences, which are smaller


def to_bytes(result: Any) -> bytes:
    """`result`, compressed; raises TypeError for a value of a kind that has no plain form here."""
    arrays: dict[str, np.ndarray] = {}
    plain = json.dumps(_plain(result, arrays), ensure_ascii=False)
    return zlib.compress(safetensors.numpy.save(arrays, {"plain": plain}), 9)


def from_bytes(content: bytes) -> Any:
    """What `to_bytes` was given."""
    content = zlib.decompress(content)
    header_bytes = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + header_bytes])
    return _restored(json.loads(header["__metadata__"]["plain"]), safetensors.numpy.load(content))


def _plain(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    def special(one: Any) -> Any:
        if isinstance(one, Tensor | np.ndarray):
            return _put(one, arrays)
        if is_dataclass(one) and type(one).__name__ not in CLASSES and not isinstance(one, tuple(KEYED.values())):
            raise TypeError(f"{type(one).__name__} has no form in a recording")
        return None

    return to_plain(value, special)


def _put(value: Tensor | np.ndarray, arrays: dict[str, np.ndarray]) -> dict[str, str]:
    kind, array = ("tensor", value.numpy()) if isinstance(value, Tensor) else ("array", value)
    if kind == "array" and array.dtype == np.uint8 and array.ndim == FRAME_AXES:
        kind, array = "frames", np.diff(array, axis=0, prepend=np.zeros_like(array[:1]))
    name = str(len(arrays))
    arrays[name] = np.ascontiguousarray(array)
    return {kind: name}


def _restored(plain: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(plain, list):
        return tuple(_restored(one, arrays) for one in plain)
    if not isinstance(plain, dict):
        return plain
    if "class" in plain:
        parts = {name: _restored(one, arrays) for name, one in plain["fields"].items()}
        return CLASSES[plain["class"]](**parts)
    ((kind, value),) = plain.items()
    if kind == "list":
        return [_restored(one, arrays) for one in value]
    if kind == "mapping":
        return {_restored(key, arrays): _restored(one, arrays) for key, one in value}
    if kind in BY_KEY:
        return BY_KEY[kind](value)
    if kind == "tensor":
        return torch.from_numpy(arrays[value].copy())
    return np.cumsum(arrays[value], axis=0, dtype=np.uint8) if kind == "frames" else arrays[value]
