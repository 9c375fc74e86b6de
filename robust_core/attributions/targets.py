"""Which class is explained: the prediction, its rival, a class, or one of the 16 categories; resolved by the model's
own logits.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from robust_core.checks import whole
from robust_core.errors import BadInput, UnknownName
from robust_core.labels import CATEGORIES, IMAGENET, MINI, LabelSpace

if TYPE_CHECKING:
    from torch import Tensor

Aim = Literal["predicted", "rival", "class", "category"]


@dataclass(frozen=True)
class Target:
    """What to explain: the predicted class, the second best, the class with the index `which`, or the category called
    `which`.

    Raises UnknownName for another aim or category, BadInput for a class index that is no whole number from 0 on.
    """

    aim: Aim
    which: int | str | None = None

    def __post_init__(self) -> None:
        if self.aim not in get_args(Aim):
            raise UnknownName("target", self.aim, get_args(Aim))
        if self.aim == "category" and self.which not in CATEGORIES:
            raise UnknownName("category", str(self.which), CATEGORIES)
        if self.aim == "class":
            object.__setattr__(self, "which", whole("target", self.which, 0))


PREDICTED = Target("predicted")
RIVAL = Target("rival")


def resolve(target: Target, logits: "Tensor", label_space: LabelSpace) -> int:
    """The class index that `target` means, given the image's `logits` (K,).

    A category stands for its best class on this image, as in the paper's decision rule (Orhan 2019,
    evaluate_shapebias.py). Raises BadInput for a class that the model does not have.
    """
    if target.aim == "predicted":
        return int(logits.argmax())
    if target.aim == "rival":
        return int(logits.topk(2).indices[1])
    if isinstance(target.which, int):
        if target.which >= len(logits):
            raise BadInput(f"The model has the classes 0 to {len(logits) - 1}; got {target.which} as the target.")
        return target.which
    category = str(target.which)
    if label_space == MINI:
        return list(CATEGORIES).index(category)
    if label_space != IMAGENET:
        raise BadInput(
            f"The 16 categories are made of ImageNet's classes; the classes of {label_space.title} have none."
        )
    members = CATEGORIES[category]
    return members[int(logits[list(members)].argmax())]
