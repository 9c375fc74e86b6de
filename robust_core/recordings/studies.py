"""How each kind of request is run again, as a table."""

from collections.abc import Callable, Generator
from typing import Any

from robust_core.events import progress_of
from robust_core.studies import (
    attack_checks,
    attack_comparison,
    attack_curve,
    attribution_maps,
    calibration,
    certified_radius,
    concepts,
    corruption_grid,
    corruption_sweep,
    cue_removal,
    defence_check,
    feature_similarity,
    fine_tuning,
    glasses,
    glasses_corruption,
    gradient_alignment,
    linear_probe,
    mixing,
    object_edits,
    ood,
    perturbation_sequence,
    predictions,
    query_curve,
    severity_plane,
    shape_bias,
    simplicity_biases,
    smallest_change,
    transfer_matrix,
)
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.attribution_maps import AttributionRequest
from robust_core.studies.calibration import CalibrationRequest
from robust_core.studies.certified_radius import CertifiedRadiusRequest
from robust_core.studies.concepts import ConceptsRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.corruption_sweep import CorruptionSweepRequest
from robust_core.studies.cue_removal import CueRemovalRequest
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.feature_similarity import FeatureSimilarityRequest
from robust_core.studies.fine_tuning import FineTuningRequest
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.gradient_alignment import GradientAlignmentRequest
from robust_core.studies.linear_probe import LinearProbeRequest
from robust_core.studies.mixing import MixingRequest
from robust_core.studies.object_edits import ObjectEditsRequest
from robust_core.studies.ood import OodRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.query_curve import QueryCurveRequest
from robust_core.studies.request import Request
from robust_core.studies.severity_plane import SeverityPlaneRequest
from robust_core.studies.shape_bias import ShapeBiasRequest
from robust_core.studies.simplicity_biases import SimplicityBiasesRequest
from robust_core.studies.smallest_change import SmallestChangeRequest
from robust_core.studies.transfer_matrix import TransferMatrixRequest

STUDIES: dict[type[Request], Callable[[Any], Generator[Any, None, Any]]] = {
    AttackCurveRequest: attack_curve.run,
    AttackChecksRequest: attack_checks.run,
    AttackComparisonRequest: attack_comparison.run,
    SmallestChangeRequest: smallest_change.run,
    QueryCurveRequest: query_curve.run,
    CertifiedRadiusRequest: lambda request: progress_of(certified_radius.run(request)),
    DefenceRequest: lambda request: progress_of(defence_check.run(request)),
    CorruptionGridRequest: corruption_grid.run,
    CorruptionSweepRequest: corruption_sweep.run,
    ObjectEditsRequest: object_edits.run,
    PerturbationRequest: perturbation_sequence.run,
    PredictionsRequest: predictions.run,
    CalibrationRequest: calibration.run,
    OodRequest: ood.run,
    ShapeBiasRequest: lambda request: progress_of(shape_bias.run(request)),
    GlassesRequest: lambda request: progress_of(glasses.run(request)),
    GlassesCorruptionRequest: lambda request: progress_of(glasses_corruption.run(request)),
    AttributionRequest: attribution_maps.run,
    ConceptsRequest: concepts.run,
    TransferMatrixRequest: transfer_matrix.run,
    SeverityPlaneRequest: severity_plane.run,
    MixingRequest: lambda request: progress_of(mixing.run(request)),
    SimplicityBiasesRequest: simplicity_biases.run,
    CueRemovalRequest: cue_removal.run,
    GradientAlignmentRequest: gradient_alignment.run,
    LinearProbeRequest: linear_probe.run,
    FeatureSimilarityRequest: feature_similarity.run,
    FineTuningRequest: lambda request: progress_of(fine_tuning.run(request)),
}
