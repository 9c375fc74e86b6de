"""The experiments in ImageNet: those of Orhan 2019 (eminorhan/resnext-wsl), and what is asked beside them.

What the paper's code does beside what the paper says stands as quirks, each of which can be left out of a run by its
key. Features, its eighth experiment, are images and not numbers: `studies/feature_experiments.py`.
"""

from dataclasses import replace

from robust_core.attacks.threat import PAPER, ThreatModel
from robust_core.benchmark import summaries
from robust_core.benchmark.attack_tasks import CLEAN_STANDS_IN, UNCLIPPED_START, RobustAccuracy, TransferAttack
from robust_core.benchmark.experiment import ALONE, NOT_RESIZED, USUAL, Conflicts, Experiment, Quirk
from robust_core.benchmark.summaries import RuleName, Summary
from robust_core.benchmark.tasks import Classify, Decide, PredictionStability
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.data import datasets
from robust_core.data.datasets import DataSet
from robust_core.labels import IMAGENET
from robust_core.labels import IMAGENET_A as CLASSES_OF_A
from robust_core.labels import IMAGENET_R as CLASSES_OF_R
from robust_core.results import BenchmarkCondition

EVERY_OTHER = "every_other_picture"
SUBSTITUTE = "resnext50_32x4d"
PERTURBATION_NAMES = (
    "gaussian_noise",
    "shot_noise",
    "motion_blur",
    "zoom_blur",
    "snow",
    "brightness",
    "translate",
    "rotate",
    "tilt",
    "scale",
)
TURNS = (10, 20, 30, 40, 50)
RULE_NAMES = (
    RuleName(
        "restricted_argmax", " by the best class", "The best of the 207 mapped classes decides; 224 px, not resized"
    ),
    RuleName(
        "mean_probability",
        " by the mean probability",
        "The mean of the softmax probabilities of a category's classes decides",
    ),
)
EPS_OF_PAPER = tuple(BenchmarkCondition.of(eps=eps) for eps in ("0.01", "0.02", "0.04", "0.06", "0.08", "0.1"))
EPS_OF_STEPS = (BenchmarkCondition.of(eps="0.06"),)
EPS_IN_255 = tuple(BenchmarkCondition.of(eps=f"{k / 255:.10f}") for k in (1, 2, 4, 8))
CORRUPTED = tuple(
    BenchmarkCondition.of(corruption=name, severity=severity) for name in BENCHMARK_15 for severity in range(1, 6)
)
PERTURBED = tuple(BenchmarkCondition.of(perturbation=name) for name in PERTURBATION_NAMES)

UNTARGETED = ThreatModel.relative(
    norm="linf",
    eps=4 / 255,
    step_fraction=0.1,
    steps=50,
    aim="untargeted",
    start="random",
    restarts=1,
    stop_at_success=False,
    seed=0,
)
LONG_PAPER = replace(PAPER, steps=TURNS[-1])

_UNCLIPPED = Quirk(
    UNCLIPPED_START,
    "The random start is not clipped to [0, 1].",
    kept="",
    left_out="the start clipped to [0, 1]",
)
_CLEAN_STANDS_IN = Quirk(
    CLEAN_STANDS_IN,
    "Where the target class is not reached, the clean image is scored, even if the attacked one has a third label.",
    kept="the clean image is scored when the target is not reached",
    left_out="the attacked image is scored in any case",
)
_EVERY_OTHER = Quirk(
    EVERY_OTHER,
    "Only every other image is attacked, since the loader reads two at a time and the code uses the first.",
    kept="every other validation image",
    left_out="all validation images",
)


def _accuracy(key: str, title: str, images: DataSet, classes: tuple[int, ...] | None = None, **rest) -> Experiment:
    among = f"the best of the {len(classes)} classes decides" if classes else ""
    row = {"benchmark": title, "summary": summaries.accuracy, "protocol": among, **rest}
    return Experiment(
        key=key,
        title=title,
        label_space=IMAGENET,
        images=images,
        conditions=ALONE,
        task=Classify(classes),
        unit_images=1_000,
        **row,
    )


def _attack(
    key: str, title: str, conditions: tuple[BenchmarkCondition, ...], threat: ThreatModel, summary: Summary
) -> Experiment:
    return Experiment(
        key=key,
        title=title,
        label_space=IMAGENET,
        benchmark=title,
        images=datasets.VAL,
        conditions=conditions,
        task=RobustAccuracy(threat),
        summary=summary,
        protocol="Targeted at a random class, L-inf, step 2/255, random start, stops at the first success",
        unit_images=250,
        implied=USUAL,
        quirks=(_UNCLIPPED, _CLEAN_STANDS_IN, _EVERY_OTHER),
    )


OF_THE_PAPER = (
    _accuracy("imagenet", "ImageNet", datasets.VAL),
    Experiment(
        key="imagenet_c",
        title="ImageNet-C",
        label_space=IMAGENET,
        benchmark="ImageNet-C",
        images=datasets.IMAGENET_C,
        conditions=CORRUPTED,
        task=Classify(),
        summary=summaries.corruptions,
        protocol="Stored images (JPEG) as they are, 224 px",
        unit_images=1_000,
        implied=NOT_RESIZED,
    ),
    Experiment(
        key="imagenet_p",
        title="ImageNet-P",
        label_space=IMAGENET,
        benchmark="ImageNet-P",
        images=datasets.IMAGENET_P,
        conditions=PERTURBED,
        task=PredictionStability(),
        summary=summaries.perturbations,
        protocol="Stored films, difficulty 1; noise against the first frame, the others against the previous one",
        unit_images=50,
        implied=NOT_RESIZED,
    ),
    _accuracy("imagenet_a", "ImageNet-A", datasets.IMAGENET_A, CLASSES_OF_A, summary=summaries.calibrated_accuracy),
    Experiment(
        key="black_box",
        title="black-box PGD by eps",
        label_space=IMAGENET,
        benchmark="black-box PGD by eps",
        images=datasets.VAL,
        conditions=EPS_OF_PAPER,
        task=TransferAttack(PAPER, SUBSTITUTE),
        summary=summaries.after_attack(PAPER.steps),
        protocol=f"As white-box, but the attack is computed on torchvision's {SUBSTITUTE}; all validation images",
        unit_images=250,
        implied=USUAL,
        quirks=(_UNCLIPPED, replace(_CLEAN_STANDS_IN, kept="")),
    ),
    _attack("white_box_eps", "white-box PGD by eps", EPS_OF_PAPER, PAPER, summaries.by_steps((PAPER.steps,))),
    _attack("white_box_steps", "white-box PGD by steps", EPS_OF_STEPS, LONG_PAPER, summaries.by_steps(TURNS)),
    Experiment(
        key="shape_bias",
        title="Cue conflict",
        label_space=IMAGENET,
        benchmark="cue conflict",
        images=Conflicts(),
        conditions=ALONE,
        task=Decide(),
        summary=summaries.shape_bias(RULE_NAMES),
        protocol="",
        implied=NOT_RESIZED,
        unit_images=400,
    ),
)

BESIDE_IT = (
    _accuracy("imagenet_v2_matched", "ImageNet-V2 matched frequency", datasets.IMAGENET_V2_MATCHED),
    _accuracy("imagenet_v2_threshold", "ImageNet-V2 threshold 0.7", datasets.IMAGENET_V2_THRESHOLD),
    _accuracy("imagenet_v2_top", "ImageNet-V2 top images", datasets.IMAGENET_V2_TOP),
    _accuracy("imagenet_r", "ImageNet-R", datasets.IMAGENET_R, CLASSES_OF_R),
    _accuracy("imagenet_sketch", "ImageNet-Sketch", datasets.IMAGENET_SKETCH),
    Experiment(
        key="pgd",
        title="untargeted PGD",
        label_space=IMAGENET,
        benchmark="untargeted PGD",
        images=datasets.VAL,
        conditions=EPS_IN_255,
        task=RobustAccuracy(UNTARGETED, step_fraction=0.1),
        summary=summaries.by_steps((1, 2, 5, *TURNS)),
        protocol="Untargeted, L-inf, step eps/10, one random start, last iterate",
        unit_images=100,
    ),
)
