"""The experiments in Mini: miniatures of those in ImageNet, and what is asked of Mini alone, whose images are small
enough for it.
"""

from robust_core.attacks.config import AttackConfig
from robust_core.benchmark import attack_summaries, summaries
from robust_core.benchmark.attack_tasks import Certify, RobustAccuracy, SmallestChange, TransferAttack, UnderAttack
from robust_core.benchmark.experiment import ALONE, NOT_RESIZED, SYNTHETIC, Conflicts, Experiment, Scenes, Split, edited
from robust_core.benchmark.experiments_imagenet import CORRUPTED, EPS_IN_255, PERTURBED, TURNS, UNTARGETED
from robust_core.benchmark.summaries import RuleName, Summary
from robust_core.benchmark.tasks import Classify, Decide, PredictionStability, Task
from robust_core.certificates.smoothing import Smoothing
from robust_core.edits.object_edit import KINDS, UNEDITED, ObjectEdit
from robust_core.input_filters.table import get_filter
from robust_core.labels import MINI
from robust_core.results import BenchmarkCondition
from robust_core.studies.cue_tests import CUE_TESTS
from robust_core.studies.smallest_change import searches

RULE_OF_MINI = (RuleName("restricted_argmax", "", "The best of the 16 classes decides"),)
EPS_OF_ATTACKS = 8 / 255
ATTACKS = tuple(AttackConfig.of(key, "linf", EPS_OF_ATTACKS) for key in ("fgsm", "pgd", "apgd_ce", "autoattack"))
HANDED_OVER = AttackConfig.of("pgd", "linf", EPS_OF_ATTACKS, 20)
SOURCES = ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8", "mini_resnext_stylised")
SEARCHES = searches("linf")
SMOOTHINGS = tuple(Smoothing(sigma, n=1_000, alpha=0.001, n0=100) for sigma in (0.12, 0.25, 0.5))
UNDER_EACH = tuple(BenchmarkCondition.of(attack=one.attack) for one in ATTACKS)
FROM_EACH = tuple(BenchmarkCondition.of(source=key) for key in SOURCES)
AT_EACH_SIGMA = tuple(BenchmarkCondition.of(sigma=f"{one.sigma:.2f}") for one in SMOOTHINGS)


CUES_GONE = tuple(BenchmarkCondition.of(cue=test.key) for test in CUE_TESTS)
BLURRED = tuple(BenchmarkCondition.of(blur_px=f"{sigma_px:g}") for sigma_px in (0, *get_filter("blur").strengths))
EDITED = tuple(
    edited(edit)
    for edit in (
        UNEDITED,
        *(edit for key in ("size", "background") for edit in KINDS[key].edits if edit != UNEDITED),
        *(ObjectEdit(rotation_degrees=degrees) for degrees in (-90, 90, 180)),
        *(ObjectEdit(hue_degrees=degrees) for degrees in (90, 180, 270)),
        *(ObjectEdit(right_percent=right, down_percent=down) for right, down in ((-25, 0), (25, 0), (0, -25), (0, 25))),
    )
)


def _mini(
    key: str,
    benchmark: str,
    images: Split | Conflicts | Scenes,
    task: Task,
    summary: Summary,
    protocol: str,
    conditions: tuple[BenchmarkCondition, ...] = ALONE,
    unit_images: int = 2_048,
) -> Experiment:
    title = benchmark[0].upper() + benchmark[1:]
    implied = NOT_RESIZED if isinstance(images, Conflicts) else SYNTHETIC
    return Experiment(
        key, title, MINI, benchmark, images, conditions, task, summary, protocol, unit_images, implied=implied
    )


MINIATURES = (
    _mini("mini", "mini", Split("test", 2_048), Classify(), summaries.calibrated_accuracy, "Clean test set"),
    _mini(
        "mini_c",
        "mini-C",
        Split("test", 512),
        Classify(),
        summaries.corruption_errors,
        "Corrupted live, 64 px",
        CORRUPTED,
    ),
    _mini(
        "mini_p",
        "mini-P",
        Split("test", 128),
        PredictionStability(),
        summaries.prediction_stability,
        "Perturbed live, 64 px, difficulty 1",
        PERTURBED,
    ),
    _mini(
        "mini_a",
        "mini-A",
        Split("test_hard", 1_024, filtered=True),
        Classify(),
        summaries.calibrated_accuracy,
        "Hard images that a baseline gets wrong",
    ),
    _mini(
        "mini_hard",
        "mini hard",
        Split("test_hard", 1_024),
        Classify(),
        summaries.calibrated_accuracy,
        "Hard images, not filtered",
    ),
    _mini(
        "mini_pgd",
        "mini PGD",
        Split("test", 256),
        RobustAccuracy(UNTARGETED, step_fraction=0.1),
        summaries.by_steps((1, 2, 5, *TURNS)),
        "Untargeted, L-inf, step eps/10, one random start, last iterate",
        EPS_IN_255,
    ),
    _mini("mini_shape_bias", "mini cue conflict", Conflicts(), Decide(), summaries.shape_bias(RULE_OF_MINI), ""),
)

OF_MINI_ALONE = (
    _mini(
        "mini_attacks",
        "mini attacks",
        Split("test", 64),
        UnderAttack(ATTACKS),
        attack_summaries.under_attacks(ATTACKS),
        f"Untargeted, {ATTACKS[0].ball}; wrong if any step fools the model; every attacked image predicted again",
        UNDER_EACH,
        unit_images=16,
    ),
    _mini(
        "mini_smallest_change",
        "mini smallest change",
        Split("test", 128),
        SmallestChange(SEARCHES),
        attack_summaries.smallest_changes(EPS_IN_255),
        f"Smallest {SEARCHES[0].ball} change of {' and '.join(one.title for one in SEARCHES)}, untargeted; "
        "every one predicted again",
        unit_images=32,
    ),
    _mini(
        "mini_transfer",
        "mini transfer",
        Split("test", 64),
        TransferAttack(HANDED_OVER),
        summaries.after_attack(HANDED_OVER.steps),
        f"{HANDED_OVER.row.title}, untargeted, {HANDED_OVER.ball}, on the source; the last image that fools it, or "
        "else the last one",
        FROM_EACH,
        unit_images=32,
    ),
    _mini(
        "mini_cues",
        "mini cue removal",
        Scenes(512),
        Classify(),
        summaries.accuracy,
        "One cue taken away; at the model's input size, in 8 bits",
        CUES_GONE,
    ),
    _mini(
        "mini_objects",
        "mini edited objects",
        Scenes(256),
        Classify(),
        summaries.accuracy,
        "The scene drawn again with its object edited and all else as it was",
        EDITED,
    ),
    _mini(
        "mini_glasses",
        "mini cue conflict, blurred",
        Conflicts(),
        Decide(),
        summaries.shape_bias(RULE_OF_MINI),
        "Gaussian blur of σ before the model, in 8 bits",
        BLURRED,
    ),
    _mini(
        "mini_certified",
        "mini certified",
        Split("test", 64),
        Certify(SMOOTHINGS),
        attack_summaries.certificates(SMOOTHINGS),
        f"Randomised smoothing, L2: {SMOOTHINGS[0].n0:,} draws choose, {SMOOTHINGS[0].n:,} certify, "
        f"α = {SMOOTHINGS[0].alpha:g}",
        AT_EACH_SIGMA,
        unit_images=16,
    ),
)
