"""Which sample of a deep image is black and which is white: one rule for integers and floats, and from there to 8
bits.
"""

from dataclasses import dataclass

import numpy as np

from robust_core.errors import BadImage

# The ranges (black, white) that are tried, in this order, where the file states none: the type's own (TIFF 6.0, page
# 80), after the usual ones of smaller types where the type is only a container. Samples of 16 bits fill their type by
# convention, as PNG demands of them.
RANGES = {
    "u2": ((0, 65535),),
    "i1": ((0, 127), (-128, 127)),
    "i2": ((0, 32767), (-32768, 32767)),
    "u4": ((0, 255), (0, 65535), (0, 2**32 - 1)),
    "i4": ((0, 255), (0, 65535), (0, 2**31 - 1), (-(2**31), 2**31 - 1)),
    "f2": ((0, 1), (0, 255), (0, 65535)),
    "f4": ((0, 1), (0, 255), (0, 65535)),
    "f8": ((0, 1), (0, 255), (0, 65535)),
}
KINDS = {"u": "unsigned", "i": "signed", "f": "float"}

# Rounding (1.0000001) and the overshoot of resizing must not change which range holds the samples. On a checkerboard,
# the worst of images, Lanczos overshoots by 0.26 of white, and 46% of the samples by a hundredth.
NEAR, MAX_SHARE_BEYOND_NEAR = 1 / 100, 0.5
FAR, MAX_SHARE_BEYOND_FAR = 0.3, 0.01
# A range is only in use where some samples are brighter than a quarter of its white, and most of those that are not 0
# exceed the white of the range before it: in radiance (HDR) many do not.
MIN_SHARE_BRIGHT, MIN_SHARE_BEYOND_SMALLER = 0.01, 0.75
# Where no sample is brighter than this share of an assumed white, it is said. Only 16 bits are trusted further: up to
# 12 bits in them.
DIM, DIM_IN_SIXTEEN_BITS = 1 / 2, 1 / 16
MIN_SHARE_TOLD = 0.001
BLOCK_SAMPLES = 2**22


@dataclass(frozen=True)
class Samples:
    """How deep samples are stored: their NumPy type, and what the file states; `black` and `white` are None where it
    does not.

    `measured` where black and white are the smallest and the largest sample by the file's own word, which need not be
    its range.
    """

    dtype: str
    black: float | None = None
    white: float | None = None
    measured: bool = False
    white_is_zero: bool = False

    @property
    def title(self) -> str:
        """Such as "32-bit float"."""
        kind = np.dtype(self.dtype)
        return f"{8 * kind.itemsize}-bit {KINDS[kind.kind]}"


def to_eight_bits(values: np.ndarray, samples: Samples, name: str) -> tuple[np.ndarray, str | None]:
    """`values` (H, W) of the type `samples.dtype` as levels (H, W) uint8, and a sentence on what had to be assumed,
    else None.

    The range is the one that the file states. Otherwise it is the first of `RANGES` that holds the samples, small
    overshoots aside, and that they use; outside it samples are clipped, and those that are not finite become black.
    Only for unsigned 16 bits is the type's range no assumption. Raises BadImage where no range fits, as for radiance
    (HDR).
    """
    finite = np.isfinite(values)
    every = values[finite] if not finite.all() else values
    stated = None if samples.black is None or samples.white is None else (samples.black, samples.white)
    black, white = stated or _assumed(every, samples, name)
    levels = np.empty(values.shape, dtype=np.uint8)
    rows = max(1, BLOCK_SAMPLES // values.shape[1])
    # in blocks, since double precision takes eight times the memory of the levels
    for first in range(0, len(values), rows):
        levels[first : first + rows] = _scaled(values[first : first + rows], black, white, samples.white_is_zero)
    levels[~finite] = 0
    return levels, _note(every, samples, black, white, stated=stated is not None, not_finite=values.size - every.size)


def _scaled(values: np.ndarray, black: float, white: float, white_is_zero: bool) -> np.ndarray:
    shares = ((values.astype(np.float64) - black) / (white - black)).clip(0, 1)
    return np.rint(255 * np.nan_to_num(1 - shares if white_is_zero else shares)).astype(np.uint8)


def _assumed(every: np.ndarray, samples: Samples, name: str) -> tuple[float, float]:
    smaller_white = 0
    for number, (black, white) in enumerate(RANGES[samples.dtype] if every.size else ()):
        if _holds(every, black, white) and (
            number == 0 or _in_use(every, white, smaller_white if smaller_white < white else 0)
        ):
            return black, white
        smaller_white = white
    if not every.size:
        raise BadImage(f"{name} is an image of {samples.title} samples of which none is finite.")
    way_out = (
        "scale them to 0 to 1, or tone-map it (HDR) and save it as PNG or JPEG"
        if samples.dtype[0] == "f"
        else "save it as an 8-bit PNG or JPEG"
    )
    raise BadImage(
        f"{name} is an image of {samples.title} samples from {_number(every.min())} to {_number(every.max())} without "
        "a tag "
        f"that says which are black and white; {way_out}."
    )


def _holds(every: np.ndarray, black: float, white: float) -> bool:
    reach = min(white, max(every.max(), 0))  # an undershoot is small beside the samples, whatever white is
    near, far = (((every > white * (1 + by)) | (every < black - reach * by)).mean() for by in (NEAR, FAR))
    return near <= MAX_SHARE_BEYOND_NEAR and far <= MAX_SHARE_BEYOND_FAR


def _in_use(every: np.ndarray, white: float, smaller_white: float) -> bool:
    size = np.abs(every.astype(np.float64))
    beyond_smaller = (size >= max(smaller_white, np.finfo(float).tiny)).sum()
    return (size > white / 4).mean() >= MIN_SHARE_BRIGHT and beyond_smaller >= MIN_SHARE_BEYOND_SMALLER * (
        size > 0
    ).sum()


def too_dark(brightest: int) -> str | None:
    """The sentence for unsigned 16-bit samples, not all 0, of which none is bright, as where 12 bits were stored in 16;
    else None.
    """
    dark = 255 < brightest <= 65535 * DIM_IN_SIXTEEN_BITS
    return f"{_assumption(Samples('u2'), 0, 65535)} {_dimness(brightest)}" if dark else None


def _note(
    every: np.ndarray, samples: Samples, black: float, white: float, *, stated: bool, not_finite: int
) -> str | None:
    brightest = every.max() if every.size else 0
    margin = (white - black) / 100
    outside = ((every < black - margin) | (every > white + margin)).mean() if every.size else 0
    dim = not stated and 0 < brightest <= white * (DIM_IN_SIXTEEN_BITS if samples.dtype == "u2" else DIM)
    parts = []
    if samples.measured:
        parts.append(
            f"The smallest and largest sample that the file names, {_number(black)} and {_number(white)}, were taken "
            "as black and white."
        )
    if not stated and (samples.dtype != "u2" or dim):
        parts.append(_assumption(samples, black, white))
    if dim:
        parts.append(_dimness(brightest))
    if outside >= MIN_SHARE_TOLD:
        parts.append(
            f"{100 * outside:.1f}% of the samples lie outside {_number(black)} to {_number(white)} and were clipped."
        )
    if not_finite:
        parts.append(f"Samples that are not finite ({not_finite:,}) were made black.")
    return " ".join(parts) or None


def _assumption(samples: Samples, black: float, white: float) -> str:
    kind = f"{samples.title[0].upper()}{samples.title[1:]}"
    return f"{kind} samples without a stated range; {_number(black)} to {_number(white)} was assumed."


def _dimness(brightest: float) -> str:
    return f"None is above {_number(brightest)}, so the image may be too dark."


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}"
