"""Which images are taken where only some of them are: one rule for pages, terminal, notebooks and benchmarks."""

import hashlib
from collections.abc import Sequence

from robust_core.data.listings import hash_slug

SELECTION_RULE = (
    "Images are ranked by the SHA-256 of the seed with their class and file name, and the first n are taken; "
    "so every condition gives the same images, and a smaller n gives the beginning of a larger one."
)


def select(names: Sequence[str], n: int | None, seed: int) -> tuple[int, ...]:
    """The places of the first `n` of `names` (None: all), ranked by `SELECTION_RULE`; nothing else matters to them."""
    ranks = [hashlib.sha256(f"{seed}/{name}".encode()).digest() for name in names]
    return tuple(sorted(range(len(names)), key=ranks.__getitem__)[:n])


def name_of(path: str) -> str:
    """The name by which the image at `path` below a data set's folder is selected: as in its id, its class folder and
    the slug of the rest.
    """
    folder, _, below = path.partition("/")
    return f"{folder}/{hash_slug(below)}" if below else hash_slug(folder)
