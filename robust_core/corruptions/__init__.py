"""The corruptions of ImageNet-C, computed live: "what if it had been foggy?"

Read in this order: table.py (what there is), apply.py (`corrupt`, the one door), then a core that interests you:
noise.py is the simplest, glass.py the least obvious. levels.py and filters.py serve all of them.
condition.py is a corruption at a severity as a value; sequences.py makes the frame sequences of ImageNet-P.

Importing this package does not import torch; importing `apply` does.
"""

from robust_core.corruptions.table import BENCHMARK_15, CORRUPTIONS, Corruption

__all__ = ["BENCHMARK_15", "CORRUPTIONS", "Corruption"]
