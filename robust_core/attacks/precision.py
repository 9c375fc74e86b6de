"""In which numbers an attack computes, as a table; knows no model and no tensor.

At ε below 1/255 what an attack changes is a small part of a pixel: 8 bits of mantissa (bfloat16) or 10 (TF32, float16)
round it away before the first layer has seen it. So the stem, which is the first convolution with its normalisation
and activation, stays in float32 whatever follows it.
"""

from dataclasses import dataclass
from typing import Literal

PrecisionName = Literal["float32", "float32_folded", "bfloat16_float32_stem"]
# Measured with SqueezeNet on 24 photos, ten steps at ε 0.1/255 (tests/bench/RESULTS.md): a mean loss of 2.7750 in
# float32, 2.7542 with no last step in float32, 2.7700 with five. On Mini the number made no difference.
LAST_STEPS = 5


@dataclass(frozen=True)
class Precision:
    """One way to compute an attack.

    protocol            what the protocol line says of it, "" for the usual one
    mark                the same behind the name of an attack, in short
    folded              whether passes go through the copy with batch norm folded into convolutions, where that is safe
    bfloat16            whether gradients come from a copy in bfloat16 with the stem in float32; the float32 passes
                        judge then, after every step
    float32_last_steps  how many of the last steps follow float32 gradients all the same; the first step does always
    """

    key: PrecisionName
    title: str
    protocol: str
    help: str
    mark: str = ""
    folded: bool = False
    bfloat16: bool = False
    float32_last_steps: int = 0


FLOAT32_FOLDED = Precision(
    "float32_folded",
    "float32, batch norm folded",
    "",
    "As predictions are made: through a copy with batch norm built into the convolutions, which is faster, and whose "
    "logits are within 0.0001 of the network's own. Where they would not be, through the network as it is.",
    folded=True,
)
FLOAT32 = Precision(
    "float32", "float32", "batch norm not folded", "The network as it is, batch norm not folded.", "not folded"
)
BFLOAT16 = Precision(
    "bfloat16_float32_stem",
    "bfloat16, float32 stem",
    f"gradients in bfloat16 with a float32 stem, in float32 in the first and the last {LAST_STEPS} steps, every label "
    "in float32",
    f"Gradients in bfloat16 but for the first layer, the first step and the last {LAST_STEPS}; after every step the "
    "network judges in float32. For networks that were measured to fall just as often, and on devices that "
    "compute in bfloat16.",
    folded=True,
    bfloat16=True,
    float32_last_steps=LAST_STEPS,
)
PRECISIONS: dict[PrecisionName, Precision] = {one.key: one for one in (FLOAT32_FOLDED, FLOAT32, BFLOAT16)}
USUAL: PrecisionName = "float32_folded"
