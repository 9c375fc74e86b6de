"""The studies of the door as generators: they take the same arguments, yield events as they run, and return the result.

`Progress` says how far the work is; an attack yields an `AttackStep` after every step. Nothing runs until the first
event is asked for.
"""

from functools import partial

from robust_core.door import attack, attribution, benchmarks, corruption, cues
from robust_core.door.running import AS_EVENTS

__all__ = ["attribute", "corruption_grid", "pgd", "run_benchmark", "shape_bias"]

attribute = partial(attribution.attribute, progress=AS_EVENTS)
corruption_grid = partial(corruption.corruption_grid, progress=AS_EVENTS)
pgd = partial(attack.pgd, progress=AS_EVENTS)
run_benchmark = partial(benchmarks.run_benchmark, progress=AS_EVENTS)
shape_bias = partial(cues.shape_bias, progress=AS_EVENTS)
