"""The studies of the door as generators: they take the same arguments, yield events as they run, and return the result.

`Progress` says how far the work is; an attack yields an `AttackStep` after every step. Nothing runs until the first event is asked for.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module

from robust_core.door.running import AS_EVENTS

__all__ = ["attribute", "corruption_grid", "pgd", "run_benchmark", "shape_bias"]


def __getattr__(name: str) -> Callable:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return partial(getattr(import_module("robust_core"), name), progress=AS_EVENTS)
