"""The corruptions of ImageNet-C and ImageNet-C-bar, computed live: "what if it had been foggy?"

Read in this order: table.py (what there is), apply.py (`corrupt`, the one door), then a core that interests you:
noise.py is the simplest, glass.py the least obvious. waves.py, sparkles.py, coloured_noise.py and caustics.py hold
ImageNet-C-bar. levels.py and filters.py serve all of them.
frost_photos.py says what frost is made of. condition.py is a corruption at a severity as a value; sequences.py makes
the frame sequences of ImageNet-P.

Importing this package does not import torch; importing `apply` does.
"""

from robust_core.corruptions.table import BENCHMARK_15, C_BAR_10, CORRUPTIONS, IMAGENET_C_19, Corruption

__all__ = ["BENCHMARK_15", "CORRUPTIONS", "C_BAR_10", "IMAGENET_C_19", "Corruption"]
