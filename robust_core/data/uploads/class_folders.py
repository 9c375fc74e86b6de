"""Which ImageNet class a word names: a WordNet id, an index, a short name or a word of its synset."""

import re
from collections import defaultdict
from functools import cache

from robust_core.labels import CLASSES

_INDEX = re.compile(r"[0-9]{1,4}")


def class_called(word: str) -> int | None:
    """The class index of a WordNet id, of "0" to "999", or of a name; None where that is no class or may be several.

    Case does not matter, and an underscore is a space: "Golden_Retriever" is 207. "crane" is a bird and a machine,
    hence None.
    """
    if _INDEX.fullmatch(word):
        return int(word) if int(word) < len(CLASSES) else None
    found = _classes_by_word().get(_plain(word), frozenset())
    return next(iter(found)) if len(found) == 1 else None


def class_of_path(folders: list[str]) -> int | None:
    """The class of an image in `folders`, outermost first: the one that the innermost names, else the nearest WordNet
    id.

    Only a WordNet id counts further out (Tiny ImageNet has `n01443537/images/`), since "10" out there may be a month.
    """
    if not folders:
        return None
    wnids = (by_wnid()[folder] for folder in reversed(folders) if folder in by_wnid())
    own = class_called(folders[-1])
    return own if own is not None else next(wnids, None)


@cache
def by_wnid() -> dict[str, int]:
    """Class indices by WordNet id."""
    return {one.wnid: one.index for one in CLASSES}


@cache
def _classes_by_word() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for one in CLASSES:
        for word in (one.wnid, one.name, *one.synset.split(",")):
            found[_plain(word)].add(one.index)
    return {word: frozenset(indices) for word, indices in found.items()}


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").casefold().split())
