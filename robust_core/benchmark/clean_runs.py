"""What the plan of a run knows of its images and the predictions do not say: which is which under every condition, of
which exemplars a stimulus was made, and how the same model fares on the images of ImageNet-C as they were.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from robust_core.benchmark.experiment import ALONE, USUAL, Conflicts
from robust_core.benchmark.image_means import CLEAN, IMAGE, ByCondition
from robust_core.benchmark.plans import Plan, make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import Run, run_of
from robust_core.benchmark.summaries import SHAPE_EXEMPLAR, TEXTURE_EXEMPLAR
from robust_core.cue_conflict.stimuli import exemplars_in
from robust_core.errors import RobustError

CORRUPTED, CLEAN_EXPERIMENT = "imagenet_c", "imagenet"
RELATIVE = ("relative_ce", "relative_mce")


def described(plan: Plan, predictions: ByCondition, clean: Mapping[str, bool]) -> ByCondition:
    """The predictions with a few fields more, a row per image each: its number, its exemplars where all are known, and
    whether it is classified correctly where it is `clean`, if that is known of all.
    """
    numbers: dict[str, int] = {}
    found = {}
    for condition, fields in predictions.items():
        ids = plan.ids(condition)
        number = np.array([numbers.setdefault(id, len(numbers)) for id in ids], np.int32)
        found[condition] = {**fields, IMAGE: number, **_exemplars(plan, ids), **_clean(ids, clean)}
    return found


def clean_predictions(plan: Plan, run: Run) -> dict[str, bool]:
    """Whether the model classifies each image of ImageNet-C correctly as it was, by the name of its file; empty unless
    a finished run of the same weights on ImageNet's validation set is in the same store, and its images are here.
    """
    config = plan.config
    if config.experiment_key != CORRUPTED or config.images:
        return {}
    for limit in dict.fromkeys((config.limit, None)):
        with suppress(RobustError):
            clean = make_plan(replace(config, experiment_key=CLEAN_EXPERIMENT, limit=limit, only=None))
            done = run_of(clean.config.identity, run.folder.parents[2])
            if done.is_finished and done.images_digest == clean.digest:
                (correct,) = (one["correct"].tolist() for one in done.predictions().values())
                files = [_file(id) for id in clean.ids(*ALONE)]
                return dict(zip(files, correct, strict=True)) if len(set(files)) == len(files) else {}
    return {}


def clean_words(config: RunConfig, metric: str) -> str:
    """How the clean error of a relative metric was measured, for its protocol; empty for other metrics."""
    if metric not in RELATIVE:
        return ""
    prepared = RunConfig(CLEAN_EXPERIMENT, config.model_key).protocol
    how = "after resizing to 256 px" if prepared == USUAL else f"({prepared})"
    return f"clean error {how}, of the same weights"


def _exemplars(plan: Plan, ids: list[str]) -> dict[str, np.ndarray]:
    """The exemplars of published stimuli as numbers; nothing where one is not known, or for other images."""
    pairs = [exemplars_in(_file(id)) for id in ids] if isinstance(plan.config.experiment.images, Conflicts) else []
    known = [pair for pair in pairs if pair is not None]
    if not known or len(known) < len(pairs):
        return {}
    shapes, textures = (np.unique(names, return_inverse=True)[1] for names in zip(*known, strict=True))
    return {SHAPE_EXEMPLAR: shapes, TEXTURE_EXEMPLAR: textures}


def _clean(ids: list[str], clean: Mapping[str, bool]) -> dict[str, np.ndarray]:
    files = [_file(id) for id in ids]
    if not clean or len(set(files)) < len(files) or not all(file in clean for file in files):
        return {}
    return {CLEAN: np.array([clean[file] for file in files])}


def _file(id: str) -> str:
    return PurePosixPath(id).name
