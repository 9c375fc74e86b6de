"""The images that a bet shows, stimuli by a seed or the one whose place is asked for, and those of its scene; as WebP
without loss.
"""

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from robust_core import data, settings
from robust_core.data.stimulus_sets import StimulusImage, StimulusSet, folder_set, stimulus_folders, synthetic_set
from robust_core.lesson.bets import Bet, Place, Stimuli
from robust_core.lesson.scene_images import SceneImage

KEPT = 256


def image_of(bet: Bet, part: int) -> bytes | None:
    """The image of a part of a bet; None where it has none. Raises RobustError where it cannot be read."""
    if isinstance(bet, Place):
        return _of_sample(bet.image)
    return _webp(stimulus_of(bet, part).image.rgb) if isinstance(bet, Stimuli) else None


@lru_cache(KEPT)
def stimulus_of(bet: Stimuli, part: int) -> StimulusImage:
    """The stimulus of a part: the stimuli are drawn by the bet's seed, from all that have a conflict."""
    stimuli = stimuli_here()
    order = np.random.default_rng(bet.seed).permutation(len(stimuli.ids))
    conflicting = (found for place in order if _conflicts(found := stimuli.at(int(place))))
    return next(found for number, found in enumerate(conflicting) if number == part)


def stimuli_of(bet: Stimuli) -> StimulusSet:
    """All stimuli of a bet in the order of its parts, as a set."""
    every, drawn = stimuli_here(), [stimulus_of(bet, part) for part in range(bet.parts)]
    ids = tuple(one.stimulus.id for one in drawn)
    key = (*every.key, "drawn", bet.seed, ids)
    return StimulusSet(key, every.title, ids, f"{bet.count} drawn by the seed {bet.seed}", drawn.__getitem__)


def stimuli_here() -> StimulusSet:
    """The published stimuli where they are on this machine, else Mini's."""
    return published_stimuli() or synthetic_set()


def published_stimuli() -> StimulusSet | None:
    """The published stimuli; None where they are not on this machine."""
    root = settings.data_dir()
    folders = stimulus_folders(root) if root else {}
    return folder_set(next(iter(folders.values())), seed=0) if folders else None


def _conflicts(found: StimulusImage) -> bool:
    return found.stimulus.shape != found.stimulus.texture


@lru_cache(KEPT)
def _of_sample(sample_id: str) -> bytes:
    return _webp(data.read(sample_id).rgb)


@lru_cache(KEPT)
def content_of(image: SceneImage) -> bytes:
    """An image of a scene, which thirty phones ask for at once."""
    return _webp(image.rgb)


def _webp(rgb: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()
