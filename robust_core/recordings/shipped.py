"""Which requests are recorded, as a table; the pages begin with these. Those of the Story page are made once: a visit
reads and draws no image for them.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from robust_core import data
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS
from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.targets import PREDICTED
from robust_core.corruptions.condition import Condition
from robust_core.data.collection import Collection
from robust_core.data.drawn_sets import collection_images, downstream_images, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import synthetic_set
from robust_core.data.synthetic import read_synthetic, synthetic_id
from robust_core.images import LabelledImage
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS
from robust_core.mixing.table import MIX_KINDS, ladder
from robust_core.models.catalogue import get_spec
from robust_core.models.registry_mini_eps import MINI_LEVELS
from robust_core.models.spec import ModelSpec
from robust_core.studies import (
    attack_comparison,
    attack_curve,
    attribution_maps,
    certified_radius,
    concepts,
    corruption_grid,
    cue_removal,
    defence_check,
    feature_similarity,
    feature_visualization,
    fine_tuning,
    glasses,
    glasses_corruption,
    gradient_alignment,
    linear_probe,
    mixing,
    perturbation_sequence,
    predictions,
    query_curve,
    severity_plane,
    shape_bias,
    simplicity_biases,
    smallest_change,
    transfer_matrix,
)
from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.attribution_maps import AttributionRequest
from robust_core.studies.certified_radius import CertifiedRadiusRequest
from robust_core.studies.concepts import ConceptsRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.cue_removal import CueRemovalRequest
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_similarity import FeatureSimilarityRequest
from robust_core.studies.feature_visualization import AscentRequest
from robust_core.studies.fine_tuning import FineTuningRequest
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.gradient_alignment import GradientAlignmentRequest
from robust_core.studies.linear_probe import LinearProbeRequest
from robust_core.studies.mixing import MixingRequest, usual_norm_images
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.query_curve import QueryCurveRequest
from robust_core.studies.request import Request
from robust_core.studies.severity_plane import SeverityPlaneRequest
from robust_core.studies.shape_bias import ShapeBiasRequest
from robust_core.studies.simplicity_biases import SimplicityBiasesRequest
from robust_core.studies.smallest_change import SmallestChangeRequest
from robust_core.studies.transfer_matrix import TransferMatrixRequest

MODELS = {
    IMAGENET: ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"),
    MINI: ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8"),
}
PHOTOS = "foolbox"
N = {IMAGENET: 16, MINI: 64}
LEVELS = {IMAGENET: 0.5, MINI: 8.0}  # of 255: at 4 the standard networks fall at once, and Mini's WSL does not
COMPARED = {  # by the page Compare attacks; Square's 5,000 queries of photos take hours on two cores
    IMAGENET: ("pgd", "fgsm", "apgd_ce", "autoattack"),
    MINI: ("pgd", "fgsm", "apgd_ce", "square", "autoattack"),
}
OVER_EPS = ("pgd", "fmn")  # of its curve over ε
OVER_EPS_LEVELS = {IMAGENET: (0.1, 0.25, 0.5, 1.0), MINI: (2.0, 4.0, 8.0, 16.0)}
COMPARED_MODELS = {IMAGENET: 1, MINI: 3}  # how many
FRAMES_OF = {IMAGENET: (0, 1), MINI: tuple(range(8))}
N_REFERENCES = {IMAGENET: 20, MINI: 128}  # among which one image is ranked
QUERY_MODELS = {IMAGENET: 1, MINI: 3}  # how many
N_ASKED, QUERIES = 12, 300  # images and queries for each, of attacks that see decisions alone
QUERY_ATTACKS = ("hop_skip_jump", "boundary", "cgba")
STIMULI = 256
EXCITED = {IMAGENET: "zebra", MINI: "knife"}
ASCENT_STEPS = {IMAGENET: 20, MINI: 150}
DEFENCES_RECORDED = {
    IMAGENET: ("none", "logits_x100", "jpeg"),
    MINI: (
        *("none", "logits_x100", "rounded_logits", "jpeg", "bit_depth", "median", "resize_and_pad"),
        *("distilled_1", "distilled_20", "distilled_100", "adversarial_training", "smoothing"),
    ),
}
DEFENCE_N, DEFENCE_STEPS = {IMAGENET: 8, MINI: 128}, 40
HERO_MODEL, HERO_CLASS, HERO_THREAT = (
    "efficientnet_lite0",
    "cannon",
    ThreatModel("linf", 1 / 255, 0.1 / 255, 20, "untargeted", "clean", 1, stop_at_success=False, seed=0),
)
TRANSFERRED = {MINI: (*MODELS[MINI], "mini_resnext_stylised")}
TRANSFER_LEVELS = {IMAGENET: 1.0, MINI: 8.0}  # of 255
TRANSFER_STEPS = 20
PLANE_CORRUPTION, PLANE_SEVERITIES, PLANE_STEPS = "brightness", (1, 3, 5), 10
PLANE_MODELS = {IMAGENET: 1, MINI: 3}  # how many; a photo takes some sixty times as long as an image of Mini
PLANE_LEVELS = {IMAGENET: (0.5, 1.0), MINI: (2.0, 4.0, 8.0)}
PROVED, N_PROVED = "mini_resnext_noise_025", {IMAGENET: 4, MINI: 16}
MIXED = {IMAGENET: ("efficientnet_lite0", "efficientnet_lite1"), MINI: ("mini_resnext", "mini_resnext_at8")}
MIX_N, MIX_STEPS = {IMAGENET: 8, MINI: 256}, {IMAGENET: 10, MINI: 20}
MIX_CORRUPTION, MIX_SEVERITY = "gaussian_noise", 3
PROBED = (*MINI_LEVELS, *(key for key in MODELS[MINI] if key not in MINI_LEVELS))  # the series over ε first
FINE_TUNED = ("mini_resnext_at0", "mini_resnext_at4")
SNOW, SEVERITIES = "snow", (1, 2, 3, 4, 5)
SEQUENCE = "gaussian_noise"
N_STORY = 192
MISTAKEN = "foolbox/07"  # a photo that all three networks call by the same wrong name
FOGGED, FOG = "foolbox/16", "fog"  # a photo that the networks lose at different severities
N_CONCEPT_PHOTOS = 20  # all that there are
WORN, WORN_UNDER, WORN_SEVERITY = "blur", ("gaussian_noise", "jpeg_compression", "defocus_blur"), 3


@dataclass(frozen=True)
class Shipped:
    """One recorded question, which `request` puts to several models; each model's answer is a file, or theirs
    `together` where models are measured against each other.
    """

    key: str
    request: Callable[[], Request]
    run: Callable[[Any], Generator[Any, None, Any]]
    together: bool = False

    def requests(self) -> tuple[Request, ...]:
        """What has a file each."""
        request = self.request()
        return (request,) if self.together else tuple(request.of(spec) for spec in request.models)


def threat_of(space: LabelSpace) -> ThreatModel:
    """The attack with which the page begins in a world."""
    eps = LEVELS[space] / 255
    return ThreatModel("linf", eps, 0.1 * eps, 50, "untargeted", "clean", 1, stop_at_success=False, seed=0)


def predictions_request(space: LabelSpace) -> PredictionsRequest:
    """What the page What if asks at first in a world."""
    return PredictionsRequest(_models(space), ImageSet.of([first_image(space)]))


@cache
def attack_request(space: LabelSpace) -> AttackCurveRequest:
    """What the page on PGD asks at first in a world."""
    images = synthetic_images(N[MINI], 0) if space == MINI else collection_images(photos(), N[IMAGENET], 0, IMAGENET)
    return AttackCurveRequest(_models(space), images, (threat_of(space),), frames_of=FRAMES_OF[space])


def defence_images(space: LabelSpace, n: int) -> ImageSet:
    """The images on which the page on defences attacks in a world."""
    return synthetic_images(n, 0) if space == MINI else collection_images(photos(), n, 0, IMAGENET)


@cache
def defence_request(space: LabelSpace, defence: str) -> DefenceRequest:
    """What the page on defences asks at first about one of them in a world."""
    images, eps = defence_images(space, DEFENCE_N[space]), LEVELS[space] / 255
    return DefenceRequest(_models(space)[:1], images, (defence,), "linf", eps, DEFENCE_STEPS, 0)


@cache
def comparison_request(space: LabelSpace) -> AttackComparisonRequest:
    """What the page Compare attacks asks at first in a world."""
    eps = LEVELS[space] / 255
    configs = tuple(AttackConfig.of(key, "linf", eps) for key in ATTACKS if key in COMPARED[space])
    models = _models(space)[: COMPARED_MODELS[space]]
    return AttackComparisonRequest(models, attack_request(space).images, configs)


@cache
def over_eps_request() -> AttackComparisonRequest:
    """What its curve over ε asks at first in Mini; of photos it takes an hour on two cores, and is not shipped."""
    radii = tuple(levels / 255 for levels in OVER_EPS_LEVELS[MINI])
    keys = [key for key in ATTACKS if key in OVER_EPS]
    configs = [AttackConfig.of(key, "linf", radius) for key in keys for radius in radii]
    minimal = any(config.row.minimal for config in configs)
    made = tuple(dict.fromkeys(configs))
    return AttackComparisonRequest(_models(MINI), attack_request(MINI).images, made, radii if minimal else ())


@cache
def transfer_request(space: LabelSpace) -> TransferMatrixRequest:
    """The models that attack each other at first in a world, and how."""
    models = tuple(map(get_spec, TRANSFERRED.get(space, MODELS[space])))
    return TransferMatrixRequest(models, attack_request(space).images, transfer_attack(space))


def transfer_attack(space: LabelSpace) -> AttackConfig:
    """The attack whose images other models judge at first in a world."""
    return AttackConfig.of("pgd", "linf", TRANSFER_LEVELS[space] / 255, TRANSFER_STEPS)


@cache
def plane_request(space: LabelSpace) -> SeverityPlaneRequest:
    """What is corrupted and then attacked at first in a world."""
    conditions = tuple(Condition(PLANE_CORRUPTION, severity, 0) for severity in PLANE_SEVERITIES)
    attacks = tuple(AttackConfig.of("pgd", "linf", levels / 255, PLANE_STEPS) for levels in PLANE_LEVELS[space])
    models = _models(space)[: PLANE_MODELS[space]]
    return SeverityPlaneRequest(models, attack_request(space).images, conditions, attacks)


@cache
def mixing_request(space: LabelSpace, kind: str = "probabilities") -> MixingRequest:
    """What the Mixing desk measures at first in a world for a kind of mixture."""
    attack = AttackConfig.of("pgd", "linf", LEVELS[space] / 255, MIX_STEPS[space])
    condition = Condition(MIX_CORRUPTION, MIX_SEVERITY, 0)
    models, images = tuple(map(get_spec, MIXED[space])), defence_images(space, MIX_N[space])
    norm_images = usual_norm_images(space, images) if MIX_KINDS[kind].one_architecture else None
    return MixingRequest(models, images, kind, ladder(len(models)), condition, attack, norm_images)


@cache
def reference_images(space: LabelSpace) -> ImageSet:
    """The images among which the page on smallest changes ranks one."""
    n = N_REFERENCES[space]
    return synthetic_images(n, 0) if space == MINI else collection_images(photos(), n, 0, IMAGENET)


def references_request(space: LabelSpace) -> SmallestChangeRequest:
    """The changes of those images, over which the page draws its curves at first."""
    return SmallestChangeRequest(_models(space), reference_images(space))


@cache
def change_request(space: LabelSpace) -> SmallestChangeRequest:
    """The one image whose smallest change the page shows at first in a world."""
    return SmallestChangeRequest(_models(space), ImageSet.of([first_image(space)]), changes_of=(0,))


@cache
def queries_request(space: LabelSpace) -> QueryCurveRequest:
    """What the page on smallest changes asks at first about queries, with the frames of one image."""
    images = synthetic_images(N_ASKED, 0) if space == MINI else collection_images(photos(), N_ASKED, 0, IMAGENET)
    attacks = tuple(AttackConfig.of(key, "l2", None, QUERIES) for key in QUERY_ATTACKS)
    return QueryCurveRequest(_models(space)[: QUERY_MODELS[space]], images, attacks, frames_of=(0,))


@cache
def votes_request() -> ShapeBiasRequest:
    """What the page on shape and texture asks at first in Mini; the published stimuli of ImageNet are not shipped."""
    return ShapeBiasRequest(_models(MINI), synthetic_set(), STIMULI)


@cache
def glasses_request(key: str) -> GlassesRequest:
    """What Mini's models decide for on all of its stimuli through a filter; the published ones of ImageNet are not
    shipped.
    """
    stimuli = synthetic_set()
    return GlassesRequest(_models(MINI), stimuli, stimuli.count, key, INPUT_FILTERS[key].strengths)


@cache
def glasses_corruption_request(space: LabelSpace) -> GlassesCorruptionRequest:
    """Which corrupted images models see through them at first in a world."""
    conditions = tuple(Condition(name, WORN_SEVERITY, 0) for name in WORN_UNDER)
    strengths = INPUT_FILTERS[WORN].strengths
    return GlassesCorruptionRequest(_models(space), attack_request(space).images, conditions, WORN, strengths)


@cache
def ascent_request(space: LabelSpace) -> AscentRequest:
    """What the page on features asks at first in a world."""
    ascent = Ascent("class", space.names.index(EXCITED[space]), ASCENT_STEPS[space])
    return AscentRequest(_models(space), ascent, first_image(space))


@cache
def biases_request(space: LabelSpace) -> SimplicityBiasesRequest:
    """The layers that the page on features looks at first in a world."""
    return SimplicityBiasesRequest(_models(space), attack_request(space).images)


@cache
def cues_request(space: LabelSpace) -> CueRemovalRequest:
    """The images whose cues it takes away at first."""
    return CueRemovalRequest(_models(space), attack_request(space).images)


@cache
def alignment_request(space: LabelSpace) -> GradientAlignmentRequest:
    """The images whose gradients it compares at first."""
    return GradientAlignmentRequest(_models(space), attack_request(space).images)


@cache
def concepts_request(space: LabelSpace) -> ConceptsRequest:
    """The concepts that the page on attributions shows at first: of the class of its first image in Mini, of all photos
    in ImageNet, where no class has several.
    """
    if space == MINI:
        label = first_image(MINI).label
        return ConceptsRequest(_models(MINI), synthetic_images(N[MINI], 0, label=label), label)
    images = collection_images(photos(), N_CONCEPT_PHOTOS, 0, IMAGENET)
    return ConceptsRequest(_models(IMAGENET)[:1], images)


def probe_request(task: str) -> LinearProbeRequest:
    """What the page on transfer learning asks at first about a task of Mini."""
    return LinearProbeRequest(tuple(map(get_spec, PROBED)), downstream_images(task))


@cache
def similarity_request(task: str) -> FeatureSimilarityRequest:
    """Whose features it compares at first."""
    return FeatureSimilarityRequest(tuple(map(get_spec, PROBED)), downstream_images(task))


@cache
def fine_tuning_request(task: str) -> FineTuningRequest:
    """What it trains on at first."""
    return FineTuningRequest(tuple(map(get_spec, FINE_TUNED)), downstream_images(task))


def maps_request(space: LabelSpace) -> AttributionRequest:
    """The maps with which the page on attributions begins in a world, and all that is known about them."""
    return AttributionRequest(_models(space), first_image(space), (("grad_cam", ()),), PREDICTED, metrics=True)


@cache
def hero_request() -> AttackCurveRequest:
    """The attack at the top of the Story page: one photo, one whole 8-bit level."""
    photo = next(one for one in data.list_samples(PHOTOS) if one.title.startswith(HERO_CLASS))
    return AttackCurveRequest(
        (get_spec(HERO_MODEL),), ImageSet.of([data.read(photo.id)]), (HERO_THREAT,), frames_of=(0,)
    )


@cache
def steps_request() -> AttackCurveRequest:
    """The attack of Mini's PGD page on more images, for the fourth and the fifth claim of the Story page."""
    return AttackCurveRequest(_models(MINI), synthetic_images(N_STORY, 0), (threat_of(MINI),))


@cache
def proof_request() -> CertifiedRadiusRequest:
    """Proof and attack of a model that was trained with noise; of photos it takes half an hour, and is not shipped."""
    return CertifiedRadiusRequest((get_spec(PROVED),), defence_images(MINI, N_PROVED[MINI]))


@cache
def snow_request() -> CorruptionGridRequest:
    """Mini in snow, for the first claim of the Story page."""
    snow = tuple(Condition(SNOW, severity, 0) for severity in SEVERITIES)
    return CorruptionGridRequest(_models(MINI), synthetic_images(N[MINI], 0), snow)


@cache
def sequence_request() -> PerturbationRequest:
    """An image of Mini under noise that changes from frame to frame, for the second claim."""
    return PerturbationRequest(_models(MINI), first_image(MINI), SEQUENCE, 0)


@cache
def hard_request() -> PredictionsRequest:
    """Mini's hard scenes, for the third claim."""
    return PredictionsRequest(_models(MINI), synthetic_images(N[MINI], 0, "hard"))


@cache
def mistaken_request() -> PredictionsRequest:
    """A photo that all three networks of ImageNet get wrong, for the first scene of the lesson."""
    return PredictionsRequest(_models(IMAGENET), ImageSet.of([data.read(MISTAKEN)]))


@cache
def fog_request() -> CorruptionGridRequest:
    """The photos in fog, the scene's own first, which so has the fog that the page What if puts over it."""
    ids = [sample.id for sample in data.list_samples(PHOTOS)]
    images = ImageSet.of([data.read(one) for one in (FOGGED, *(one for one in ids if one != FOGGED))])
    return CorruptionGridRequest(_models(IMAGENET), images, tuple(Condition(FOG, one, 0) for one in SEVERITIES))


def first_image(space: LabelSpace) -> LabelledImage:
    """The image with which the pages begin in a world."""
    if space == MINI:
        return read_synthetic(synthetic_id("clean", "elephant", "elephant", 7))
    return data.read(data.list_samples(PHOTOS)[0].id)


def photos() -> Collection:
    """The photos that come with the project."""
    return next(one for one in data.list_collections() if one.key == PHOTOS)


def _models(space: LabelSpace) -> tuple[ModelSpec, ...]:
    return tuple(map(get_spec, MODELS[space]))


SHIPPED: tuple[Shipped, ...] = (
    Shipped("predictions_imagenet", partial(predictions_request, IMAGENET), predictions.run),
    Shipped("predictions_mini", partial(predictions_request, MINI), predictions.run),
    Shipped("pgd_imagenet", partial(attack_request, IMAGENET), attack_curve.run),
    Shipped("pgd_mini", partial(attack_request, MINI), attack_curve.run),
    Shipped("attacks_imagenet", partial(comparison_request, IMAGENET), attack_comparison.run),
    Shipped("attacks_mini", partial(comparison_request, MINI), attack_comparison.run),
    Shipped("over_eps_mini", over_eps_request, attack_comparison.run),
    Shipped("transfer_imagenet", partial(transfer_request, IMAGENET), transfer_matrix.run, together=True),
    Shipped("transfer_mini", partial(transfer_request, MINI), transfer_matrix.run, together=True),
    Shipped("plane_imagenet", partial(plane_request, IMAGENET), severity_plane.run),
    Shipped("plane_mini", partial(plane_request, MINI), severity_plane.run),
    Shipped("mixing_imagenet", partial(mixing_request, IMAGENET), mixing.run, together=True),
    *(
        Shipped(f"mixing_{kind}_mini", partial(mixing_request, MINI, kind), mixing.run, together=True)
        for kind in MIX_KINDS
    ),
    Shipped("references_imagenet", partial(references_request, IMAGENET), smallest_change.run),
    Shipped("references_mini", partial(references_request, MINI), smallest_change.run),
    Shipped("change_imagenet", partial(change_request, IMAGENET), smallest_change.run),
    Shipped("change_mini", partial(change_request, MINI), smallest_change.run),
    Shipped("queries_imagenet", partial(queries_request, IMAGENET), query_curve.run),
    Shipped("queries_mini", partial(queries_request, MINI), query_curve.run),
    Shipped("votes_mini", votes_request, shape_bias.run),
    *(Shipped(f"glasses_{key}_mini", partial(glasses_request, key), glasses.run) for key in INPUT_FILTERS),
    Shipped("glasses_corruption_mini", partial(glasses_corruption_request, MINI), glasses_corruption.run),
    Shipped("glasses_corruption_imagenet", partial(glasses_corruption_request, IMAGENET), glasses_corruption.run),
    Shipped("features_imagenet", partial(ascent_request, IMAGENET), feature_visualization.run),
    Shipped("features_mini", partial(ascent_request, MINI), feature_visualization.run),
    *(Shipped(f"biases_{space.key}", partial(biases_request, space), simplicity_biases.run) for space in MODELS),
    *(Shipped(f"cues_{space.key}", partial(cues_request, space), cue_removal.run) for space in MODELS),
    *(
        Shipped(f"alignment_{space.key}", partial(alignment_request, space), gradient_alignment.run, together=True)
        for space in MODELS
    ),
    Shipped("concepts_imagenet", partial(concepts_request, IMAGENET), concepts.run),
    Shipped("concepts_mini", partial(concepts_request, MINI), concepts.run),
    *(Shipped(f"probe_{task}", partial(probe_request, task), linear_probe.run) for task in DOWNSTREAM_TASKS),
    *(
        Shipped(f"similarity_{task}", partial(similarity_request, task), feature_similarity.run, together=True)
        for task in DOWNSTREAM_TASKS
    ),
    *(Shipped(f"fine_tuning_{task}", partial(fine_tuning_request, task), fine_tuning.run) for task in DOWNSTREAM_TASKS),
    Shipped("maps_imagenet", partial(maps_request, IMAGENET), attribution_maps.run),
    Shipped("maps_mini", partial(maps_request, MINI), attribution_maps.run),
    *(
        Shipped(f"defence_{key}_{space.key}", partial(defence_request, space, key), defence_check.run)
        for space, keys in DEFENCES_RECORDED.items()
        for key in keys
    ),
    Shipped("hero", hero_request, attack_curve.run),
    Shipped("steps_mini", steps_request, attack_curve.run),
    Shipped("proof_mini", proof_request, certified_radius.run),
    Shipped("snow_mini", snow_request, corruption_grid.run),
    Shipped("sequence_mini", sequence_request, perturbation_sequence.run),
    Shipped("hard_mini", hard_request, predictions.run),
    Shipped("mistaken", mistaken_request, predictions.run),
    Shipped("fog_imagenet", fog_request, corruption_grid.run),
)
