"""Classes that no network of Mini was trained on, as a table of tasks; `downstream_images` draws them. Facts, so that a
page can list them without importing torch.

The tasks were fixed before any network was measured on them. Each varies one thing alone: where the shape tells the
class, the texture is drawn at random from Mini's sixteen; where the surface tells it, the shape is.
"""

from dataclasses import dataclass
from typing import Literal

from robust_core.errors import UnknownName
from robust_core.labels import LabelSpace, own_label_space

PER_CLASS = 40


@dataclass(frozen=True)
class DownstreamTask:
    """One task: `number` seeds its images, and the class is told by the object's shape or by its surface alone."""

    key: str
    number: int
    title: str
    told_by: Literal["shape", "surface"]
    classes: tuple[str, ...]
    about: str

    @property
    def label_space(self) -> LabelSpace:
        """Its classes."""
        return own_label_space(self.title, self.classes)


DOWNSTREAM_TASKS = {
    row.key: row
    for row in (
        DownstreamTask(
            "new_shapes",
            1,
            "New shapes",
            "shape",
            ("cup", "fish", "hammer", "house", "key", "lamp", "mushroom", "scissors", "tree", "umbrella"),
            "Ten objects that Mini does not have, each in a random one of Mini's sixteen textures: only the shape "
            "tells the class.",
        ),
        DownstreamTask(
            "new_surfaces",
            2,
            "New surfaces",
            "surface",
            (
                "camouflage",
                "checkerboard",
                "chevrons",
                "honeycomb",
                "marble",
                "plaid",
                "polka dots",
                "ripples",
                "scales",
                "speckles",
            ),
            "Ten surfaces that Mini does not have, in random colours, on a random one of Mini's sixteen objects: only "
            "the pattern tells the class.",
        ),
    )
}


def get_task(key: str) -> DownstreamTask:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in DOWNSTREAM_TASKS:
        raise UnknownName("downstream task", key, DOWNSTREAM_TASKS)
    return DOWNSTREAM_TASKS[key]
