"""How images become the input of a model of the user's own: what its architecture's publisher states, and what the user
says instead.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from typing import Any, get_args

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.images import Interpolation, Preprocess
from robust_core.models.architectures import TIMM
from robust_core.models.registry import RESIZE_256_BILINEAR
from robust_core.models.spec import Architecture

INTERPOLATIONS = get_args(Interpolation)
MIN_SIZE_PX, MAX_SIZE_PX = 32, 1024


def stated_preprocess(architecture: Architecture) -> tuple[Preprocess, str]:
    """The preprocessing of an architecture's published weights, and where it is stated.

    timm's `pretrained_cfg` for `timm:NAME`, ImageNet's standard (256 px, centre 224 px) for the others.
    """
    if not architecture.name.startswith(TIMM):
        return RESIZE_256_BILINEAR, "ImageNet's standard"
    from timm.models import get_pretrained_cfg

    name = architecture.name.removeprefix(TIMM)
    stated: Any = get_pretrained_cfg(name)  # whose type leaves open how many channels there are, and more
    size_px = stated.input_size[1]
    # As timm's transforms_factory: floor(size / crop_pct), and both sides alike where crop_mode says so.
    resize, squash = floor(size_px / stated.crop_pct), stated.crop_mode == "squash"
    return Preprocess(
        resize, size_px, stated.interpolation, stated.mean, stated.std, squash
    ), f"timm's pretrained_cfg of {name}"


def changed_preprocess(
    stated: Preprocess,
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    size_px: int | None = None,
    crop_fraction: float | None = None,
    interpolation: Interpolation | None = None,
) -> Preprocess:
    """`stated` with what is given in place of its own; a size resizes the shorter side to size / crop fraction (0.875
    unless stated).

    `mean` and `std` are one number or three (RGB) in [0, 1] units. Raises BadInput for anything out of range.
    """
    if interpolation not in (None, *INTERPOLATIONS):
        raise BadInput(f"The interpolation is one of {', '.join(INTERPOLATIONS)}; got {interpolation!r}.")
    changed = stated
    if size_px is not None or crop_fraction is not None:
        changed = _sized(stated, size_px or stated.crop, crop_fraction)
    return replace(
        changed,
        interpolation=interpolation or stated.interpolation,
        mean=stated.mean if mean is None else _three("mean", mean, lowest=0.0),
        std=stated.std if std is None else _three("std", std, lowest=1e-3),
    )


def _sized(stated: Preprocess, size_px: int | None, crop_fraction: float | None) -> Preprocess:
    size_px = whole("The input size in px", size_px, MIN_SIZE_PX, MAX_SIZE_PX)
    stated_fraction = stated.crop / (stated.resize or stated.crop) if stated.crop else 1.0
    fraction = stated_fraction if crop_fraction is None else crop_fraction
    if not 0.1 <= fraction <= 1:
        raise BadInput(f"The crop fraction must be 0.1 to 1, such as 0.875 for 224 of 256 px; got {fraction:g}.")
    return replace(
        stated, resize=floor(size_px / fraction + 1e-6), crop=size_px, squash=stated.squash and crop_fraction is None
    )


def _three(name: str, values: Sequence[float], lowest: float) -> tuple[float, float, float]:
    if len(values) == 1:
        values = (*values,) * 3
    if len(values) != 3:
        raise BadInput(f"The {name} is one number or three (red, green, blue); got {len(values)}.")
    if all(lowest <= value <= 255 for value in values) and max(values) > 1:
        as_fractions = ", ".join(f"{value / 255:.4g}" for value in values)
        raise BadInput(
            f"The {name} is in units of 0 to 1; got {', '.join(map('{:g}'.format, values))}. Divided by 255 that is "
            f"{as_fractions}."
        )
    if not all(lowest <= value <= 1 for value in values):
        raise BadInput(f"Each {name} must be {lowest:g} to 1; got {', '.join(map('{:g}'.format, values))}.")
    red, green, blue = map(float, values)
    return red, green, blue
