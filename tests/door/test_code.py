"""Code that a page copies asks exactly what the page asked: the request that it builds has the same key."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import robust_core as rc
from robust_core import data
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.scoring import LAST_ITERATE
from robust_core.attacks.threat import PAPER, ThreatModel, fgsm
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import PREDICTED, RIVAL, Target
from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.cue_conflict.style_transfer import StyleSettings
from robust_core.data.image_set import ImageSet
from robust_core.data.sample_boxes import proposed_box
from robust_core.data.stimulus_sets import synthetic_set
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.door.code import WRITERS, as_python
from robust_core.door.edits import USUAL
from robust_core.door.literals import literal
from robust_core.door.query_curve import QUERIES, QUERY_ATTACKS
from robust_core.edits.boxes import Box
from robust_core.edits.object_edit import KINDS, PHOTO_KINDS, ObjectEdit
from robust_core.errors import BadInput
from robust_core.images import decode
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.labels import MINI
from robust_core.mixing.table import ladder
from robust_core.models.catalogue import get_spec
from robust_core.recordings.shipped import SHIPPED
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
    feature_visualization,
    fine_tuning,
    glasses,
    glasses_corruption,
    gradient_alignment,
    input_gradient,
    linear_probe,
    mixing,
    object_edits,
    ood,
    own_stimuli,
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
from robust_core.studies.attribution_maps import (
    AttackedMapsRequest,
    AttributionRequest,
    MapMetricsRequest,
    MapRequest,
    RandomizedMapsRequest,
)
from robust_core.studies.calibration import CalibrationRequest
from robust_core.studies.certified_radius import CertifiedRadiusRequest
from robust_core.studies.concepts import ConceptsRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.corruption_sweep import CorruptionSweepRequest, severity_strip
from robust_core.studies.cue_removal import CueRemovalRequest
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_similarity import FeatureSimilarityRequest
from robust_core.studies.feature_visualization import AscentRequest, noise
from robust_core.studies.fine_tuning import FineTuningRequest
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.gradient_alignment import GradientAlignmentRequest
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.studies.linear_probe import LinearProbeRequest
from robust_core.studies.mixing import MixingRequest, usual_norm_images
from robust_core.studies.object_edits import ObjectEditsRequest
from robust_core.studies.ood import OodRequest
from robust_core.studies.own_stimuli import StyleTransferRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.query_curve import QueryCurveRequest
from robust_core.studies.severity_plane import SeverityPlaneRequest
from robust_core.studies.shape_bias import ShapeBiasRequest
from robust_core.studies.simplicity_biases import SimplicityBiasesRequest
from robust_core.studies.smallest_change import SmallestChangeRequest
from robust_core.studies.transfer_matrix import TransferMatrixRequest

RUNS = (
    *((module, "run") for module in (attack_curve, attack_checks, attack_comparison, attribution_maps)),
    *((module, "run") for module in (calibration, corruption_grid, object_edits)),
    *((module, "run") for module in (corruption_sweep, feature_visualization, input_gradient, ood)),
    *(
        (module, "run")
        for module in (
            glasses,
            glasses_corruption,
            perturbation_sequence,
            predictions,
            query_curve,
            severity_plane,
            shape_bias,
        )
    ),
    *((module, "run") for module in (certified_radius, defence_check, mixing, smallest_change, transfer_matrix)),
    *((module, "run") for module in (feature_similarity, fine_tuning, linear_probe)),
    *((module, "run") for module in (concepts, cue_removal, gradient_alignment, simplicity_biases)),
    (own_stimuli, "stylise"),
    (attribution_maps, "randomize"),
    (attribution_maps, "attack"),
)
LITE = (get_spec("efficientnet_lite0"),)
ONE, TWO = (get_spec("mini_resnext"),), (get_spec("mini_resnext"), get_spec("mini_resnext_wsl"))
ATTACK = AttackConfig.of("apgd_ce", "l2", 1.5, 7, 2)
FOG, FOG_STORED = Condition("fog", 3, 5), Condition("fog", 2, 0, as_stored=True)


class AskedForIt(Exception):
    """In place of a run: the request is known then."""


@pytest.fixture
def asked(monkeypatch):
    """What the studies are asked, none of which runs; an attack that is to be checked is taken as run."""
    found = []

    def instead(module, name):
        def run(request, *_):
            found.append(request)
            raise AskedForIt
            yield

        monkeypatch.setattr(module, name, run)

    for module, name in RUNS:
        instead(module, name)
    return found


def requests_of(code: str, asked: list) -> list:
    with pytest.raises(AskedForIt):
        exec(compile(code, "cell", "exec"), {})
    return asked


def mini(n=4, **options):
    return rc.draw_images("mini", n, **options)


def photos(n=2):
    return rc.load_images("foolbox", n)


def image(sample_id="mini/clean/dog/cat/7"):
    return data.read(sample_id)


def threat(**changes):
    usual = {"norm": "linf", "eps": 8 / 255, "step_size": 0.1 * 8 / 255, "steps": 50, "aim": "untargeted"}
    rest = {"start": "clean", "restarts": 1, "stop_at_success": False, "seed": 0}
    return ThreatModel(**(usual | rest | changes))


def at(eps, fraction, **changes):
    return threat(eps=eps, step_size=fraction * eps, **changes)


def of_fog(*severities):
    return tuple(replace(FOG, severity=severity) for severity in severities)


def decisions(*keys, norm="l2", steps=QUERIES, seed=0):
    return tuple(AttackConfig.of(key, norm, None, steps, seed) for key in keys)


PHOTOS = "foolbox"
SETTINGS = tuple(METHODS["smoothgrad"].settings({"seed": 3}).items())
REQUESTS = {
    "pgd": lambda: AttackCurveRequest(TWO, mini(), (threat(),), frames_of=(0, 1)),
    "pgd, several eps": lambda: AttackCurveRequest(
        ONE, mini(), tuple(at(eps / 255, 0.1, steps=10) for eps in (0.5, 1, 2, 4))
    ),
    "pgd, step in 255ths": lambda: AttackCurveRequest(ONE, mini(), (threat(step_size=0.25 / 255),)),
    "pgd, step of no short number": lambda: AttackCurveRequest(ONE, mini(), (threat(step_size=0.0123456789012),)),
    "pgd, the usual step": lambda: AttackCurveRequest(ONE, mini(), (threat(step_size=2.5 * (8 / 255) / 50),)),
    "pgd, eps of 0": lambda: AttackCurveRequest(ONE, mini(), (threat(eps=0.0, step_size=0.0),)),
    "pgd, L2": lambda: AttackCurveRequest(
        ONE, mini(), (at(0.5, 0.1, norm="l2", start="random", restarts=3, seed=4, loss="dlr"),)
    ),
    "pgd, not folded": lambda: AttackCurveRequest(ONE, mini(), (at(0.5 / 255, 0.1, precision="float32"),)),
    "pgd, bfloat16": lambda: AttackCurveRequest(
        ONE, mini(), (replace(PAPER, precision="bfloat16_float32_stem"), replace(PAPER, precision="float32"))
    ),
    "pgd, one class": lambda: AttackCurveRequest(ONE, mini(avoid=3), (threat(aim="chosen"),), 3),
    "pgd, a class each": lambda: AttackCurveRequest(ONE, mini(2), (threat(aim="chosen"),), (3, 4)),
    "pgd, a class, stopping": lambda: AttackCurveRequest(ONE, mini(), (threat(aim="chosen", stop_at_success=True),), 3),
    "pgd, kept": lambda: AttackCurveRequest(ONE, mini(), (threat(aim="random"),), keep=LAST_ITERATE),
    "pgd, the paper's": lambda: AttackCurveRequest(ONE, mini(), (PAPER,)),
    "pgd, the paper's eps": lambda: AttackCurveRequest(
        ONE, mini(), tuple(replace(PAPER, eps=eps) for eps in (0.01, 0.02, 0.06))
    ),
    "pgd, fgsm": lambda: AttackCurveRequest(ONE, mini(), (fgsm(4 / 255),)),
    "pgd, photos": lambda: AttackCurveRequest(ONE, rc.draw_images(PHOTOS, 5, seed=3, classes="mini"), (threat(),)),
    "pgd, the door's photos": lambda: AttackCurveRequest(ONE, rc.load_images(PHOTOS, 5, seed=3), (threat(),)),
    "pgd, the door's test set": lambda: AttackCurveRequest(ONE, rc.load_images("mini", 5), (threat(),)),
    "pgd, corrupted": lambda: AttackCurveRequest(
        ONE, rc.corrupt(rc.load_images(PHOTOS, 2), "fog", 2, seed=1), (threat(),)
    ),
    "checks": lambda: AttackChecksRequest(TWO, mini(), (threat(),)),
    "checks, others' images": lambda: AttackChecksRequest(ONE, mini(), (threat(),), sources=TWO[1:]),
    "checks, target alone": lambda: AttackChecksRequest(ONE, mini(), (PAPER,), target_alone=True),
    "attacks": lambda: AttackComparisonRequest(TWO, mini(), (AttackConfig("pgd", "linf", 8 / 255, 50),)),
    "attacks, in several balls": lambda: AttackComparisonRequest(
        ONE, mini(), tuple(AttackConfig("pgd", "l2", eps, 20, 3) for eps in (0.25, 0.5)), keep_images=True
    ),
    "attacks, as they are": lambda: AttackComparisonRequest(
        ONE, mini(), (AttackConfig("pgd", "linf", 8 / 255, 50), AttackConfig("pgd", "l2", 0.5, 20, 1))
    ),
    "smallest change": lambda: SmallestChangeRequest(TWO, mini()),
    "smallest change, all said": lambda: SmallestChangeRequest(ONE, mini(), "l2", 30, 5),
    "queries": lambda: QueryCurveRequest(TWO, mini(), decisions(*QUERY_ATTACKS), frames_of=(0,)),
    "queries, all said": lambda: QueryCurveRequest(
        ONE, mini(), decisions("hop_skip_jump", norm="linf", steps=200, seed=3)
    ),
    "defences": lambda: DefenceRequest(ONE, mini(), ("jpeg", "distilled_20")),
    "a defence, L2": lambda: DefenceRequest(TWO, mini(), ("median",), "l2", 0.5, 7, 3),
    "grid": lambda: CorruptionGridRequest(TWO, mini(), (FOG, replace(FOG, severity=4))),
    "grid, ImageNet-C": lambda: CorruptionGridRequest(ONE, mini(), corruption_sweep.corruption_grid(FOG)[1:]),
    "grid, as stored": lambda: CorruptionGridRequest(ONE, mini(), (FOG_STORED,)),
    "transfer": lambda: TransferMatrixRequest(TWO, mini(), AttackConfig.of("pgd", "linf", 8 / 255)),
    "transfer, L2": lambda: TransferMatrixRequest(ONE, mini(), AttackConfig("pgd", "l2", 1.5, 7, 2)),
    "plane": lambda: SeverityPlaneRequest(TWO, mini(), of_fog(1, 2, 3, 4, 5), (AttackConfig.of("pgd", "linf", 0.01),)),
    "plane, severities and eps": lambda: SeverityPlaneRequest(
        ONE, mini(), of_fog(2, 4), tuple(AttackConfig("pgd", "linf", eps / 255, 9, 1) for eps in (1, 2))
    ),
    "plane, as stored": lambda: SeverityPlaneRequest(ONE, mini(), (FOG_STORED,), (AttackConfig.of("pgd", "l2", 2),)),
    "mixing": lambda: MixingRequest(TWO, mini(), "probabilities", ladder(2)),
    "mixing, attacked and in fog": lambda: MixingRequest(
        TWO, mini(), "logits", ((0.1, 0.9), (1.0, 0.0)), FOG, AttackConfig.of("pgd", "linf", 8 / 255, 20)
    ),
    "mixing, weights": lambda: MixingRequest(
        TWO, mini(), "weights", ((0.7, 0.3),), norm_images=usual_norm_images(MINI, mini())
    ),
    "mixing, other statistics": lambda: MixingRequest(TWO, mini(), "weights", ladder(2), norm_images=mini(8, seed=9)),
    "mixing, statistics averaged": lambda: MixingRequest(TWO, mini(), "weights", ladder(2)),
    "mixing, three": lambda: MixingRequest(
        (*TWO, get_spec("mini_resnext_at8")), mini(), "probabilities", ((0.5, 0.25, 0.25),), attack=ATTACK
    ),
    "sweep, strip": lambda: CorruptionSweepRequest(ONE, image(), severity_strip(FOG)),
    "sweep, grid": lambda: CorruptionSweepRequest(ONE, image(), corruption_sweep.corruption_grid(FOG)),
    "sequence": lambda: PerturbationRequest(ONE, image("foolbox/03"), "gaussian_noise", 2),
    "edits": lambda: ObjectEditsRequest(TWO, mini(), tuple(edit for key in USUAL for edit in KINDS[key].edits)),
    "edits, one kind": lambda: ObjectEditsRequest(ONE, mini(), KINDS["place"].edits),
    "edits, some": lambda: ObjectEditsRequest(
        ONE,
        mini(),
        (
            ObjectEdit(0.5, 8, -3.5, background="clutter"),
            *ObjectEdit(0.5, hue_degrees=90).along("place"),
            *KINDS["hue"].edits,
            ObjectEdit(zoom=0.4),
        ),
    ),
    "edits, photos": lambda: ObjectEditsRequest(
        LITE, photos(), (*PHOTO_KINDS["background"].edits, *ObjectEdit(1.2).along("place")), (Box(1, 2, 90, 80),) * 2
    ),
    "edits, a photo in its known box": lambda: ObjectEditsRequest(
        LITE, photos(1), KINDS["size"].edits, (proposed_box(photos(1)[0]),)
    ),
    "predictions": lambda: PredictionsRequest(TWO, mini()),
    "predictions, chosen": lambda: PredictionsRequest(ONE, ImageSet.of([image(), image("foolbox/03")], "Mine"), FOG),
    "calibration": lambda: CalibrationRequest(ONE, mini(8), FOG_STORED, 4),
    "certificates": lambda: CertifiedRadiusRequest(TWO, mini(), 0.25),
    "certificates, settings": lambda: CertifiedRadiusRequest(ONE, mini(), 0.5, 500, 0.01, 50, SmoothedSearch(10, 8), 3),
    "certificates alone": lambda: CertifiedRadiusRequest(ONE, mini(), 0.25, search=None),
    "ood": lambda: OodRequest(ONE, mini(), SyntheticUnknown("blobs", 6, 2)),
    "ood, images": lambda: OodRequest(ONE, mini(), mini(seed=1, scene="hard")),
    "shape bias": lambda: ShapeBiasRequest(TWO, synthetic_set(), 64),
    "glasses": lambda: GlassesRequest(TWO, synthetic_set(), 64, "high_pass", (2.0, 1.0)),
    "glasses, as they are": lambda: GlassesRequest(ONE, synthetic_set(), 1024, "blur", INPUT_FILTERS["blur"].strengths),
    "glasses, one strength": lambda: GlassesRequest(ONE, synthetic_set(), 8, "low_resolution", (2.0,)),
    "corruption through glasses": lambda: GlassesCorruptionRequest(
        TWO, mini(), of_fog(3), "grey", INPUT_FILTERS["grey"].strengths
    ),
    "corruption through glasses, severities": lambda: GlassesCorruptionRequest(
        ONE, mini(), (FOG_STORED, replace(FOG_STORED, severity=5)), "blur", (1.5,)
    ),
    "corruption through glasses, ImageNet-C": lambda: GlassesCorruptionRequest(
        ONE, mini(), corruption_sweep.corruption_grid(FOG)[1:], "blur", (1.0, 2.0)
    ),
    "maps": lambda: AttributionRequest(ONE, image(), (("grad_cam", ()), ("smoothgrad", SETTINGS)), RIVAL, True, FOG),
    "maps, a class": lambda: AttributionRequest(ONE, image(), (("saliency", ()),), Target("class", 3)),
    "maps, a category": lambda: AttributionRequest(
        (get_spec("efficientnet_lite0"),), image(), (("grad_cam", ()),), Target("category", "dog")
    ),
    "randomized": lambda: RandomizedMapsRequest(ONE, image(), FOG, "smoothgrad", RIVAL, SETTINGS, label=3, seed=2),
    "attacked": lambda: AttackedMapsRequest(
        ONE, image(), CLEAN, "grad_cam", PREDICTED, (), threat=at(1 / 255, 0.1, steps=4), steps=(0, 1, 4)
    ),
    "attacked, the paper's": lambda: AttackedMapsRequest(
        ONE, image("foolbox/03"), CLEAN, "smoothgrad", PREDICTED, SETTINGS, threat=PAPER, steps=(0, 10)
    ),
    "ascent": lambda: AscentRequest(ONE, Ascent("class", 3, 20), image()),
    "ascent from noise": lambda: AscentRequest(ONE, Ascent("unit", 3, 20), noise(64, 5)),
    "gradient": lambda: InputGradientRequest(ONE, image()),
    "concepts": lambda: ConceptsRequest(TWO, mini(), 3),
    "concepts, all said": lambda: ConceptsRequest(ONE, mini(), None, 4, 0.4, 2),
    "simplicity biases": lambda: SimplicityBiasesRequest(TWO, mini()),
    "simplicity biases, all said": lambda: SimplicityBiasesRequest(ONE, mini(), 0.25, 3),
    "cue removal": lambda: CueRemovalRequest(TWO, mini()),
    "cue removal, a seed": lambda: CueRemovalRequest(ONE, mini(), 2),
    "gradient alignment": lambda: GradientAlignmentRequest(TWO, mini()),
    "linear probe": lambda: LinearProbeRequest(TWO, rc.downstream_task("new_shapes")),
    "linear probe, all said": lambda: LinearProbeRequest(
        ONE, rc.downstream_task("new_surfaces", n=9), 3, 2, (4, 1), 7, 5
    ),
    "feature similarity": lambda: FeatureSimilarityRequest(TWO, mini(24)),
    "fine-tuning": lambda: FineTuningRequest(TWO, rc.downstream_task("new_shapes")),
    "fine-tuning, all said": lambda: FineTuningRequest(ONE, mini(32), 20, 0.1, 16, True, 3),
    "style": lambda: StyleTransferRequest(ONE, image(), image("mini/clean/cat/cat/1"), StyleSettings(0.7, 9, 1)),
}


def with_all_settings(request):
    """Maps with every setting said, as the door says them."""
    if not isinstance(request, AttributionRequest):
        return request
    methods = [(key, tuple(METHODS[key].settings(dict(given)).items())) for key, given in request.methods]
    return replace(request, methods=tuple(methods))


def test_every_kind_of_request_is_tried():
    assert {type(build()) for build in REQUESTS.values()} == set(WRITERS)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_code_builds_a_request_of_the_same_key(name, asked, monkeypatch):
    request = with_all_settings(REQUESTS[name]())
    if isinstance(request, AttackChecksRequest):
        monkeypatch.setattr(attack_curve, "run", run_at_once)
    (built,) = requests_of(as_python(request), asked)
    assert built.key == request.key
    assert type(built) is type(request)


def test_an_edit_along_a_kind_is_one_expression():
    written = as_python(REQUESTS["edits, photos"]())
    assert "rc.edit_objects(" in written
    assert '["background", *rc.ObjectEdit(zoom=1.2).along("place")]' in written
    assert "boxes=[(1, 2, 90, 80), (1, 2, 90, 80)]" in written
    places = ObjectEditsRequest(ONE, mini(), ObjectEdit(0.5).along("place"))
    assert 'rc.edit_objects("mini_resnext", images, rc.ObjectEdit(zoom=0.5).along("place"))' in as_python(places)


def run_at_once(_request, *_):
    class Curve:
        trajectories = {}

    return Curve()
    yield


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row.key)
def test_the_code_of_a_recorded_run_builds_its_request(row, asked):
    request, code = row.request(), as_python(row.request())
    (built,) = requests_of(code, asked)  # of a loop over models the first
    assert built.key == (request.key if len(built.models) > 1 else request.of(request.models[0]).key)
    assert all(f'"{spec.key}"' in code for spec in request.models)


def test_code_is_short_and_omits_defaults():
    request = AttackCurveRequest(TWO, mini(64), (threat(),))
    assert as_python(request) == (
        "import robust_core as rc\n\n"
        'images = rc.draw_images("mini", 64)\n'
        'result = rc.pgd(["mini_resnext", "mini_resnext_wsl"], images, "8/255", step_fraction=0.1)\n'
        "result.frame"
    )


def test_requests_that_differ_in_the_model_alone_are_one_call(asked):
    apart = [PredictionsRequest((spec,), mini()) for spec in TWO]
    (built,) = requests_of(as_python(apart), asked)
    assert built.key == PredictionsRequest(TWO, mini()).key


def test_a_grid_of_maps_is_one_call_for_each_model(asked):
    settings = {key: tuple(METHODS[key].settings({}).items()) for key in ("grad_cam", "saliency")}
    grid = [MapRequest((spec,), image(), CLEAN, key, PREDICTED, settings[key]) for key in settings for spec in TWO]
    code = as_python(grid)
    assert code.count("rc.attribute(") == 1
    assert "for model in" in code
    (built,) = requests_of(code, asked)
    assert {one.key for one in built.parts()} == {one.key for one in grid[::2]}


def test_evidence_about_a_map_is_asked_as_metrics(asked):
    settings = tuple(METHODS["saliency"].settings({}).items())
    request = MapMetricsRequest(ONE, image(), CLEAN, "saliency", PREDICTED, settings, "petsiuk", controls=True)
    (built,) = requests_of(as_python(request), asked)
    assert built.metrics
    part = built.parts()[0].asking(MapMetricsRequest, protocol=built.protocol, controls=True)
    assert part.key == request.key


def test_code_for_one_model_runs_whole_and_shows_its_result():
    request = CorruptionSweepRequest(TWO, image(), severity_strip(FOG)[:2])
    names = {}
    exec(compile(as_python(request, progress=False), "cell", "exec"), names)
    assert {key: len(one.frame) for key, one in names["results"].items()} == {"mini_resnext": 2, "mini_resnext_wsl": 2}


def upload(tmp_path: Path, name: str):
    path = tmp_path / "photos" / name
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(len(name)).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    return decode(path.read_bytes(), name)


def test_uploads_are_named_in_a_comment_and_found_in_a_folder(tmp_path, asked):
    images = ImageSet.of([upload(tmp_path, "a.png"), upload(tmp_path, "bb.png")])
    code = as_python(PredictionsRequest(ONE, images))
    assert f"a.png (SHA-256 {images[0].digest[:12]}…)" in code
    here = code.replace("path/to/your/images", str(tmp_path / "photos"))
    (built,) = requests_of(here, asked)
    assert [one.digest for one in built.images] == [one.digest for one in images]


def test_an_upload_that_is_alone_is_a_file(tmp_path, asked):
    code = as_python(InputGradientRequest(ONE, upload(tmp_path, "a.png")))
    (built,) = requests_of(code.replace("path/to/your/images", str(tmp_path / "photos")), asked)
    assert built.image.pixels_sha256 == upload(tmp_path, "a.png").pixels_sha256


@pytest.mark.parametrize("name", ['"]);boom()#', "a\nboom()\n#", "a\u2028boom()", "a\\", '\'"""\''])
def test_a_name_cannot_become_code(name, tmp_path, asked):
    image = replace(upload(tmp_path, "a.png"), name=name)
    for request in (
        PredictionsRequest(ONE, ImageSet.of([image], name)),
        InputGradientRequest(ONE, image),
    ):
        compiled = compile(as_python(request), "cell", "exec")
        assert "boom" not in compiled.co_names


@pytest.mark.parametrize("value", ["a'b", 'a"b', "ε\n", "\\", "\ud800", 0.1, None, True, [1, ("x",)], {"a": (1, 2)}])
def test_a_literal_is_the_value(value):
    assert eval(literal(value)) == value


def test_an_image_with_other_pixels_has_no_id_any_more():
    changed = image().with_pixels(np.zeros((64, 64, 3), np.uint8))
    assert (image().sample_id, changed.sample_id) == ("mini/clean/dog/cat/7", "")
    code = as_python(InputGradientRequest(ONE, replace(image(), rgb=changed.rgb)))
    assert "mini/clean" not in code


def test_a_part_of_a_drawn_set_is_not_passed_off_as_the_whole(asked):
    part = mini(8)[2:4]
    (built,) = requests_of(as_python(PredictionsRequest(ONE, part)), asked)
    assert [one.digest for one in built.images] == [one.digest for one in part]


def test_what_no_function_asks_is_a_sentence():
    conditions = (FOG, Condition("snow", 2, 5), Condition("snow", 3, 5))
    with pytest.raises(BadInput, match="each corruption"):
        as_python(CorruptionGridRequest(ONE, mini(), conditions))
    with pytest.raises(BadInput, match="at least one"):
        as_python([])
