"""Whole numbers as notebooks have them, NumPy's too."""

from operator import index
from typing import Any

from robust_core.errors import BadInput


def whole(name: str, number: Any, least: int, most: int | None = None) -> int:
    """`number` as an int; raises BadInput, naming it, unless it is a whole number between `least` and `most`."""
    try:
        found = None if isinstance(number, bool) else index(number)
    except TypeError:
        found = None
    if found is None or found < least or (most is not None and found > most):
        raise BadInput(
            f"{name} must be a whole number from {least} {'on' if most is None else f'to {most:,}'}; got {number!r}."
        )
    return found
