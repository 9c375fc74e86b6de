"""Robustness Lab: how image classifiers respond when images change.

In a notebook, `import robust_core as rc` is the front door, and costs no PyTorch until something is called:

load, wrap            a model of the table, or any network of your own
load_images           images of a folder, a data set, or arrays; draw_images: those that a page draws
pgd, compare_attacks, smallest_change, query_curve, transfer_matrix, severity_plane, break_defence, certify, mix,
predict, corrupt, corruption_grid, corruption_sweep, perturbation_sequence, edit_objects, shape_bias, stylise,
glasses, glasses_corruption, attribute, concepts, calibration, ood, run_benchmark
                      the studies; results have .frame, .figure(), .save() and .provenance
visualize_feature, input_gradient     what excites a network, and what it is sensitive to
simplicity_biases, cue_removal, gradient_alignment      how simple its units are, and which cues it needs
linear_probe, fine_tune, feature_similarity             what its features are worth for other classes, such as those of
                      downstream_task, and how alike they are to another model's
randomized_maps, attacked_maps        a map while the network becomes random, or the image is attacked
published             what others measured
threats, stream       named attacks; the same studies as generators of events

Reading the code? In this order:

errors.py, events.py      what goes wrong on purpose, and how long work reports; checks.py: what comes in
settings.py, files.py     where things lie; files that appear whole or not at all (downloads.py brings them)
labels.py, images.py      classes and categories; from any file (image_files/) to pixels in [0, 1]
results.py, intervals.py  numbers with their protocol, n and interval (resampling.py where no formula gives one);
                          names.py: names as people write them; csv_cells.py: tables for spreadsheets
models/                   from a row of the table to logits(pixels)
corruptions/              what if it had been foggy
edits/                    what if the object were smaller, elsewhere, turned or of another colour
attacks/                  what if an adversary chose the noise
defences/                 what seems to stop it, and what does
certificates/             what can be proved against any adversary
mixing/                   one classifier made of two or three
cue_conflict/             shape or texture
input_filters/            what if a model wore glasses
simplicity/               how smooth, quiet and selective units are
downstream/               what features are worth for other classes
confidence/               is a model as right as it is sure
attributions/             where a model looks, and whether the map can be believed
craft/                    which concepts its activations for a class are made of
mini/                     Mini and its models
data/                     where images come from
report/                   a result as one HTML file
studies/                  one question to models and images each: a request, a generator, a result
plots/                    figures
benchmark/                full benchmarks, and what was published
lesson/                   a lesson for a class: bet first, then the evidence
door/                     what this module exports
jobs/                     long work beside the screens
cli/                      the commands: `robust-lab`
ui/                       the screens' parts; the pages themselves are in pages/
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robust_core.corruptions.condition import Condition
    from robust_core.data.image_set import ImageSet
    from robust_core.door import stream, threats
    from robust_core.door.attack import pgd
    from robust_core.door.attack_comparison import compare_attacks
    from robust_core.door.attribution import attribute
    from robust_core.door.benchmarks import published, run_benchmark
    from robust_core.door.certificates import certify
    from robust_core.door.changing_maps import attacked_maps, randomized_maps
    from robust_core.door.concepts import concepts
    from robust_core.door.confidence import calibration, ood
    from robust_core.door.corruption import corrupt, corruption_grid
    from robust_core.door.cues import shape_bias, stylise
    from robust_core.door.defences import break_defence
    from robust_core.door.downstream import downstream_task, feature_similarity, fine_tune, linear_probe
    from robust_core.door.drawn_images import draw_images
    from robust_core.door.edits import edit_objects
    from robust_core.door.features import input_gradient, visualize_feature
    from robust_core.door.given_images import load_images
    from robust_core.door.glasses import glasses, glasses_corruption
    from robust_core.door.mixing import mix
    from robust_core.door.models import Model, load, wrap
    from robust_core.door.predictions import corruption_sweep, perturbation_sequence, predict
    from robust_core.door.query_curve import query_curve
    from robust_core.door.severity import severity_plane
    from robust_core.door.simplicity import cue_removal, gradient_alignment, simplicity_biases
    from robust_core.door.smallest_change import smallest_change
    from robust_core.door.transfer import transfer_matrix
    from robust_core.edits.object_edit import ObjectEdit
    from robust_core.errors import RobustError
    from robust_core.images import Preprocess

__version__ = "0.2.0"
__all__ = [
    "Condition",
    "ImageSet",
    "Model",
    "ObjectEdit",
    "Preprocess",
    "RobustError",
    "attacked_maps",
    "attribute",
    "break_defence",
    "calibration",
    "certify",
    "compare_attacks",
    "concepts",
    "corrupt",
    "corruption_grid",
    "corruption_sweep",
    "cue_removal",
    "downstream_task",
    "draw_images",
    "edit_objects",
    "feature_similarity",
    "fine_tune",
    "glasses",
    "glasses_corruption",
    "gradient_alignment",
    "input_gradient",
    "linear_probe",
    "load",
    "load_images",
    "mix",
    "ood",
    "perturbation_sequence",
    "pgd",
    "predict",
    "published",
    "query_curve",
    "randomized_maps",
    "run_benchmark",
    "severity_plane",
    "shape_bias",
    "simplicity_biases",
    "smallest_change",
    "stream",
    "stylise",
    "threats",
    "transfer_matrix",
    "visualize_feature",
    "wrap",
]

_WHERE = {
    "Condition": "corruptions.condition",
    "ImageSet": "data.image_set",
    "Model": "door.models",
    "ObjectEdit": "edits.object_edit",
    "Preprocess": "images",
    "RobustError": "errors",
    "attacked_maps": "door.changing_maps",
    "attribute": "door.attribution",
    "break_defence": "door.defences",
    "calibration": "door.confidence",
    "certify": "door.certificates",
    "compare_attacks": "door.attack_comparison",
    "concepts": "door.concepts",
    "corrupt": "door.corruption",
    "corruption_grid": "door.corruption",
    "corruption_sweep": "door.predictions",
    "cue_removal": "door.simplicity",
    "downstream_task": "door.downstream",
    "draw_images": "door.drawn_images",
    "edit_objects": "door.edits",
    "feature_similarity": "door.downstream",
    "fine_tune": "door.downstream",
    "glasses": "door.glasses",
    "glasses_corruption": "door.glasses",
    "gradient_alignment": "door.simplicity",
    "input_gradient": "door.features",
    "linear_probe": "door.downstream",
    "load": "door.models",
    "load_images": "door.given_images",
    "mix": "door.mixing",
    "ood": "door.confidence",
    "perturbation_sequence": "door.predictions",
    "pgd": "door.attack",
    "predict": "door.predictions",
    "published": "door.benchmarks",
    "query_curve": "door.query_curve",
    "randomized_maps": "door.changing_maps",
    "run_benchmark": "door.benchmarks",
    "severity_plane": "door.severity",
    "shape_bias": "door.cues",
    "simplicity_biases": "door.simplicity",
    "smallest_change": "door.smallest_change",
    "stream": "door.stream",
    "stylise": "door.cues",
    "threats": "door.threats",
    "transfer_matrix": "door.transfer",
    "visualize_feature": "door.features",
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
