"""The experiments, as a table: which images, under which conditions, asked what, counted how, and by whose protocol.

The first are those of Orhan 2019 (eminorhan/resnext-wsl); what its code does beside what its paper says stands as
quirks, each of which can be left out of a run by its key. The last ones are their miniatures in Mini, and what is asked
of Mini alone, whose images are small enough for it.
Features, the paper's eighth experiment, are images and not numbers; they are in `robust_core/features.py`.
"""

from dataclasses import dataclass, replace

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.threat import PAPER, ThreatModel
from robust_core.benchmark import attack_summaries, summaries
from robust_core.benchmark.attack_tasks import (
    CLEAN_STANDS_IN,
    UNCLIPPED_START,
    Certify,
    RobustAccuracy,
    SmallestChange,
    TransferAttack,
    UnderAttack,
)
from robust_core.benchmark.summaries import RuleName, Summary
from robust_core.benchmark.tasks import Classify, Decide, PredictionStability, Task
from robust_core.certificates.smoothing import Smoothing
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.data import datasets
from robust_core.data.datasets import DataSet
from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.labels import IMAGENET_A as CLASSES_OF_A
from robust_core.labels import IMAGENET_R as CLASSES_OF_R
from robust_core.models.spec import ModelSpec
from robust_core.results import BenchmarkCondition
from robust_core.studies.smallest_change import searches

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
USUAL = "Shorter side to 256 px (bilinear), centre 224 px"
NOT_RESIZED = "Not resized"
SYNTHETIC = "Drawn at the model's size"
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
RULE_OF_MINI = (RuleName("restricted_argmax", "", "The best of the 16 classes decides"),)


@dataclass(frozen=True)
class Split:
    """The first `count` images of a split of Mini; `filtered` takes those that make up mini-A."""

    name: str
    count: int
    filtered: bool = False


@dataclass(frozen=True)
class Conflicts:
    """The cue-conflict stimuli of the experiment's world."""


@dataclass(frozen=True)
class Quirk:
    """Something that the published code does and its paper does not say, as a `sentence`; a run can leave it out.

    `kept` and `left_out` are the words for the protocol in either case.
    """

    key: str
    sentence: str
    kept: str
    left_out: str


@dataclass(frozen=True)
class Experiment:
    """One row. `conditions` are those that its images come under, `ALONE` of an experiment without any.

    `benchmark` is the name under which results are filed, the published one where the protocol is the published one; so
    is `protocol`, which goes without saying how images are prepared when that is `implied`. `unit_images` are
    predicted between two writes to the disk.
    """

    key: str
    title: str
    label_space: LabelSpace
    benchmark: str
    images: DataSet | Split | Conflicts
    conditions: tuple[BenchmarkCondition, ...]
    task: Task
    summary: Summary
    protocol: str
    unit_images: int
    implied: str = ""
    quirks: tuple[Quirk, ...] = ()
    version: int = 1

    @property
    def takes_other_images(self) -> bool:
        """Whether it says something about any labelled images that lie as its own do, and is no test of one published
        set.
        """
        return self.images in (datasets.VAL, datasets.IMAGENET_C, datasets.IMAGENET_P)

    @property
    def corrupts_live(self) -> bool:
        """Whether its images are corrupted as they are drawn, and not read from a stored set."""
        return isinstance(self.images, Split) and any("corruption" in one.words for one in self.conditions)

    @property
    def substitute(self) -> str | None:
        """The other model that this experiment needs, if any."""
        return getattr(self.task, "substitute", None)

    def preprocessing(self, spec: ModelSpec) -> str:
        """What becomes of an image before the model sees it, in words."""
        if isinstance(self.images, Split):
            return SYNTHETIC
        if isinstance(self.images, Conflicts) or self.images.centre_crop_only:
            return NOT_RESIZED
        chosen = spec.preprocess
        return (
            f"Shorter side to {chosen.resize} px ({chosen.interpolation}), centre {chosen.crop} px"
            if chosen.resize and chosen.crop
            else str(chosen)
        )


ALONE = (BenchmarkCondition(),)
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
# Of Mini alone
EPS_OF_ATTACKS = 8 / 255
ATTACKS = tuple(AttackConfig.of(key, "linf", EPS_OF_ATTACKS) for key in ("fgsm", "pgd", "apgd_ce", "autoattack"))
HANDED_OVER = AttackConfig.of("pgd", "linf", EPS_OF_ATTACKS, 20)
SOURCES = ("mini_resnext", "mini_resnext_wsl", "mini_resnext_at8", "mini_resnext_stylised")
SEARCHES = searches("linf")
SMOOTHINGS = tuple(Smoothing(sigma, n=1_000, alpha=0.001, n0=100) for sigma in (0.12, 0.25, 0.5))
UNDER_EACH = tuple(BenchmarkCondition.of(attack=one.attack) for one in ATTACKS)
FROM_EACH = tuple(BenchmarkCondition.of(source=key) for key in SOURCES)
AT_EACH_SIGMA = tuple(BenchmarkCondition.of(sigma=f"{one.sigma:.2f}") for one in SMOOTHINGS)

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


_OF_THE_PAPER = (
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

_BESIDE_IT = (
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


def _mini(
    key: str,
    benchmark: str,
    images: Split | Conflicts,
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


_OF_THE_MINI_WORLD = (
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

_OF_MINI_ALONE = (
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

EXPERIMENTS = {row.key: row for row in (*_OF_THE_PAPER, *_BESIDE_IT, *_OF_THE_MINI_WORLD, *_OF_MINI_ALONE)}


def get_experiment(key: str) -> Experiment:
    """The row called `key`; raises UnknownName, which names the nearest ones."""
    if key not in EXPERIMENTS:
        raise UnknownName("experiment", key, EXPERIMENTS)
    return EXPERIMENTS[key]
