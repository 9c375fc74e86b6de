"""The ways to draw insertion and deletion curves, as a table. No tensor is touched here."""

from collections.abc import Callable
from dataclasses import dataclass

from robust_core.errors import UnknownName


@dataclass(frozen=True)
class CurveProtocol:
    """One way: in how many equal steps an image of some height (px) appears and goes, and what blurs the image that
    insertion starts from.

    kernel_px, sigma_px   a Gaussian of sigma_px, cut off at kernel_px; None for the baseline called "blurred"
    """

    key: str
    title: str
    sentence: str
    steps: Callable[[int], int]
    source: str
    kernel_px: int | None = None
    sigma_px: float = 0


CURVE_PROTOCOLS = {
    row.key: row
    for row in (
        CurveProtocol(
            key="16_steps",
            title="16 steps",
            sentence="16 steps of 1/16 of the pixels; insertion starts from the image blurred with σ = 5% of its side, "
            "deletion ends in the mean colour.",
            steps=lambda height_px: 16,
            source="after Petsiuk et al. 2018, section 4.2, in fewer steps and with a stronger blur",
        ),
        CurveProtocol(
            key="petsiuk",
            title="Petsiuk et al. 2018",
            sentence="As many steps as the image has rows, 224 of 224 pixels at 224 px; insertion starts from the "
            "image blurred with a kernel of 11 px and σ = 5 px, deletion ends in the mean colour.",
            steps=lambda height_px: height_px,
            source="Petsiuk et al. 2018, section 4.2, with the settings of eclique/RISE (evaluation.py)",
            kernel_px=11,
            sigma_px=5,
        ),
    )
}
USUAL_PROTOCOL = "16_steps"


def get_protocol(key: str) -> CurveProtocol:
    """The row called `key`; raises UnknownName, which names the nearest."""
    if key not in CURVE_PROTOCOLS:
        raise UnknownName("protocol of insertion and deletion", key, CURVE_PROTOCOLS)
    return CURVE_PROTOCOLS[key]
