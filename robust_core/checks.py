"""What is checked of numbers and pixels wherever they come in.

NumPy's numbers are as good as Python's; truth values are none.
"""

from math import isfinite
from numbers import Real
from operator import index
from typing import TYPE_CHECKING, Any, TypeGuard

from robust_core.errors import BadInput

if TYPE_CHECKING:  # torch costs seconds, and who checks numbers need not wait for it
    from torch import Tensor


def whole(name: str, number: Any, least: int, most: int | None = None) -> int:
    """`number` as an int; raises BadInput, naming it, unless it is a whole number from `least` to `most`."""
    try:
        found = None if _is_truth_value(number) else index(number)
    except TypeError:
        found = None
    if found is None or found < least or (most is not None and found > most):
        range_ = f"from {least} on" if most is None else f"from {least} to {most:,}"
        raise BadInput(f"{name} must be a whole number {range_}; got {number!r}.")
    return found


def set_whole(record: object, field: str, least: int, most: int | None = None) -> None:
    """Make that field of a frozen dataclass an int, from its `__post_init__`; raises BadInput as `whole` does."""
    object.__setattr__(record, field, whole(field, getattr(record, field), least, most))


def finite(name: str, number: Any, least: float, most: float) -> float:
    """`number` as a float; raises BadInput, naming it, unless it is a number from `least` to `most`."""
    if not is_finite(number) or not least <= number <= most:
        raise BadInput(f"{name} must be a number from {least:g} to {most:g}; got {number!r}.")
    return float(number)


def is_finite(number: object) -> TypeGuard[float]:
    """Whether it is a number that a float can hold."""
    if not isinstance(number, Real) or _is_truth_value(number):
        return False
    try:
        return isfinite(number)
    except OverflowError:  # a whole number beyond every float
        return False


def check_pixels(pixels: "Tensor", *, least_px: int = 1) -> None:
    """Raise BadInput unless `pixels` is a float32 batch (B,3,H,W) in [0, 1], B at least 1, H and W at least
    `least_px`.
    """
    from torch import Tensor, float32

    shape = tuple(pixels.shape) if isinstance(pixels, Tensor) else type(pixels).__name__
    if not isinstance(pixels, Tensor) or pixels.ndim != 4 or len(pixels) == 0 or pixels.shape[1] != 3:
        raise BadInput(f"Pixels must be a tensor of shape (B, 3, H, W), B at least 1; got {shape}.")
    if min(pixels.shape[2:]) < least_px:
        raise BadInput(f"The sides of an image must have at least {least_px} px; got {shape[2:]}.")
    if pixels.dtype != float32:
        raise BadInput(f"Pixels must be float32 in [0, 1]; got {pixels.dtype}.")
    low, high = (float(bound) for bound in pixels.detach().aminmax())
    if not (low >= 0 and high <= 1):  # said this way round, NaN fails too
        raise BadInput(f"Pixels must lie in [0, 1]; got values from {low:.3g} to {high:.3g}.")


def _is_truth_value(number: object) -> bool:
    return isinstance(number, bool) or str(getattr(number, "dtype", "")).endswith("bool")
