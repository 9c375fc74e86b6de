"""What is checked of a number wherever one comes in; NumPy's numbers are as good as Python's, truth values are none."""

from math import isfinite
from numbers import Real
from operator import index
from typing import Any, TypeGuard

from robust_core.errors import BadInput


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


def _is_truth_value(number: object) -> bool:
    return isinstance(number, bool) or str(getattr(number, "dtype", "")).endswith("bool")
