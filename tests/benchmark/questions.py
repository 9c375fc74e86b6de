"""Batches that tasks are asked about."""

import numpy as np

from robust_core.benchmark.attack_tasks import CLEAN_STANDS_IN, UNCLIPPED_START
from robust_core.benchmark.tasks import Question

ALL_QUIRKS = frozenset({CLEAN_STANDS_IN, UNCLIPPED_START})


def levels_of(pixels):
    return (pixels * 255).round().byte()


def question(model, pixels, labels, *, places=None, quirks=ALL_QUIRKS, seed=0, **settings):
    labels = np.asarray(labels)
    places = np.arange(len(labels)) if places is None else np.asarray(places)
    return Question(
        model,
        levels_of(pixels),
        labels,
        np.full(len(labels), -1),
        places,
        {name: str(word) for name, word in settings.items()},
        seed,
        quirks,
    )
