"""AutoAttack, the standard version (Croce & Hein 2020, "Reliable evaluation of adversarial robustness with an ensemble
of diverse parameter-free attacks", ICML, section 5): APGD with cross-entropy, targeted APGD, targeted FAB and Square,
each on the images that the ones before it leave.
"""

from collections.abc import Callable
from dataclasses import dataclass

from robust_core.attacks import apgd, fab, square
from robust_core.attacks.search import Events, Search
from robust_core.events import Progress

QUERIES_PER_STEP = 50  # of Square for each step of the others: 5,000 for 100


@dataclass(frozen=True)
class Part:
    """One of the attacks; `scale` is how many of AutoAttack's steps one of its own counts for."""

    title: str
    run: Callable[[Search], Events]
    least_classes: int = 2
    scale: float = 1.0


PARTS = (
    Part("APGD-CE", apgd.run_cross_entropy),
    Part("APGD-T", apgd.run_targeted, least_classes=4),
    Part("FAB-T", fab.run),
    Part(
        "Square",
        lambda search: square.square(search, QUERIES_PER_STEP * search.config.steps),
        scale=1 / QUERIES_PER_STEP,
    ),
)


def run(search: Search) -> Events:
    """All parts that the model has classes enough for; what is left out is said in the notes."""
    classes = search.clean_logits.shape[1]
    for number, part in enumerate(PARTS):
        if classes < part.least_classes:
            search.notes.append(
                f"{part.title} is left out: it needs at least {part.least_classes} classes, and this model has "
                f"{classes}."
            )
            yield Progress(number, len(PARTS), "attacks", search.notes[-1])
        elif len(search.active):
            search.part = part.title
            yield from search.share(part.run(search), number, len(PARTS), part.scale)
            yield search.standing((number + 1) * search.config.steps // len(PARTS))
