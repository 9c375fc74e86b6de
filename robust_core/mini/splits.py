"""The sets of images that the models learn from and are measured on, as a table; rendered on demand and never
stored.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
import torch

from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.mini.scene_config import CLEAN, HARD, PHONE_CAMERA, WIDE, SceneConfig
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.world import CHUNK, SyntheticImages, compose, join

HASHTAG_ERROR_FRACTION = 0.15


@dataclass(frozen=True)
class Split:
    """A set of `count` images; `number` seeds it. In a `conflict` split no object wears its own texture."""

    name: str
    number: int
    config: SceneConfig
    count: int
    conflict: bool


TRAIN = Split("train", 11, CLEAN, 800, False)
STREAM_PLAIN = Split("stream_plain", 21, WIDE, 32_768, False)
STREAM = Split("stream", 21, replace(WIDE, camera=PHONE_CAMERA), 32_768, False)
STREAM_ATYPICAL = Split("stream_atypical", 21, replace(WIDE, atypical_fraction=0.20), 32_768, False)
STYLISED = Split("stylised", 31, replace(CLEAN, atypical_fraction=1.0), 3_200, False)
TEST = Split("test", 101, CLEAN, 2_048, False)
TEST_WIDE = Split("test_wide", 102, WIDE, 1_024, False)
CONFLICT = Split("conflict", 103, CLEAN, 1_024, True)
TEST_HARD = Split("test_hard", 104, HARD, 4_096, False)

SPLITS = {
    split.name: split
    for split in (TRAIN, STREAM_PLAIN, STREAM, STREAM_ATYPICAL, STYLISED, TEST, TEST_WIDE, CONFLICT, TEST_HARD)
}


def render(split: Split, start: int = 0, count: int | None = None, seed: int = 0) -> SyntheticImages:
    """The images `start` to `start + count` of a split (to its end without a count), drawn with the world seed
    `seed`.

    Raises BadInput when the split has no such images.
    """
    return result_of(rendering(split, start, count, seed))


def rendering(
    split: Split, start: int = 0, count: int | None = None, seed: int = 0
) -> Generator[Progress, None, SyntheticImages]:
    """Like `render`, with a Progress after every chunk; returns the images."""
    stop = split.count if count is None else start + count
    if not 0 <= start < stop <= split.count or seed < 0:
        raise BadInput(
            f"Expected images within 0-{split.count} of {split.name!r} and a seed from 0 up, got {start}-{stop} and "
            f"{seed}."
        )
    first, end = start // CHUNK, -(-stop // CHUNK)
    chunks = []
    for number in range(first, end):
        chunks.append(_chunk(split, number, seed))
        yield Progress(number + 1 - first, end - first, "chunks", f"drawing {split.name}")
    return join(chunks)[start - first * CHUNK : stop - first * CHUNK]


def _chunk(split: Split, number: int, seed: int) -> SyntheticImages:
    rng = np.random.default_rng([seed, split.number, number])
    contents, drawing = rng.spawn(2)
    shape = contents.permutation(np.arange(CHUNK) % len(CATEGORIES))
    texture = np.where(
        contents.random(CHUNK) < split.config.atypical_fraction, contents.integers(0, len(CATEGORIES), CHUNK), shape
    )
    if split.conflict:
        texture = (shape + contents.integers(1, len(CATEGORIES), CHUNK)) % len(CATEGORIES)
    return compose(shape, texture, split.config, drawing)


def hashtags(images: SyntheticImages, seed: int) -> torch.Tensor:
    """What people tag: one of the objects, either with the same chance, and in 15% of the images a category at
    random; (N,) int64.
    """
    rng = np.random.default_rng([seed, 999])
    n = len(images)
    names_second = (images.second.numpy() >= 0) & (rng.random(n) < 0.5)
    tags = np.where(names_second, images.second, images.shape)
    is_mistaken = rng.random(n) < HASHTAG_ERROR_FRACTION
    return torch.from_numpy(np.where(is_mistaken, rng.integers(0, len(CATEGORIES), n), tags))
