"""The studies of the door as generators: they take the same arguments, yield events as they run, and return the result.

`Progress` says how far the work is; PGD yields an `AttackStep` after every step, `compare_attacks` an `AttackStanding`,
`mix` a `MixPoint` after every mix. Nothing runs until the first event is asked for.
"""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, cast

from robust_core.door import (
    attack,
    attack_comparison,
    attribution,
    benchmarks,
    certificates,
    changing_maps,
    confidence,
    corruption,
    cues,
    defences,
    downstream,
    edits,
    features,
    mixing,
    predictions,
    severity,
    simplicity,
    transfer,
)
from robust_core.door import concepts as of_concepts
from robust_core.door import glasses as through_glasses
from robust_core.door import query_curve as query_curves
from robust_core.door import smallest_change as smallest_changes
from robust_core.door.running import AS_EVENTS, Events, Result

__all__ = [
    "attacked_maps",
    "attribute",
    "break_defence",
    "calibration",
    "certify",
    "compare_attacks",
    "concepts",
    "corruption_grid",
    "corruption_sweep",
    "edit_objects",
    "feature_similarity",
    "fine_tune",
    "glasses",
    "glasses_corruption",
    "cue_removal",
    "gradient_alignment",
    "input_gradient",
    "linear_probe",
    "mix",
    "ood",
    "perturbation_sequence",
    "pgd",
    "predict",
    "query_curve",
    "randomized_maps",
    "run_benchmark",
    "severity_plane",
    "shape_bias",
    "simplicity_biases",
    "smallest_change",
    "stylise",
    "transfer_matrix",
    "visualize_feature",
]

Arguments = ParamSpec("Arguments")


def _events_of(study: Callable[Arguments, Result]) -> Callable[Arguments, Events[Result]]:
    """`study` with AS_EVENTS for its progress, by which it hands out the generator: `partial` has no type for that."""
    return cast(Callable[Arguments, Events[Result]], partial(study, progress=AS_EVENTS))


attacked_maps = _events_of(changing_maps.attacked_maps)
attribute = _events_of(attribution.attribute)
break_defence = _events_of(defences.break_defence)
calibration = _events_of(confidence.calibration)
certify = _events_of(certificates.certify)
compare_attacks = _events_of(attack_comparison.compare_attacks)
concepts = _events_of(of_concepts.concepts)
corruption_grid = _events_of(corruption.corruption_grid)
corruption_sweep = _events_of(predictions.corruption_sweep)
edit_objects = _events_of(edits.edit_objects)
feature_similarity = _events_of(downstream.feature_similarity)
fine_tune = _events_of(downstream.fine_tune)
glasses = _events_of(through_glasses.glasses)
glasses_corruption = _events_of(through_glasses.glasses_corruption)
cue_removal = _events_of(simplicity.cue_removal)
gradient_alignment = _events_of(simplicity.gradient_alignment)
input_gradient = _events_of(features.input_gradient)
linear_probe = _events_of(downstream.linear_probe)
mix = _events_of(mixing.mix)
ood = _events_of(confidence.ood)
perturbation_sequence = _events_of(predictions.perturbation_sequence)
pgd = _events_of(attack.pgd)
predict = _events_of(predictions.predict)
query_curve = _events_of(query_curves.query_curve)
randomized_maps = _events_of(changing_maps.randomized_maps)
run_benchmark = _events_of(benchmarks.run_benchmark)
severity_plane = _events_of(severity.severity_plane)
shape_bias = _events_of(cues.shape_bias)
simplicity_biases = _events_of(simplicity.simplicity_biases)
smallest_change = _events_of(smallest_changes.smallest_change)
stylise = _events_of(cues.stylise)
transfer_matrix = _events_of(transfer.transfer_matrix)
visualize_feature = _events_of(features.visualize_feature)
