"""Results as bytes: JSON that names arrays, and the arrays. Only the classes in the table below come out of a file.

Reading imports what it meets and no more: a page that shows frames alone does not wait for torch.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
import safetensors.numpy

from robust_core.cue_conflict.decisions import RULES
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec

MODULES = {  # where the classes of recordings are, by their names
    "robust_core.attacks.config": ("AttackConfig",),
    "robust_core.attacks.goals": ("Goal",),
    "robust_core.attacks.pgd": ("AttackStep",),
    "robust_core.attacks.threat": ("ThreatModel",),
    "robust_core.attributions.explain": ("Attribution",),
    "robust_core.attributions.infidelity": ("Infidelity",),
    "robust_core.attributions.insertion_deletion": ("Curves",),
    "robust_core.attributions.quality": ("AttributionMetrics",),
    "robust_core.attributions.random_controls": ("RandomControls",),
    "robust_core.certificates.smoothing": ("SmoothedSearch", "Smoothing"),
    "robust_core.corruptions.condition": ("Condition",),
    "robust_core.cue_conflict.stimuli": ("Stimulus",),
    "robust_core.studies.attack_comparison": ("AttackComparison",),
    "robust_core.studies.attack_outcome": ("AttackOutcome", "Reached"),
    "robust_core.studies.attack_curve": ("AttackCurve", "Trajectory"),
    "robust_core.studies.attack_frames": ("AttackFrames",),
    "robust_core.studies.attribution_maps": ("AttributionMaps", "Explanation"),
    "robust_core.studies.certified_images": ("CertifiedImage",),
    "robust_core.studies.certified_radius": ("CertifiedRadius", "ModelCertificates"),
    "robust_core.studies.concept_outcomes": ("ModelConcepts",),
    "robust_core.studies.concepts": ("Concepts",),
    "robust_core.studies.corruption_grid": ("ConditionCounts", "CorruptionGrid"),
    "robust_core.studies.cue_removal": ("CueRemoval", "ModelCues"),
    "robust_core.defences.alarms": ("Alarm",),
    "robust_core.studies.defence_outcomes": ("AttackerOutcome", "DefenceCheck", "DefenceOutcome"),
    "robust_core.studies.feature_experiments": ("Ascent",),
    "robust_core.studies.feature_visualization": ("AscentFrames",),
    "robust_core.studies.feature_similarity": ("FeatureSimilarity", "Similarity"),
    "robust_core.studies.fine_tuned_models": ("FineTunedModel", "FineTuning"),
    "robust_core.studies.found_changes": ("KeptChange", "SmallestChanges"),
    "robust_core.edits.boxes": ("Box",),
    "robust_core.edits.object_edit": ("ObjectEdit",),
    "robust_core.studies.edited_predictions": ("EditedPredictions",),
    "robust_core.studies.object_edits": ("ObjectEdits",),
    "robust_core.studies.mixing_outcomes": ("Grid", "Mixture", "MixPoint"),
    "robust_core.studies.glasses": ("Glasses",),
    "robust_core.studies.glasses_corruption": ("FilteredAccuracy", "GlassesCorruption"),
    "robust_core.studies.glasses_responses": ("GlassesResponses",),
    "robust_core.studies.gradient_alignment": ("EdgeAlignment", "GradientAlignment", "ModelAlignment"),
    "robust_core.studies.layer_biases": ("Estimate", "LayerBiases", "ModelBiases"),
    "robust_core.studies.perturbation_sequence": ("PerturbationSequence",),
    "robust_core.studies.probed_models": ("LinearProbe", "ProbedModel"),
    "robust_core.studies.predictions": ("ModelPredictions", "Prediction", "Predictions", "ShownImage"),
    "robust_core.studies.severity_plane": ("ModelPlane", "PlaneCell", "SeverityPlane"),
    "robust_core.studies.query_curve": ("QueryCurve", "QueryStep", "QueryTrajectory"),
    "robust_core.studies.query_frames": ("QueryFrames",),
    "robust_core.studies.shape_bias": ("ModelResponses", "ShapeBias"),
    "robust_core.studies.simplicity_biases": ("SimplicityBiases",),
    "robust_core.studies.smallest_change": ("SmallestChangeResult",),
    "robust_core.studies.study_result": ("Provenance",),
    "robust_core.studies.transfer_matrix": ("TransferCell", "TransferMatrix"),
}
MODULE_OF = {name: module for module, names in MODULES.items() for name in names}
BY_KEY: dict[str, Callable[[str], Any]] = {  # what is known here by its key, as `report.plain` names it
    "model": get_spec,
    "label_space": {IMAGENET.key: IMAGENET, MINI.key: MINI}.__getitem__,
    "scoring_rule": lambda key: import_module("robust_core.attacks.scoring").SCORING_RULES[key],
    "decision_rule": {rule.key: rule for rule in RULES}.__getitem__,
}
FRAME_AXES = 4  # (F,H,W,3): frames, kept as differences, which are smaller


def to_bytes(result: Any) -> bytes:
    """`result`, compressed; raises TypeError for a value of a kind that has no plain form here."""
    arrays: dict[str, np.ndarray] = {}
    plain = json.dumps(_plain(result, arrays), ensure_ascii=False)
    return zlib.compress(safetensors.numpy.save(arrays, {"plain": plain}), 9)


def from_bytes(content: bytes, only: str = "") -> Any:
    """What `to_bytes` was given, or the first thing of the class `only` in it."""
    content = zlib.decompress(content)
    header_bytes = int.from_bytes(content[:8], "little")
    plain = json.loads(json.loads(content[8 : 8 + header_bytes])["__metadata__"]["plain"])
    wanted = next(one for one in _things(plain) if one["class"] == only) if only else plain
    return _restored(wanted, safetensors.numpy.load(content))


def class_of(name: str) -> type:
    """A class that comes out of a file; raises KeyError for any other."""
    return getattr(import_module(MODULE_OF[name]), name)


def _plain(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    from torch import Tensor

    from robust_core.report.plain import KEYED, to_plain

    def special(one: Any) -> Any:
        if isinstance(one, Tensor | np.ndarray):
            return _put(one, "tensor" if isinstance(one, Tensor) else "array", arrays)
        if is_dataclass(one) and type(one).__name__ not in MODULE_OF and not isinstance(one, tuple(KEYED.values())):
            raise TypeError(f"{type(one).__name__} has no form in a recording")
        return None

    return to_plain(value, special)


def _put(value: Any, kind: str, arrays: dict[str, np.ndarray]) -> dict[str, str]:
    array = np.asarray(value)
    if kind == "array" and array.dtype == np.uint8 and array.ndim == FRAME_AXES:
        kind, array = "frames", np.diff(array, axis=0, prepend=np.zeros_like(array[:1]))
    name = str(len(arrays))
    arrays[name] = np.ascontiguousarray(array)
    return {kind: name}


def _things(plain: Any) -> Iterator[dict]:
    """Every object of a class in what JSON holds, the outer before the inner."""
    if isinstance(plain, dict) and "class" in plain:
        yield plain
    for part in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
        yield from _things(part)


def _restored(plain: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(plain, list):
        return tuple(_restored(one, arrays) for one in plain)
    if not isinstance(plain, dict):
        return plain
    if "class" in plain:
        parts = {name: _restored(one, arrays) for name, one in plain["fields"].items()}
        return class_of(plain["class"])(**parts)
    ((kind, value),) = plain.items()
    if kind == "list":
        return [_restored(one, arrays) for one in value]
    if kind == "mapping":
        return {_restored(key, arrays): _restored(one, arrays) for key, one in value}
    if kind in BY_KEY:
        return BY_KEY[kind](value)
    if kind == "tensor":
        return import_module("torch").from_numpy(arrays[value].copy())
    return np.cumsum(arrays[value], axis=0, dtype=np.uint8) if kind == "frames" else arrays[value]
