"""What the benchmarks are about, as a table: so few words that a newcomer finds every board by them."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Topic:
    """Benchmarks that belong together, by name; `rows_are` says what their rows rank, if it is no model."""

    title: str
    benchmarks: tuple[str, ...]
    rows_are: str = "Model"


TOPICS = (
    Topic(
        "ImageNet accuracy",
        (
            "ImageNet",
            "ImageNet-V2 matched frequency",
            "ImageNet-V2 threshold 0.7",
            "ImageNet-V2 top images",
            "ImageNet-V2",
            "ImageNet-M",
            "ImageNet-Hard",
            "ImageNet, classes of ImageNet-A",
            "ImageNet, classes of ImageNet-R",
        ),
    ),
    Topic("Mini accuracy", ("mini", "mini-A", "mini hard", "mini edited objects")),
    Topic(
        "Natural shifts",
        (
            "ImageNet-A",
            "ImageNet-R",
            "ImageNet-Sketch",
            "ObjectNet",
            "Stylized-ImageNet",
            "ImageNet-A, superseded",
        ),
    ),
    Topic("ImageNet-X factors", ("ImageNet-X",)),
    Topic(
        "Corrupted images",
        (
            "ImageNet-C",
            "ImageNet-P",
            "ImageNet-C extra",
            "ImageNet-P extra",
            "ImageNet-C, resized",
            "ImageNet-C, resized extra",
            "ImageNet-C, RobustBench",
            "ImageNet-3DCC, RobustBench",
            "RobustBench corruptions",
            "mini-C",
            "mini-P",
        ),
    ),
    Topic(
        "Attacks",
        (
            "white-box PGD by steps",
            "white-box PGD by eps",
            "black-box PGD by eps",
            "white-box PGD, own resolution",
            "white-box PGD-40 L∞, Gavrikov",
            "white-box PGD-100 L∞, ImageNet Testbed",
            "white-box PGD-100 L2, ImageNet Testbed",
            "untargeted PGD",
            "RobustBench L∞",
            "AutoAttack L∞",
            "AutoAttack L2",
            "AutoAttack L1",
            "ARES L∞",
            "mini PGD",
            "mini attacks",
            "mini smallest change",
            "mini transfer",
        ),
    ),
    Topic("AttackBench", ("AttackBench",), rows_are="Attack"),
    Topic("Transfer attacks", ("Transfer attacks",), rows_are="Attack"),
    Topic("Transfer learning", ("Transfer learning, fixed-feature", "Transfer learning, full-network")),
    Topic("Certified accuracy", ("Randomized smoothing, L2", "mini certified")),
    Topic("OpenOOD", ("OpenOOD ImageNet-1k", "OpenOOD ImageNet-1k, full-spectrum"), rows_are="Method"),
    Topic(
        "CLIP zero-shot",
        (
            "ImageNet, zero-shot",
            "ImageNet-V2 matched frequency, zero-shot",
            "ImageNet-A, zero-shot",
            "ImageNet-R, zero-shot",
            "ImageNet-Sketch, zero-shot",
            "ObjectNet, zero-shot",
            "ImageNet-O, zero-shot",
        ),
    ),
    Topic(
        "Shape and people",
        (
            "cue conflict by the best class",
            "cue conflict by the mean probability",
            "cue conflict, people",
            "cue conflict, ICLR 2019",
            "cue conflict, zero-shot",
            "cue conflict, 16 options",
            "cue conflict, vlm_shapebias classifiers",
            "model-vs-human",
            "mini cue conflict",
            "mini cue conflict, blurred",
            "mini cue removal",
        ),
    ),
)
OTHER = Topic("Other", ())


@cache
def topic_of(benchmark: str) -> Topic:
    """The topic of a benchmark, of one on images of one's own that of the benchmark itself; OTHER for what is in
    none.
    """
    name = benchmark.partition(", images of ")[0]
    return next((topic for topic in TOPICS if name in topic.benchmarks), OTHER)


def in_order(benchmark: str) -> tuple[int, int]:
    """Where a benchmark comes among all: by topic, then by its place in it; those of no topic last."""
    topic, name = topic_of(benchmark), benchmark.partition(", images of ")[0]
    return ((*TOPICS, OTHER).index(topic), topic.benchmarks.index(name) if name in topic.benchmarks else 0)
