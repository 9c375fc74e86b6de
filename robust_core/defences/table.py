"""Defences, as a table: what each does, who proposed it, and which attackers it has to stand.

Facts, so that a page can list them without importing torch; what one does around a network is a row of `layers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from robust_core.errors import BadInput, UnknownName
from robust_core.models.spec import ModelSpec

Trick = Literal["none", "too sure", "no gradient", "randomised", "training"]


@dataclass(frozen=True)
class Defence:
    """One defence.

    sentence   what it does to an image or to the logits
    source     who proposed it
    honest     whether what it keeps is kept against attackers who know of it; a fake one merely spoils gradients
    trick      what stands in a naive attack's way
    adaptive   keys of the rows of `attackers.ATTACKERS` that know of it
    layer      key of the row of `layers.LAYERS` that it puts around the network, "" for none
    draws      how many passes vote on the class that counts; more than 1 where it draws at random
    stand_ins  for a defence by training: the model that stands in for each model that it is offered for
    remark     what its numbers in Mini cannot say by themselves (tests/bench/RESULTS.md, "Defences × attacks")
    """

    key: str
    title: str
    sentence: str
    source: str
    honest: bool
    trick: Trick
    adaptive: tuple[str, ...]
    layer: str = ""
    draws: int = 1
    stand_ins: Mapping[str, str] = field(default_factory=dict, hash=False)
    remark: str = ""

    @property
    def randomised(self) -> bool:
        """Whether it draws anew at every pass."""
        return self.draws > 1

    def fits(self, spec: ModelSpec) -> bool:
        """Whether it can be put before a model: a trained one needs a model that stands in."""
        return not self.stand_ins or spec.key in self.stand_ins

    def network_for(self, spec: ModelSpec) -> str:
        """The key of the model that predicts behind it; raises BadInput where none stands in for `spec`."""
        if not self.fits(spec):
            raise BadInput(
                f"{self.title} has to be trained, and was for {', '.join(self.stand_ins)} alone; got {spec.key!r}."
            )
        return self.stand_ins.get(spec.key, spec.key)


TRANSFER, SQUARE = "transfer", "square"
STRAIGHT_THROUGH = ("bpda", TRANSFER)


def _distilled(temperature: int) -> Defence:
    return Defence(
        f"distilled_{temperature}",
        f"Defensive distillation, T = {temperature}",
        f"A student learns the softmax of a teacher, both at temperature {temperature}, and is tested at 1.",
        "Papernot et al. 2016",
        honest=False,
        trick="too sure",
        adaptive=("margin", TRANSFER),
        stand_ins={"mini_resnext": f"mini_resnext_distilled_{temperature}"},
    )


_ROWS: tuple[Defence, ...] = (
    Defence(
        "none",
        "No defence",
        "The model as it is.",
        "the model itself",
        honest=True,
        trick="none",
        adaptive=("margin",),
    ),
    Defence(
        "logits_x100",
        "Logits × 100",
        "All logits are multiplied by 100, which changes no prediction.",
        "Carlini & Wagner 2017, section VI, as the reason why distillation seems to work",
        honest=False,
        trick="too sure",
        adaptive=("margin", TRANSFER),
        layer="scaled logits",
    ),
    Defence(
        "rounded_logits",
        "Rounded logits",
        "The logits are rounded to one decimal, so that a small change of the image changes none of them.",
        "Athalye et al. 2018, section 3.1 (shattered gradients)",
        honest=False,
        trick="no gradient",
        adaptive=(*STRAIGHT_THROUGH, SQUARE),
        layer="rounded logits",
    ),
    Defence(
        "jpeg",
        "JPEG",
        "Every image is compressed as JPEG of quality 75 first.",
        "Dziugaite et al. 2016; Guo et al. 2018",
        honest=False,
        trick="no gradient",
        adaptive=STRAIGHT_THROUGH,
        layer="jpeg",
    ),
    Defence(
        "bit_depth",
        "Bit depth reduction",
        "Every value is rounded to 3 bits first, which is 8 levels.",
        "Xu et al. 2018 (feature squeezing)",
        honest=False,
        trick="no gradient",
        adaptive=STRAIGHT_THROUGH,
        layer="bit depth",
    ),
    Defence(
        "median",
        "Median filter",
        "Every value becomes the median of the 2 × 2 that ends at it first; no gradient is handed through.",
        "Xu et al. 2018 (feature squeezing)",
        honest=False,
        trick="no gradient",
        adaptive=STRAIGHT_THROUGH,
        layer="median",
    ),
    Defence(
        "resize_and_pad",
        "Random resize and pad",
        "Every image is resized by up to 11%, and put at a random place of a black one first; 10 draws vote.",
        "Xie et al. 2018",
        honest=False,
        trick="randomised",
        adaptive=("eot", TRANSFER),
        layer="resize and pad",
        draws=10,
        remark="In Mini it falls less far than the other fake ones, and not because a gradient is hidden: an attack on "
        "one draw that it knows fools nearly all images, but a change that has to hold at every size and place must be "
        "longer.",
    ),
    _distilled(1),
    _distilled(20),
    _distilled(100),
    Defence(
        "adversarial_training",
        "Adversarial training",
        "The model was trained on images that PGD attacks at L∞ 8/255.",
        "Madry et al. 2018",
        honest=True,
        trick="training",
        adaptive=("margin", TRANSFER, SQUARE),
        stand_ins={"mini_resnext": "mini_resnext_at8"},
    ),
    Defence(
        "smoothing",
        "Randomised smoothing",
        "A model trained on noise of deviation 0.25 votes on 20 noisy copies; what it proves is a radius in L2.",
        "Cohen et al. 2019",
        honest=True,
        trick="randomised",
        adaptive=("eot", TRANSFER),
        layer="noise",
        draws=20,
        stand_ins={"mini_resnext": "mini_resnext_noise_025"},
    ),
)

DEFENCES: dict[str, Defence] = {row.key: row for row in _ROWS}


def get_defence(key: str) -> Defence:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in DEFENCES:
        raise UnknownName("defence", key, DEFENCES)
    return DEFENCES[key]


def fitting(spec: ModelSpec) -> tuple[Defence, ...]:
    """The defences that can be put before a model."""
    return tuple(row for row in _ROWS if row.fits(spec))
