"""Robustness Lab: how image classifiers respond when images change.

In a notebook, `import robust_core as rc` is the front door, and costs no PyTorch until something is called:

load, wrap            a model of the table, or any network of your own
load_images           images of a folder, a data set, or arrays
pgd, corrupt, corruption_grid, shape_bias, attribute, run_benchmark     the studies; results have .frame, .figure(),
                                                                        .save() and .provenance
published             what others measured
threats, stream       named attacks; the same studies as generators of events

Reading the code? In this order:

errors.py, events.py        what goes wrong on purpose, and how long work reports
labels.py, images.py        classes and categories; from any file (image_files/) to pixels in [0, 1]
models/                     spec.py and registry.py (the table), weights.py, loading.py, wrapped.py, pool.py
corruptions/                what if it had been foggy; perturbations.py makes frame sequences of it
attacks/                    what if somebody meant harm
cue_conflict/               shape or texture: decisions, votes, style transfer, and images with a cue taken away
attributions/               where a model looks, and whether the map can be believed
mini/                       Mini and its models
samples/                    where images come from
uploads/                    what visitors bring: files and .zip archives, in memory
predictions.py, sweeps.py   what a model predicts for an image, and about one image under many conditions
curves.py                   accuracy against attack steps and against eps
stimulus_sets.py, own_stimuli.py                  cue conflicts: published, synthetic, made to order
studies/                    the votes of many; accuracy under all corruptions
explanations.py             one image, many maps
feature_experiments.py, features.py               what excites a unit or a class
results.py, benchmark/      what was published, and the runner of full benchmarks
door/                       what this module exports, a file for each group
jobs/                       long work beside the screens
cli/                        the commands: `python -m robust_core` does in a terminal what needs no screen
ui/                         shell.py first: what runs on every visit; then the pages in pages/
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robust_core.data.image_set import ImageSet
    from robust_core.door import stream, threats
    from robust_core.door.attack import pgd
    from robust_core.door.attribution import attribute
    from robust_core.door.benchmarks import published, run_benchmark
    from robust_core.door.corruption import corrupt, corruption_grid
    from robust_core.door.cues import shape_bias
    from robust_core.door.given_images import load_images
    from robust_core.door.models import Model, load, wrap
    from robust_core.errors import RobustError
    from robust_core.images import Preprocess

__version__ = "0.2.0"
__all__ = [
    "ImageSet",
    "Model",
    "Preprocess",
    "RobustError",
    "attribute",
    "corrupt",
    "corruption_grid",
    "load",
    "load_images",
    "pgd",
    "published",
    "run_benchmark",
    "shape_bias",
    "stream",
    "threats",
    "wrap",
]

_WHERE = {
    "ImageSet": "data.image_set",
    "Model": "door.models",
    "Preprocess": "images",
    "RobustError": "errors",
    "attribute": "door.attribution",
    "corrupt": "door.corruption",
    "corruption_grid": "door.corruption",
    "load": "door.models",
    "load_images": "door.given_images",
    "pgd": "door.attack",
    "published": "door.benchmarks",
    "run_benchmark": "door.benchmarks",
    "shape_bias": "door.cues",
    "stream": "door.stream",
    "threats": "door.threats",
    "wrap": "door.models",
}


def __getattr__(name: str) -> object:
    """What the door exports, imported when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'robust_core' has no attribute {name!r}")
    module = import_module(f"robust_core.{_WHERE[name]}")
    found = module if name in ("stream", "threats") else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
